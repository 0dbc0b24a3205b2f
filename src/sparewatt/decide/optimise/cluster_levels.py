"""Lexicographic solves of split models: warm linear ones, and the MILP where netting fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Solver
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from sparewatt.decide.optimise.cluster_split import Level, SplitModel
    from sparewatt.decide.optimise.matrix import Solution, Status

PIN = 1e-9
"""By how much a level may be worse, relative to max(1, value), once the levels below it are sought."""
LP_OPTIONS = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


@dataclass(frozen=True)
class SplitSolution:
    """What a lexicographic solve gave.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` or ``timed_out``.
    x
        Column values, never charging and discharging at once; ``None`` where no point is known.
    values
        Value of every level.
    gap
        Greatest proven relative gap of a level; 0 where the LP was exact [-].
    binaries
        Whether binaries were needed.
    """

    status: Status
    x: NDArray[np.float64] | None
    values: tuple[float, ...]
    gap: float
    binaries: bool


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


class SplitSolver:
    """Solves split models; one whose coefficients are those of the model before starts from its basis."""

    def __init__(self) -> None:
        self._model: SplitModel | None = None
        self._solver: LevelSolver | None = None

    def solve(
        self,
        model: SplitModel,
        deadline: Deadline,
        *,
        gap: float = 0.0,
        binaries: bool = False,
        first: int = 0,
    ) -> SplitSolution:
        """Solve in lexicographic order.

        Parameters
        ----------
        model
            What to solve.
        deadline
            When to stop.
        gap
            Relative gap at which a branch and bound may stop [-].
        binaries
            Whether to use binaries even where the LP is exact (for comparison).
        first
            Levels before this one are left out.
        """
        levels = model.levels[first:]
        if not binaries:
            status, x, values = self._linear(model, levels, deadline)
            if status != "optimal" or x is None:
                return SplitSolution(status, None, (), 1.0, binaries=False)
            netted = model.net(x)
            worse = [
                level.value(netted) > value + 2 * PIN * max(1.0, abs(value))
                for level, value in zip(levels, values, strict=True)
            ]
            if not any(worse) and model.holds(netted):
                return SplitSolution("optimal", netted, _values(levels, netted), 0.0, binaries=False)
        return _with_binaries(model, levels, deadline, gap)

    def _linear(
        self, model: SplitModel, levels: Sequence[Level], deadline: Deadline
    ) -> tuple[Status, NDArray[np.float64] | None, list[float]]:
        solver, warm = self._solver_for(model)
        return _solve_levels(solver, model, levels, deadline, warm=warm)

    def _solver_for(self, model: SplitModel) -> tuple[LevelSolver, bool]:
        known = self._model
        if self._solver is not None and known is not None and _same_matrix(known.matrix, model.matrix):
            columns = np.arange(len(model.lower))
            self._solver.change_bounds(columns, model.lower, model.upper)
            self._solver.change_rows(model.row_lower, model.row_upper)
            self._model = model
            return self._solver, True
        self._model, self._solver = model, _new_solver(model, np.zeros(len(model.lower), dtype=np.bool_))
        self._solver.prepare()
        return self._solver, False


def _new_solver(model: SplitModel, integer: NDArray[np.bool_]) -> LevelSolver:
    return LevelSolver(model.matrix, model.lower, model.upper, model.row_lower, model.row_upper, integer, {})


def _same_matrix(a: csc_array, b: csc_array) -> bool:
    return (
        a.shape == b.shape
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.data, b.data)
    )


def _values(levels: Sequence[Level], x: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(level.value(x) for level in levels)


def _costs(level: Level, columns: int) -> NDArray[np.float64]:
    cost = np.zeros(columns)
    np.add.at(cost, level.columns, level.weights)
    return cost


def _solve_levels(
    solver: LevelSolver, model: SplitModel, levels: Sequence[Level], deadline: Deadline, *, warm: bool
) -> tuple[Status, NDArray[np.float64] | None, list[float]]:
    """Linear solves level by level; a later level that fails leaves the point of the one before."""
    best: NDArray[np.float64] | None = None
    values: list[float] = []
    for k, level in enumerate(levels):
        solver.change_costs(_costs(level, len(model.lower)))
        solver.prefer_primal(primal=k > 0)
        found = _try(solver, deadline, presolve=k == 0 and not warm, must=k == 0)
        if found is None or found.status != "optimal" or found.x is None:
            if best is None:
                return (found.status if found is not None else "timed_out"), None, []
            values.append(level.value(best))
            continue
        best = found.x
        values.append(level.value(best))
        if k + 1 < len(levels):
            solver.change_row(level.row, -INFINITY, values[-1] + PIN * max(1.0, abs(values[-1])))
    return "optimal", best, values


def _try(solver: LevelSolver, deadline: Deadline, *, presolve: bool, must: bool) -> Solution | None:
    """A solve; ``None`` where HiGHS gives up on a level that is only a preference."""
    try:
        return solver.solve(deadline, presolve=presolve)
    except SolverError:
        if must:
            raise
        return None


def _with_binaries(
    model: SplitModel, levels: Sequence[Level], deadline: Deadline, gap: float
) -> SplitSolution:
    """The MILP, level by level; every level after a solved one starts from its point."""
    full, binary = model.with_binaries()
    integer = np.zeros(len(full.lower), dtype=np.bool_)
    integer[binary] = True
    solver = _new_solver(full, integer)
    best: NDArray[np.float64] | None = None
    status: Status = "optimal"
    worst = 0.0
    for k, level in enumerate(levels):
        solver.change_costs(_costs(level, len(full.lower)))
        if best is not None:
            solver.start_from(best)
        last = k > 0 and k + 1 == len(levels)
        if last and best is not None and len(binary):
            # A tie-break among equals: it need not be proven over all binaries.
            fixed = np.round(best[binary])
            solver.change_bounds(binary, fixed, fixed)
        found = solver.solve(deadline, gap=gap)
        if found.x is None:
            if best is None:
                return SplitSolution(found.status, None, (), 1.0, binaries=True)
            continue
        best = found.x
        value = level.value(best)
        if not last:
            status = "timed_out" if found.status == "timed_out" else status
            worst = max(worst, (value - found.bound) / max(1.0, abs(value)))
        if k + 1 < len(levels):
            solver.change_row(level.row, -INFINITY, value + PIN * max(1.0, abs(value)))
    if best is None:
        raise SolverError("a model without an objective was solved")
    x = model.net(best[: len(model.lower)])
    return SplitSolution(status, x, _values(levels, x), max(0.0, worst), binaries=True)
