"""EV charging by HiGHS: exact, lexicographic, with binaries only where a price makes waste worth while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import INFINITY, Matrix
from sparewatt.decide.optimise.network_matrix import (
    add_grid,
    add_missing,
    add_one_way,
    add_stays,
    energy_bounds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline, Solution, Solver, Status
    from sparewatt.model.ev_sessions import EvSessions

BOTH_KW = 1e-6
"""Least power of either direction in one entry that counts as both ways at once [kW]."""
RANK_KWH = 1e-7
"""By how much Σ s may be worse than its optimum while cost is sought [kWh]."""
LAZY_ROUNDS = 5
"""Rounds of adding binaries where they are missed; then all entries get one."""


@dataclass(frozen=True)
class ExactPoint:
    """What HiGHS found.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` or ``timed_out``.
    charge_kw, discharge_kw
        Powers of the entries; empty without a point [kW].
    missing_bound_kwh, cost_bound
        Proven for Σ s, and for the cost of every schedule that misses no more.
    """

    status: Status
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    missing_bound_kwh: float
    cost_bound: float


@dataclass(frozen=True)
class _Model:
    """The model in HiGHS and where its parts are."""

    solver: Solver
    charge: NDArray[np.int64]
    discharge: NDArray[np.int64]
    missing: NDArray[np.int64]
    grid: NDArray[np.int64]
    cap: int
    columns: int


def solve_exactly(
    sessions: EvSessions,
    wanted_kwh: NDArray[np.float64],
    zone: NDArray[np.int64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    price: NDArray[np.float64],
    shared: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    deadline: Deadline,
    gap: float,
) -> ExactPoint:
    """Least Σ s first, then least Σ π·g; no entry charges and discharges at once.

    The LP is enough nearly always: at prices above 0 nothing is gained by going both ways. Entries that do
    so all the same get a binary and the model is solved again, which is exact: a model without some
    binaries is a relaxation.

    Parameters
    ----------
    sessions, wanted_kwh, zone, lower_kw, upper_kw, price, shared
        See ``lay_out``.
    deadline
        When to stop.
    gap
        Relative gap at which a branch and bound may stop.
    """
    binaries = np.zeros(0, dtype=np.int64)
    for lazy in range(LAZY_ROUNDS + 1):
        model = _build(sessions, wanted_kwh, zone, lower_kw, upper_kw, shared, binaries)
        first, second = _solve_ranks(model, price, deadline, gap)
        found = second if second.x is not None else first
        if found.x is None:
            return ExactPoint(first.status, np.zeros(0), np.zeros(0), -np.inf, -np.inf)
        charge, discharge = found.x[model.charge], found.x[model.discharge]
        both = np.flatnonzero((charge > BOTH_KW) & (discharge > BOTH_KW))
        both = np.setdiff1d(both, binaries)
        if len(both) == 0 or deadline.passed:
            break
        everything = np.flatnonzero(sessions.discharge_kw[sessions.entry_car] > 0.0)
        binaries = everything if lazy + 1 == LAZY_ROUNDS else np.union1d(binaries, both)
    status: Status = "timed_out" if "timed_out" in {first.status, second.status} else "optimal"
    proven = second.bound if second.x is not None else -np.inf
    return ExactPoint(status, charge, discharge, first.bound, proven)


def _build(
    sessions: EvSessions,
    wanted_kwh: NDArray[np.float64],
    zone: NDArray[np.int64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    shared: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    binaries: NDArray[np.int64],
) -> _Model:
    matrix = Matrix()
    block = add_stays(matrix, sessions, *energy_bounds(sessions))
    grid = add_grid(matrix, sessions, block, zone, lower_kw, upper_kw)
    missing = add_missing(matrix, sessions, block, wanted_kwh)
    cap = matrix.add_rows(1, -INFINITY, INFINITY)
    matrix.put(np.repeat(cap, len(missing)), missing, 1.0)
    if shared is not None:
        rows = matrix.add_rows(sessions.periods, *shared)
        matrix.put(np.tile(rows, len(grid)), grid.ravel(), 1.0)
    if len(binaries):
        add_one_way(matrix, sessions, block, binaries)
    return _Model(matrix.solver(), block.charge, block.discharge, missing, grid, int(cap[0]), matrix.columns)


def _solve_ranks(
    model: _Model, price: NDArray[np.float64], deadline: Deadline, gap: float
) -> tuple[Solution, Solution]:
    """Both ranks, the second on the optimal face of the first."""
    cost = np.zeros(model.columns)
    cost[model.missing] = 1.0
    model.solver.change_costs(cost)
    first = model.solver.solve(deadline, gap=gap)
    if first.x is None:
        return first, first
    most = max(0.0, float(first.x[model.missing].sum()))
    model.solver.change_row(model.cap, -INFINITY, most + RANK_KWH)
    cost[model.missing] = 0.0
    cost[model.grid] = price
    model.solver.change_costs(cost)
    return first, model.solver.solve(deadline, gap=gap)
