"""Chained days: committed one by one, resumed anywhere, never knowing tomorrow's price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.depot_day import DayState, DepotDay, schedule_of_days
from sparewatt.model.schedule import AC, DC
from sparewatt.verify.depot_schedule import check_depot_schedule
from support.depots import make_depot, make_horizon

NEAR = 1e-6
EXACT = DepotPlanner(gap=0.0)


def random_depot(seed: int, days: int = 4, vans: int = 5, first: date = date(2026, 10, 23)) -> Depot:
    """Vans with one route a day, some of them over midnight; two DC chargers, tight on some days."""
    rng, horizon = np.random.default_rng(seed), make_horizon(first, days=days)
    stays = []
    for v in range(vans):
        at, use = 0.0, 0.0
        for day in range(days):
            leave = 24 * day + round(rng.uniform(5.0, 20.0), 1)
            stays.append((v, at, leave, use))
            at, use = leave + round(rng.uniform(2.0, 11.0), 1), round(rng.uniform(5.0, 45.0), 1)
        stays.append((v, at, 24.0 * days + 3.0, use))
    return make_depot(
        stays,
        vehicles=[(float(rng.choice([40.0, 60.0])), 7.4, 50.0) for _ in range(vans)],
        horizon=horizon,
        chargers=DepotChargers(7.4, 40.0, vans, 2),
        asc_kw=float(rng.choice([25.0, 60.0])),
        load_kw=np.round(rng.uniform(0.0, 15.0, horizon.periods), 2),
        price=np.round(rng.uniform(-0.01, 0.35, horizon.periods), 3),
        initial_soc=float(rng.choice([1.0, 0.6])),
        reserve=float(rng.choice([0.0, 0.1])),
    )


def decisions(days: list[DepotDay]) -> list[tuple]:
    """All that a day tells but the time it took."""
    return [(d.day, d.to_bytes(), replace(d.report, solve_s=0.0)) for d in days]


@pytest.mark.parametrize(("seed", "horizon_days"), [(1, 1), (2, 1), (1, 2), (3, 3)])
def test_resumed_anywhere_the_days_are_the_same(seed, horizon_days):
    """Rule 12: from any day's bytes, as the store gives them back, the rest is as if nothing had happened."""
    depot, planner = random_depot(seed, vans=4), DepotPlanner(horizon_days=horizon_days)
    whole = list(planner.plan(depot))
    assert [d.day for d in whole] == [0, 1, 2, 3]
    for day in range(3):
        state = DepotDay.from_bytes(day, whole[day].to_bytes()).after
        assert decisions(list(planner.plan(depot, state))) == decisions(whole[day + 1 :])
    assert list(planner.plan(depot, whole[-1].after)) == []


def test_planned_twice_the_bytes_are_the_same():
    """Rule 10."""
    depot = random_depot(3)
    assert decisions(list(DepotPlanner().plan(depot))) == decisions(list(DepotPlanner().plan(depot)))


@pytest.mark.parametrize("horizon_days", [1, 2])
def test_nothing_beyond_the_horizon_is_known(horizon_days):
    """Rule 9: other prices and loads after the days looked at change nothing in the first."""
    depot, planner = random_depot(4), DepotPlanner(horizon_days=horizon_days)
    edge = depot.horizon.day_edges[horizon_days]
    price, load = depot.price_per_kwh.copy(), depot.site_load_kw.copy()
    price[edge:] = price[edge:][::-1] + 0.5
    load[edge:] = 0.0
    other = replace(depot, price_per_kwh=price, site_load_kw=load)
    first, changed = next(planner.plan(depot)), next(planner.plan(other))
    assert first.to_bytes() == changed.to_bytes()
    price[edge - 30 : edge] = price[edge - 30 : edge][::-1]
    nearer = replace(depot, price_per_kwh=price)
    assert first.to_bytes() != next(planner.plan(nearer)).to_bytes(), "inside the horizon they do"


