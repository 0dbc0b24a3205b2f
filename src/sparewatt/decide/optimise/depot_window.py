"""One window of the depot planner from start to proven plan: search first, proof where it is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_exact import EARLINESS, Exact
from sparewatt.decide.optimise.depot_proof import (
    close_cost,
    close_delivered,
    close_energies,
    held_ranks,
    start_columns,
    without_proven,
)
from sparewatt.decide.optimise.depot_ranks import ENERGY_TOLERANCE_KWH, Ranks
from sparewatt.decide.optimise.depot_result import EXACT_GAP, WindowPlan, finished_plan
from sparewatt.decide.optimise.depot_search import Plan, Search
from sparewatt.decide.optimise.depot_variants import plan_limited_ac, raise_to_least, without_too_slow
from sparewatt.model.schedule import DC

if TYPE_CHECKING:
    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.matrix import Deadline


def plan_window(problem: ChargingProblem, *, gap: float, deadline: Deadline) -> WindowPlan:
    """Best plan of a window in the five ranks, within ``gap`` where the deadline allows.

    Parameters
    ----------
    problem
        The window.
    gap
        Relative gap at which to stop [-].
    deadline
        When to return the best found.
    """
    least = bool((problem.least_kwh > 0.0).any())
    if least:
        problem = without_too_slow(problem)
    if problem.num_ac is not None:
        plan = plan_limited_ac(problem, gap, deadline)
    else:
        plan = _plan_free_ac(problem, gap, deadline)
    if least:
        plan = raise_to_least(problem, plan, gap, deadline)
    return plan


def _plan_free_ac(problem: ChargingProblem, gap: float, deadline: Deadline) -> WindowPlan:
    """Every vehicle has an AC socket: only DC is to be given."""
    search = Search(problem)
    if not problem.can_choose.any():
        best = search.present
        return finished_plan(problem, search.flows, best, best.flow.ranks, timed_out=False)
    search.alternate(gap, deadline)
    bound = _energy_bound(search)
    timed_out = False
    if not search.present.flow.ranks.energies_match(bound):
        search, bound, timed_out = _close_energies(search, bound, gap, deadline)
    if not timed_out:
        bound, timed_out = close_cost(search, bound, gap, deadline)
    best = replace(search.present, on_dc=search.present.on_dc | (search.problem.held == DC))
    if gap <= EXACT_GAP and not timed_out:
        best, timed_out = _close_earliness(problem, best, deadline)
    return finished_plan(problem, search.flows, best, bound, timed_out=timed_out)


def _energy_bound(search: Search) -> Ranks:
    """Ranks of energy that no plan can beat, and the cost that goes with them where it is known."""
    problem, ranks = search.problem, search.present.flow.ranks
    if search.dual.possible:
        free = Ranks(0.0, 0.0, search.dual.most_delivered(), -np.inf, -np.inf)
        if ranks.energies_match(free):
            return free
    all_dc = problem.can_choose | (problem.held == DC)
    rate = np.where(all_dc[problem.session], problem.dc_kwh, problem.ac_kwh)
    return replace(search.flows.solve(rate).ranks, earliness=-np.inf)


def _close_energies(
    search: Search, bound: Ranks, gap: float, deadline: Deadline
) -> tuple[Search, Ranks, bool]:
    """Prove the ranks of energy that the search left open; returns a search on what is still free."""
    hungry = Search(replace(search.problem, price=np.zeros(search.problem.periods)))
    hungry.alternate(0.0, deadline)
    search.take(hungry.present.on_dc)
    ranks = search.present.flow.ranks
    smooth = ranks.unserved + ranks.breach <= ENERGY_TOLERANCE_KWH
    if not (smooth and search.dual.possible):
        bound, timed_out = close_energies(search, bound, 0.1 * gap, deadline)
        return search, bound, timed_out
    hungry.take(search.present.on_dc)
    bound, timed_out = close_delivered(hungry, bound, 0.1 * gap, deadline)
    search.take(hungry.present.on_dc)
    free = Search(replace(without_proven(hungry), price=search.problem.price))
    free.take(search.present.on_dc & free.problem.can_choose)
    if not timed_out:
        free.alternate(gap, deadline)
    return free, bound, timed_out


def _close_earliness(problem: ChargingProblem, best: Plan, deadline: Deadline) -> tuple[Plan, bool]:
    """Earliness over chargers as well, all else held."""
    whole = Search(problem)
    on_dc = best.on_dc & problem.can_choose
    best = whole.take(on_dc)
    exact = Exact(problem)
    for rank, value in enumerate(held_ranks(best.flow.ranks)):
        exact.hold(rank, value)
    staged = exact.solve((EARLINESS,), start_columns(whole, exact), 0.0, deadline)
    if staged.on_dc is not None:
        found = staged.on_dc & problem.can_choose
        mine = whole.flows.solve(whole.rate(on_dc), in_order=True).ranks
        other = whole.flows.solve(whole.rate(found), in_order=True)
        same_cost = other.ranks.cost <= mine.cost + 1e-8 * abs(mine.cost)
        if other.ranks.energies_match(mine) and same_cost and other.ranks.earliness < mine.earliness:
            best = Plan(found, other)
    return best, not staged.finished
