"""Sparse model builder and a thin face of HiGHS: arrays in, arrays out, no modelling layer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import highspy
import numpy as np
from scipy.sparse import csc_array

from sparewatt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

INFINITY = highspy.kHighsInf
NETWORK_OPTIONS = {"simplex_scale_strategy": 0, "simplex_dual_edge_weight_strategy": 1}
STOP_STEP_S = 0.1
"""Least time between two questions whether somebody wants a solve to end [s]."""
Status = Literal["optimal", "infeasible", "timed_out"]


class Deadline:
    """A moment in wall-clock time after which every solve returns the best it has (rule 8).

    Parameters
    ----------
    seconds
        Time from now [s].
    is_stopped
        Asked within a solve a few times a second; where it says so the solve ends as at the deadline. What it
        found then depends on the moment: whoever asked to stop is to throw it away.

    Attributes
    ----------
    seconds
        As given [s].
    is_stopped
        As given.
    """

    def __init__(self, seconds: float, is_stopped: Callable[[], bool] | None = None) -> None:
        self.seconds = seconds
        self.is_stopped = is_stopped
        self._end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Time left, never below zero [s]."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.left_s <= 0.0


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solve gave.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` or ``timed_out`` (``x`` may still hold the best found).
    x
        Column values, or ``None`` where no feasible point is known.
    objective, bound
        Objective of ``x`` and proven lower bound of the optimum.
    """

    status: Status
    x: NDArray[np.float64] | None
    objective: float
    bound: float


class Matrix:
    """A model under construction: min cost·x, row_lower ≤ A·x ≤ row_upper, lower ≤ x ≤ upper."""

    def __init__(self) -> None:
        self._lower: list[NDArray[np.float64]] = []
        self._upper: list[NDArray[np.float64]] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._row_lower: list[NDArray[np.float64]] = []
        self._row_upper: list[NDArray[np.float64]] = []
        self._entries: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        self.columns = 0
        self.rows = 0

    def add_columns(
        self, count: int, lower: ArrayLike, upper: ArrayLike, *, integer: bool = False
    ) -> NDArray[np.int64]:
        """Add ``count`` columns with bounds (scalars or arrays); returns their indices."""
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._integer.append(np.full(count, integer))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(self, count: int, lower: ArrayLike, upper: ArrayLike) -> NDArray[np.int64]:
        """Add ``count`` empty rows with bounds; returns their indices."""
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def put(self, rows: NDArray[np.int64], columns: NDArray[np.int64], values: ArrayLike) -> None:
        """Put coefficients at (rows, columns); ``values`` is a scalar or an array of their shape."""
        filled = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        self._entries.append((rows, columns, filled))

    def solver(self, *, network: bool = False) -> Solver:
        """Hand the model to HiGHS.

        Parameters
        ----------
        network
            Whether all coefficients are ±1: then scaling is left out and the plainer edge weights
            are as good, which takes a third off a solve.
        """
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = csc_array((values, (rows, columns)), shape=(self.rows, self.columns))
        return Solver(
            matrix,
            np.concatenate(self._lower),
            np.concatenate(self._upper),
            np.concatenate(self._row_lower),
            np.concatenate(self._row_upper),
            np.concatenate(self._integer),
            NETWORK_OPTIONS if network else {},
        )


