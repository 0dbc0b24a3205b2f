"""EVs land on the steps that they were made for: local times, also where the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.support.customers import make_horizon

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.simulate.network_days import (
    clock_boundaries,
    epoch_day,
    find_worst_days,
    join_days,
    land_sessions,
    noon_days,
    periods_within,
)

SPRING, AUTUMN, PLAIN = date(2026, 3, 28), date(2026, 10, 24), date(2026, 1, 12)


def stays(*spans, periods=24, step_h=1.0):
    """One car per stay, from and to in steps after noon."""
    n = len(spans)
    return EvSessions(
        step_h,
        periods,
        tuple(f"car {k}" for k in range(n)),
        *(np.full(n, v) for v in (40.0, 0.0, 7.0, 7.0, 0.9)),
        np.arange(n),
        np.array([a for a, _ in spans]),
        np.array([b for _, b in spans]),
        np.full(n, 20.0),
        np.full(n, 30.0),
    )


def local(horizon, boundary):
    return horizon.local(int(boundary)).strftime("%d %H:%M")


@pytest.mark.parametrize("first", [SPRING, AUTUMN, PLAIN])
def test_stays_keep_their_local_times(first):
    horizon = noon_days(make_horizon(first, 3, 60), 0, 2)
    evening = land_sessions(stays((6, 19)), horizon, 0)  # 18:00 to 07:00
    day = f"{first.day:02d}", f"{first.day + 1:02d}"
    assert local(horizon, evening.arrival[0]) == f"{day[0]} 18:00"
    assert local(horizon, evening.departure[0]) == f"{day[1]} 07:00"
    length = {SPRING: 12, AUTUMN: 14, PLAIN: 13}[first]  # hours between the two, by hand
    assert evening.departure[0] - evening.arrival[0] == length
    assert evening.periods == length + 11


def test_a_stay_within_the_skipped_hour_vanishes_and_one_across_it_is_shorter():
    horizon = noon_days(make_horizon(SPRING, 2, 60), 0, 1)
    landed = land_sessions(stays((13, 14), (12, 15), (14, 16)), horizon, 0)  # 01:00-02:00 is skipped
    assert landed.car.tolist() == [1, 2]
    assert (landed.departure - landed.arrival).tolist() == [2, 2]
    assert [local(horizon, b) for b in (*landed.arrival, *landed.departure)] == [
        "29 00:00", "29 02:00", "29 03:00", "29 04:00",
    ]  # fmt: skip


def test_a_time_that_comes_twice_means_the_first():
    horizon = noon_days(make_horizon(AUTUMN, 2, 30), 0, 1)
    at = clock_boundaries(horizon, 0)
    assert at[27] == 27  # 01:30, thirteen and a half hours after noon
    assert at[28] == 30  # 02:00 comes an hour later than it seems
    assert at[-1] == horizon.periods == 50


def test_boundaries_against_the_clock_of_python():
    for first in (SPRING, AUTUMN, PLAIN):
        horizon = noon_days(make_horizon(first, 2, 10), 0, 1)
        at = clock_boundaries(horizon, 0)
        assert np.all(np.diff(at) >= 0)
        noon = datetime.combine(first, datetime.min.time()) + timedelta(hours=12)
        for k, boundary in enumerate(at.tolist()):
            shown = horizon.local(boundary).replace(tzinfo=None)
            wanted = noon + k * timedelta(minutes=10)
            if first == SPRING and (wanted.day, wanted.hour) == (29, 1):
                wanted += timedelta(hours=2) - timedelta(hours=1, minutes=wanted.minute)
            assert shown == wanted


def test_days_are_joined_car_by_car_in_order_of_time():
    horizon = noon_days(make_horizon(SPRING, 4, 60), 0, 3)
    sessions = [land_sessions(stays((6, 9), (13, 14), (2, 4)), horizon, d) for d in range(3)]
    parts = [
        EvSchedule(s, np.arange(s.entries) + 100.0 * (d + 1), np.zeros(s.entries))
        for d, s in enumerate(sessions)
    ]
    whole = join_days(parts, horizon)
    assert np.all(np.diff(whole.sessions.car) >= 0)
    expected = np.zeros((3, horizon.periods))
    for d, part in enumerate(parts):
        expected[:, horizon.day_edges[d] : horizon.day_edges[d + 1]] = part.car_kw
    assert np.array_equal(whole.car_kw, expected)
    assert len(whole.sessions) == 8  # the second car has no stay on the night when the clock skips it


def test_noon_days_lie_within_the_local_days():
    outer = make_horizon(SPRING, 3, 30)
    inner = noon_days(outer, 1, 1)
    periods = periods_within(inner, outer)
    assert outer.local(int(periods[0])).strftime("%d %H:%M") == "29 12:00"
    assert np.array_equal(outer.boundaries_s[periods], inner.boundaries_s[:-1])
    with pytest.raises(ValueError, match="outer"):
        periods_within(outer, inner)


@pytest.mark.parametrize(("at", "first"), [(13, 0), (4 * 24 + 3, 2), (6 * 24 + 5, 4), (2, 0)])
def test_the_worst_days_hold_the_worst_moment(at, first):
    horizon = make_horizon(PLAIN, 7, 60)
    values = np.ones(horizon.periods)
    values[at] = 0.5
    assert find_worst_days(values, horizon, 2) == first


def test_days_are_counted_from_the_epoch():
    assert epoch_day(date(1970, 1, 2)) == 1
    assert epoch_day(PLAIN) == datetime(2026, 1, 12, tzinfo=UTC).timestamp() // 86400
