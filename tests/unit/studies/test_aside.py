"""Cancel is heard while something else works that does not look up."""

from __future__ import annotations

import threading
import time

import pytest

from sparewatt.decide.optimise import community_bounds
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.errors import RunCancelled
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.studies.aside import work_aside


class Stop:
    """A task that is cancelled when told."""

    def __init__(self) -> None:
        self.is_set = False

    def cancelled(self) -> bool:
        return self.is_set

    def check(self) -> None:
        if self.is_set:
            raise RunCancelled("stop")


def test_answers_and_errors_are_handed_on():
    assert work_aside(lambda: 7, Stop()) == 7

    def late() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        work_aside(late, Stop())


def test_who_is_cancelled_does_not_wait_for_the_work():
    stop, done = Stop(), threading.Event()
    threading.Timer(0.2, lambda: setattr(stop, "is_set", True)).start()
    began = time.monotonic()
    with pytest.raises(RunCancelled):
        work_aside(lambda: done.wait(30.0), stop)
    assert time.monotonic() - began < 10.0
    done.set()


def test_bounds_leave_a_solve_that_would_go_on(monkeypatch):
    """Ten houses whose pool HiGHS does not close: asked to stop it ends, and nothing is told."""
    hood = generate_neighbourhood(1, plan=NeighbourhoodPlan(houses=10, pv_share=0.5, sun_per_load=0.5))
    grid, _ = find_grid(hood)
    given = hood.jobs, find_starts(hood.jobs, 900), find_production(hood, grid)
    monkeypatch.setattr("sparewatt.decide.optimise.community_pool.most_looks", lambda *_: 10**9)
    solving, pool = [], community_bounds._solve_pool

    def seen(*args):
        solving.append(args)
        return pool(*args)

    monkeypatch.setattr(community_bounds, "_solve_pool", seen)
    began = time.process_time()
    with pytest.raises(RunCancelled):
        find_bounds(*given, 600.0, is_stopped=lambda: bool(solving))
    assert solving, "the pool was reached"
    assert time.process_time() - began < 30.0, "it would search for many minutes"
