"""Give DC chargers to the sessions that gain most: weighted intervals on identical machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Matrix
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem

PACKING_SECONDS = 60.0


class Packing:
    """Interval packing as a linear programme; its matrix is totally unimodular, so the optimum is integral.

    maximise Σ gain·y,  Σ_{s active at t} y_s ≤ free DC chargers at t,  0 ≤ y ≤ 1. Rows stand only
    where a session starts: a set of intervals is fullest there.

    Parameters
    ----------
    problem
        The window to plan; sessions that hold a DC charger take it away from the others.
    """

    def __init__(self, problem: ChargingProblem) -> None:
        p = problem
        self.sessions: NDArray[np.int64] = np.flatnonzero(p.can_choose & (p.end > p.first))
        holds = (p.held == 2).astype(float)  # noqa: PLR2004 - the charger kind DC
        taken = np.bincount(p.period, weights=holds[p.session], minlength=p.periods)
        first, end = p.first[self.sessions], p.end[self.sessions]
        holding = (holds > 0) & (p.end > p.first)
        starts = np.unique(np.concatenate([first, p.first[holding]]))
        self.at: NDArray[np.int64] = starts
        self.free: NDArray[np.float64] = np.maximum(0.0, p.num_dc - taken[self.at])
        active = (first[None, :] <= self.at[:, None]) & (self.at[:, None] < end[None, :])
        rows, columns = np.nonzero(active)
        self._active = active
        m = Matrix()
        y = m.add_columns(len(self.sessions), 0.0, 1.0)
        row = m.add_rows(len(self.at), -INFINITY, self.free)
        m.put(row[rows], y[columns], 1.0)
        self._count = p.sessions
        self._solver = m.solver(network=True) if len(self.sessions) else None

    def solve(self, gain: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Best sessions for given gains, and the price of a charger at each of ``at``.

        Parameters
        ----------
        gain
            What DC is worth per session of the problem (≤ 0: nothing).

        Returns
        -------
        on_dc, price
            Shape (sessions,) and (len(at),).
        """
        on_dc = np.zeros(self._count, dtype=bool)
        if self._solver is None:
            return on_dc, np.zeros(len(self.at))
        self._solver.change_costs(-np.maximum(gain[self.sessions], 0.0))
        solution = self._solver.solve(Deadline(PACKING_SECONDS), presolve=False)
        if solution.x is None:
            raise SolverError("the packing of DC chargers found no answer")
        on_dc[self.sessions] = (solution.x > 0.5) & (gain[self.sessions] > 0.0)  # noqa: PLR2004 - it is integral
        return on_dc, np.maximum(0.0, -self._solver.row_duals)

    def rent(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a charger costs for the whole of each session, shape (sessions,)."""
        out = np.zeros(self._count)
        if len(self.sessions):
            out[self.sessions] = price @ self._active
        return out

    def use(self, on_dc: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How many of the free chargers are taken at each of ``at``."""
        return np.asarray(self._active @ on_dc[self.sessions].astype(float))
