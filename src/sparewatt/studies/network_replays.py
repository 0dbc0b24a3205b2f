"""Replays: the EVs put back on their homes, and the power flow of it all; the worst moments of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import FlowLimit
from sparewatt.model.zonal import join_series
from sparewatt.results.network_view import CHARGING_WORDS, Moment, Replay
from sparewatt.simulate.network_days import periods_within
from sparewatt.simulate.network_flow import ev_power, mix_cases
from sparewatt.simulate.network_headroom import energy_left, headroom_of
from sparewatt.simulate.network_moment import solve_moment, worst_moment
from sparewatt.studies.network_arrays import series_arrays, series_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.customers import Case
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.results.network_view import Charging, ZoneEvs
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_work import Work
    from sparewatt.studies.pieces import Arrays

Plans = list[tuple["NDArray[np.int64]", "EvSchedule"]]


@dataclass(frozen=True)
class Replays:
    """What came of the replays.

    Parameters
    ----------
    replays
        By way of charging.
    taken_kw
        Load of everybody, by way of charging, shape (replayed,) [kW].
    imbalance_kw
        Largest broken balance [kW].
    """

    replays: tuple[Replay, ...]
    taken_kw: dict[Charging, NDArray[np.float64]]
    imbalance_kw: float


def plans_of(evs: Sequence[ZoneEvs], charging: Charging) -> Plans:
    """Homes and schedules of one way of charging."""
    if charging == "none":
        return []
    return [(z.customer, z.optimised if charging == "optimised" else z.unmanaged) for z in evs]


def taken_case(work: Work, cases: Cases) -> Case:
    """What everybody has where every zone takes its case."""
    return mix_cases(work.inputs.cases, cases.taken.case, work.inputs.customers)


def study_replays(
    work: Work, cases: Cases, evs: Sequence[ZoneEvs], horizon: Horizon, begin: float, share: float
) -> Replays:
    """Solve the replayed days without EVs, with optimised and with unmanaged ones.

    Parameters
    ----------
    work, cases, evs
        The run.
    horizon
        Days that are replayed.
    begin, share
        Where this part of the run begins and how much of it it is, for the progress [0-1].
    """
    inputs = work.inputs
    periods = periods_within(horizon, inputs.horizon)
    first = int(periods[0])
    blocks = work.blocks(first, first + horizon.periods)
    done = [work.pieces.read(f"replay-{a}") for a, _ in blocks]
    missing = [b for b, piece in zip(blocks, done, strict=True) if piece is None]
    case, solved = taken_case(work, cases), {}
    for a, b, profiles in work.profiles(missing):
        arrays: Arrays = {}
        worst = 0.0
        for charging in CHARGING_WORDS:
            work.check()
            ev_kw = ev_power(plans_of(evs, charging), len(inputs.customers), a - first, b - first)
            kw, kvar = work.grid.loads(case, profiles, ev_kw)
            series, off = work.grid.solve(kw, kvar)
            worst = max(worst, off)
            arrays |= series_arrays(series, charging)
            arrays[f"{charging}.taken_kw"] = kw.sum(axis=0)
        arrays["imbalance_kw"] = np.array(worst)
        work.pieces.keep(f"replay-{a}", arrays)
        solved[a] = arrays
        work.tell(begin + share * (b - first) / horizon.periods)
    whole = [solved[b[0]] if p is None else p for b, p in zip(blocks, done, strict=True)]
    return Replays(
        tuple(
            _replay(work, cases, charging, join_series([series_of(b, charging) for b in whole]), periods)
            for charging in CHARGING_WORDS
        ),
        {c: np.concatenate([b[f"{c}.taken_kw"] for b in whole]) for c in CHARGING_WORDS},
        max(float(b["imbalance_kw"]) for b in whole),
    )


def _replay(
    work: Work, cases: Cases, charging: Charging, series: ZonalSeries, periods: NDArray[np.int64]
) -> Replay:
    """A replay with the headroom that it leaves."""
    limits = (_at(cases.mixed[0], periods), _at(cases.mixed[1], periods))
    headroom = headroom_of(work.grid, series, limits, work.headroom)
    return Replay(
        charging, periods, series, energy_left(headroom, work.inputs.horizon, periods, work.headroom)
    )


def _at(limit: FlowLimit, periods: NDArray[np.int64]) -> FlowLimit:
    """A limit on some periods; one that is the same at all times stays as it is."""
    if limit.kva.shape[1] == 1:
        return limit
    return FlowLimit(limit.kva[:, periods], limit.binding[:, periods])


def find_moments(
    work: Work, cases: Cases, evs: Sequence[ZoneEvs], replays: Sequence[Replay]
) -> tuple[Moment, ...]:
    """The whole network at the worst moment of every replay, unmanaged charging first.

    Without replays: that of the last case without EVs.
    """
    s, rating = work.inputs.settings, work.grid.network.transformer.rating_kva

    def worst(series: ZonalSeries) -> tuple[int, str]:
        return worst_moment(series, s.judged_floor_pu, s.judged_ceiling_pu, rating)

    if not replays:
        last = cases.results[-1]
        at, what = worst(last.series)
        label = f"{what}, {last.case.name} without EVs"
        return (_moment(work, last.case, "none", at, label, None),)
    case, moments = taken_case(work, cases), []
    for replay in sorted(replays, key=lambda r: ("unmanaged", "optimised", "none").index(r.charging)):
        row, what = worst(replay.series)
        ev_kw = ev_power(plans_of(evs, replay.charging), len(work.inputs.customers), row, row + 1)
        label = f"{what}, {CHARGING_WORDS[replay.charging]}"
        moments.append(_moment(work, case, replay.charging, int(replay.periods[row]), label, ev_kw))
    return tuple(moments)


def _moment(
    work: Work, case: Case, charging: Charging, period: int, label: str, ev_kw: NDArray[np.float64] | None
) -> Moment:
    kw, kvar = work.grid.loads(case, work.inputs.profiles.profiles(period, period + 1), ev_kw)
    snapshot = solve_moment(work.grid, kw, kvar)
    return Moment(
        label, charging, period, snapshot.node_pu, snapshot.branch_loading, snapshot.transformer_loading
    )
