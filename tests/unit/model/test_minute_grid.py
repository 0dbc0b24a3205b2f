"""Minutes of a simulation: whole days, longer where a job ends later."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from sparewatt.model.minute_grid import MinuteGrid, find_grid
from support.neighbourhoods import ORIGIN_S, Forecast, Job, neighbourhood_of

DAY_S = 86_400


def test_without_days_all_registrations_and_issues_are_inside():
    one_day = neighbourhood_of([Job(registered=DAY_S - 3600)])
    two_days = neighbourhood_of([Job()], forecasts=[Forecast(), Forecast(issued=DAY_S)])
    assert find_grid(one_day)[0] == MinuteGrid(ORIGIN_S, 1440, 1)
    assert find_grid(two_days)[0] == MinuteGrid(ORIGIN_S, 2880, 2)


def test_a_job_that_runs_past_the_last_day_lengthens_the_minutes():
    # Three minutes from second 86,330 on end at 86,510 s, in the minute 1441 (86,460 to 86,520 s).
    late = neighbourhood_of([Job(registered=0, latest=86_330, load_kw=(1.0, 1.0, 1.0))])
    assert find_grid(late)[0].minutes == 1442


def test_jobs_registered_after_the_days_are_left_out_and_do_not_lengthen():
    hood = neighbourhood_of([Job(registered=DAY_S - 60), Job(registered=DAY_S), Job(registered=3 * DAY_S)])
    grid, not_asked = find_grid(hood, 1)
    assert (grid.minutes, not_asked.tolist()) == (1440, [1, 2])
    assert find_grid(hood, 2)[1].tolist() == [2]
    assert find_grid(hood)[1].tolist() == []


def test_nothing_at_all_is_one_day():
    grid, not_asked = find_grid(neighbourhood_of([], [], []))
    assert (grid.minutes, len(not_asked)) == (1440, 0)


def test_times_of_the_minutes():
    grid = MinuteGrid(ORIGIN_S, 3)
    np.testing.assert_array_equal(grid.edges_s, [0, 60, 120, 180])
    assert grid.time_at(60) == datetime(2016, 4, 10, 0, 1, tzinfo=UTC)
