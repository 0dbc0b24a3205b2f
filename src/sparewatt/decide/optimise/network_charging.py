"""EV charging inside the headroom: the schedule of a zone, or of all zones of a transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_problem import ChargingProblem
from sparewatt.decide.optimise.network_ready import make_ready
from sparewatt.decide.optimise.network_task import GAP, SERVED_SHARE, ZonePlan
from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import join_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_problem import Found
    from sparewatt.decide.optimise.network_task import ChargingRoom
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.model.limit import Limit

SECONDS = 60.0
"""Deadline of a plan unless told otherwise [s]."""
SHARED_KW = 1e-9
"""Excess of zones planned apart over their shared limit that is rounding [kW]."""


def plan_zone_charging(
    sessions: EvSessions,
    room: ChargingRoom,
    *,
    served_share: float = SERVED_SHARE,
    gap: float = GAP,
    seconds: float = SECONDS,
    exact: bool = False,
) -> ZonePlan:
    """Charge a zone's cars inside its room: first as little shortfall as can be, then the least cost.

    min Δ·Σ_t π[t]·g[t] among the schedules of least Σ s, with g the power of all cars inside the limit,
    batteries as in ``add_stays``, E between reserve and battery at every boundary, and s what a stay
    misses of ``served_share`` x wanted, or of what it could reach alone where that is less. There is
    no other slack: doing nothing is always a schedule.

    Parameters
    ----------
    sessions
        The cars.
    room
        Limit, prices, what is asked back.
    served_share
        Share of the wanted energy with which a stay is served [0-1].
    gap
        Gap at which to stop [-].
    seconds
        Deadline [s].
    exact
        Whether to use HiGHS alone instead of the interior-point method first (for comparison).
    """
    return plan_zones_charging(
        [sessions], [room], None, served_share=served_share, gap=gap, seconds=seconds, exact=exact
    )[0]


def plan_zones_charging(
    sessions: Sequence[EvSessions],
    rooms: Sequence[ChargingRoom],
    shared: Limit | None,
    *,
    served_share: float = SERVED_SHARE,
    gap: float = GAP,
    seconds: float = SECONDS,
    exact: bool = False,
) -> tuple[ZonePlan, ...]:
    """Charge the cars of several zones, each inside its room and all inside one limit (the transformer's).

    The zones are planned apart first; that is optimal where the sum keeps the shared limit. Otherwise
    they are planned together: least total shortfall, then least total cost.

    Parameters
    ----------
    sessions, rooms
        Cars and room of each zone, on the same periods.
    shared
        Limit on the sum, lower <= 0 <= upper; none = none.
    served_share, gap, seconds, exact
        See `plan_zone_charging`; the deadline is for all zones.
    """
    make_ready()
    deadline, plans = Deadline(seconds), []
    for cars, room in zip(sessions, rooms, strict=True):
        problem = ChargingProblem(cars, np.zeros(cars.cars, dtype=np.int64), [room], None, served_share)
        found = problem.solve_by_highs(gap, deadline) if exact else problem.solve(gap, deadline)
        plans.extend(_plans([cars], [room], problem, found, gap))
    if shared is None or _keeps(np.sum([p.grid_kw for p in plans], axis=0), shared):
        return tuple(plans)
    zone = np.repeat(np.arange(len(sessions)), [s.cars for s in sessions])
    problem = ChargingProblem(join_sessions(sessions), zone, rooms, shared, served_share)
    found = problem.solve_by_highs(gap, deadline) if exact else problem.solve(gap, deadline)
    return tuple(_plans(sessions, rooms, problem, found, gap))


def _keeps(grid_kw: NDArray[np.float64], limit: Limit) -> bool:
    low, high = limit.lower_kw - SHARED_KW, limit.upper_kw + SHARED_KW
    return bool(np.all(grid_kw <= high) and np.all(grid_kw >= low))


def _plans(
    sessions: Sequence[EvSessions],
    rooms: Sequence[ChargingRoom],
    problem: ChargingProblem,
    found: Found,
    gap: float,
) -> list[ZonePlan]:
    """What was found, zone by zone."""
    status: Literal["optimal", "open", "timed_out"] = "timed_out" if found.timed_out else "open"
    if found.gap <= gap:
        status = "optimal"
    plans, entry, stay = [], 0, 0
    for cars, room in zip(sessions, rooms, strict=True):
        here, own = slice(entry, entry + cars.entries), slice(stay, stay + len(cars))
        entry, stay = here.stop, own.stop
        schedule = EvSchedule(cars, found.schedule.charge_kw[here], found.schedule.discharge_kw[here])
        cost = float(room.price_per_kwh @ schedule.total_kw) * cars.step_h
        short, unreachable = found.short_kwh[own], problem.unreachable_kwh[own]
        plans.append(ZonePlan(schedule, room, status, cost, found.gap, short, unreachable))
    return plans
