"""Lexicographic solves of split models: linear and warm, and the MILP where netting fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_chain import costs_of, linear_solver, new_solver, solve_levels
from sparewatt.decide.optimise.matrix import INFINITY, Deadline
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from sparewatt.decide.optimise.cluster_chain import LevelSolver
    from sparewatt.decide.optimise.cluster_split import Level, SplitModel
    from sparewatt.decide.optimise.matrix import Status

PIN = 1e-9
"""By how much a level of a MILP may be worse, relative to max(1, value), once the next one is sought."""


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
                for level, value in zip(levels, values, strict=False)
            ]
            if not any(worse) and model.holds(netted):
                return SplitSolution("optimal", netted, _values(levels, netted), 0.0, binaries=False)
        return _with_binaries(model, levels, deadline, gap)

    def _linear(
        self, model: SplitModel, levels: Sequence[Level], deadline: Deadline
    ) -> tuple[Status, NDArray[np.float64] | None, list[float]]:
        solver, warm = self._solver_for(model)
        try:
            return solve_levels(solver, model, levels, deadline, warm=warm)
        except SolverError:
            if not warm:
                raise
            # A start that HiGHS could do nothing with: once more without it.
            self._solver = linear_solver(model)
            return solve_levels(self._solver, model, levels, deadline, warm=False)

    def _solver_for(self, model: SplitModel) -> tuple[LevelSolver, bool]:
        known = self._model
        if self._solver is not None and known is not None and _same_matrix(known.matrix, model.matrix):
            columns = np.arange(len(model.lower))
            self._solver.change_bounds(columns, model.lower, model.upper)
            self._solver.change_rows(model.row_lower, model.row_upper)
            self._model = model
            return self._solver, True
        self._model, self._solver = model, linear_solver(model)
        return self._solver, False


def _same_matrix(a: csc_array, b: csc_array) -> bool:
    return (
        a.shape == b.shape
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.data, b.data)
    )


def _values(levels: Sequence[Level], x: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(level.value(x) for level in levels)


def _with_binaries(
    model: SplitModel, levels: Sequence[Level], deadline: Deadline, gap: float
) -> SplitSolution:
    """The MILP, level by level, each from the point before; then the LP with the ways that it chose.

    The last of several levels breaks ties: it is left to the LP, not proven over all ways.
    """
    full, binary = model.with_binaries()
    integer = np.zeros(len(full.lower), dtype=np.bool_)
    integer[binary] = True
    solver = new_solver(full, integer)
    best: NDArray[np.float64] | None = None
    status: Status = "optimal"
    worst = 0.0
    for level in levels[: max(1, len(levels) - 1)]:
        solver.change_costs(costs_of(level, len(full.lower)))
        if best is not None:
            solver.start_from(best)
        found = solver.solve(deadline, gap=gap)
        if found.x is None and best is None:
            return SplitSolution(found.status, None, (), 1.0, binaries=True)
        if found.status == "timed_out":
            status = "timed_out"
        if found.x is None:
            worst = 1.0
            break
        best, value = found.x, level.value(found.x)
        worst = max(worst, (value - found.bound) / max(1.0, abs(value)))
        solver.change_row(level.row, -INFINITY, value + PIN * max(1.0, abs(value)))
    if best is None:
        raise SolverError("a model without an objective was solved")
    chosen = model.one_way(np.round(best[binary]) > 0)
    _, polished, _ = solve_levels(linear_solver(chosen), chosen, levels, deadline, warm=False)
    x = model.net(best[: len(model.lower)]) if polished is None else polished
    return SplitSolution(status, x, _values(levels, x), max(0.0, worst), binaries=True)
