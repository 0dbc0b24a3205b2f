"""EV charging of some zones as one problem: solved in ranks, by the interior-point method or by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_chains import lay_out, reachable_kwh
from sparewatt.decide.optimise.network_exact import solve_exactly
from sparewatt.decide.optimise.network_interior import solve_chains
from sparewatt.decide.optimise.network_settling import settle
from sparewatt.decide.optimise.network_task import SHORT_KWH
from sparewatt.errors import SolverError
from sparewatt.model.ev_schedule import EvSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline
    from sparewatt.decide.optimise.network_task import ChargingRoom
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.model.limit import Limit

PENALTY = 30.0
"""Price of a missing kWh to begin with, in units of the greatest price."""
RAISE = 100.0
"""By how much it is raised where it proves too low for a strict rank."""
SHARE_OF_GAP = 0.1
"""Share of the gap asked for that the interior-point method may leave; settling takes the rest."""


@dataclass(frozen=True)
class Found:
    """A schedule that keeps every bound, and what is proven of it.

    Parameters
    ----------
    schedule
        Of all zones' cars.
    short_kwh
        What each stay misses, shape (sessions,) [kWh].
    cost
        Σ π·g [currency].
    gap
        Proven gap of the ranks, relative to max(1, |cost|) [-].
    timed_out
        Whether the deadline ended it.
    """

    schedule: EvSchedule
    short_kwh: NDArray[np.float64]
    cost: float
    gap: float
    timed_out: bool

    def beats(self, other: Found) -> bool:
        """Whether it misses less, beyond rounding, or else has more proven, or else costs less."""
        less = float(other.short_kwh.sum() - self.short_kwh.sum())
        if abs(less) > SHORT_KWH:
            return less > 0.0
        return (self.gap, self.cost) < (other.gap, other.cost)


class ChargingProblem:
    """Cars of some zones in their rooms: least shortfall, then least cost.

    Parameters
    ----------
    sessions
        All zones' cars.
    zone
        Zone of each car, shape (cars,).
    rooms
        Of each zone.
    shared
        Limit of the sum of all zones, or none.
    served_share
        Share of the wanted energy with which a stay is served [0-1].
    """

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
        goal = served_share * sessions.wanted_kwh
        self.wanted, self.unreachable_kwh = np.minimum(goal, reach), np.maximum(goal - reach, 0.0)
        self.chains, self.rows = lay_out(
            sessions, self.wanted, zone, self.lower, self.upper, self.price, self.shared
        )

    def solve(self, gap: float, deadline: Deadline) -> Found:
        """By the interior-point method; by HiGHS where that does not close the gap."""
        best = self._solve_inside(gap, deadline)
        if best.gap <= gap or best.timed_out:
            return best
        return self.solve_by_highs(gap, deadline, best)

    def solve_by_highs(self, gap: float, deadline: Deadline, known: Found | None = None) -> Found:
        """By HiGHS; where it finds nothing better, the schedule ``known`` before, or none charges."""
        if known is None:
            idle = np.zeros(self.sessions.entries)
            known = self._found(idle, idle, 1.0, timed_out=True)
        try:
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
        except SolverError:
            return known
        if len(exact.charge_kw) == 0:
            return known
        found = self._found(exact.charge_kw, exact.discharge_kw, 0.0, timed_out=exact.status == "timed_out")
        open_kwh = float(found.short_kwh.sum()) - max(0.0, exact.missing_bound_kwh)
        proven = (found.cost - exact.cost_bound) / max(1.0, abs(found.cost))
        if open_kwh > SHORT_KWH:
            proven = max(proven, open_kwh / max(1.0, float(self.wanted.sum())))
        found = Found(found.schedule, found.short_kwh, found.cost, max(0.0, proven), found.timed_out)
        return found if found.beats(known) else known

    def _solve_inside(self, gap: float, deadline: Deadline) -> Found:
        """By the interior-point method, the shortfall at a price that is raised until its rank is strict."""
        highest = float(np.abs(self.price).max(initial=0.0)) / self.sessions.step_h
        penalty, missing_bound = PENALTY * max(highest, 1e-3), -1.0
        while True:
            point = solve_chains(
                self.chains,
                self.rows,
                len(self.lower),
                self.sessions.periods,
                penalty=penalty,
                deadline=deadline,
                gap=SHARE_OF_GAP * gap,
            )
            late = point.ending == "timed_out"
            found = self._found(point.charge_kw, point.discharge_kw, 0.0, timed_out=late)
            total = float(found.short_kwh.sum())
            proven = (found.cost + penalty * total - point.bound) / max(1.0, abs(found.cost))
            found = Found(found.schedule, found.short_kwh, found.cost, max(0.0, proven), late)
            raised = missing_bound >= 0.0
            if late or raised or total <= SHORT_KWH:
                return found
            missing_bound = max(0.0, self._least_missing(deadline))
            if total <= missing_bound + SHORT_KWH:
                return found
            penalty *= RAISE

    def _least_missing(self, deadline: Deadline) -> float:
        """Proven lower bound of the total shortfall [kWh]."""
        free = self.rows._replace(price=np.zeros_like(self.rows.price))
        zones, periods = len(self.lower), self.sessions.periods
        gap = 0.1 * SHORT_KWH
        return solve_chains(self.chains, free, zones, periods, penalty=1.0, deadline=deadline, gap=gap).bound

    def _found(
        self,
        charge_kw: NDArray[np.float64],
        discharge_kw: NDArray[np.float64],
        gap: float,
        *,
        timed_out: bool,
    ) -> Found:
        """The schedule nearest to a point that keeps every bound."""
        charge, discharge = charge_kw.copy(), discharge_kw.copy()
        free = np.full(self.sessions.periods, np.inf)
        low, high = self.shared if self.shared is not None else (-free, free)
        settle(self.chains, charge, discharge, self.lower.ravel(), self.upper.ravel(), low, high)
        schedule = EvSchedule(self.sessions, charge, discharge)
        short = np.maximum(self.wanted - schedule.end_kwh, 0.0)
        cost = float(self.price.ravel()[self.chains.row] @ schedule.grid_kw)
        return Found(schedule, short, cost, gap, timed_out)
