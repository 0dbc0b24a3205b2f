"""Periods and local days (rule 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from sparewatt.model.horizon import Horizon, local_time_problem, local_to_utc

HALF_HOUR = timedelta(minutes=30)


def days_of(first, days, *, start=0, zone="Europe/London", step=HALF_HOUR):
    return Horizon.of_days(first, days, day_start_hours=start, step=step, timezone=zone)


@pytest.mark.parametrize(
    ("first", "start", "lengths"),
    [
        (date(2026, 10, 24), 0, [48, 50, 48]),  # clocks go back on Sunday 25 October at 02:00
        (date(2026, 10, 23), 4, [48, 50, 48]),  # ... which is in the day that begins on Saturday at 04:00
        (date(2027, 3, 27), 0, [48, 46, 48]),  # clocks go forward on Sunday 28 March at 01:00
        (date(2027, 3, 26), 12, [48, 46, 48]),
        (date(2026, 7, 1), 6, [48, 48, 48]),
    ],
)
def test_days_have_46_48_or_50_half_hours(first, start, lengths):
    horizon = days_of(first, 3, start=start)
    assert np.diff(horizon.day_edges).tolist() == lengths
    assert horizon.periods == sum(lengths)
    assert horizon.days == 3
    assert np.bincount(horizon.day_of_period).tolist() == lengths
    assert horizon.period_in_day[horizon.day_edges[1]] == 0
    assert horizon.period_in_day.max() == max(lengths) - 1


def test_days_begin_at_the_same_local_hour():
    horizon = days_of(date(2026, 10, 23), 4, start=4)
    begins = [horizon.local(edge) for edge in horizon.day_edges]
    assert {b.hour for b in begins} == {4}
    assert [horizon.day_date(d) for d in range(4)] == [date(2026, 10, d) for d in (23, 24, 25, 26)]
    assert horizon.start == datetime(2026, 10, 23, 3, tzinfo=UTC)
    assert horizon.end == datetime(2026, 10, 27, 4, tzinfo=UTC)


def test_the_doubled_hour_is_shown_twice_with_its_offsets():
    horizon = days_of(date(2026, 10, 25), 1)
    shown = [s.isoformat(timespec="minutes")[11:] for s in horizon.local_stamps()]
    assert shown[2:6] == ["01:00+01:00", "01:30+01:00", "01:00+00:00", "01:30+00:00"]
    assert len(set(shown)) == 50


def test_quarter_hours_and_hours():
    assert days_of(date(2026, 10, 25), 1, step=timedelta(minutes=15)).periods == 100
    assert days_of(date(2026, 10, 25), 1, step=timedelta(hours=1)).periods == 25
    assert days_of(date(2026, 10, 25), 1, step=timedelta(minutes=15)).step_h == 0.25


def test_a_step_that_does_not_divide_the_day():
    with pytest.raises(ValueError, match="does not divide"):
        days_of(date(2026, 10, 25), 1, step=timedelta(minutes=7))


def test_a_zone_whose_clock_moves_by_half_an_hour():
    # Lord Howe Island: 30 minutes on 4 October 2026.
    assert days_of(date(2026, 10, 4), 1, zone="Australia/Lord_Howe").periods == 47
    with pytest.raises(ValueError, match="does not divide"):
        days_of(date(2026, 10, 4), 1, zone="Australia/Lord_Howe", step=timedelta(hours=1))


def test_boundaries_in_seconds():
    horizon = days_of(date(2026, 10, 25), 1)
    assert len(horizon.boundaries_s) == 51
    assert set(np.diff(horizon.boundaries_s).tolist()) == {1800}
    assert horizon.boundaries_s[0] == horizon.start_s == 1792882800  # date -u -d '2026-10-24 23:00' +%s
    assert horizon.boundaries_s[-1] == horizon.end_s == horizon.start_s + 25 * 3600
    assert horizon.step_s == 1800


@pytest.mark.parametrize(
    ("local", "problem"),
    [
        ("2026-10-25 00:59", None),
        ("2026-10-25 01:00", "ambiguous"),
        ("2026-10-25 01:59", "ambiguous"),
        ("2026-10-25 02:00", None),
        ("2027-03-28 00:59", None),
        ("2027-03-28 01:00", "missing"),
        ("2027-03-28 01:59", "missing"),
        ("2027-03-28 02:00", None),
    ],
)
def test_local_times_that_do_not_exist_or_exist_twice(local, problem):
    local = datetime.fromisoformat(local)
    assert local_time_problem(local, "Europe/London") == problem
    assert local_time_problem(local, "UTC") is None


def test_an_ambiguous_time_is_its_first_occurrence():
    assert local_to_utc(datetime.fromisoformat("2026-10-25 01:30"), "Europe/London") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
