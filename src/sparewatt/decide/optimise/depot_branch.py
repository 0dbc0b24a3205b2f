"""Branch and bound over the relaxation of the choice model, with one weighted sum and a warm simplex.

The sum has the weights of ``depot_flow`` (theorem 3) and no held rows: a node changes bounds of the
binaries only, so a few dual steps solve it, where a general branch and bound spends most of its time
in the root. Every node is rounded by packing and flow. It is given up after some nodes.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_flow import FACTOR
from sparewatt.decide.optimise.depot_models import choice_model
from sparewatt.model.schedule import DC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.depot_ranks import Ranks
    from sparewatt.decide.optimise.depot_search import Search
    from sparewatt.decide.optimise.matrix import Deadline

INTEGRAL = 1e-6
Node = tuple[float, int, "NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def weighted(search: Search, ranks: Ranks) -> float:
    """All ranks in one sum on the scale of the flow's costs."""
    theta = search.delivered
    return search.scaled(ranks) + FACTOR * theta * ranks.breach + FACTOR**2 * theta * ranks.unserved


def cost_of(search: Search, value: float, ranks: Ranks) -> float:
    """Least cost of a plan with the energies of ``ranks`` when every plan's sum is at least ``value``."""
    return ranks.cost + (value - weighted(search, ranks)) * search.flows.scale


class _Relaxation:
    """The choice model without integrality, under the weighted sum."""

    def __init__(self, search: Search, problem: ChargingProblem, deadline: Deadline) -> None:
        self._model = m = choice_model(problem)
        self._deadline = deadline
        low, theta = float(problem.price.min()), search.delivered
        unserved, breach, shortfall, cost = m.ranks[:4]
        per_kwh = (cost + low * shortfall) / search.flows.scale + theta * shortfall
        m.solver.change_costs(per_kwh + FACTOR * theta * breach + FACTOR**2 * theta * unserved)
        m.solver.relax()
        self._first = True

    def solve(
        self, lower: NDArray[np.float64], upper: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]] | None:
        """Value and binaries of a node; ``None`` where it is infeasible or time is up."""
        m = self._model
        m.solver.change_bounds(m.on_dc, lower, upper)
        solution = m.solver.solve(self._deadline, presolve=self._first)
        self._first = False
        if solution.x is None or solution.status != "optimal":
            return None
        return solution.objective, solution.x[m.on_dc]


def branch(
    search: Search, problem: ChargingProblem, allowance: float, nodes: int, deadline: Deadline
) -> float:
    """Branch until the best plan is within an allowance of the bound, or the nodes are used up.

    Parameters
    ----------
    search
        Receives the plans that are found; its best plan is what must be beaten.
    problem
        The search's problem, perhaps with chargers fixed that are proven.
    allowance
        How far the bound may stay below the best plan, on the scale of ``weighted``.
    nodes
        Most relaxations to solve.
    deadline
        When to stop.

    Returns
    -------
    float
        Proven least value of ``weighted`` over all plans that may be better than the best.
    """
    relaxation = _Relaxation(search, problem, deadline)
    lower = (problem.held == DC).astype(float)
    upper = np.where(problem.can_choose, 1.0, lower)

    def best() -> float:
        return weighted(search, search.present.flow.ranks)

    root = relaxation.solve(lower, upper)
    if root is None:
        return -np.inf
    _round(search, root[1])
    heap: list[Node] = [(root[0], 0, lower, upper, root[1])]
    solved, closed = 1, np.inf
    while heap:
        value, _, lower, upper, on_dc = heapq.heappop(heap)
        doubt = np.minimum(on_dc, 1.0 - on_dc)
        session = int(np.argmax(doubt))
        if doubt[session] < INTEGRAL:
            search.take((on_dc > 0.5) & search.problem.can_choose)  # noqa: PLR2004 - it is integral
            closed = min(closed, value)
            continue
        if value >= best() - allowance or solved >= nodes or deadline.passed:
            closed = min(closed, value)
            break
        for choice in (1.0, 0.0):
            low, high = lower.copy(), upper.copy()
            low[session] = high[session] = choice
            child = relaxation.solve(low, high)
            solved += 1
            if child is None:
                if deadline.passed:
                    return min(closed, value)
                continue
            if child[0] >= best() - allowance:
                closed = min(closed, child[0])
                continue
            _round(search, child[1])
            heapq.heappush(heap, (child[0], solved, low, high, child[1]))
    return min(closed, best())


def _round(search: Search, on_dc: NDArray[np.float64]) -> None:
    """Try the packing that fits fractional chargers best."""
    packed, _ = search.packing.solve(np.where(on_dc > INTEGRAL, on_dc, 0.0))
    search.take(packed)
