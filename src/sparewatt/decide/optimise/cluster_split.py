"""Models whose power is split into charging and discharging, solved as an LP wherever that is exact.

A battery cannot charge and discharge in one period. The plain formulation says so with a binary per
vehicle and period; leaving the binaries out gives an LP that is nearly always enough:

*Netting.* Take any point of the LP and replace (p⁺, p⁻) by (p⁺ - m, p⁻ - m) with m = min(p⁺, p⁻) in
every period. The state of charge does not change, since it depends on p⁺ - p⁻ alone, and p⁻ falls, so a
V2G budget still holds. Grid power p⁺/η - p⁻·η falls by m·(1/η - η) >= 0, so upper limits hold. The
netted point meets every binary constraint. Where it also keeps the lower limits (always, when η = 1)
and costs no more than the LP optimum, it is a feasible point of the MILP that reaches the bound of its
relaxation: it is optimal for the MILP. Both conditions are tested on the numbers, for every level of a
lexicographic objective; where one fails (energy is worth wasting: a lower limit above what the
batteries can take, a price below zero), the binaries are added and the MILP is solved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array, hstack, vstack

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Matrix, Solver
from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sparewatt.decide.optimise.matrix import Solution, Status

PIN = 1e-9
"""By how much a level may be worse, relative to max(1, value), once the levels below it are sought."""
ROW_SLACK = 1e-8
"""Excess over a row, relative to max(1, bound), within which a netted point still counts as feasible."""
LP_OPTIONS = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


@dataclass(frozen=True)
class Level:
    """One objective of a lexicographic order: minimise Σ weights·x over ``columns``.

    Parameters
    ----------
    columns, weights
        The objective.
    row
        Row that holds it once the next level is sought.
    """

    columns: NDArray[np.int64]
    weights: NDArray[np.float64]
    row: int

    def value(self, x: NDArray[np.float64]) -> float:
        """Objective at ``x``."""
        return float(self.weights @ x[self.columns])


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


@dataclass(frozen=True)
class SplitModel:
    """A model in arrays; ``plus[n]`` and ``minus[n]`` are the columns that exclude each other.

    Parameters
    ----------
    matrix
        Coefficients, shape (rows, columns).
    lower, upper
        Column bounds.
    row_lower, row_upper
        Row bounds.
    plus, minus
        Columns of charging and discharging, both with lower bound 0.
    levels
        Objectives, the first counts most.
    """

    matrix: csc_array
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    plus: NDArray[np.int64]
    minus: NDArray[np.int64]
    levels: tuple[Level, ...]

    def with_upper(self, columns: NDArray[np.int64], upper: float) -> SplitModel:
        """The same model with another upper bound of some columns."""
        changed = self.upper.copy()
        changed[columns] = upper
        return replace(self, upper=changed)

    def net(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """``x`` with charging and discharging of one period set against each other."""
        both = np.minimum(x[self.plus], x[self.minus])
        netted = x.copy()
        netted[self.plus] -= both
        netted[self.minus] -= both
        return netted

    def holds(self, x: NDArray[np.float64]) -> bool:
        """Whether every row holds at ``x`` (columns are taken to lie within their bounds)."""
        rows = self.matrix @ x
        with np.errstate(invalid="ignore"):
            low = self.row_lower - ROW_SLACK * np.maximum(1.0, np.abs(self.row_lower))
            high = self.row_upper + ROW_SLACK * np.maximum(1.0, np.abs(self.row_upper))
        return bool(np.all(rows >= low) and np.all(rows <= high))

    def with_binaries(self) -> tuple[SplitModel, NDArray[np.int64]]:
        """The MILP: p⁺ <= P_ch·b and p⁻ <= P_ds·(1 - b); returns it with the columns of b.

        A pair that can go one way only needs no binary.
        """
        can = (self.upper[self.plus] > 0) & (self.upper[self.minus] > 0)
        plus, minus = self.plus[can], self.minus[can]
        count, (rows, columns) = len(plus), self.matrix.shape
        n, one = np.arange(count), np.ones(count)
        shape = (2 * count, columns)
        below = coo_array(
            (np.concatenate([one, one]), (np.concatenate([n, n + count]), np.concatenate([plus, minus]))),
            shape,
        )
        right = coo_array(
            (
                np.concatenate([-self.upper[plus], self.upper[minus]]),
                (np.concatenate([n, n + count]) + rows, np.concatenate([n, n])),
            ),
            (rows + 2 * count, count),
        )
        matrix = csc_array(hstack([vstack([self.matrix, below]), right]))
        model = replace(
            self,
            matrix=matrix,
            lower=np.concatenate([self.lower, np.zeros(count)]),
            upper=np.concatenate([self.upper, np.ones(count)]),
            row_lower=np.concatenate([self.row_lower, np.full(2 * count, -INFINITY)]),
            row_upper=np.concatenate([self.row_upper, np.zeros(count), self.upper[minus]]),
        )
        return model, columns + n


class SplitBuilder(Matrix):
    """A `Matrix` that remembers its pairs of charging and discharging columns, and its objectives."""

    def __init__(self) -> None:
        super().__init__()
        self._plus: list[NDArray[np.int64]] = []
        self._minus: list[NDArray[np.int64]] = []
        self._levels: list[Level] = []

    def add_split(
        self, count: int, charge_kw: ArrayLike, discharge_kw: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns 0 <= p⁺ <= charge_kw and 0 <= p⁻ <= discharge_kw that exclude each other."""
        plus, minus = self.add_columns(count, 0.0, charge_kw), self.add_columns(count, 0.0, discharge_kw)
        self._plus.append(plus)
        self._minus.append(minus)
        return plus, minus

    def put(self, rows: NDArray[np.int64], columns: NDArray[np.int64], values: ArrayLike) -> None:
        """Put coefficients at (rows, columns), arrays of one shape, whatever their dimension."""
        filled = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        super().put(rows.ravel(), columns.ravel(), filled.ravel())

    def add_level(self, *terms: tuple[NDArray[np.int64], ArrayLike]) -> None:
        """Add the next objective of the lexicographic order: Σ weights·x over its terms."""
        columns = np.concatenate([c for c, _ in terms])
        weights = np.concatenate(
            [np.broadcast_to(np.asarray(w, dtype=np.float64), c.shape) for c, w in terms]
        )
        row = self.add_rows(1, -INFINITY, INFINITY)
        self.put(np.repeat(row, len(columns)), columns, weights)
        self._levels.append(Level(columns, weights, int(row[0])))

    def model(self) -> SplitModel:
        """The model in arrays."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        return SplitModel(
            csc_array((values, (rows, columns)), shape=(self.rows, self.columns)),
            np.concatenate(self._lower),
            np.concatenate(self._upper),
            np.concatenate(self._row_lower),
            np.concatenate(self._row_upper),
            np.concatenate(self._plus),
            np.concatenate(self._minus),
            tuple(self._levels),
        )


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
