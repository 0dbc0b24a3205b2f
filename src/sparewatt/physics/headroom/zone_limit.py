"""Per-zone limit by power flow: one zone grows, all others stay, until the first constraint binds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import Binding, FlowLimit, FoundLimit
from sparewatt.physics.headroom.margins import BINDINGS, sign_of, stack_margins
from sparewatt.physics.headroom.search import Answer, find_crossing
from sparewatt.physics.headroom.zonal import blank_lost, signed_kva

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.physics.headroom.growth import Growth
    from sparewatt.physics.headroom.margins import Inside, Side, Watch
    from sparewatt.physics.headroom.search import Crossing
    from sparewatt.physics.power_flow import FlowResult, PowerFlow

TOLERANCE_KVA = 0.01
TRIALS = 2048
"""Trials of one batch."""

BEYOND = 1.1
"""How far the search goes beyond what the cable can carry at nominal voltage."""


def find_zone_limit(
    engine: PowerFlow,
    watch: Watch,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    growth: Growth,
    side: Side,
    tolerance_kva: float = TOLERANCE_KVA,
) -> FoundLimit:
    """Flow of every zone just before the first constraint binds, all other zones as they are.

    A zone that is within its constraints grows until one of these is met: the share of a cable of its feeder
    on its phase, its own voltage bound, a voltage bound of another zone or the share of the transformer
    where they hold in the snapshot as it is. A zone beyond its own voltage bound or cable share shrinks
    until both hold; then nothing else counts. A snapshot without a solution counts as undervoltage on
    the import side, overvoltage on the export side.

    Parameters
    ----------
    engine
        Holds the network of ``watch``.
    watch
        What is watched, and the settings.
    kw, kvar
        Power of the loads, shape (loads, snapshots) [kW, kvar].
    growth
        How a zone grows, of the same snapshots.
    side
        ``"import"`` adds load, ``"export"`` takes it away.
    tolerance_kva
        Of what is added [kVA].

    Returns
    -------
    Limits positive in the direction of the side.
    """
    zones, snapshots = len(watch.zones), kw.shape[1]
    kva, found = np.zeros((zones, snapshots)), np.zeros((zones, snapshots), dtype=np.bool_)
    binding = np.zeros((zones, snapshots), dtype=np.int8)
    size = TRIALS // 3
    for first in range(0, snapshots, size):
        part = slice(first, first + size)
        base = blank_lost(engine.solve(kw[:, part], kvar[:, part], watch.want(watch.branches)))
        for feeder in np.unique(watch.zones.feeder).tolist():
            trials = _Trials(
                engine, watch, kw[:, part], kvar[:, part], _part(growth, part), side, base, feeder
            )
            crossing = trials.search(tolerance_kva)
            shape = (len(trials.rows), -1)
            kva[trials.rows, part] = crossing.flow.reshape(shape)
            binding[trials.rows, part] = crossing_binding(crossing.binding).reshape(shape)
            found[trials.rows, part] = crossing.found.reshape(shape)
    found &= growth.can_grow[:, None]
    return FoundLimit(FlowLimit(kva, binding), found)


def crossing_binding(rows: NDArray[np.int64]) -> NDArray[np.int8]:
    """The `Binding` that rows of margins stand for; -1 is none."""
    names = np.array([*BINDINGS, Binding.NONE], dtype=np.int8)
    return names[rows]


def _part(growth: Growth, part: slice) -> Growth:
    return replace(growth, kw=growth.kw[:, part], kvar=growth.kvar[:, part])


class _Trials:
    """All zones of one feeder × some snapshots; trial k is of zone ``zone[k]`` and snapshot ``at[k]``."""

    def __init__(
        self,
        engine: PowerFlow,
        watch: Watch,
        kw: NDArray[np.float64],
        kvar: NDArray[np.float64],
        growth: Growth,
        side: Side,
        base: FlowResult,
        feeder: int,
    ) -> None:
        self.engine, self.watch, self.side, self.growth = engine, watch, side, growth
        self.kw, self.kvar, self.base = kw, kvar, base
        self.sign = sign_of(side)
        self.rows = np.flatnonzero(watch.zones.feeder == feeder)
        self.loads = np.flatnonzero(np.isin(watch.zones.load_zone, self.rows))
        self.zone = np.repeat(self.rows, kw.shape[1])
        self.at = np.tile(np.arange(kw.shape[1]), len(self.rows))
        self.branches = watch.branches_of(feeder)
        self.head = int(np.flatnonzero(self.branches == watch.feeders.head_branch[feeder])[0])
        self.want = watch.want(self.branches)
        self.inside = watch.inside(base, side)
        self.held = np.ones(len(self.zone), dtype=np.bool_)

    def search(self, tolerance_kva: float) -> Crossing:
        """Find how far each trial can go."""
        everything = np.arange(len(self.zone))
        place = np.searchsorted(self.watch.branches, self.branches)
        start = self._answer(everything, _taken(self.base, place, self.at))
        self.held = start.trusted & (start.margin >= 0.0).all(axis=0)
        network = self.watch.network
        rated_a = network.branches.ampacity_a[self.watch.feeders.head_branch[self.watch.zones.feeder]]
        cable = rated_a * network.base_v / 1000.0
        most = BEYOND * np.minimum(
            cable, self.watch.settings.transformer_share * network.transformer.rating_kva
        )
        grows = self.growth.can_grow[self.zone]
        cap = np.where(grows, most[self.zone], 0.0)
        flow = np.where(start.trusted & grows, start.flow, 0.0)
        return find_crossing(
            self._evaluate,
            np.minimum(-cap - flow, 0.0),
            np.maximum(cap - flow, 0.0),
            np.maximum((cap - flow) / 2, cap / 10),
            start,
            np.full(len(self.zone), tolerance_kva),
        )

    def _evaluate(self, rows: NDArray[np.int64], x: NDArray[np.float64]) -> Answer:
        at, zone = self.at[rows], self.zone[rows]
        kw, kvar = self.kw[:, at], self.kvar[:, at]
        own = self.watch.zones.load_zone[self.loads][:, None] == zone
        added = np.where(own, self.sign * x, 0.0)
        cells = np.ix_(self.loads, at)
        kw[self.loads] += added * self.growth.kw[cells]
        kvar[self.loads] += added * self.growth.kvar[cells]
        return self._answer(rows, blank_lost(self.engine.solve(kw, kvar, self.want)))

    def _answer(self, rows: NDArray[np.int64], result: FlowResult) -> Answer:
        """Margins of trials whose result has the branches of the feeder."""
        at, zone, held = self.at[rows], self.zone[rows], self.held[rows]
        k = np.arange(len(rows))
        phase = self.watch.zones.phase[zone]
        cable = self.watch.cable(result, self.branches, np.arange(3)[:, None] == phase, self.side)
        inside = self._counts(at, zone, held)
        margin = stack_margins(self.watch, result, cable, inside, self.side)
        lost = np.full_like(margin, 0.0)
        lost[1 if self.side == "import" else 2] = -1.0
        flow = self.sign * signed_kva(result.branch_power_kva[self.head, phase, k])
        ok = result.converged
        return Answer(np.where(ok, margin, lost), np.where(ok, flow, 0.0), ok)

    def _counts(self, at: NDArray[np.int64], zone: NDArray[np.int64], held: NDArray[np.bool_]) -> Inside:
        """Whose bounds count: the zone's own, and those that hold, unless the zone's own do not."""
        under, over = self.inside.under[:, at] & held, self.inside.over[:, at] & held
        k = np.arange(len(at))
        (under if self.side == "import" else over)[zone, k] = True
        return replace(self.inside, under=under, over=over, transformer=self.inside.transformer[at] & held)


def _taken(result: FlowResult, branches: NDArray[np.int64], at: NDArray[np.int64]) -> FlowResult:
    """A result with some of its branches, and its snapshots in another order."""
    return replace(
        result,
        branch_current_a=result.branch_current_a[branches][:, :, at],
        branch_power_kva=result.branch_power_kva[branches][:, :, at],
        zone_min_pu=result.zone_min_pu[:, at],
        zone_max_pu=result.zone_max_pu[:, at],
        busbar_kva=result.busbar_kva[:, at],
        losses_kw=result.losses_kw[at],
        converged=result.converged[at],
    )
