"""What a window's plan is, and how a choice of chargers becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.schedule import AC, DC, NO_CHARGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_flow import FlowSolver
    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.depot_ranks import Ranks
    from sparewatt.decide.optimise.depot_search import Plan

# At or below this gap the earliness is ranked over chargers as well, not only over energies.
EXACT_GAP = 1e-7


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


def finished_plan(
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
    unserved = missing_energy(problem, energy)
    return WindowPlan(flow.ranks, bound, flow.ranks.gap_to(bound), timed_out, energy, unserved, charger)


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
