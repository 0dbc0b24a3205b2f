"""The two harder variants of the depot planner: scarce AC chargers, and a least power per period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_exact import BREACH, COST, DELIVERED, EARLINESS, UNSERVED, Exact
from sparewatt.decide.optimise.depot_flow import FlowSolver
from sparewatt.decide.optimise.depot_result import EXACT_GAP, WindowPlan, missing_energy
from sparewatt.model.schedule import AC, DC, NO_CHARGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.matrix import Deadline


def plan_limited_ac(problem: ChargingProblem, gap: float, deadline: Deadline) -> WindowPlan:
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
        missing_energy(problem, best.energy),
        charger,
    )


def raise_to_least(problem: ChargingProblem, plan: WindowPlan, gap: float, deadline: Deadline) -> WindowPlan:
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
    if staged.energy is not None:
        energy = np.where(staged.energy > 0.5 * problem.least_kwh, staged.energy, 0.0)
        energy = np.where(energy > 0.0, np.maximum(energy, problem.least_kwh), 0.0)
        unserved = missing_energy(problem, energy)
    flows = FlowSolver(problem)
    over = np.bincount(problem.period, weights=energy, minlength=problem.periods) - problem.free_kwh
    ranks = flows.ranks(energy, unserved, float(np.maximum(0.0, over).sum()))
    # Where chargers were chosen, only the plan without a least power bounds the other choices.
    bound = plan.bound if problem.can_choose.any() or problem.num_ac is not None else staged.bound
    timed_out = plan.timed_out or not staged.finished
    return WindowPlan(ranks, bound, ranks.gap_to(bound), timed_out, energy, unserved, plan.charger)


def without_too_slow(problem: ChargingProblem) -> ChargingProblem:
    """Rates below the least power are none: such a charger cannot charge that vehicle."""
    least = problem.least_kwh
    return replace(
        problem,
        ac_kwh=np.where(problem.ac_kwh < least, 0.0, problem.ac_kwh),
        dc_kwh=np.where(problem.dc_kwh < least, 0.0, problem.dc_kwh),
    )
