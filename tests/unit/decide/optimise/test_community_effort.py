"""Bounds that a solver cannot close: ended by its looks, not by the clock, so the same every time."""

from __future__ import annotations

import time

import pytest

from sparewatt.decide.optimise import community_bounds
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.decide.optimise.community_effort import LEAST_LOOKS, most_entries, most_looks
from sparewatt.decide.optimise.community_pool import build_pool_model
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production


@pytest.fixture(scope="module")
def hard():
    """Ten houses whose pool HiGHS does not close in a minute."""
    hood = generate_neighbourhood(1, plan=NeighbourhoodPlan(houses=10, pv_share=0.5, sun_per_load=0.5))
    grid, _ = find_grid(hood)
    return hood.jobs, find_starts(hood.jobs, 900), find_production(hood, grid)


class Still(Deadline):
    """A clock that stands still: nothing but work ends a solve."""

    @property
    def left_s(self):
        return 300.0


def test_the_same_bounds_however_busy_the_machine(monkeypatch, hard):
    monkeypatch.setattr(community_bounds, "Deadline", Still)
    began = time.process_time()
    one, other = (find_bounds(*hard, 2.0) for _ in range(2))
    assert time.process_time() - began < 100.0, "not for as long as the clock would have let it"
    assert one.pool.status == "open"
    assert 0.0 < one.pool.best_kwh < one.pool.upper_kwh
    told = [
        (b.pool.best_kwh, b.pool.upper_kwh, b.contract.best_kwh, b.contract.upper_kwh) for b in (one, other)
    ]
    assert told[0] == told[1]


def test_more_time_means_more_looks_and_larger_models(hard):
    jobs, starts, sun_kw = hard
    task = find_task(jobs, starts, sun_kw)
    solver = build_pool_model(task.starts, task.rows, task.charging, task.free_kw.sum(axis=0)).solver
    looks = [most_looks(solver, Deadline(s)) for s in (0.01, 10.0, 20.0)]
    assert looks[0] == LEAST_LOOKS == 2
    assert looks[2] == pytest.approx(2 * looks[1], abs=1)
    assert looks[1] == 100_000 * 10 // solver.entries
    assert [most_entries(Deadline(s)) for s in (1.0, 10.0, 1e4)] == [50_000, 500_000, 4_000_000]


def test_a_solve_ends_at_its_looks_and_may_go_on(hard):
    """What it found and proved by then stands; the same solver solves again without that limit."""
    jobs, starts, sun_kw = hard
    task = find_task(jobs, starts, sun_kw)
    model = build_pool_model(task.starts, task.rows, task.charging, task.free_kw.sum(axis=0))
    began = time.process_time()
    few = model.solver.solve(Deadline(60.0), looks=20)
    assert time.process_time() - began < 20.0, "the deadline has nothing to do with it"
    assert few.status == "timed_out"
    assert few.bound <= few.objective < 0.0
    more = model.solver.solve(Deadline(60.0), looks=40)
    assert more.bound >= few.bound - 1e-9
