"""Unmanaged charging; every expected number is worked out by hand beside the test."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sparewatt.decide.rules.stay_filling import fill_stays
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.model.depot import DepotChargers
from sparewatt.model.schedule import AC, DC, NO_CHARGER
from sparewatt.verify.depot_schedule import check_depot_schedule
from support.depots import make_depot, make_horizon

NO_DC = DepotChargers(ac_kw=8.0, dc_kw=0.0, num_ac=10, num_dc=0)


def test_full_rate_from_plug_in_then_a_part_period():
    # 10 kWh used, 12.5 kWh at the meter; 8 kW: 3 full half-hours of 4 kWh, then 0.5 kWh.
    depot = make_depot([(0, 0, 6, 0), (0, 17, 24, 10)], chargers=NO_DC)
    schedule = plan_unmanaged(depot)
    power = schedule.power_kw[0]
    assert power[34:38] == pytest.approx([8, 8, 8, 1])
    assert power.sum() * 0.5 == pytest.approx(12.5)
    assert schedule.soc[0, -1] == pytest.approx(1.0, abs=1e-12)
    assert schedule.unserved_kwh.tolist() == [0, 0]


def test_a_period_plugged_in_for_a_part_takes_that_part():
    # Plugged in at 17:10: two thirds of the first half-hour, 8 kW * 0.5 h * 2/3.
    schedule = plan_unmanaged(make_depot([(0, 0, 6, 0), (0, 17 + 1 / 6, 24, 10)], chargers=NO_DC))
    assert schedule.energy_kwh[12:16] == pytest.approx([8 / 3, 4, 4, 12.5 - 8 - 8 / 3])


def test_price_and_site_load_change_nothing():
    stays = [(0, 0, 6, 0), (0, 17, 24, 10)]
    plain = plan_unmanaged(make_depot(stays))
    other = plan_unmanaged(make_depot(stays, load_kw=500.0, price=np.linspace(9, 1, 48), min_power_kw=5.0))
    assert np.array_equal(plain.energy_kwh, other.energy_kwh)
    assert other.breach_kw.max() == 20.0


def test_missing_energy_of_a_route_is_unserved_and_leaves_exactly_the_reserve():
    # 40 kWh full, reserve 4: a route of 45 misses 9; the stay then fills 36 kWh = 45 at the meter.
    depot = make_depot([(0, 0, 2, 0), (0, 3, 24, 45)], reserve=0.1)
    schedule = plan_unmanaged(depot)
    assert schedule.unserved_kwh.tolist() == [0, pytest.approx(9)]
    assert schedule.soc[0, 7] == pytest.approx((4 + 0.8 * 10) / 40)
    assert schedule.energy_kwh.sum() == pytest.approx(45)
    assert check_depot_schedule(schedule, mode="BAU") == ()


def test_a_vehicle_still_away_at_the_end_books_its_route_there():
    depot = make_depot([(0, 0, 2, 0), (0, 24, 24, 50)])
    schedule = plan_unmanaged(depot)
    assert schedule.unserved_kwh.tolist() == [0, 10]
    assert schedule.soc[0, -1] == 0
    assert schedule.charger[1] == NO_CHARGER


def test_dc_goes_to_who_came_first_in_real_time_and_is_kept():
    # V1 comes at 17:05, V0 at 17:10 (same half-hour), V2 at 18:00; V1 leaves at 20:00.
    stays = [(0, 17 + 1 / 6, 24, 10), (1, 17 + 1 / 12, 20, 10), (2, 18, 24, 10), (3, 20, 24, 10)]
    depot = make_depot(stays, vehicles=[(40.0, 8.0, 20.0)] * 4)
    schedule = plan_unmanaged(depot)
    assert schedule.charger.tolist() == [AC, DC, AC, DC]
    assert check_depot_schedule(schedule, mode="BAU") == ()


def test_ties_go_by_the_order_of_the_fleet():
    depot = make_depot([(0, 17, 24, 10), (1, 17, 24, 10)], vehicles=[(40.0, 8.0, 20.0)] * 2)
    assert plan_unmanaged(depot).charger.tolist() == [DC, AC]


def test_a_dc_charger_is_free_from_the_first_period_without_its_session():
    # V0 unplugs at 20:10: the period 20:00-20:30 is still its; V1 at 20:15 finds none, V2 at 20:30 does.
    stays = [(0, 17, 20 + 1 / 6, 10), (1, 20.25, 24, 10), (2, 20.5, 24, 10)]
    depot = make_depot(stays, vehicles=[(40.0, 8.0, 20.0)] * 3)
    assert plan_unmanaged(depot).charger.tolist() == [DC, AC, DC]


def test_dc_no_faster_than_ac_is_left_alone():
    depot = make_depot([(0, 17, 24, 10), (1, 18, 24, 10)], vehicles=[(40.0, 8.0, 8.0), (40.0, 8.0, 20.0)])
    assert plan_unmanaged(depot).charger.tolist() == [AC, DC]


def test_limited_ac_goes_first_come_first_served_and_then_a_slow_dc():
    chargers = DepotChargers(ac_kw=8.0, dc_kw=5.0, num_ac=1, num_dc=1, limit_ac=True)
    stays = [(n, 17 + n / 10, 24, 10) for n in range(3)]
    schedule = plan_unmanaged(make_depot(stays, vehicles=[(40.0, 8.0, 20.0)] * 3, chargers=chargers))
    assert schedule.charger.tolist() == [AC, DC, NO_CHARGER]
    assert schedule.vehicle_energy_kwh[2].sum() == 0
    assert check_depot_schedule(schedule, mode="BAU") == ()


def test_no_rating_no_charger():
    depot = make_depot([(0, 17, 24, 10)], chargers=DepotChargers(0.0, 0.0, 0, 3))
    assert plan_unmanaged(depot).charger.tolist() == [NO_CHARGER]


def _plain_filling(vehicle, use, offset, room, battery, efficiency, reserve, initial):
    level = {n: initial * battery[n] for n in range(len(battery))}
    energy, unserved = [0.0] * len(room), [0.0] * len(vehicle)
    for s, n in enumerate(vehicle):
        level[n] -= use[s]
        if use[s] > 0:
            unserved[s] = max(0.0, reserve * battery[n] - level[n])
            level[n] += unserved[s]
        for e in range(offset[s], offset[s + 1]):
            energy[e] = min(room[e], max(0.0, battery[n] - level[n]) / efficiency)
            level[n] += efficiency * energy[e]
    return energy, unserved


@pytest.mark.parametrize("seed", range(5))
def test_kernel_does_what_its_docstring_says(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 9, 200)
    offset = np.concatenate([[0], np.cumsum(lengths)])
    vehicle = np.sort(rng.integers(0, 12, 200))
    use = np.where(rng.random(200) < 0.2, 0.0, rng.uniform(0, 60, 200))
    room = rng.uniform(0, 8, offset[-1])
    battery = rng.uniform(20, 80, 12)
    args = (vehicle, use, offset, room, battery, 0.87, 0.1, 0.6)
    energy, unserved = fill_stays(*args)
    plain_energy, plain_unserved = _plain_filling(*args)
    assert energy == pytest.approx(plain_energy, abs=1e-9)
    assert unserved == pytest.approx(plain_unserved, abs=1e-9)


def test_a_year_of_100_vans_takes_well_under_a_second():
    horizon = make_horizon(days=365)
    stays = []
    for n in range(100):
        stays.append((n, 0, 6 + n / 100, 0))
        stays += [(n, 24 * d + 16 + n / 50, 24 * d + 30 + n / 100, 30.0) for d in range(365)]
    depot = make_depot(stays, vehicles=[(60.0, 7.4, 50.0)] * 100, horizon=horizon)
    plan_unmanaged(depot)  # compiles the kernel
    begin = time.process_time()
    schedule = plan_unmanaged(depot)
    assert time.process_time() - begin < 0.8
    assert len(schedule.charger) == 36_600
    assert check_depot_schedule(schedule, mode="BAU") == ()
