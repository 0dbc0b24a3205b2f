"""The chained days of an optimised depot: plan a window, commit its first day, carry on from its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.decide.optimise.depot_result import EXACT_GAP
from sparewatt.decide.optimise.depot_window import plan_window
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.depot_day import DayState, DepotDay
from sparewatt.model.schedule import DayReport, Level, SolveStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.decide.optimise.depot_result import WindowPlan
    from sparewatt.model.depot import Depot

DEFAULT_GAP = 2e-4
DEFAULT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class DepotPlanner:
    """How an optimised depot is planned.

    Parameters
    ----------
    horizon_days
        Days that are looked ahead; the first is committed.
    gap
        Relative gap of the cost at which a solve may stop [-].
    solve_seconds
        Deadline of each solve [s].
    """

    horizon_days: int = 1
    gap: float = DEFAULT_GAP
    solve_seconds: float = DEFAULT_SECONDS

    def plan(self, depot: Depot, state: DayState | None = None) -> Iterator[DepotDay]:
        """Plan the days of a depot one after the other.

        Parameters
        ----------
        depot
            What to plan.
        state
            Where to carry on; ``None`` starts with the first day.

        Yields
        ------
        DepotDay
            One per planning day, with the state after it.
        """
        state = state or DayState.initial(depot)
        for day in range(state.day, depot.horizon.days):
            committed = self._plan_day(depot, day, state)
            yield committed
            state = committed.after

    def _plan_day(self, depot: Depot, day: int, state: DayState) -> DepotDay:
        started = time.process_time()
        edges = depot.horizon.day_edges
        first, commit = edges[day], edges[day + 1]
        end = edges[min(day + self.horizon_days, depot.horizon.days)]
        held = np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)
        held[state.held_session] = state.held_charger
        problem, sessions, entries = window_problem(depot, first, end, state.deficit_kwh, held)
        plan = plan_window(problem, gap=self.gap, deadline=Deadline(self.solve_seconds))
        keep = problem.period < commit - first
        # What a route misses that is still away belongs to the day of its return.
        last = commit == depot.horizon.periods
        booked = np.ones(len(sessions), dtype=bool) if last else problem.first < commit - first
        unserved = plan.unserved * depot.efficiency
        unserved[unserved < NOTHING_KWH] = 0.0
        day_plan = DepotDay.committed(
            depot,
            day,
            state,
            sessions=sessions[booked],
            charger=plan.charger[booked],
            unserved_kwh=unserved[booked],
            entries=entries[keep],
            energy_kwh=plan.energy[keep],
        )
        return day_plan.with_report(_report(depot, day, day_plan, plan, self.gap, started))


NOTHING_KWH = 1e-6


def _report(
    depot: Depot, day: int, committed: DepotDay, plan: WindowPlan, gap: float, started: float
) -> DayReport:
    unserved, breach, delivered, cost = committed.ranks(depot)
    level: Level = "normal"
    if unserved > NOTHING_KWH:
        level = "magic"
    elif breach > NOTHING_KWH:
        level = "breach"
    status: SolveStatus = "within_gap"
    if plan.gap > max(gap, EXACT_GAP):
        status = "timed_out" if plan.timed_out else "open"
    elif plan.gap <= EXACT_GAP:
        status = "optimal"
    return DayReport(
        day, level, status, unserved, breach, delivered, cost, plan.gap, time.process_time() - started
    )
