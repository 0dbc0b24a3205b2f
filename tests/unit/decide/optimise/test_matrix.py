"""The face of HiGHS: models of a few columns whose answers are known."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Matrix


def knapsack(values: list[float], sizes: list[float], room: float, *, integer: bool = True):
    """Least of −value under one row of sizes."""
    m = Matrix()
    x = m.add_columns(len(values), 0.0, 1.0, integer=integer)
    row = m.add_rows(1, -INFINITY, room)
    m.put(np.repeat(row, len(values)), x, np.array(sizes))
    solver = m.solver()
    solver.change_costs(-np.array(values))
    return solver, row


def test_linear_programme_with_duals():
    """Values 6, 3 and sizes 2, 3 in 3: all of the first, a third of the second; a unit of room is worth 1."""
    solver, _ = knapsack([6.0, 3.0], [2.0, 3.0], 3.0, integer=False)
    found = solver.solve(Deadline(10.0))
    assert found.status == "optimal"
    assert found.x == pytest.approx([1.0, 1.0 / 3.0])
    assert found.objective == found.bound == pytest.approx(-7.0)
    assert solver.row_duals == pytest.approx([-1.0])
    assert solver.reduced_costs == pytest.approx([-4.0, 0.0])


def test_integer_programme_and_changed_row():
    solver, row = knapsack([6.0, 5.0, 4.0], [3.0, 2.0, 2.0], 4.0)
    found = solver.solve(Deadline(10.0))
    assert found.objective == pytest.approx(-9.0)
    assert found.bound == pytest.approx(-9.0)
    assert found.x == pytest.approx([0.0, 1.0, 1.0])
    solver.change_row(int(row[0]), -INFINITY, 5.0)
    assert solver.solve(Deadline(10.0)).objective == pytest.approx(-11.0)
    solver.change_bounds(np.array([0]), np.zeros(1), np.zeros(1))
    assert solver.solve(Deadline(10.0)).objective == pytest.approx(-9.0)
    solver.change_costs(np.array([0.0, -1.0, -7.0]))
    assert solver.solve(Deadline(10.0)).objective == pytest.approx(-8.0)


@pytest.mark.parametrize("integer", [True, False])
def test_infeasible(integer):
    solver, row = knapsack([1.0], [1.0], 1.0, integer=integer)
    solver.change_row(int(row[0]), 2.0, 3.0)
    found = solver.solve(Deadline(10.0))
    assert found.status == "infeasible"
    assert found.x is None


def test_a_hard_model_stops_at_its_deadline_with_a_bound():
    """A multi-row knapsack of 60 rows that no branch and bound closes in a tenth of a second."""
    rng, m = np.random.default_rng(3), Matrix()
    x = m.add_columns(150, 0.0, 1.0, integer=True)
    rows = m.add_rows(60, -INFINITY, 1800.0)
    size = rng.integers(10, 90, (60, 150)).astype(float)
    m.put(np.repeat(rows, 150), np.tile(x, 60), size.ravel())
    solver = m.solver()
    solver.change_costs(-size.mean(axis=0) - rng.integers(0, 20, 150))
    solver.start_from(np.zeros(150))
    started = time.perf_counter()
    found = solver.solve(Deadline(0.1))
    assert time.perf_counter() - started < 10.0
    assert found.status == "timed_out"
    assert found.x is not None, "at least the start that was offered"
    assert found.bound <= found.objective
    # The limit counts from each solve, not over the life of the solver.
    again = solver.solve(Deadline(0.2))
    assert again.x is not None
    assert (size @ np.round(again.x) <= 1800.0 + 1e-6).all()


def test_deadline():
    assert Deadline(0.0).passed
    assert Deadline(0.0).left_s == 0.0
    assert not Deadline(50.0).passed
    assert 49.0 < Deadline(50.0).left_s <= 50.0
