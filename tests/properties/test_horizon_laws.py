"""Laws of horizons and sessions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from properties.strategies_depot import depots, horizons
from sparewatt.model.horizon import Horizon

ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")


@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 28)),
    st.integers(1, 5),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
@example(date(2020, 3, 24), 5, 1, "Europe/London")
@example(date(2020, 3, 29), 5, 1, "Europe/London")
def test_days_have_the_half_hours_that_the_clock_says(first, days, hour, zone):
    horizon = Horizon.of_days(first, days, day_start_hours=hour, step=timedelta(minutes=30), timezone=zone)
    lengths = np.diff(horizon.day_edges)
    assert set(lengths.tolist()) <= {46, 48, 50}
    last = first + timedelta(days=days)
    shift = horizon.local(horizon.periods).utcoffset() - horizon.local(0).utcoffset()
    skipped = half_hours_skipped(last, hour, zone) - half_hours_skipped(first, hour, zone)
    assert horizon.periods == 48 * days - shift / timedelta(minutes=30) + skipped
    assert horizon.end.astimezone(ZoneInfo(zone)).date() == last


def half_hours_skipped(day, hour, zone):
    """By how much a day begins later on the clock than asked: the hour of a change in spring is not there."""
    asked = datetime.combine(day, time(hour), ZoneInfo(zone))
    there = asked.astimezone(UTC).astimezone(ZoneInfo(zone))
    return (there.replace(tzinfo=None) - asked.replace(tzinfo=None)) / timedelta(minutes=30)


@given(horizons())
def test_every_period_belongs_to_one_day(horizon):
    assert len(horizon.day_of_period) == len(horizon.period_in_day) == horizon.periods
    edges = np.asarray(horizon.day_edges)
    assert np.array_equal(edges[horizon.day_of_period] + horizon.period_in_day, np.arange(horizon.periods))
    assert len({s.isoformat() for s in horizon.local_stamps()}) == horizon.periods


@given(depots())
def test_shares_of_a_session_add_up_to_its_time_at_the_charger(depot):
    s, h = depot.sessions, depot.horizon
    shares = np.bincount(s.entry_session, weights=s.fraction, minlength=len(s)) * h.step_s
    real = np.clip(s.plug_out_s, h.start_s, h.end_s) - np.clip(s.plug_in_s, h.start_s, h.end_s)
    exact = np.abs(shares - real) < 1e-6
    whole = np.all(np.isin(s.fraction, (0.0, 1.0)))
    assert exact.all() or (whole and np.abs(shares - real).max() < 2 * h.step_s)
    assert (s.fraction > 0).all()
    assert (s.fraction <= 1).all()


@given(depots())
def test_periods_of_sessions_are_inside_and_in_order(depot):
    s = depot.sessions
    assert ((s.first >= 0) & (s.first <= s.end) & (s.end <= depot.horizon.periods)).all()
    assert len(s.entry_period) == len(s.fraction) == s.offset[-1]
    same = np.diff(s.vehicle) == 0
    assert (s.first[1:][same] >= s.first[:-1][same]).all()
    together = np.zeros((len(depot.vehicles), depot.horizon.periods))
    np.add.at(together, (s.vehicle[s.entry_session], s.entry_period), s.fraction)
    assert together.max(initial=0) <= 1 + 1e-9
