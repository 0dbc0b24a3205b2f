"""Plans of zones by hand, their deadline, their ranks, and the room that they are made in."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_charging import plan_zone_charging, plan_zones_charging
from sparewatt.decide.optimise.network_exact import solve_exactly
from sparewatt.decide.optimise.network_problem import ChargingProblem
from sparewatt.decide.optimise.network_settling import settle
from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.model.limit import Limit
from support.ev_pools import draw_room, draw_sessions, make_room, make_sessions


def test_room_in_a_headroom():
    headroom, footroom = np.array([5.0, -2.0, 0.0]), np.array([10.0, 20.0, -1.0])
    room = ChargingRoom.in_headroom(headroom, footroom, np.array([0.1, 0.2, 0.3]))
    assert room.limit.upper_kw.tolist() == [5.0, 0.0, 0.0]
    assert room.limit.lower_kw == pytest.approx([-7.0, -14.0, 0.0])
    assert room.price_per_kwh == pytest.approx([0.1, 0.375, 0.3])
    assert room.asked_kw.tolist() == [0.0, 2.0, 0.0]


def test_room_that_nothing_would_break_is_refused():
    with pytest.raises(ValueError, match="no cars at all"):
        make_room(-1.0, lower_kw=-2.0, periods=3)


def test_cheapest_periods_by_hand():
    # 8 kWh at 4 kW without loss: the two cheapest of four hours.
    s = make_sessions(
        [(0, 0, 4, 2.0, 10.0)], battery_kwh=[50.0], periods=4, step_h=1.0, charge_kw=4.0, efficiency=1.0
    )
    plan = plan_zone_charging(
        s, make_room(9.0, price=np.array([0.4, 0.1, 0.3, 0.2]), periods=4), served_share=1.0
    )
    assert plan.schedule.grid_kw == pytest.approx([0.0, 4.0, 0.0, 4.0], abs=1e-4)
    assert plan.objective == pytest.approx(1.2, abs=1e-4)
    assert (plan.status, plan.served) == ("optimal", True)


def test_v2g_where_it_is_asked_by_hand():
    # One hour is worth 0.5, the next 0.1: 4 kW given cost 4/0.8 kWh, bought back for 4/0.64 kW·h.
    s = make_sessions(
        [(0, 0, 3, 20.0, 20.0)], battery_kwh=[50.0], periods=3, step_h=1.0, charge_kw=8.0, discharge_kw=4.0,
        efficiency=0.8,
    )  # fmt: skip
    room = ChargingRoom.in_headroom(
        np.array([-4.0, 8.0, 8.0]), np.full(3, 10.0), 0.1, v2g_per_kwh=0.4, export_share=1.0
    )
    plan = plan_zone_charging(s, room, served_share=1.0)
    assert plan.grid_kw[0] == pytest.approx(-4.0, abs=1e-4)
    assert plan.grid_kw[1:].sum() == pytest.approx(4.0 / 0.64, abs=1e-4)
    assert plan.objective == pytest.approx(-4.0 * 0.5 + 0.1 * 4.0 / 0.64, abs=1e-4)
    assert plan.delivered_kwh == pytest.approx(4.0, abs=1e-4)
    assert plan.asked_kwh == pytest.approx(4.0)


def test_shortfall_ranks_before_any_price():
    # 1 kWh of 2 fits, at a price a million times that of giving it to nobody.
    s = make_sessions(
        [(0, 0, 1, 2.0, 4.0)], battery_kwh=[50.0], periods=1, step_h=1.0, charge_kw=4.0, efficiency=1.0
    )
    plan = plan_zone_charging(s, make_room(1.0, price=1e6, periods=1), served_share=1.0)
    assert plan.short_kwh == pytest.approx([1.0], abs=1e-3)


def test_cost_counts_among_plans_that_miss_the_same():
    # Either hour takes the one kWh that there is room for; the second is cheaper.
    s = make_sessions(
        [(0, 0, 2, 2.0, 9.0), (1, 0, 1, 2.0, 9.0)], battery_kwh=[50.0, 50.0], periods=2, step_h=1.0,
        charge_kw=1.0, efficiency=1.0,
    )  # fmt: skip
    room = make_room(np.array([1.0, 1.0]), price=np.array([0.2, 0.1]), periods=2)
    plan = plan_zone_charging(s, room, served_share=1.0)
    assert plan.grid_kw == pytest.approx([1.0, 1.0], abs=1e-3)
    assert plan.objective == pytest.approx(0.3, abs=1e-3)
    assert plan.status == "optimal"


def test_nobody_at_home():
    empty = draw_sessions(np.random.default_rng(1), 3, periods=24).take(np.zeros(0, dtype=np.int64))
    plan = plan_zone_charging(empty, make_room(5.0, periods=24))
    assert (plan.status, plan.objective, plan.served) == ("optimal", 0.0, True)
    assert np.all(plan.grid_kw == 0.0)


def test_a_reserve_that_is_not_there_on_arrival_is_not_asked_for_but_kept_out_of():
    s = make_sessions(
        [(0, 0, 4, 1.0, 1.0)], battery_kwh=[50.0], periods=4, step_h=1.0, discharge_kw=7.0, reserve=0.2
    )
    # V2G pays, yet the battery is below its reserve: nothing may go out until it is above.
    room = make_room(0.0, lower_kw=-5.0, price=1.0, periods=4)
    plan = plan_zone_charging(s, room, served_share=0.5)
    assert np.abs(plan.schedule.grid_kw).max() <= 1e-6


@pytest.mark.parametrize("exact", [False, True])
def test_deadline_gives_the_best_so_far_and_says_so(exact: bool):  # noqa: FBT001 - pytest passes it by name
    rng = np.random.default_rng(2)
    sessions, room = draw_sessions(rng, 30), draw_room(rng, 30)
    plan = plan_zone_charging(sessions, room, seconds=0.0, exact=exact)
    assert plan.status in {"timed_out", "optimal"}
    assert plan.gap >= 0.0
    assert np.all(plan.grid_kw <= room.limit.upper_kw + 1e-8)
    assert np.all(plan.grid_kw >= room.limit.lower_kw - 1e-8)


def test_zones_apart_where_the_shared_limit_is_wide():
    rng = np.random.default_rng(3)
    sessions = [draw_sessions(rng, 3, periods=24) for _ in range(2)]
    rooms = [draw_room(rng, 3, periods=24) for _ in range(2)]
    wide = Limit(np.full(24, -1e3), np.full(24, 1e3), "wide")
    together = plan_zones_charging(sessions, rooms, wide)
    for cars, room, plan in zip(sessions, rooms, together, strict=True):
        assert np.array_equal(plan.grid_kw, plan_zone_charging(cars, room).grid_kw)


def test_binaries_only_where_waste_pays():
    # At a price below 0 a model without binaries would burn energy in the charger, 4 kW in both hours.
    s = make_sessions(
        [(0, 0, 2, 10.0, 10.0)], battery_kwh=[12.0], periods=2, step_h=1.0, charge_kw=4.0, discharge_kw=4.0,
        efficiency=0.5, reserve=0.0,
    )  # fmt: skip
    zone, bounds = np.zeros(1, dtype=np.int64), (np.full((1, 2), -9.0), np.full((1, 2), 9.0))
    paid = np.array([[-1.0, -1.0]])
    found = solve_exactly(s, np.array([0.0]), zone, *bounds, paid, None, Deadline(10.0), 0.0)
    assert found.status == "optimal"
    assert not np.any((found.charge_kw > 1e-6) & (found.discharge_kw > 1e-6))
    # The taper lets in 4/(0.201·12)·(12.012 - E), half of which reaches the battery; to make room by
    # discharging would cost as much as it brings.
    first = 4.0 / 12.0 / 0.201 * 2.012
    second = 4.0 / 12.0 / 0.201 * (2.012 - 0.5 * first)
    assert found.charge_kw == pytest.approx([first, second])
    assert found.cost_bound == pytest.approx(-first - second)


@pytest.mark.parametrize("seed", range(6))
def test_settling_makes_a_schedule_of_anything(seed: int):
    rng = np.random.default_rng(seed)
    sessions, room = draw_sessions(rng, 6, periods=24), draw_room(rng, 6, periods=24)
    problem = ChargingProblem(sessions, np.zeros(6, dtype=np.int64), [room], None, 0.99)
    charge = rng.uniform(0.0, 9.0, sessions.entries)
    discharge = rng.uniform(0.0, 9.0, sessions.entries)
    free = np.full(24, np.inf)
    low, high = room.limit.lower_kw, room.limit.upper_kw
    assert settle(problem.chains, charge, discharge, low, high, -free, free)
    assert not np.any((charge > 0.0) & (discharge > 0.0))
    total = np.bincount(sessions.entry_period, weights=charge - discharge, minlength=24)
    assert np.all(total <= high + 1e-9)
    assert np.all(total >= low - 1e-9)
    for i in range(len(sessions)):
        car, energy = sessions.car[i], float(sessions.start_kwh[i])
        floor = min(sessions.reserve_kwh[car], energy)
        for e in range(sessions.offset[i], sessions.offset[i + 1]):
            line = 7.4 / (0.201 * sessions.battery_kwh[car]) * (1.001 * sessions.battery_kwh[car] - energy)
            assert charge[e] <= min(7.4, line) + 1e-9
            assert discharge[e] <= sessions.discharge_kw[car]
            energy += (0.88 * charge[e] - discharge[e] / 0.88) * sessions.step_h
            assert floor - 1e-9 <= energy <= sessions.battery_kwh[car] + 1e-9


def test_settling_leaves_a_schedule_alone():
    rng = np.random.default_rng(11)
    sessions, room = draw_sessions(rng, 5, periods=24), draw_room(rng, 5, periods=24)
    plan = plan_zone_charging(sessions, room)
    problem = ChargingProblem(sessions, np.zeros(5, dtype=np.int64), [room], None, 0.99)
    charge, discharge = plan.schedule.charge_kw.copy(), plan.schedule.discharge_kw.copy()
    free = np.full(24, np.inf)
    assert settle(problem.chains, charge, discharge, room.limit.lower_kw, room.limit.upper_kw, -free, free)
    assert charge == pytest.approx(plan.schedule.charge_kw, abs=1e-9)
    assert discharge == pytest.approx(plan.schedule.discharge_kw, abs=1e-9)
