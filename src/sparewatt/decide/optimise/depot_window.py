"""One window of the depot planner from start to proven plan: search first, proof where it is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_exact import (
    BREACH,
    COST,
    DELIVERED,
    EARLINESS,
    UNSERVED,
    Exact,
    Staged,
)
from sparewatt.decide.optimise.depot_flow import FlowSolver
from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.decide.optimise.depot_ranks import ENERGY_TOLERANCE_KWH, Ranks
from sparewatt.decide.optimise.depot_search import Plan, Search
from sparewatt.model.schedule import AC, DC, NO_CHARGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.matrix import Deadline

# At or below this gap the earliness is ranked over chargers as well, not only over energies.
EXACT_GAP = 1e-7
# Weight of delivered energy when the plain one leaves energy behind.
HUNGRY = 50.0
# Sessions left free in the small branch and bounds that come before the whole one.
NEIGHBOURHOODS = (16, 32)


@dataclass(frozen=True)
class WindowPlan:
    """Decided window.

    Parameters
    ----------
    ranks, bound
        Value of the plan and what is proven about the best.
    gap
        ``ranks.gap_to(bound)`` [-].
    timed_out
        Whether the deadline came before the asked gap.
    energy
        Meter-side energy per entry [kWh].
    unserved
        Unserved energy per session, / η [kWh].
    charger
        Charger kind per session.
    """

    ranks: Ranks
    bound: Ranks
    gap: float
    timed_out: bool
    energy: NDArray[np.float64]
    unserved: NDArray[np.float64]
    charger: NDArray[np.int8]


def plan_window(problem: ChargingProblem, *, gap: float, deadline: Deadline) -> WindowPlan:
    """Best plan of a window in the five ranks, within ``gap`` where the deadline allows.

    Parameters
    ----------
    problem
        The window.
    gap
        Relative gap of the cost at which to stop; energies are always closed where time allows [-].
    deadline
        When to return the best found.
    """
    if problem.num_ac is not None:
        plan = _plan_limited_ac(problem, gap, deadline)
    else:
        plan = _plan_free_ac(problem, gap, deadline)
    if (problem.least_kwh > 0.0).any():
        plan = _raise_to_least(problem, plan, gap, deadline)
    return plan


def _plan_free_ac(problem: ChargingProblem, gap: float, deadline: Deadline) -> WindowPlan:
    """Every vehicle has an AC socket: only DC is to be given."""
    search = Search(problem)
    if not problem.can_choose.any():
        best = _present(search)
        return _finish(problem, search.flows, best, best.flow.ranks, timed_out=False)
    all_dc = problem.can_choose | (problem.held == DC)
    rate = np.where(all_dc[problem.session], problem.dc_kwh, problem.ac_kwh)
    bound = replace(search.flows.solve(rate).ranks, earliness=-np.inf)
    search.alternate(gap, deadline)
    best = _present(search)
    if not best.flow.ranks.energies_match(bound):
        hungry = Search(problem, HUNGRY)
        hungry.alternate(0.0, deadline)
        best = _better(_present(hungry), best)
    timed_out = False
    if not best.flow.ranks.energies_match(bound):
        best, bound, timed_out = _close_energies(search, best, bound, deadline)
    if not timed_out:
        best, bound, timed_out = _close_cost(search, best, bound, gap, deadline)
    if gap <= EXACT_GAP and not timed_out:
        best, timed_out = _close_earliness(search, best, deadline)
    return _finish(problem, search.flows, best, bound, timed_out=timed_out)


def _better(one: Plan, other: Plan) -> Plan:
    return one if one.flow.ranks.better_than(other.flow.ranks) else other


def _present(search: Search) -> Plan:
    if search.best is None:  # alternate() always tries AC for all first
        return search.try_choice(np.zeros(search.problem.sessions, dtype=bool))
    return search.best


def _held(ranks: Ranks) -> tuple[float, float, float, float]:
    return ranks.unserved, ranks.breach, -ranks.delivered, ranks.cost


def _start(search: Search, exact: Exact, best: Plan) -> NDArray[np.float64]:
    on_dc = best.on_dc | (search.problem.held == DC)
    return exact.columns_of(best.flow.energy, best.flow.unserved, on_dc, ~on_dc)


def _close_energies(search: Search, best: Plan, bound: Ranks, deadline: Deadline) -> tuple[Plan, Ranks, bool]:
    """Branch and bound over the ranks of energy that the search left open."""
    exact = Exact(search.problem)
    staged = exact.solve((UNSERVED, BREACH, DELIVERED), _start(search, exact, best), 0.0, deadline)
    best = _try_staged(search, staged, best)
    # What the ideal with DC for all proves of a rank holds while the ranks before it are as in the ideal.
    mine = staged.bound
    unserved = max(bound.unserved, mine.unserved)
    as_ideal = unserved <= bound.unserved + ENERGY_TOLERANCE_KWH
    breach = max(bound.breach, mine.breach) if as_ideal else mine.breach
    as_ideal &= breach <= bound.breach + ENERGY_TOLERANCE_KWH
    delivered = min(bound.delivered, mine.delivered) if as_ideal else mine.delivered
    return best, Ranks(unserved, breach, delivered, -np.inf, -np.inf), not staged.finished


def _without_proven(search: Search, best: Plan) -> ChargingProblem:
    """The problem with chargers fixed whose other choice the prices prove to cost more than the best plan."""
    p = search.problem
    point = search.dual.evaluate(search.site_price, search.charger_price)
    room = search.scaled(best.flow.ranks) - point.value
    proven = p.can_choose & (np.abs(point.margin) > room * (1 + 1e-6) + 1e-7)
    return replace(p, held=np.where(proven, np.where(point.margin < 0.0, DC, AC), p.held).astype(np.int8))


def _try_staged(search: Search, staged: Staged, best: Plan) -> Plan:
    if staged.on_dc is None:
        return best
    return _better(search.try_choice(staged.on_dc & search.problem.can_choose), best)


def _close_cost(
    search: Search, best: Plan, bound: Ranks, gap: float, deadline: Deadline
) -> tuple[Plan, Ranks, bool]:
    """Cost with the energies held: prices for the bound, small neighbourhoods, then the whole."""
    ranks = best.flow.ranks
    priced = ranks.unserved + ranks.breach <= ENERGY_TOLERANCE_KWH and search.dual.possible
    if priced:
        search.best = best
        if not search.closed(gap):
            search.climb(gap, deadline)
        for size in NEIGHBOURHOODS:
            if search.closed(gap) or deadline.passed:
                break
            target = search.cost_bound(ranks.delivered) + 0.9 * gap * abs(best.flow.ranks.cost)
            neighbours = _neighbourhood(search, best, size)
            staged = _solve_cost(search, neighbours, best, 0.1 * gap, deadline, target)
            best = search.best = _try_staged(search, staged, best)
        proven = search.cost_bound(ranks.delivered)
        # The ideal's cost holds only for the ideal's energies.
        bound = replace(bound, cost=max(bound.cost, proven))
    if best.flow.ranks.gap_to(bound) <= gap:
        return best, bound, False
    problem = _without_proven(search, best) if priced else search.problem
    staged = _solve_cost(search, problem, best, 0.5 * gap, deadline, -np.inf)
    best = _try_staged(search, staged, best)
    # Fixed chargers hold for plans better than the best, so no bound above its cost is claimed.
    cost = min(max(bound.cost, staged.bound.cost), best.flow.ranks.cost)
    return best, replace(bound, cost=cost), not staged.finished


def _solve_cost(
    search: Search,
    problem: ChargingProblem,
    best: Plan,
    gap: float,
    deadline: Deadline,
    target: float,
) -> Staged:
    exact = Exact(problem)
    for rank, value in zip((UNSERVED, BREACH, DELIVERED), _held(best.flow.ranks), strict=False):
        exact.hold(rank, value)
    return exact.solve((COST,), _start(search, exact, best), gap, deadline, target)


def _neighbourhood(search: Search, best: Plan, size: int) -> ChargingProblem:
    """The problem with only the sessions left free whose choice the prices find closest."""
    p = search.problem
    point = search.dual.evaluate(search.site_price, search.charger_price)
    gain = search.dual.gains(search.site_price, best.on_dc)
    doubt = np.where((point.margin < 0.0) == best.on_dc, np.abs(point.margin), 0.0)
    relevant = p.can_choose & (best.on_dc | (gain > 1e-6 * gain.max(initial=0.0)))
    doubt[~relevant] = np.inf
    free = np.argsort(doubt, kind="stable")[: min(size, int(relevant.sum()))]
    held = np.where(p.can_choose, np.where(best.on_dc, DC, AC), p.held).astype(np.int8)
    held[free] = UNDECIDED
    return replace(p, held=held)


def _close_earliness(search: Search, best: Plan, deadline: Deadline) -> tuple[Plan, bool]:
    """Earliness over chargers as well, all else held."""
    exact = Exact(search.problem)
    for rank, value in zip((UNSERVED, BREACH, DELIVERED, COST), _held(best.flow.ranks), strict=True):
        exact.hold(rank, value)
    staged = exact.solve((EARLINESS,), _start(search, exact, best), 0.0, deadline)
    if staged.on_dc is not None:
        on_dc = staged.on_dc & search.problem.can_choose
        found = Plan(on_dc, search.flows.solve(search.rate(on_dc), in_order=True))
        mine = search.flows.solve(search.rate(best.on_dc), in_order=True)
        same_cost = found.flow.ranks.cost <= best.flow.ranks.cost + 1e-8 * abs(best.flow.ranks.cost)
        if (
            found.flow.ranks.energies_match(best.flow.ranks)
            and same_cost
            and found.flow.ranks.earliness < mine.ranks.earliness
        ):
            best = found
    return best, not staged.finished


def _finish(
    problem: ChargingProblem, flows: FlowSolver, best: Plan, bound: Ranks, *, timed_out: bool
) -> WindowPlan:
    """Exact order of cost and earliness for the final chargers; DC that changes nothing is given back."""
    on_dc = best.on_dc | (problem.held == DC)
    flow = flows.solve(np.where(on_dc[problem.session], problem.dc_kwh, problem.ac_kwh), in_order=True)
    over = flow.energy > problem.ac_kwh + 1e-9
    needed = np.bincount(problem.session, weights=over, minlength=problem.sessions) > 0
    on_dc &= needed | (problem.held == DC)
    energy = np.where(on_dc[problem.session], flow.energy, np.minimum(flow.energy, problem.ac_kwh))
    charger = np.where(on_dc, DC, np.where(problem.most_ac > 0.0, AC, NO_CHARGER)).astype(np.int8)
    return WindowPlan(flow.ranks, bound, flow.ranks.gap_to(bound), timed_out, energy, flow.unserved, charger)


def _plan_limited_ac(problem: ChargingProblem, gap: float, deadline: Deadline) -> WindowPlan:
    """AC chargers are scarce too: branch and bound over both kinds, from a plan without any."""
    flows, exact = FlowSolver(problem), Exact(problem)
    held_dc, held_ac = problem.held == DC, problem.held == AC

    def rate(on_dc: NDArray[np.bool_], on_ac: NDArray[np.bool_]) -> NDArray[np.float64]:
        of_ac = np.where(on_ac[problem.session], problem.ac_kwh, 0.0)
        return np.where(on_dc[problem.session], problem.dc_kwh, of_ac)

    best = flows.solve(rate(held_dc, held_ac))
    charger = np.where(held_dc, DC, np.where(held_ac, AC, NO_CHARGER)).astype(np.int8)
    ranks = (UNSERVED, BREACH, DELIVERED, COST, *((EARLINESS,) if gap <= EXACT_GAP else ()))
    start = exact.columns_of(best.energy, best.unserved, held_dc, held_ac)
    staged = exact.solve(ranks, start, gap, deadline)
    if staged.on_dc is not None and staged.on_ac is not None:
        found = flows.solve(rate(staged.on_dc, staged.on_ac), in_order=True)
        if found.ranks.better_than(best.ranks):
            best = found
            charger = np.where(staged.on_dc, DC, np.where(staged.on_ac, AC, NO_CHARGER)).astype(np.int8)
    return WindowPlan(
        best.ranks,
        staged.bound,
        best.ranks.gap_to(staged.bound),
        not staged.finished,
        best.energy,
        best.unserved,
        charger,
    )


def _raise_to_least(problem: ChargingProblem, plan: WindowPlan, gap: float, deadline: Deadline) -> WindowPlan:
    """Every period 0 or at least the least a charger can hold; chargers as already chosen.

    Starts from the plan without the periods below the least, which is always possible.
    """
    fixed = replace(problem, held=plan.charger)
    energy = np.where(plan.energy >= problem.least_kwh, plan.energy, 0.0)
    unserved = missing_energy(problem, energy)
    on_dc, on_ac = plan.charger == DC, plan.charger == AC
    exact = Exact(fixed, least=True)
    staged = exact.solve(
        (UNSERVED, BREACH, DELIVERED, COST),
        exact.columns_of(energy, unserved, on_dc, on_ac),
        gap,
        deadline,
    )
    if staged.energy is not None and staged.unserved is not None:
        energy = np.where(staged.energy > 0.5 * problem.least_kwh, staged.energy, 0.0)
        energy = np.where(energy > 0.0, np.maximum(energy, problem.least_kwh), 0.0)
        unserved = np.maximum(0.0, staged.unserved)
    flows = FlowSolver(problem)
    over = np.bincount(problem.period, weights=energy, minlength=problem.periods) - problem.free_kwh
    ranks = flows.ranks(energy, unserved, float(np.maximum(0.0, over).sum()))
    gap_left = ranks.gap_to(staged.bound)
    return WindowPlan(ranks, staged.bound, gap_left, not staged.finished, energy, unserved, plan.charger)


def missing_energy(problem: ChargingProblem, energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unserved energy per session that given energies leave, / η [kWh]."""
    unserved = np.zeros(problem.sessions)
    charged = problem.sum_by_session(energy)
    deficit = 0.0
    for s in range(problem.sessions):
        v = problem.vehicle[s]
        before = problem.deficit[v] if problem.is_first[s] else deficit
        asked = before + problem.use[s]
        unserved[s] = max(0.0, asked - problem.floor[v])
        deficit = asked - unserved[s] - charged[s]
    return unserved
