"""Best energies for fixed chargers: one linear solve for all five ranks, and the site prices.

With fixed chargers the model is a network whose only costed arcs leave one source, so every cycle
changes at most one of them for another: costs that merely stand in the right order give the exact
ranked optimum (``docs/maths/depot.md``, theorem 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_models import power_model
from sparewatt.decide.optimise.depot_ranks import Ranks
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem

# Weights of the ranks in units of the one before, on a scale where prices lie in 0..1: with fixed
# chargers a factor above 1 each is enough.
DELIVERED = 2.0
FACTOR = 2.0
# A flow takes milliseconds and always has an answer, so it is finished whatever the deadline.
NO_DEADLINE_S = 3600.0


@dataclass(frozen=True)
class Flow:
    """Energies for one choice of chargers.

    Parameters
    ----------
    ranks
        Their value.
    energy
        Per entry [kWh].
    unserved
        Per session, / η [kWh].
    site_price
        Price of the site limit per period on the scale of ``FlowSolver.cost`` (≥ 0) [-].
    """

    ranks: Ranks
    energy: NDArray[np.float64]
    unserved: NDArray[np.float64]
    site_price: NDArray[np.float64]


class FlowSolver:
    """The model with fixed chargers, kept warm between choices.

    Parameters
    ----------
    problem
        The window to plan.
    delivered
        Weight of a kWh delivered where prices lie in 0..1; it scales the site prices only.
    """

    def __init__(self, problem: ChargingProblem, delivered: float = DELIVERED) -> None:
        self.problem = problem
        self._delivered = delivered
        self._model = power_model(problem)
        price = problem.price
        self.scale = float(np.ptp(price)) or 1.0
        self.cost: NDArray[np.float64] = (price - price.min(initial=np.inf)) / self.scale
        order = np.lexsort((problem.earliness, price))
        rank = np.empty(problem.periods)
        rank[order] = np.arange(problem.periods) / max(1, problem.periods - 1)
        self._ordered = rank
        self._in_order: bool | None = None

    def _change_costs(self, *, in_order: bool) -> None:
        if self._in_order is in_order:
            return
        m, p = self._model, self.problem
        cost = np.zeros(len(m.energy) + len(m.unserved) + len(m.state) + len(m.breach))
        cost[m.energy] = (self._ordered if in_order else self.cost)[p.period] - self._delivered
        cost[m.breach] = self._delivered * FACTOR
        cost[m.unserved] = self._delivered * FACTOR**2
        m.solver.change_costs(cost)
        self._in_order = in_order

    def solve(self, rate: NDArray[np.float64], *, in_order: bool = False) -> Flow:
        """Best energies when entry i can take at most ``rate[i]``.

        Parameters
        ----------
        rate
            Most energy per entry on the charger its session has [kWh].
        in_order
            True: exact in cost and earliness. False: exact in cost, with site prices.
        """
        m, p = self._model, self.problem
        self._change_costs(in_order=in_order)
        m.solver.change_bounds(m.energy, np.zeros(len(rate)), rate)
        solution = m.solver.solve(Deadline(NO_DEADLINE_S), presolve=False)
        if solution.x is None or solution.status != "optimal":
            raise SolverError(f"the power model of {p.sessions} sessions ended as {solution.status}")
        energy = np.clip(solution.x[m.energy], 0.0, rate)
        unserved = np.maximum(solution.x[m.unserved], 0.0)
        return Flow(
            self.ranks(energy, unserved, float(solution.x[m.breach].sum())),
            energy,
            unserved,
            np.maximum(0.0, -m.solver.row_duals[m.site]),
        )

    def ranks(self, energy: NDArray[np.float64], unserved: NDArray[np.float64], breach: float) -> Ranks:
        """Value of given energies."""
        p = self.problem
        per_period = np.bincount(p.period, weights=energy, minlength=p.periods)
        return Ranks(
            float(unserved.sum()),
            breach,
            float(energy.sum()),
            float(per_period @ p.price),
            float(per_period @ p.earliness),
        )
