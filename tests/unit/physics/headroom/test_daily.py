"""Daily profiles, energy, EVs, heat pumps and offers, worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.model.clock import clock_slots
from sparewatt.model.headroom import Binding, DailyProfile, Headroom, HeadroomSettings, active_kw
from sparewatt.model.horizon import Horizon
from sparewatt.physics.headroom.daily import (
    choose_heat_pumps,
    energy_of_day,
    evs_without_shifting,
    find_daily_profile,
    quantile_by_slot,
)
from sparewatt.physics.headroom.offers import offer_steps

SETTINGS = HeadroomSettings()
LONDON = "Europe/London"


def of_days(first, days, minutes=60, start=0):
    return Horizon.of_days(
        first, days, day_start_hours=start, step=timedelta(minutes=minutes), timezone=LONDON
    )


def headroom(up, down=None):
    up = np.atleast_2d(np.asarray(up, dtype=float))
    down = up if down is None else np.atleast_2d(np.asarray(down, dtype=float))
    return Headroom(up, down, np.full(up.shape, Binding.CABLE, np.int8), np.full(up.shape, 3, np.int8))


def profile(*rows, step_h=12.0):
    values = np.array(rows, dtype=float)
    return DailyProfile(values, values, 0.02, step_h)


def test_slots_follow_the_local_clock_from_noon_to_noon():
    day, slot = clock_slots(of_days(date(2026, 7, 1), 2, start=12))
    assert slot.tolist() == [*range(12, 24), *range(24), *range(12)]
    assert np.unique(day).size == 3


@pytest.mark.parametrize(
    ("first", "hours"),
    [(date(2026, 3, 29), [0, *range(2, 24)]), (date(2026, 10, 25), [0, 1, 1, *range(2, 24)])],
)
def test_a_day_on_which_the_clock_changes_misses_an_hour_or_has_one_twice(first, hours):
    horizon = of_days(first, 1)
    day, slot = clock_slots(horizon)
    assert slot.tolist() == hours
    assert [s.hour for s in horizon.local_stamps()] == hours
    assert np.unique(day).size == 1


@pytest.mark.parametrize("minutes", [10, 30, 45, 90, 120, 240])
def test_slots_agree_with_the_clock_of_every_period(minutes):
    start = of_days(date(2026, 3, 27), 4, 10).start
    periods = 4 * 24 * 60 // minutes
    horizon = Horizon(start, timedelta(minutes=minutes), periods, LONDON, (0, periods))
    day, slot = clock_slots(horizon)
    stamps = horizon.local_stamps()
    assert slot.tolist() == [(s.hour * 60 + s.minute) // minutes for s in stamps]
    assert day.tolist() == [(s.date() - date(1970, 1, 1)).days for s in stamps]


def test_a_step_that_does_not_divide_a_day_is_refused():
    horizon = Horizon(of_days(date(2026, 3, 27), 1).start, timedelta(minutes=7), 5, LONDON, (0, 5))
    with pytest.raises(ValueError, match="does not divide a day"):
        clock_slots(horizon)


def test_quantile_over_days_is_linear_between_them():
    # Hour 0 on three days: 10, 20, 40. Quantile 0.02 lies at 0.04 of the way from 10 to 20.
    up = np.zeros((1, 72))
    up[0, [0, 24, 48]] = 40, 10, 20
    found = find_daily_profile(headroom(up, 2 * up), of_days(date(2026, 1, 1), 3), SETTINGS)
    assert found.headroom_kva[0, 0] == pytest.approx(10.4)
    assert found.footroom_kva[0, 0] == pytest.approx(20.8)
    assert (found.headroom_kva[0, 1:] == 0).all()
    assert found.headroom_kva.shape == (1, 24)
    assert found.step_h == 1.0


def test_an_hour_that_the_clock_skipped_on_the_only_day_is_like_the_one_before():
    found = find_daily_profile(headroom(np.arange(23.0)), of_days(date(2026, 3, 29), 1), SETTINGS)
    assert found.headroom_kva[0, :4].tolist() == [0, 0, 1, 2]


def test_an_empty_first_slot_is_like_the_last():
    assert quantile_by_slot(np.array([[5.0, 7.0]]), np.array([1, 2]), 3, 0.5).tolist() == [[7, 5, 7]]


def test_active_power_is_never_more_than_apparent_headroom_allows():
    assert active_kw(np.array([10.0, 0.0, -9.8]), 0.98).tolist() == pytest.approx([9.8, 0, -10])


def test_energy_of_a_day_and_the_evs_it_feeds():
    # (0.98·(10 + 5) + 1·(−4.9)/0.98)·8 h = (14.7 − 5)·8 = 77.6 kWh: 5 EVs of 14.2 kWh (71.0).
    values = np.array([[10, 5, -4.9]])
    energy = energy_of_day(values, 8.0, SETTINGS)
    assert energy == pytest.approx([77.6])
    assert evs_without_shifting(energy, np.array([20]), SETTINGS).tolist() == [5]
    assert evs_without_shifting(energy, np.array([4]), SETTINGS).tolist() == [4]
    half = HeadroomSettings(negative_factor=0.5)
    assert energy_of_day(values, 8.0, half) == pytest.approx([(14.7 - 2.5) * 8])


def test_no_energy_feeds_no_ev():
    energy = np.array([-50.0, 14.19, 14.2])
    assert evs_without_shifting(energy, np.array([9, 9, 9]), SETTINGS).tolist() == [0, 0, 1]


def test_heat_pump_cases():
    # Two slots of 12 h; 120 kWh a day is 10.2 kVA over one slot beyond what is negative.
    cases = [
        # never negative, always, mixed without and with much energy, mixed but too little of it
        profile([9, 9], [-1, 5], [4, 4], [4, 4], [1, 1]),
        profile([8, 8], [-2, 5], [2, 2], [3, 3], [-1, 2]),
        profile([7, 7], [-3, 5], [-1, 9], [-1, 13], [0, 1]),
    ]
    choice = choose_heat_pumps(cases, SETTINGS)
    assert choice.plain_case.tolist() == [2, -1, 1, 1, 2]
    # Zone 3: (0.98·13 − 1/0.98)·12 = 140.6 kWh: V2G. Zone 2: 93.6. Zone 1: at most (4.9 − 1.02)·12.
    assert choice.case.tolist() == [2, -1, 1, 2, 2]
    assert choice.v2g_zone.tolist() == [False, False, False, True, False]


def test_a_zone_without_any_plain_case_may_be_a_v2g_zone():
    cases = [profile([-1, 20]), profile([-2, 15]), profile([-5, 6])]
    choice = choose_heat_pumps(cases, SETTINGS)
    assert (choice.plain_case.tolist(), choice.case.tolist()) == ([-1], [1])
    assert choice.v2g_zone.tolist() == [True]


def test_no_zone_relies_on_cars_that_cannot_give_energy_back():
    cases = [profile([4, 4], [-1, 20]), profile([3, 3], [-2, 15]), profile([-1, 13], [-5, 6])]
    with_v2g, without = (choose_heat_pumps(cases, HeadroomSettings(v2g=v2g)) for v2g in (True, False))
    assert (with_v2g.case.tolist(), with_v2g.v2g_zone.tolist()) == ([2, 1], [True, True])
    assert (without.case.tolist(), without.v2g_zone.tolist()) == ([1, -1], [False, False])
    assert without.plain_case.tolist() == with_v2g.plain_case.tolist() == [1, -1]


def test_an_offer_never_asks_for_power_and_names_its_constraints():
    limit = offer_steps(headroom([[10, -5]], [[-2, 20]]), 0, "1/2", SETTINGS)
    assert limit.upper_kw.tolist() == pytest.approx([9.8, 0])
    assert limit.lower_kw.tolist() == pytest.approx([0, -19.6])
    assert not np.signbit(limit.lower_kw[0])
    assert limit.reason == "headroom of zone 1/2 (cable, overvoltage)"
