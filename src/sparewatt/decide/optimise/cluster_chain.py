"""Linear solves one level after another, each on the optimal face of those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import Deadline, Solver
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.cluster_split import Level, SplitModel
    from sparewatt.decide.optimise.matrix import Solution, Status

DUAL = 1e-9
"""Reduced cost or dual value from which on a column or row is held at its bound."""
LP_OPTIONS = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


class LevelSolver(Solver):
    """A `Solver` that takes many row bounds in one call and chooses primal or dual simplex itself."""

    def prepare(self) -> None:
        """Settings for a chain of linear solves that differ in costs and bounds."""
        for option, value in LP_OPTIONS.items():
            self._highs.setOptionValue(option, value)

    def prefer_primal(self, *, primal: bool) -> None:
        """Primal simplex after a change of costs, dual after a change of bounds."""
        self._highs.setOptionValue("simplex_strategy", 4 if primal else 1)

    def change_rows(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        """Set the bounds of all rows."""
        self._highs.changeRowsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)  # type: ignore[attr-defined]


def new_solver(model: SplitModel, integer: NDArray[np.bool_]) -> LevelSolver:
    """A model in HiGHS, the marked columns integer."""
    return LevelSolver(model.matrix, model.lower, model.upper, model.row_lower, model.row_upper, integer, {})


def linear_solver(model: SplitModel) -> LevelSolver:
    """A model in HiGHS as an LP, ready for `solve_levels`."""
    solver = new_solver(model, np.zeros(len(model.lower), dtype=np.bool_))
    solver.prepare()
    return solver


def costs_of(level: Level, columns: int) -> NDArray[np.float64]:
    """Cost of every column where ``level`` is sought, shape (columns,)."""
    cost = np.zeros(columns)
    np.add.at(cost, level.columns, level.weights)
    return cost


def solve_levels(
    solver: LevelSolver, model: SplitModel, levels: Sequence[Level], deadline: Deadline, *, warm: bool
) -> tuple[Status, NDArray[np.float64] | None, list[float]]:
    """Linear solves level by level; a later level that fails leaves the point of the one before.

    Each level but the first is sought on the optimal face of those before it, exactly: what has a
    reduced cost stays at its bound, and so do rows with a dual value (complementary slackness).
    """
    best: NDArray[np.float64] | None = None
    values: list[float] = []
    face = Face(model)
    for k, level in enumerate(levels):
        solver.change_costs(costs_of(level, len(model.lower)))
        solver.prefer_primal(primal=k > 0)
        found = _try(solver, deadline, presolve=k == 0 and not warm, must=k == 0)
        if found is None or found.status != "optimal" or found.x is None:
            if best is None:
                return (found.status if found is not None else "timed_out"), None, []
            break
        best = found.x
        values.append(level.value(best))
        if k + 1 < len(levels):
            face.narrow(solver, best)
            face.hand_to(solver)
    return "optimal", best, values


class Face:
    """The bounds of a model, narrowed to its optimal face.

    Parameters
    ----------
    model
        Whose bounds to begin with.
    """

    def __init__(self, model: SplitModel) -> None:
        self._matrix = model.matrix
        self._lower, self._upper = model.lower.copy(), model.upper.copy()
        self._row_lower, self._row_upper = model.row_lower.copy(), model.row_upper.copy()

    def narrow(self, solver: LevelSolver, x: NDArray[np.float64]) -> None:
        """Fix what the duals of the last solve, with optimum ``x``, say is at a bound in every optimum."""
        _fix(self._lower, self._upper, x, np.abs(solver.reduced_costs) > DUAL)
        _fix(self._row_lower, self._row_upper, self._matrix @ x, np.abs(solver.row_duals) > DUAL)

    def hand_to(self, solver: LevelSolver) -> None:
        """Set these bounds in a solver."""
        solver.change_bounds(np.arange(len(self._lower)), self._lower, self._upper)
        solver.change_rows(self._row_lower, self._row_upper)


def _fix(
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    value: NDArray[np.float64],
    tight: NDArray[np.bool_],
) -> None:
    """Draw the bounds of the tight ones together at the one that their value is nearer to."""
    at_lower = np.abs(value - lower) <= np.abs(upper - value)
    bound = np.where(at_lower, lower, upper)
    tight = tight & np.isfinite(bound)
    lower[tight] = upper[tight] = bound[tight]


def _try(solver: LevelSolver, deadline: Deadline, *, presolve: bool, must: bool) -> Solution | None:
    """A solve; ``None`` where HiGHS gives up on a level that is only a preference."""
    try:
        return solver.solve(deadline, presolve=presolve)
    except SolverError:
        if must:
            raise
        return None