class Solver:
    """A model inside HiGHS; costs and bounds may change between solves, the basis stays warm."""

    def __init__(
        self,
        matrix: csc_array,
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        row_lower: NDArray[np.float64],
        row_upper: NDArray[np.float64],
        integer: NDArray[np.bool_],
        options: Mapping[str, int],
    ) -> None:
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_ = np.zeros(matrix.shape[1])
        lp.col_lower_, lp.col_upper_ = lower, upper
        lp.row_lower_, lp.row_upper_ = row_lower, row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        self._integer = bool(integer.any())
        if self._integer:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(i)] for i in integer]
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        # Restarts of the branch and bound cost these models half as much again as they save.
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_allow_restart", False),
            *options.items(),
        ):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(lp)
        self._columns = np.arange(matrix.shape[1], dtype=np.int32)

    def change_costs(self, cost: NDArray[np.float64]) -> None:
        """Set the cost of every column."""
        self._highs.changeColsCost(len(cost), self._columns, cost)

    def change_bounds(
        self, columns: NDArray[np.int64], lower: NDArray[np.float64], upper: NDArray[np.float64]
    ) -> None:
        """Set the bounds of some columns."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def change_row(self, row: int, lower: float, upper: float) -> None:
        """Set the bounds of one row."""
        self._highs.changeRowBounds(row, lower, upper)

    def start_from(self, x: NDArray[np.float64]) -> None:
        """Offer a feasible point to the branch and bound."""
        solution = highspy.HighsSolution()
        solution.col_value = x.tolist()
        self._highs.setSolution(solution)

    @property
    def entries(self) -> int:
        """Coefficients of the model."""
        return int(self._highs.getNumNz())

    def relax(self) -> None:
        """Leave integrality out of every solve from now on."""
        self._integer = False
        self._highs.setOptionValue("solve_relaxation", True)

    def solve(
        self,
        deadline: Deadline,
        *,
        gap: float = 0.0,
        target: float = -np.inf,
        presolve: bool = True,
        nodes: int | None = None,
        looks: int | None = None,
    ) -> Solution:
        """Solve; at the deadline the best found so far is returned with its bound.

        Parameters
        ----------
        deadline
            When to stop.
        gap
            Relative gap at which a branch and bound may stop [-].
        target
            Objective at which a branch and bound may stop as well.
        presolve
            Off where a warm basis is expected to be close.
        nodes
            Most nodes of a branch and bound, so that the answer does not depend on how quick the machine is.
        looks
            So often a branch and bound may ask whether it is to end, for the same reason: it asks a few times
            a node, between rounds of cuts and in searches for points too, where nodes stand still.
        """
        highs = self._highs
        highs.setOptionValue("presolve", "choose" if presolve else "off")
        # HiGHS counts its limit over the life of the object.
        highs.setOptionValue("time_limit", highs.getRunTime() + max(0.01, deadline.left_s))
        highs.setOptionValue("mip_max_nodes", highspy.kHighsIInf if nodes is None else nodes)
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_abs_gap", 1e-9)
        highs.setOptionValue("objective_target", target)
        highs.setOptionValue("mip_feasibility_tolerance", 1e-7)
        if looks is None and deadline.is_stopped is None:
            highs.run()
        else:
            self._run_for(looks, deadline.is_stopped)
        return self._read()

    def _run_for(self, looks: int | None, is_stopped: Callable[[], bool] | None) -> None:
        """Run until the branch and bound has asked so often whether it is to end, or somebody wants it to."""
        asked, next_s = 0, 0.0
        stopped = False

        def look(event: highspy.HighsCallbackEvent) -> None:
            nonlocal asked, next_s, stopped
            asked += 1
            if is_stopped is not None and not stopped and time.monotonic() >= next_s:
                stopped = is_stopped()
                next_s = time.monotonic() + STOP_STEP_S
            if event.data_in is not None:
                event.data_in.user_interrupt = stopped or (looks is not None and asked >= looks)

        self._highs.cbMipInterrupt.subscribe(look)
        try:
            self._highs.run()
        finally:
            self._highs.cbMipInterrupt.unsubscribe(look)

    def _read(self) -> Solution:
        highs = self._highs
        status, info = highs.getModelStatus(), highs.getInfo()
        kinds = highspy.HighsModelStatus
        if status in {kinds.kInfeasible, kinds.kUnboundedOrInfeasible}:
            return Solution("infeasible", None, np.inf, np.inf)
        ended = {kinds.kTimeLimit, kinds.kSolutionLimit, kinds.kInterrupt}
        if status not in {kinds.kOptimal, kinds.kObjectiveTarget, *ended}:
            raise SolverError(f"HiGHS stopped with '{highs.modelStatusToString(status)}'")
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = np.asarray(highs.getSolution().col_value) if found else None
        optimal = status not in ended
        objective = info.objective_function_value if found else np.inf
        is_mip = self._integer and info.mip_node_count >= 0
        bound = info.mip_dual_bound if is_mip else (objective if optimal else -np.inf)
        if optimal and np.isneginf(bound):
            # Presolve found nothing but the point that was offered: rows too tight for its tolerances.
            return Solution("infeasible", None, np.inf, np.inf)
        return Solution("optimal" if optimal else "timed_out", x, objective, bound)

    @property
    def reduced_costs(self) -> NDArray[np.float64]:
        """Reduced cost per column of the last linear solve."""
        return np.asarray(self._highs.getSolution().col_dual)

    @property
    def row_duals(self) -> NDArray[np.float64]:
        """Dual value per row of the last linear solve."""
        return np.asarray(self._highs.getSolution().row_dual)
