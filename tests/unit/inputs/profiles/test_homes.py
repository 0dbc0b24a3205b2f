"""Household and heat-pump kernels against their plain meaning; COP, buildings, weather by hand."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

import numpy as np
import pytest
from tests.support.customers import make_customers, make_horizon

from sparewatt.inputs.profiles import heat_pump_kernel, household_kernel
from sparewatt.inputs.profiles.appliances import APPLIANCES, start_tables
from sparewatt.inputs.profiles.heat_pump import (
    HeatPumpDemand,
    air_source_cop,
    draw_buildings,
    flow_temperature_c,
)
from sparewatt.inputs.profiles.household import HouseholdDemand, day_scales, draw_homes, find_darkness
from sparewatt.inputs.profiles.local_days import clock_hours, find_local_days, fine_step_s
from sparewatt.inputs.profiles.sun import MANCHESTER
from sparewatt.inputs.profiles.weather import Climate, GivenTemperature, day_anomalies

GOLDEN, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1


def plain_mixed(state: int) -> int:
    z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def test_numbers_are_those_of_splitmix64():
    # First outputs of the published generator for seed 0 (its state is increased before the first draw).
    assert plain_mixed(GOLDEN) == 0xE220A8397B1DCDAF
    for state in (0, 1, GOLDEN, MASK, 123456789 * GOLDEN & MASK):
        assert int(household_kernel.mixed(np.uint64(state))) == plain_mixed(state)
        assert household_kernel.unit(np.uint64(state)) == (plain_mixed(state) >> 11) / 2**53


@pytest.mark.parametrize(
    ("at", "length"), [(0, 600), (590, 20), (-300, 900), (1100, 5000), (-900, 300), (2500, 10)]
)
def test_what_is_put_down_is_the_overlap(at, length):
    row = np.zeros(4)
    household_kernel.put_down(row, at, length, 3.0, 600)
    seconds = np.zeros(2400)
    seconds[max(at, 0) : max(at + length, 0)] = 3.0
    assert row == pytest.approx(seconds.reshape(4, 600).mean(axis=1), abs=1e-12)


def test_refrigerators_run_their_part_of_every_cycle():
    out = np.zeros((2, 288))
    household_kernel.keep_cold(
        out,
        300,
        1_000_000,
        np.array([17, 900]),
        np.array([2700, 4000]),
        np.array([900, 1300]),
        np.array([0.1, 0.2]),
    )
    seconds = np.arange(1_000_000, 1_000_000 + 288 * 300)
    for k, (phase, cycle, on, kw) in enumerate(((17, 2700, 900, 0.1), (900, 4000, 1300, 0.2))):
        running = ((seconds - phase) % cycle < on) * kw
        assert out[k] == pytest.approx(running.reshape(288, 300).mean(axis=1), abs=1e-12)


@contextmanager
def plain_draws():
    """What the kernels call, in plain Python; 64-bit numbers wrap round, as they should."""
    plain = {n: getattr(household_kernel, n).py_func for n in ("mixed", "unit", "put_down")}
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        for module in (household_kernel, heat_pump_kernel):
            for name, function in plain.items():
                if hasattr(module, name):
                    patch.setattr(module, name, function)
        yield patch


def kernel_input(customers: int = 3):
    days = find_local_days(1_768_867_200, 1_768_867_200 + 3 * 86_400, "Europe/London")  # 20 January 2026
    homes = draw_homes(make_customers(customers), 5, MANCHESTER)
    return (
        600,
        homes.keys,
        days.ordinal,
        days.midnight_s[:-1] - days.midnight_s[0],
        days.reading_s,
        days.weekend,
        find_darkness(days, MANCHESTER),
        day_scales(days, np.full(len(days), 4.0)),
        homes.rate,
        homes.appliance_kw,
        np.array([(a.minutes * 60.0, a.tail_minutes * 60.0) for a in APPLIANCES]),
        np.array([("any", "home", "dark").index(a.needs) for a in APPLIANCES]),
        start_tables(),
        homes.habits,
    )


def test_switching_on_compiled_and_plain():
    compiled, plain = np.zeros((2, 3, 432))
    household_kernel.switch_on(compiled, *kernel_input())
    with plain_draws():
        household_kernel.switch_on.py_func(plain, *kernel_input())
    assert compiled.max() > 1
    assert compiled == pytest.approx(plain, abs=1e-12)


def test_a_day_of_heating_compiled_and_plain():
    horizon = make_horizon(date(2026, 1, 20), 1)
    buildings = draw_buildings(["a", "b", "c"], 2)
    demand = HeatPumpDemand(horizon, buildings, GivenTemperature(horizon, np.full(144, -1.0)))
    compiled = demand.power_kw(0, 144)
    with plain_draws() as patch:
        patch.setattr("sparewatt.inputs.profiles.heat_pump.heat_day", heat_pump_kernel.heat_day.py_func)
        plain = demand.power_kw(0, 144)
    assert compiled.max() > 1
    assert compiled == pytest.approx(plain, abs=1e-12)


def test_cop_by_hand():
    # Radiators at 0 °C: flow 40 °C, 6.81 - 0.121·40 + 0.00063·1600 = 2.978; at 7 °C: flow 33 °C, lift 26 K:
    # 6.81 - 3.146 + 0.42588 = 4.08988; at -5 °C: flow 45 °C, lift 50 K: 6.81 - 6.05 + 1.575 = 2.335. All
    # times 0.85.
    outside = np.array([0.0, 7.0, -5.0])
    assert flow_temperature_c(outside).tolist() == [40, 33, 45]
    assert air_source_cop(outside, flow_temperature_c(outside)) == pytest.approx([2.5313, 3.4764, 1.98475])
    assert air_source_cop(20.0, 25.0) == pytest.approx(
        0.85 * (6.81 - 0.121 * 15 + 0.00063 * 225)
    )  # least lift
    assert flow_temperature_c(30.0) == 25


def test_heat_in_the_long_run_is_the_loss_less_the_gains():
    # Steady -2 °C, no setback: q = UA·(T_set + 2) - gain, and hot water of its mean, at their COPs.
    days = 20
    horizon = make_horizon(date(2026, 1, 1), days)
    ids = [f"h{k}" for k in range(60)]
    b = draw_buildings(ids, 8)
    demand = HeatPumpDemand(horizon, b, GivenTemperature(horizon, np.full(horizon.periods, -2.0)))
    mean = demand.power_kw(0, horizon.periods).mean(axis=1)
    heat = b.loss_kw_per_k * (b.set_c + 2) - b.gain_kw
    expected = heat / air_source_cop(-2.0, 42.0) + b.water_kwh / 24 / air_source_cop(-2.0, 50.0)
    steady = (b.setback_k == 0) & (expected < 0.85 * b.most_kw)
    assert steady.sum() > 15
    assert mean[steady] == pytest.approx(expected[steady], rel=0.06)
    assert (mean[b.setback_k > 0] < expected[b.setback_k > 0] * 1.02).all()


def test_no_heating_in_summer_but_hot_water():
    horizon = make_horizon(date(2026, 7, 1), 10)
    b = draw_buildings([f"h{k}" for k in range(40)], 8)
    kw = HeatPumpDemand(horizon, b, GivenTemperature(horizon, np.full(horizon.periods, 19.0))).power_kw(
        0, 1440
    )
    daily = kw.sum() / 6 / 40 / 10
    assert daily == pytest.approx((b.water_kwh / air_source_cop(19.0, 50.0)).mean(), rel=0.06)
    assert (kw.max(axis=1) <= b.most_kw + 1e-9).all()


def test_homes_use_what_their_class_says_and_their_name_draws():
    a, b = make_customers(30), make_customers(12)
    homes, fewer = draw_homes(a, 3, MANCHESTER), draw_homes(b, 3, MANCHESTER)
    assert homes.annual_kwh[:12].tolist() == fewer.annual_kwh.tolist()
    assert homes.rate[:12].tolist() == fewer.rate.tolist()
    assert homes.keys[:12].tolist() == fewer.keys.tolist()
    many = draw_homes(make_customers(600), 3, MANCHESTER).annual_kwh
    means = [many[k::3].mean() for k in range(3)]
    assert means == pytest.approx([2500, 3200, 4000], rel=0.05)


def test_start_tables_are_distributions():
    tables = start_tables()
    assert (np.diff(tables, axis=2) > 0).all()
    assert (tables[:, :, 0] == 0).all()
    assert (tables[:, :, -1] == 1).all()


def test_local_days_of_both_clock_changes():
    spring = make_horizon(date(2026, 3, 29), 1, 30)
    days = find_local_days(spring.start_s, spring.end_s, "Europe/London", lead=1)
    assert np.diff(days.midnight_s).tolist() == [86_400, 82_800]
    assert days.weekend.tolist() == [True, True]
    assert days.reading_s[1, :6].tolist() == [0, 1800, 3600, 5400, 3600, 5400]  # 1:00 is what 2:00 is
    assert days.reading_s[1, -1] == 82_800 - 1800
    autumn = make_horizon(date(2026, 10, 25), 1, 30)
    days = find_local_days(autumn.start_s, autumn.end_s, "Europe/London")
    assert days.reading_s[0, :6].tolist() == [0, 1800, 3600, 5400, 10_800, 12_600]  # the first 1:00
    hours = clock_hours(autumn.boundaries_s[:-1], "Europe/London")
    assert hours[:8].tolist() == [0, 0.5, 1, 1.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize(
    ("step", "fine"), [(60, 60), (300, 300), (600, 600), (720, 360), (1800, 600), (3600, 600)]
)
def test_parts_of_a_step(step, fine):
    assert fine_step_s(step) == fine


def test_weather_of_a_day_does_not_hang_on_the_days_around_it():
    alone = day_anomalies(3, 9, np.array([20_500]), 0.75)
    among = day_anomalies(3, 9, np.arange(20_400, 20_600), 0.75)
    assert among[100] == alone[0]
    many = day_anomalies(3, 9, np.arange(10_000, 14_000), 0.75)
    assert many.std() == pytest.approx(1, abs=0.08)
    assert np.corrcoef(many[1:], many[:-1])[0, 1] == pytest.approx(0.75, abs=0.03)


def test_climate_has_the_months_of_the_north_of_england():
    horizon = make_horizon(date(2025, 1, 1), 365, 60)
    calm = Climate(0, spread_k=0.0).at_c(horizon.boundaries_s[:-1])
    month = np.array([s.month for s in horizon.local_stamps()])
    # Central England Temperature 1991-2020: January 4.7, April 8.5, July 16.8, October 11.0 °C.
    assert [calm[month == m].mean() for m in (1, 4, 7, 10)] == pytest.approx([4.7, 8.5, 16.8, 11.0], abs=1.1)
    hour = clock_hours(horizon.boundaries_s[:-1], "UTC")
    assert hour[np.argmin(calm)] in {3, 4}


def test_a_given_temperature_is_that_of_its_periods_and_the_day_before_like_the_first():
    horizon = make_horizon(date(2026, 1, 1), 2, 60)
    given = GivenTemperature(horizon, np.arange(48.0))
    at = horizon.start_s + 3600 * np.array([0, 5, 47, -1, -24, 60])
    assert given.at_c(at).tolist() == [0, 5, 47, 23, 0, 47]


def test_demand_of_no_period_and_of_nobody():
    horizon = make_horizon(date(2026, 1, 1), 1)
    homes = draw_homes(make_customers(0), 1, MANCHESTER)
    demand = HouseholdDemand(horizon, homes, MANCHESTER, Climate(1))
    assert demand.power_kw(0, 144).shape == (0, 144)
    some = HouseholdDemand(horizon, draw_homes(make_customers(2), 1, MANCHESTER), MANCHESTER, Climate(1))
    assert some.power_kw(7, 7).shape == (2, 0)
    nobody = HeatPumpDemand(horizon, draw_buildings([], 1), Climate(1))
    assert nobody.power_kw(0, 144).shape == (0, 144)
