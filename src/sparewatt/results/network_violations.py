"""Violations: what the replays of a network broke, per zone and in total, by way of charging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.results.network_view import Charging, NetworkView, Replay, ZoneEvs

NOISE_PU = 1e-9
"""A voltage beyond its bound by less is at it [pu]."""
NOISE_KWH = 1e-3
"""A stay that misses less has what it wanted; plans are exact to about that [kWh]."""
TOTAL = "all"
"""Zone of the rows over the whole network."""


@dataclass(frozen=True)
class BrokenSteps:
    """Which steps of a replay break what; shapes (zones, steps), those of the transformer (steps,).

    Parameters
    ----------
    overload
        A branch of the zone's feeder carries more than its rating.
    undervoltage, overvoltage
        A node of the feeder is beyond the statutory bounds on the zone's phase.
    below_floor
        A node is below the floor that limits were made for.
    transformer
        The transformer carries more than its rating.
    unsolved
        The power flow found no solution; nothing else is known of that step.
    """

    overload: NDArray[np.bool_]
    undervoltage: NDArray[np.bool_]
    overvoltage: NDArray[np.bool_]
    below_floor: NDArray[np.bool_]
    transformer: NDArray[np.bool_]
    unsolved: NDArray[np.bool_]

    @property
    def zone_any(self) -> NDArray[np.bool_]:
        """Overload, under- or overvoltage of the zone, or no solution, shape (zones, steps)."""
        return np.asarray(self.overload | self.undervoltage | self.overvoltage | self.unsolved)

    @property
    def in_all(self) -> NDArray[np.bool_]:
        """Anything in any zone, or the transformer, shape (steps,)."""
        return np.asarray(self.zone_any.any(axis=0) | self.transformer)


def find_broken(view: NetworkView, series: ZonalSeries) -> BrokenSteps:
    """What the steps of a series break under the bounds that the view is judged by."""
    s, known = view.setting, series.converged
    return BrokenSteps(
        overload=(series.overloads > 0) & known,
        undervoltage=(series.min_pu < s.judged_floor_pu - NOISE_PU) & known,
        overvoltage=(series.max_pu > s.judged_ceiling_pu + NOISE_PU) & known,
        below_floor=(series.min_pu < s.headroom.voltage_floor_pu - NOISE_PU) & known,
        transformer=(series.transformer_kva > view.network.transformer.rating_kva) & known,
        unsolved=~known,
    )


@dataclass(frozen=True)
class Violations:
    """One row of the table of violations; shares are of the replayed steps [0-1].

    Parameters
    ----------
    charging, zone_id
        What it is about; `TOTAL` for the whole network, where a step counts once however many zones break
        it.
    steps
        Replayed.
    any_share, overload_share, undervoltage_share, overvoltage_share, below_floor_share, unsolved_share
        See `BrokenSteps`.
    transformer_share
        Of the whole network only, ``None`` for a zone.
    lowest_pu, highest_pu
        Of any node on the zone's phase; ``None`` where no step was solved [pu].
    evs
        EVs that charge.
    ev_peak_kw
        Highest power of all of them together, of the zone or the network [kW].
    v2g_asked_kwh, v2g_delivered_kwh
        On the planned days; delivered counts up to what was asked at that moment [kWh].
    unserved_kwh
        Missing to the wanted energy at departure, battery side [kWh].
    energy_kwh
        Headroom energy of a day that is left [kWh/day].
    """

    charging: Charging
    zone_id: str
    steps: int
    any_share: float
    overload_share: float
    undervoltage_share: float
    overvoltage_share: float
    below_floor_share: float
    transformer_share: float | None
    unsolved_share: float
    lowest_pu: float | None
    highest_pu: float | None
    evs: int
    ev_peak_kw: float
    v2g_asked_kwh: float
    v2g_delivered_kwh: float
    unserved_kwh: float
    energy_kwh: float


def find_violations(view: NetworkView) -> tuple[Violations, ...]:
    """Rows by way of charging: the whole network, then every zone."""
    return tuple(row for replay in view.replays for row in _of_replay(view, replay))


def _of_replay(view: NetworkView, replay: Replay) -> Iterator[Violations]:
    broken = find_broken(view, replay.series)
    everything = np.ones(len(view.zones), dtype=np.bool_)
    yield _row(view, replay, broken, everything, TOTAL, view.evs)
    for z, name in enumerate(view.zone_ids):
        own = np.arange(len(view.zones)) == z
        yield _row(view, replay, broken, own, name, tuple(e for e in view.evs if e.zone == z))


def _row(
    view: NetworkView,
    replay: Replay,
    broken: BrokenSteps,
    zones: NDArray[np.bool_],
    name: str,
    evs: tuple[ZoneEvs, ...],
) -> Violations:
    """One row over the zones of a mask, with their EVs."""
    series, totals = replay.series, _EvTotals.of(view, replay.charging, evs)
    whole = name == TOTAL
    known = series.converged
    low, high = series.min_pu[zones][:, known], series.max_pu[zones][:, known]
    return Violations(
        charging=replay.charging,
        zone_id=name,
        steps=series.periods,
        any_share=_share(broken.zone_any[zones], broken.transformer if whole else None),
        overload_share=_share(broken.overload[zones]),
        undervoltage_share=_share(broken.undervoltage[zones]),
        overvoltage_share=_share(broken.overvoltage[zones]),
        below_floor_share=_share(broken.below_floor[zones]),
        transformer_share=_share(broken.transformer[None]) if whole else None,
        unsolved_share=_share(broken.unsolved[None]),
        lowest_pu=float(low.min()) if low.size else None,
        highest_pu=float(high.max()) if high.size else None,
        evs=totals.evs,
        ev_peak_kw=totals.peak_kw,
        v2g_asked_kwh=totals.asked_kwh,
        v2g_delivered_kwh=totals.delivered_kwh,
        unserved_kwh=totals.unserved_kwh,
        energy_kwh=float(replay.energy_kwh[zones].sum()),
    )


@dataclass(frozen=True)
class _EvTotals:
    """Sums over the EVs of some zones."""

    evs: int = 0
    peak_kw: float = 0.0
    asked_kwh: float = 0.0
    delivered_kwh: float = 0.0
    unserved_kwh: float = 0.0

    @classmethod
    def of(cls, view: NetworkView, charging: Charging, zones: tuple[ZoneEvs, ...]) -> _EvTotals:
        """Of the EVs of ``zones``; nothing where nobody charges."""
        if charging == "none" or not zones:
            return cls()
        step_h = zones[0].optimised.sessions.step_h
        plans = [schedule_of(z, charging) for z in zones]
        asked = np.stack([z.asked_kw for z in zones])
        drawn = np.stack([p.total_kw for p in plans])
        return cls(
            evs=sum(len(z.customer) for z in zones),
            peak_kw=float(drawn.sum(axis=0).max(initial=0.0)),
            asked_kwh=float(asked.sum() * step_h),
            delivered_kwh=float(np.minimum(np.maximum(-drawn, 0.0), asked).sum() * step_h),
            unserved_kwh=float(sum(unserved_kwh(p, view.setting.target_share).sum() for p in plans)),
        )


def schedule_of(evs: ZoneEvs, charging: Charging) -> EvSchedule:
    """The schedule of one way of charging."""
    return evs.unmanaged if charging == "unmanaged" else evs.optimised


def unserved_kwh(schedule: EvSchedule, target_share: float) -> NDArray[np.float64]:
    """Missing at departure to the share of the wanted energy that is to be there, shape (sessions,) [kWh].

    max(0, share·E_wanted - E_end)
    """
    short = target_share * schedule.sessions.wanted_kwh - schedule.end_kwh
    return np.where(short > NOISE_KWH, short, 0.0)


def _share(zones: NDArray[np.bool_], more: NDArray[np.bool_] | None = None) -> float:
    """Share of the steps that any of some rows breaks, or ``more`` does; 0 of no step."""
    steps: NDArray[np.bool_] = np.asarray(zones.any(axis=0))
    if more is not None:
        steps = steps | more
    return float(steps.mean()) if len(steps) else 0.0
