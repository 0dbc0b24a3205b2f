"""Proof of the depot planner: the ranks one after the other on the model that chooses chargers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_models import choice_model
from sparewatt.decide.optimise.depot_ranks import Ranks
from sparewatt.decide.optimise.matrix import INFINITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.matrix import Deadline, Solution

# What a later rank may take from a finished one: 1e-7 kWh, 1e-7 kWh, 1e-6 kWh; cost relative.
SLACK = (1e-7, 1e-7, 1e-6, 1e-9, 0.0)
# How much more of it is allowed, one after the other, where the solver finds the held ranks infeasible.
LOOSER = (10.0, 100.0, 1000.0)
UNSERVED, BREACH, DELIVERED, COST, EARLINESS = range(5)


@dataclass(frozen=True)
class Staged:
    """Outcome of ranked solves.

    Parameters
    ----------
    bound
        Proven bound per rank, each given the ranks before it.
    on_dc, on_ac
        Chargers per session, or ``None`` where no plan was found; ``on_ac`` only where AC is limited.
    energy, unserved
        Per entry and per session, or ``None``.
    finished
        Whether every asked rank was closed before the deadline.
    """

    bound: Ranks
    on_dc: NDArray[np.bool_] | None
    on_ac: NDArray[np.bool_] | None
    energy: NDArray[np.float64] | None
    unserved: NDArray[np.float64] | None
    finished: bool


class Exact:
    """The choice model of one problem, kept between relaxation and branch and bound.

    Parameters
    ----------
    problem
        The window to plan.
    least
        Whether every period is 0 or at least ``problem.least_kwh``.
    """

    def __init__(self, problem: ChargingProblem, *, least: bool = False) -> None:
        self.problem = problem
        self._model = choice_model(problem, least=least)
        self._held: dict[int, float] = {}

    def hold(self, rank: int, value: float) -> None:
        """Ask that a rank is at most ``value`` (delivered energy counts negative) plus its slack."""
        self._held[rank] = value
        self._loosen(1.0)

    def _loosen(self, factor: float) -> None:
        for rank, value in self._held.items():
            slack = factor * SLACK[rank] * (max(1.0, abs(value)) if rank == COST else 1.0)
            self._model.solver.change_row(int(self._model.rank_rows[rank]), -INFINITY, value + slack)

    def solve(
        self,
        ranks: tuple[int, ...],
        start: NDArray[np.float64] | None,
        gap: float,
        deadline: Deadline,
        target: float = -np.inf,
    ) -> Staged:
        """Branch and bound over some ranks in order; the earlier ones are held by the caller.

        Parameters
        ----------
        ranks
            Ranks to solve.
        start
            Columns of a known plan (``columns_of``), or ``None``.
        gap
            Relative gap at which delivered energy and cost may stop; the other ranks are closed.
        deadline
            When to stop.
        target
            Cost that is good enough to stop at.
        """
        m = self._model
        bounds = [0.0, 0.0, -np.inf, -np.inf, -np.inf]
        x, finished = start, True
        for rank in ranks:
            m.solver.change_costs(m.ranks[rank])
            if x is not None:
                m.solver.start_from(x)
            solution = self._solve_held(gap if rank in {DELIVERED, COST} else 0.0, target, deadline)
            bounds[rank] = solution.bound if solution.status != "infeasible" else -np.inf
            if solution.x is not None:
                x = solution.x
                self.hold(rank, float(m.ranks[rank] @ x))
            if solution.status != "optimal":
                finished = False
                break
        bound = Ranks(bounds[0], bounds[1], -bounds[2], bounds[3], bounds[4])
        if x is None:
            return Staged(bound, None, None, None, None, finished)
        half = 0.5
        on_ac = x[m.on_ac] > half if len(m.on_ac) else None
        energy = x[m.energy].copy()
        energy[m.split] += x[m.energy_dc]
        return Staged(bound, x[m.on_dc] > half, on_ac, energy, x[m.unserved], finished)

    def _solve_held(self, gap: float, target: float, deadline: Deadline) -> Solution:
        """Solve; where the held ranks are too tight for the solver's tolerances, with more slack."""
        solution = self._model.solver.solve(deadline, gap=gap, target=target)
        for factor in LOOSER:
            if solution.status != "infeasible":
                break
            self._loosen(factor)
            solution = self._model.solver.solve(deadline, gap=gap, target=target)
        return solution

    def columns_of(
        self,
        energy: NDArray[np.float64],
        unserved: NDArray[np.float64],
        on_dc: NDArray[np.bool_],
        on_ac: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Columns of a plan, to start a branch and bound from."""
        m, p = self._model, self.problem
        x = np.zeros(m.columns)
        dc = on_dc[p.session[m.split]]
        x[m.energy] = energy
        x[m.energy_dc] = np.where(dc, energy[m.split], 0.0)
        x[m.energy[m.split]] -= x[m.energy_dc]
        x[m.unserved] = unserved
        taken = p.use - unserved - p.sum_by_session(energy)
        total = np.cumsum(taken)
        begin = np.maximum.accumulate(np.where(p.is_first, np.arange(p.sessions), 0))
        x[m.state] = np.maximum(0.0, total - (total - taken)[begin] + p.deficit[p.vehicle])
        over = np.bincount(p.period, weights=energy, minlength=p.periods) - p.free_kwh
        x[m.breach] = np.maximum(0.0, over)
        x[m.on_dc] = on_dc
        if len(m.runs):
            x[m.runs] = energy > 0.0
        if len(m.on_ac):
            x[m.on_ac] = on_ac
        return x
