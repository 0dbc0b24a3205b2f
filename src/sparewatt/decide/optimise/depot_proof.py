"""Proof of a window's ranks: prices first, then branch and bound on what they leave open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_branch import branch, cost_of
from sparewatt.decide.optimise.depot_exact import BREACH, COST, DELIVERED, UNSERVED, Exact, Staged
from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.decide.optimise.depot_ranks import ENERGY_TOLERANCE_KWH, Ranks
from sparewatt.decide.optimise.depot_result import EXACT_GAP
from sparewatt.model.schedule import AC, DC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.depot_search import Search
    from sparewatt.decide.optimise.matrix import Deadline

# Sessions left free in the small branch and bounds that come before the whole one, and how many
# choices make them worth while: below, the whole one is as fast.
NEIGHBOURHOODS = (16, 32)
MANY_CHOICES = 250
# Relaxations of the branch and bound on the weighted sum, and the share of the gap it goes for.
NODES = 40
CLOSE = 0.95
# Share of the asked gap at which a neighbourhood's own branch and bound stops.
NEIGHBOURHOOD_GAP = 0.1


def held_ranks(ranks: Ranks) -> tuple[float, float, float, float]:
    """The first four ranks as values of which less is better."""
    return ranks.unserved, ranks.breach, -ranks.delivered, ranks.cost


def start_columns(search: Search, exact: Exact) -> NDArray[np.float64]:
    """The best plan of a search as columns of an exact model of the same sessions."""
    best = search.present
    on_dc = best.on_dc | (search.problem.held == DC)
    return exact.columns_of(best.flow.energy, best.flow.unserved, on_dc, ~on_dc)


def _take_staged(search: Search, staged: Staged) -> None:
    if staged.on_dc is not None:
        search.take(staged.on_dc & search.problem.can_choose)


def close_energies(search: Search, ideal: Ranks, gap: float, deadline: Deadline) -> tuple[Ranks, bool]:
    """Branch and bound over unserved, breach and delivered energy in order.

    Parameters
    ----------
    search
        Receives the plan that is found.
    ideal
        Ranks with DC for every session: a bound in their order.
    gap
        Relative gap at which the delivered energy may stop [-].
    deadline
        When to stop.

    Returns
    -------
    bound, timed_out
        What is proven of the energies; nothing of the cost.
    """
    exact = Exact(search.problem)
    start = start_columns(search, exact)
    staged = exact.solve((UNSERVED, BREACH, DELIVERED), start, gap, deadline)
    _take_staged(search, staged)
    # What the ideal proves of a rank holds while the ranks before it are as in the ideal.
    mine = staged.bound
    unserved = max(ideal.unserved, mine.unserved)
    as_ideal = unserved <= ideal.unserved + ENERGY_TOLERANCE_KWH
    breach = max(ideal.breach, mine.breach) if as_ideal else mine.breach
    as_ideal &= breach <= ideal.breach + ENERGY_TOLERANCE_KWH
    delivered = min(ideal.delivered, mine.delivered) if as_ideal else mine.delivered
    return Ranks(unserved, breach, delivered, -np.inf, -np.inf), not staged.finished


def close_delivered(hungry: Search, ideal: Ranks, gap: float, deadline: Deadline) -> tuple[Ranks, bool]:
    """Delivered energy, where neither breach nor unserved energy is needed.

    Parameters
    ----------
    hungry
        A search at a price of zero, where only the delivered energy counts; receives the plan.
    ideal, gap, deadline
        As in ``close_energies``.
    """
    hungry.climb(0.0)
    best = hungry.present.flow.ranks.delivered
    proven = min(ideal.delivered, hungry.delivered_bound)
    if best < proven * (1.0 - gap) and gap > EXACT_GAP:
        allowance = CLOSE * gap * best * hungry.delivered
        value = branch(hungry, without_proven(hungry), allowance, NODES, deadline)
        best = hungry.present.flow.ranks.delivered
        proven = min(proven, max(best, -value / hungry.delivered))
        hungry.bound = max(hungry.bound, value)
    timed_out = False
    if best < proven * (1.0 - gap):
        staged = _solve_rank(hungry, without_proven(hungry), DELIVERED, gap, deadline)
        _take_staged(hungry, staged)
        best = hungry.present.flow.ranks.delivered
        # Fixed chargers hold for plans that deliver more, so no bound below the best is claimed.
        proven = min(proven, max(best, staged.bound.delivered))
        timed_out = not staged.finished
    return Ranks(ideal.unserved, ideal.breach, max(proven, best), -np.inf, -np.inf), timed_out


def close_cost(search: Search, bound: Ranks, gap: float, deadline: Deadline) -> tuple[Ranks, bool]:
    """Cost with the energies of the best plan held.

    Parameters
    ----------
    search
        Receives the plan that is found.
    bound
        What is proven so far.
    gap
        Relative gap of the cost at which to stop [-].
    deadline
        When to stop.

    Returns
    -------
    bound, timed_out
        With the cost proven.
    """
    ranks = search.present.flow.ranks
    priced = ranks.unserved + ranks.breach <= ENERGY_TOLERANCE_KWH and search.dual.possible
    if priced:
        if not search.closed(gap):
            search.climb(gap)
        for size in NEIGHBOURHOODS if search.problem.can_choose.sum() > MANY_CHOICES else ():
            if search.closed(gap) or deadline.passed:
                break
            target = search.cost_bound(ranks.delivered) + 0.9 * gap * abs(search.present.flow.ranks.cost)
            inner = NEIGHBOURHOOD_GAP * gap
            staged = _solve_rank(search, neighbourhood(search, size), COST, inner, deadline, target)
            _take_staged(search, staged)
        bound = replace(bound, cost=max(bound.cost, search.cost_bound(ranks.delivered)))
    ranks = search.present.flow.ranks
    if ranks.cost - bound.cost > gap * abs(ranks.cost) + 1e-9 and gap > EXACT_GAP:
        problem = without_proven(search) if priced else search.problem
        allowance = CLOSE * gap * abs(ranks.cost) / search.flows.scale
        value = branch(search, problem, allowance, NODES, deadline)
        ranks = search.present.flow.ranks
        bound = replace(bound, cost=max(bound.cost, min(cost_of(search, value, ranks), ranks.cost)))
    if ranks.cost - bound.cost <= gap * abs(ranks.cost) + 1e-9:
        return bound, False
    problem = without_proven(search) if priced else search.problem
    staged = _solve_rank(search, problem, COST, 0.5 * gap, deadline)
    _take_staged(search, staged)
    # Fixed chargers hold for plans better than the best, so no bound above its cost is claimed.
    cost = min(max(bound.cost, staged.bound.cost), search.present.flow.ranks.cost)
    return replace(bound, cost=cost), not staged.finished


def _solve_rank(
    search: Search,
    problem: ChargingProblem,
    rank: int,
    gap: float,
    deadline: Deadline,
    target: float = -np.inf,
) -> Staged:
    """Branch and bound over one rank, the ones before it held as in the best plan."""
    exact = Exact(problem)
    for before, value in enumerate(held_ranks(search.present.flow.ranks)[:rank]):
        exact.hold(before, value)
    return exact.solve((rank,), start_columns(search, exact), gap, deadline, target)


def neighbourhood(search: Search, size: int) -> ChargingProblem:
    """The problem with only the sessions left free whose choice the prices find closest."""
    p, best = search.problem, search.present
    point = search.dual.evaluate(search.site_price, search.charger_price)
    gain = search.dual.gains(search.site_price, best.on_dc)
    doubt = np.where((point.margin < 0.0) == best.on_dc, np.abs(point.margin), 0.0)
    relevant = p.can_choose & (best.on_dc | (gain > 1e-6 * gain.max(initial=0.0)))
    doubt[~relevant] = np.inf
    free = np.argsort(doubt, kind="stable")[: min(size, int(relevant.sum()))]
    held = np.where(p.can_choose, np.where(best.on_dc, DC, AC), p.held).astype(np.int8)
    held[free] = UNDECIDED
    return replace(p, held=held)


def without_proven(search: Search) -> ChargingProblem:
    """The problem with chargers fixed whose other choice the prices prove to be worse than the best plan."""
    p = search.problem
    point = search.dual.evaluate(search.site_price, search.charger_price)
    room = search.scaled(search.present.flow.ranks) - point.value
    proven = p.can_choose & (np.abs(point.margin) > room * (1 + 1e-6) + 1e-7)
    return replace(p, held=np.where(proven, np.where(point.margin < 0.0, DC, AC), p.held).astype(np.int8))
