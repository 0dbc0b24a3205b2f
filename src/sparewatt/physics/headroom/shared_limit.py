"""Shared limit by power flow: all zones grow together until the first constraint binds anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import Binding, FlowLimit, FoundLimit
from sparewatt.physics.headroom.margins import Inside, sign_of, stack_margins
from sparewatt.physics.headroom.search import Answer, find_crossing
from sparewatt.physics.headroom.zonal import blank_lost, signed_kva
from sparewatt.physics.headroom.zone_limit import TRIALS, crossing_binding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.physics.headroom.growth import Growth
    from sparewatt.physics.headroom.margins import Side, Watch
    from sparewatt.physics.power_flow import FlowResult, PowerFlow

MOST = 1.0
"""Greatest multiple of what each zone could take alone. Where phases balance each other more would fit
while all zones charge together, but a zone that then charges by itself would break a bound."""

TOLERANCE = 1e-3


def find_shared_limit(
    engine: PowerFlow,
    watch: Watch,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    growth: Growth,
    side: Side,
    alone: FoundLimit,
    tolerance: float = TOLERANCE,
) -> FoundLimit:
    """Flow of every zone when all take the same share of what each could take alone.

    With h the headroom of each zone alone: zones with h < 0 shrink by all of it; the others grow by λ·h, the
    same λ for all, until the first cable share, voltage bound or transformer share anywhere is met. What
    is broken even after zones with h < 0 have shrunk holds nobody back; its zones are not `found`.

    Parameters
    ----------
    engine, watch, kw, kvar, growth, side
        See :func:`~sparewatt.physics.headroom.zone_limit.find_zone_limit`.
    alone
        The limits that it found for these snapshots.
    tolerance
        Of λ.

    Returns
    -------
    Limits positive in the direction of the side, never above what the zone may take alone: h is added at its
    loads, so that with the losses on the way a little more would flow at its head. A zone with h <= 0, one
    whose limit is that alone, and all where λ reaches `MOST`, have the binding constraint that they have
    alone.
    """
    zones, snapshots = len(watch.zones), kw.shape[1]
    kva, found = np.zeros((zones, snapshots)), np.zeros((zones, snapshots), dtype=np.bool_)
    binding = alone.limit.binding.copy()
    for first in range(0, snapshots, TRIALS):
        part = slice(first, first + TRIALS)
        steps = _Steps(engine, watch, kw[:, part], kvar[:, part], growth, part, side)
        together = steps.search(alone.limit.kva[:, part], tolerance)
        most = alone.limit.kva[:, part]
        kva[:, part], found[:, part] = np.minimum(together.limit.kva, most), together.found
        shared = together.limit.binding
        own = (shared == Binding.NONE) | (steps.room <= 0.0) | (together.limit.kva >= most)
        binding[:, part] = np.where(own, binding[:, part], shared)
    return FoundLimit(FlowLimit(kva, binding), found & growth.can_grow[:, None])


class _Steps:
    """One trial per snapshot."""

    def __init__(
        self,
        engine: PowerFlow,
        watch: Watch,
        kw: NDArray[np.float64],
        kvar: NDArray[np.float64],
        growth: Growth,
        part: slice,
        side: Side,
    ) -> None:
        self.engine, self.watch, self.side, self.sign = engine, watch, side, sign_of(side)
        self.kw, self.kvar = kw, kvar
        self.grow_kw, self.grow_kvar = growth.kw[:, part], growth.kvar[:, part]
        self.want = watch.want(watch.branches)
        self.heads = np.searchsorted(watch.branches, watch.feeders.head_branch[watch.zones.feeder])
        self.room = np.zeros((len(watch.zones), kw.shape[1]))

    def search(self, limit_kva: NDArray[np.float64], tolerance: float) -> FoundLimit:
        """Find λ of every snapshot, and the flows there."""
        as_is = blank_lost(self.engine.solve(self.kw, self.kvar, self.want))
        self.room = np.where(as_is.converged, limit_kva - self._flows(as_is), 0.0)
        every = np.arange(self.kw.shape[1])
        nothing = np.zeros(len(every))
        base = self._solve(every, nothing)
        self.inside = self.watch.inside(base, self.side)
        self.within = (
            self.watch.loading(base, self.watch.branches, self.side) <= self.watch.settings.cable_share
        )
        crossing = find_crossing(
            self._evaluate,
            nothing,
            np.full(len(every), MOST),
            np.full(len(every), 0.5),
            self._answer(every, base),
            np.full(len(every), tolerance),
        )
        end = self._solve(every, crossing.x)
        flow = np.where(end.converged, self._flows(end), 0.0)
        own = self.inside.under if self.side == "import" else self.inside.over
        bound = np.broadcast_to(crossing_binding(crossing.binding), flow.shape)
        return FoundLimit(FlowLimit(flow, bound), own & crossing.found & end.converged)

    def _flows(self, result: FlowResult) -> NDArray[np.float64]:
        return self.sign * signed_kva(result.branch_power_kva[self.heads, self.watch.zones.phase])

    def _solve(self, at: NDArray[np.int64], share: NDArray[np.float64]) -> FlowResult:
        room = self.room[:, at]
        added = self.sign * (np.minimum(room, 0.0) + share * np.maximum(room, 0.0))
        # A load of no zone has no growth, so whichever row it takes counts nothing.
        of_load = added[np.maximum(self.watch.zones.load_zone, 0)]
        result = self.engine.solve(
            self.kw[:, at] + of_load * self.grow_kw[:, at],
            self.kvar[:, at] + of_load * self.grow_kvar[:, at],
            self.want,
        )
        return blank_lost(result)

    def _evaluate(self, rows: NDArray[np.int64], x: NDArray[np.float64]) -> Answer:
        return self._answer(rows, self._solve(rows, x))

    def _answer(self, at: NDArray[np.int64], result: FlowResult) -> Answer:
        cable = self.watch.cable(result, self.watch.branches, self.within[:, :, at], self.side)
        counts = Inside(self.inside.under[:, at], self.inside.over[:, at], self.inside.transformer[at])
        margin = stack_margins(self.watch, result, cable, counts, self.side)
        lost = np.zeros_like(margin)
        lost[1 if self.side == "import" else 2] = -1.0
        ok = result.converged
        return Answer(np.where(ok, margin, lost), np.zeros(len(at)), ok)
