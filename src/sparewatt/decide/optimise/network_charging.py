"""EV charging inside the headroom: the schedule of a zone, or of all zones of a transformer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_chains import lay_out, reachable_kwh
from sparewatt.decide.optimise.network_exact import solve_exactly
from sparewatt.decide.optimise.network_interior import solve_chains
from sparewatt.decide.optimise.network_settling import settle
from sparewatt.decide.optimise.network_task import GAP, SERVED_SHARE, SHORT_KWH, ZonePlan
from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import join_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_task import ChargingRoom
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.model.limit import Limit

SECONDS = 60.0
"""Deadline of a plan unless told otherwise [s]."""
PENALTY = 100.0
"""Price of a missing kWh to begin with, in units of the greatest price."""
RAISE = 100.0
"""By how much it is raised where it proves too low for a strict rank."""
SHARED_KW = 1e-9
"""Excess of zones planned apart over their shared limit that is rounding [kW]."""


@dataclass(frozen=True)
class _Found:
    """A schedule that keeps every bound, and what is proven of it."""

    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    short_kwh: NDArray[np.float64]
    gap: float
    timed_out: bool


class _Problem:
    """Cars of some zones in their rooms, solved in ranks: shortfall, then cost."""

    def __init__(
        self,
        sessions: EvSessions,
        zone: NDArray[np.int64],
        rooms: Sequence[ChargingRoom],
        shared: Limit | None,
        served_share: float,
    ) -> None:
        self.sessions, self.zone = sessions, zone
        self.lower = np.array([r.limit.lower_kw for r in rooms], dtype=np.float64)
        self.upper = np.array([r.limit.upper_kw for r in rooms], dtype=np.float64)
        self.price = np.array([r.price_per_kwh for r in rooms], dtype=np.float64) * sessions.step_h
        self.shared = None if shared is None else (shared.lower_kw, shared.upper_kw)
        reach = reachable_kwh(sessions)[1]
        self.goal = served_share * sessions.wanted_kwh
        self.wanted = np.minimum(self.goal, reach)
        self.unreachable = np.maximum(self.goal - reach, 0.0)
        self.chains, self.rows = lay_out(
            sessions, self.wanted, zone, self.lower, self.upper, self.price, self.shared
        )

    def keep(self, charge_kw: NDArray[np.float64], discharge_kw: NDArray[np.float64]) -> EvSchedule:
        """The schedule nearest to a point that keeps every bound."""
        charge, discharge = charge_kw.copy(), discharge_kw.copy()
        free = np.full(self.sessions.periods, np.inf)
        low, high = self.shared if self.shared is not None else (-free, free)
        settle(self.chains, charge, discharge, self.lower.ravel(), self.upper.ravel(), low, high)
        return EvSchedule(self.sessions, charge, discharge)

    def cost(self, schedule: EvSchedule) -> float:
        """Σ π·g [currency]."""
        return float(self.price.ravel()[self.chains.row] @ schedule.grid_kw)

    def short(self, schedule: EvSchedule) -> NDArray[np.float64]:
        """What each stay misses, shape (sessions,) [kWh]."""
        return np.maximum(self.wanted - schedule.end_kwh, 0.0)

    def least_missing(self, deadline: Deadline) -> float:
        """Proven lower bound of the total shortfall [kWh]."""
        found = solve_chains(
            self.chains,
            self.rows._replace(price=np.zeros_like(self.rows.price)),
            len(self.lower),
            self.sessions.periods,
            penalty=1.0,
            deadline=deadline,
            gap=1e-6,
        )
        return max(0.0, found.bound)

    def solve(self, gap: float, deadline: Deadline) -> _Found:
        """By the interior-point method; by HiGHS where that does not close the gap."""
        penalty = PENALTY * max(float(np.abs(self.price).max()) / self.sessions.step_h, 1e-3)
        best: _Found | None = None
        missing_bound = 0.0
        for again in range(2):
            found = solve_chains(
                self.chains,
                self.rows,
                len(self.lower),
                self.sessions.periods,
                penalty=penalty,
                deadline=deadline,
                gap=0.1 * gap,
            )
            schedule = self.keep(found.charge_kw, found.discharge_kw)
            short = self.short(schedule)
            total, cost = float(short.sum()), self.cost(schedule)
            proven = (cost + penalty * total - found.bound) / max(1.0, abs(cost))
            late = found.ending == "timed_out"
            best = _Found(schedule.charge_kw, schedule.discharge_kw, short, max(proven, 0.0), late)
            if late or total <= SHORT_KWH:
                break
            if again == 0:
                missing_bound = self.least_missing(deadline)
            if total <= missing_bound + SHORT_KWH:
                break
            penalty *= RAISE
        if best.gap <= gap or best.timed_out:
            return best
        return self.solve_by_highs(gap, deadline, best)

    def solve_by_highs(self, gap: float, deadline: Deadline, known: _Found | None = None) -> _Found:
        """By HiGHS; where it is late, the schedule known before."""
        exact = solve_exactly(
            self.sessions,
            self.wanted,
            self.zone,
            self.lower,
            self.upper,
            self.price,
            self.shared,
            deadline,
            gap,
        )
        if len(exact.charge_kw) == 0:
            nothing = EvSchedule(self.sessions, *np.zeros((2, self.sessions.entries)))
            return known or _Found(nothing.charge_kw, nothing.discharge_kw, self.short(nothing), 1.0, True)
        schedule = self.keep(exact.charge_kw, exact.discharge_kw)
        short, cost = self.short(schedule), self.cost(schedule)
        open_kwh = float(short.sum()) - max(0.0, exact.missing_bound_kwh)
        proven = (cost - exact.cost_bound) / max(1.0, abs(cost))
        if open_kwh > SHORT_KWH:
            proven = max(proven, open_kwh / max(1.0, float(self.wanted.sum())))
        found = _Found(
            schedule.charge_kw, schedule.discharge_kw, short, max(0.0, proven), exact.status == "timed_out"
        )
        return known if known is not None and _ranks(known, self) <= _ranks(found, self) else found


def _ranks(found: _Found, problem: _Problem) -> tuple[float, float, float]:
    """What schedules are compared by: shortfall beyond rounding, cost, gap."""
    total = float(found.short_kwh.sum())
    schedule = EvSchedule(problem.sessions, found.charge_kw, found.discharge_kw)
    return (total if total > SHORT_KWH else 0.0), problem.cost(schedule), found.gap


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
    deadline = Deadline(seconds)
    plans = []
    for cars, room in zip(sessions, rooms, strict=True):
        problem = _Problem(cars, np.zeros(cars.cars, dtype=np.int64), [room], None, served_share)
        found = problem.solve_by_highs(gap, deadline) if exact else problem.solve(gap, deadline)
        plans.append(_plan(cars, room, problem, found, gap))
    if shared is None or _keeps(sum(p.grid_kw for p in plans), shared):
        return tuple(plans)
    joined = join_sessions(sessions)
    zone = np.repeat(np.arange(len(sessions)), [s.cars for s in sessions])
    problem = _Problem(joined, zone, rooms, shared, served_share)
    found = problem.solve_by_highs(gap, deadline) if exact else problem.solve(gap, deadline)
    ends = np.cumsum([0, *(s.entries for s in sessions)])
    stays = np.cumsum([0, *(len(s) for s in sessions)])
    parts = []
    for k, (cars, room) in enumerate(zip(sessions, rooms, strict=True)):
        here, own = slice(ends[k], ends[k + 1]), slice(stays[k], stays[k + 1])
        part = _Found(
            found.charge_kw[here],
            found.discharge_kw[here],
            found.short_kwh[own],
            found.gap,
            found.timed_out,
        )
        alone = _Problem(cars, np.zeros(cars.cars, dtype=np.int64), [room], None, served_share)
        parts.append(_plan(cars, room, alone, part, gap))
    return tuple(parts)


def _keeps(grid_kw: NDArray[np.float64], limit: Limit) -> bool:
    return bool(
        np.all(grid_kw <= limit.upper_kw + SHARED_KW) and np.all(grid_kw >= limit.lower_kw - SHARED_KW)
    )


def _plan(sessions: EvSessions, room: ChargingRoom, problem: _Problem, found: _Found, gap: float) -> ZonePlan:
    schedule = EvSchedule(sessions, found.charge_kw, found.discharge_kw)
    status = "optimal" if found.gap <= gap else ("timed_out" if found.timed_out else "open")
    return ZonePlan(
        schedule,
        room,
        status,
        problem.cost(schedule),
        found.gap,
        found.short_kwh,
        problem.unreachable,
    )