def test_the_judge_and_the_reports_agree():
    for seed in (1, 5, 6):
        depot = random_depot(seed)
        days = list(DepotPlanner().plan(depot))
        schedule = schedule_of_days(depot, days)
        assert check_depot_schedule(schedule, mode="opt") == ()
        for day in days:
            span = slice(*depot.horizon.day_edges[day.day : day.day + 2])
            energy = schedule.charging_kw[span] * 0.5
            report = day.report
            assert report.delivered_kwh == pytest.approx(energy.sum())
            assert report.cost == pytest.approx(energy @ depot.price_per_kwh[span])
            assert report.breach_kwh == pytest.approx(schedule.breach_kw[span].sum() * 0.5, abs=1e-5)
            assert report.unserved_kwh == pytest.approx(
                schedule.vehicle_unserved_kwh[:, span].sum(), abs=1e-5
            )
            assert day.soc_kwh / depot.vehicles.battery_kwh == pytest.approx(
                schedule.soc[:, span.start], abs=1e-6
            )
            assert 0.0 <= report.gap <= 2e-4
            assert report.solve_s >= 0.0
            assert report.level == (
                "magic" if report.unserved_kwh > 1e-6 else "breach" if report.breach_kwh > 1e-6 else "normal"
            )


def test_looking_a_day_ahead_waits_for_the_cheap_morning():
    """10 kWh are missing from 20:00 to 06:00; price 0.3 until midnight, 0.1 after. 8 kWh/h on AC.

    One day alone delivers what it can before midnight; two days wait, and pay a third.
    """
    price = [0.3] * 48 + [0.1] * 48
    depot = make_depot(
        [(0, 0, 6, 0.0), (0, 20, 30, 8.0), (0, 40, 48, 0.0)],
        horizon=make_horizon(days=2),
        price=price,
        chargers=DepotChargers(8.0, 0.0, 1, 0),
    )
    alone = list(EXACT.plan(depot))
    ahead = list(DepotPlanner(horizon_days=2, gap=0.0).plan(depot))
    assert [d.report.delivered_kwh for d in alone] == pytest.approx([10.0, 0.0])
    assert [d.report.cost for d in alone] == pytest.approx([3.0, 0.0])
    assert [d.report.delivered_kwh for d in ahead] == pytest.approx([0.0, 10.0])
    assert [d.report.cost for d in ahead] == pytest.approx([0.0, 1.0])
    assert ahead[0].after.deficit_kwh == pytest.approx([8.0])


def test_a_session_over_midnight_keeps_its_charger():
    """V0 takes the only DC charger on the first evening, so V1, in need in the morning, has none.

    V0 misses 24 kWh and is plugged in 22:00-04:00, V1 is plugged in 00:30-01:30 and misses 16 kWh.
    """
    stays = [(0, 0, 6, 0.0), (0, 22, 28, 24.0), (1, 0, 12, 0.0), (1, 24.5, 25.5, 16.0)]
    depot = make_depot(stays, vehicles=[(40.0, 8.0, 20.0)] * 2, horizon=make_horizon(days=2))
    first, second = EXACT.plan(depot)
    # 30 kWh at the meter; before midnight 2 h of DC give them, AC would give 16.
    assert first.charger[first.sessions == 1].tolist() == [DC]
    assert first.report.delivered_kwh == pytest.approx(30.0)
    assert first.after.held_session.tolist() == [1]
    assert first.after.held_charger.tolist() == [DC]
    assert second.charger[second.sessions == 1].tolist() == [DC]
    assert second.charger[second.sessions == 3].tolist() == [AC]
    assert second.report.delivered_kwh == pytest.approx(8.0)
    assert check_depot_schedule(schedule_of_days(depot, [first, second]), mode="opt") == ()


