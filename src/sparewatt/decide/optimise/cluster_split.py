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

from sparewatt.decide.optimise.matrix import INFINITY, Matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ROW_SLACK = 1e-8
"""Excess over a row, relative to max(1, bound), within which a netted point still counts as feasible."""


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

    @property
    def both_ways(self) -> NDArray[np.int64]:
        """Positions of the pairs that can go both ways; the others need no binary."""
        return np.flatnonzero((self.upper[self.plus] > 0) & (self.upper[self.minus] > 0))

    def one_way(self, charging: NDArray[np.bool_]) -> SplitModel:
        """The LP in which each pair of `both_ways` goes the way it is told."""
        pairs, upper = self.both_ways, self.upper.copy()
        upper[self.plus[pairs[~charging]]] = 0.0
        upper[self.minus[pairs[charging]]] = 0.0
        return replace(self, upper=upper)

    def with_binaries(self) -> tuple[SplitModel, NDArray[np.int64]]:
        """The MILP: p⁺ <= P_ch·b and p⁻ <= P_ds·(1 - b) for `both_ways`; with the columns of b."""
        plus, minus = self.plus[self.both_ways], self.minus[self.both_ways]
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