def test_what_a_route_over_midnight_misses_is_booked_when_it_is_back():
    """20 of 40 kWh at the start, 2 h at 8 kW with η = 0.8: 32.8; a route of 38 kWh misses 5.2."""
    depot = make_depot(
        [(0, 18, 20, 0.0), (0, 27, 30, 38.0)],
        horizon=make_horizon(days=2),
        initial_soc=0.5,
        chargers=DepotChargers(8.0, 0.0, 1, 0),
    )
    first, second = EXACT.plan(depot)
    assert first.report.level == "normal"
    assert first.report.unserved_kwh == 0.0
    assert second.report.level == "magic"
    assert second.report.unserved_kwh == pytest.approx(38.0 - 20.0 - 0.8 * 16.0)
    schedule = schedule_of_days(depot, [first, second])
    assert schedule.vehicle_unserved_kwh[0, 54] == pytest.approx(5.2)
    assert check_depot_schedule(schedule, mode="opt") == ()


def test_away_when_the_run_ends():
    """The last route is asked for, and what it misses is booked in the last period."""
    depot = make_depot([(0, 0, 20, 0.0), (0, 24, 24, 44.0)], initial_soc=1.0)
    (day,) = EXACT.plan(depot)
    assert day.report.unserved_kwh == pytest.approx(4.0)
    assert schedule_of_days(depot, [day]).vehicle_unserved_kwh[0, 47] == pytest.approx(4.0)


def test_a_breach_day_by_hand():
    """Limit 4.5 kW of 5; margin 100 %. Plugged in 1 h and short by 8 kWh (battery side) for its route.

    10 kWh at the meter are asked, 4.5 fit, 5 more may be above, 0.5 kWh (0.4 battery side) is not served.
    """
    depot = make_depot([(0, 10, 11, 0.0), (0, 20, 20, 40.0)], initial_soc=0.8, asc_kw=5.0, asc_margin=1.0)
    (day,) = EXACT.plan(depot)
    assert day.report.level == "magic"
    assert day.report.delivered_kwh == pytest.approx(9.5)
    assert day.report.breach_kwh == pytest.approx(5.0)
    assert day.report.unserved_kwh == pytest.approx(0.4)
    less = replace(depot, initial_soc=0.9)  # 4 kWh short, 5 at the meter: 0.5 kWh of breach
    (day,) = EXACT.plan(less)
    assert day.report.level == "breach"
    assert (day.report.delivered_kwh, day.report.breach_kwh) == pytest.approx((5.0, 0.5))
    assert day.report.status == "optimal"


@pytest.mark.parametrize(("first", "periods"), [(date(2026, 10, 25), 50), (date(2027, 3, 28), 46)])
def test_clock_change_day(first, periods):
    """Every hour of the day counts: 8 kWh/h of AC for a vehicle that can use them all."""
    horizon = make_horizon(first, days=1)
    depot = make_depot(
        [(0, 0, periods / 2, 400.0)],
        vehicles=[(400.0, 8.0, 0.0)],
        horizon=horizon,
        chargers=DepotChargers(8.0, 0.0, 1, 0),
    )
    (day,) = EXACT.plan(depot)
    assert len(day.energy_kwh) == periods
    assert day.report.delivered_kwh == pytest.approx(4.0 * periods)


def test_no_time_at_all():
    """Rule 8: each day has an answer; where it is not proven it says so."""
    depot = random_depot(7, days=2)
    days = list(DepotPlanner(gap=0.0, solve_seconds=0.0).plan(depot))
    assert check_depot_schedule(schedule_of_days(depot, days), mode="opt") == ()
    for day in days:
        assert (day.report.status == "optimal") == (day.report.gap <= 1e-7)
    proven = list(EXACT.plan(depot))
    assert proven[0].report.cost >= days[0].report.cost * (1.0 - days[0].report.gap) - NEAR


def test_the_initial_state():
    state = DayState.initial(random_depot(1))
    assert state.day == 0
    assert len(state.held_session) == len(state.held_charger) == 0
    depot = replace(random_depot(1), initial_soc=0.25)
    assert DayState.initial(depot).deficit_kwh == pytest.approx(0.75 * depot.vehicles.battery_kwh)
