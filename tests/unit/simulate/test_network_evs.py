"""EVs of zones: the room by the local clock, draws, plans of days, zones of one transformer together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sparewatt.decide.optimise import network_realised
from sparewatt.decide.optimise.network_charging import plan_zone_charging
from sparewatt.errors import RunCancelled
from sparewatt.model.clock import clock_slots
from sparewatt.model.ev_sessions import join_sessions
from sparewatt.simulate import network_evs
from sparewatt.simulate.network_days import join_days, land_sessions, noon_days
from sparewatt.simulate.network_evs import ZoneRoom, ZoneTask, plan_days, plan_zone
from sparewatt.simulate.network_together import plan_days_together, rooms_together
from support.customers import make_horizon
from support.ev_pools import make_sessions

if TYPE_CHECKING:
    from sparewatt.model.ev_sessions import EvSessions

SPRING, AUTUMN, PLAIN = date(2026, 3, 28), date(2026, 10, 24), date(2026, 1, 12)


class Pool:
    """The same cars on every day, of every day noted."""

    def __init__(self, sessions: EvSessions) -> None:
        self.sessions, self.days = sessions, []

    def __len__(self) -> int:
        return self.sessions.cars

    def on_day(self, day: int) -> EvSessions:
        self.days.append(day)
        return self.sessions


class Watch:
    """Notes progress; stops where it is told to."""

    def __init__(self, *, stop: bool = False) -> None:
        self.stop, self.said = stop, []

    def cancelled(self) -> bool:
        return self.stop

    def check(self) -> None:
        if self.stop:
            raise RunCancelled("stopped")

    def report(self, progress: float) -> None:
        self.said.append(progress)


def make_cars(count: int, *, missing_kwh: float = 8.0, discharge_kw: float = 0.0) -> EvSessions:
    """Home from 18:00 to 07:00, hours from noon; without loss."""
    stays = [(n, 6, 19, 30.0 - missing_kwh, 30.0) for n in range(count)]
    return make_sessions(
        stays, battery_kwh=[60.0] * count, periods=24, step_h=1.0, charge_kw=4.0, discharge_kw=discharge_kw,
        efficiency=1.0, reserve=0.0,
    )  # fmt: skip


def make_room(headroom_kva: object, footroom_kva: object = 0.0, **changes) -> ZoneRoom:
    """A room of hours from midnight."""
    full = np.ones(24)
    given = {"ev_power_factor": 1.0, "v2g_per_kwh": 0.5, "export_share": 0.7, "reason": "made"} | changes
    return ZoneRoom(headroom_kva * full, footroom_kva * full, 0.1 * full, **given)


def test_room_follows_the_local_clock_and_prices_the_clock_from_noon():
    headroom, prices = np.arange(24.0) - 2.0, np.arange(24.0) / 100
    room = ZoneRoom(headroom, np.full(24, 10.0), prices, 0.98, 0.175, 0.7, "zone", only_asked=False)
    slot = np.array([12, 23, 0, 1])
    found = room.of_slots(slot)
    # kVA to kW: times 0.98 where there is room, divided where it lacks; V2G may use 70 % of the footroom.
    assert found.limit.upper_kw == pytest.approx([10 * 0.98, 21 * 0.98, 0.0, 0.0])
    assert found.limit.lower_kw == pytest.approx([-0.7 * 9.8] * 4)
    assert found.asked_kw == pytest.approx([0.0, 0.0, 2 / 0.98, 1 / 0.98])
    # The first price is that of noon; where headroom lacks, 0.175 is added.
    assert found.price_per_kwh == pytest.approx([0.0, 0.11, 0.12 + 0.175, 0.13 + 0.175])
    asked = replace(room, only_asked=True).of_slots(slot)
    assert asked.limit.lower_kw == pytest.approx([0.0, 0.0, -2 / 0.98, -1 / 0.98])
    day = room.of_day()
    assert day.limit.upper_kw == pytest.approx(np.maximum(np.roll(headroom, -12), 0.0) * 0.98)
    assert day.price_per_kwh == pytest.approx(prices + 0.175 * (np.roll(headroom, -12) < 0.0))


@pytest.mark.parametrize("first", [SPRING, AUTUMN, PLAIN])
def test_plans_and_unmanaged_charging_land_on_the_local_hours_of_the_stays(first: date):
    horizon = noon_days(make_horizon(first, 3, 60), 0, 2)
    # Only the hour from 05:00 has room for the cars.
    room = make_room(np.where(np.arange(24) == 5, 9.0, 0.0))
    cars = np.array([0, 2])
    pool = Pool(make_cars(3, missing_kwh=4.0))
    planned = plan_days(room, pool, cars, horizon)
    hours = [horizon.local(int(t)).hour for t in np.flatnonzero(planned.total_kw > 1e-6)]
    assert hours == [5, 5]
    assert planned.total_kw.max() == pytest.approx(2 * (0.99 * 30 - 26), abs=1e-3)
    assert np.diff(pool.days).tolist() == [1]
    _, slot = clock_slots(horizon)
    assert np.all(planned.total_kw <= room.of_slots(slot).limit.upper_kw + 1e-9)


@pytest.mark.parametrize("first", [SPRING, AUTUMN, PLAIN])
def test_unmanaged_charging_begins_at_plug_in_of_each_real_day(first: date):
    horizon = noon_days(make_horizon(first, 3, 60), 0, 2)
    task = ZoneTask(0, make_room(100.0), np.arange(2), Pool(make_cars(5)), horizon, streak=1, seed=3)
    found = plan_zone(task, Watch())
    power = found.unmanaged.total_kw
    begins = np.flatnonzero((power > 0.0) & (np.concatenate([[0.0], power[:-1]]) == 0.0))
    assert [horizon.local(int(t)).strftime("%d %H") for t in begins] == [
        f"{first.day:02d} 18", f"{first.day + 1:02d} 18",
    ]  # fmt: skip
    # Full rate from 22 kWh up to 48 of 60, then the taper: 4/12.06·(60.06 - E).
    energy, expected = 22.0, []
    for _ in range(13):
        expected.append(min(4.0, 4.0 / (0.201 * 60.0) * (60.06 - energy), 60.0 - energy))
        energy += expected[-1]
    whole = power[begins[0] : begins[0] + 12] / 2  # in spring the night has twelve hours
    assert whole == pytest.approx(expected[:12])


def test_evs_are_different_cars_as_many_as_the_room_and_the_customers_allow():
    # 13 hours at 3 kW hold 39 kWh: 7.7 kWh a car (99 % of 30) is five cars.
    pool, horizon = Pool(make_cars(30)), None
    found = plan_zone(ZoneTask(1, make_room(3.0), np.arange(20), pool, horizon, 4, 9), Watch())
    assert len(found.cars) == len(set(found.cars.tolist())) == 5
    assert found.attempts == 4
    assert found.optimised is found.unmanaged is None
    few = plan_zone(ZoneTask(1, make_room(3.0), np.arange(2), pool, horizon, 4, 9), Watch())
    assert len(few.cars) == 2
    none = plan_zone(ZoneTask(1, make_room(-3.0), np.arange(2), pool, horizon, 4, 9), Watch())
    assert len(none.cars) == none.attempts == 0
    again = plan_zone(ZoneTask(1, make_room(3.0), np.arange(20), pool, horizon, 4, 9), Watch())
    assert again.cars.tolist() == found.cars.tolist()
    other = plan_zone(ZoneTask(2, make_room(3.0), np.arange(20), pool, horizon, 4, 9), Watch())
    assert other.cars.tolist() != found.cars.tolist()


def test_a_failure_restarts_the_streak_with_one_car_less(monkeypatch: pytest.MonkeyPatch):
    answers = iter([True, True, True, False, True, True, True])  # the first: all cars at once
    monkeypatch.setattr(network_realised, "can_serve", lambda *_a, **_k: next(answers))
    task = ZoneTask(0, make_room(100.0), np.arange(6), Pool(make_cars(8)), None, streak=3, seed=1)
    found = plan_zone(task, Watch())
    assert len(found.cars) == 5
    assert found.attempts == 6
    assert next(answers, None) is None


def test_a_zone_stops_where_it_is_told_to():
    task = ZoneTask(0, make_room(9.0), np.arange(2), Pool(make_cars(4)), None, 2, 1)
    with pytest.raises(RunCancelled):
        plan_zone(task, Watch(stop=True))


def test_rooms_of_a_transformer_by_hand():
    headroom = np.array([5.0, -2.0, 4.0, 6.0])
    slots = np.arange(4)
    rooms = [make_room(h, 10.0) for h in (headroom.repeat(6), np.full(24, 3.0))]
    top = make_room(np.array([7.0, 1.0, -4.0, 0.5]).repeat(6), 20.0)
    found, limit = rooms_together(rooms, top, 6 * slots)
    # The transformer lacks 4 kW in the third hour: half of it is asked of each, one may give all of it.
    assert found[0].asked_kw == pytest.approx([0.0, 2.0, 2.0, 0.0])
    assert found[1].asked_kw == pytest.approx([0.0, 0.0, 2.0, 0.0])
    assert found[0].limit.lower_kw == pytest.approx([0.0, -2.0, -4.0, 0.0])
    assert found[1].limit.lower_kw == pytest.approx([0.0, 0.0, -4.0, 0.0])
    assert found[0].limit.upper_kw == pytest.approx([5.0, 0.0, 4.0, 6.0])
    assert found[0].price_per_kwh == pytest.approx([0.1, 0.6, 0.6, 0.1])
    assert found[1].price_per_kwh == pytest.approx([0.1, 0.1, 0.6, 0.1])
    assert limit.upper_kw == pytest.approx([7.0, 1.0, 0.0, 0.5])
    assert limit.lower_kw == pytest.approx([0.0, -2.0, -4.0, 0.0])
    wide = [replace(r, only_asked=False) for r in rooms]
    found, limit = rooms_together(wide, replace(top, only_asked=False), 6 * slots)
    assert found[1].limit.lower_kw == pytest.approx([-7.0] * 4)
    assert limit.lower_kw == pytest.approx([-14.0] * 4)


@pytest.mark.parametrize("first", [SPRING, PLAIN])
def test_zones_together_keep_every_room_and_the_transformer(first: date):
    horizon = noon_days(make_horizon(first, 3, 60), 0, 2)
    pool = Pool(make_cars(4, discharge_kw=4.0))
    rooms, top = [make_room(4.0, 9.0), make_room(9.0, 9.0)], make_room(5.0, 9.0)
    cars = [np.array([0, 1]), np.array([3])]
    watch = Watch()
    plans = plan_days_together(rooms, top, pool, cars, horizon, watch)
    total = plans[0].total_kw + plans[1].total_kw
    assert plans[0].total_kw.max() <= 4.0 + 1e-8
    assert total.max() <= 5.0 + 1e-8
    assert np.concatenate([p.end_kwh for p in plans]) == pytest.approx(0.99 * 30.0, abs=1e-3)
    assert watch.said == [0.5, 1.0]
    # As cheap as all cars in one zone of the sum, which binds them less.
    _, slot = clock_slots(horizon)
    cost = 0.1 * total.sum()
    whole = 0.0
    for day in range(2):
        begin, end = horizon.day_edges[day : day + 2]
        landed = join_sessions([land_sessions(pool.sessions.take(c), horizon, day) for c in cars])
        whole += plan_zone_charging(landed, top.of_slots(slot[begin:end])).objective
    assert cost >= whole - 1e-4
    assert cost == pytest.approx(whole, rel=1e-3)


def test_a_plan_that_the_deadline_ended_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    horizon, pool = noon_days(make_horizon(PLAIN, 2, 60), 0, 1), Pool(make_cars(2))
    room = make_room(1.0, reason="headroom of zone 1/2")
    plan_days(room, pool, np.array([0, 1]), horizon)
    assert not caplog.records
    monkeypatch.setattr(network_evs, "plan_zone_charging", partial(plan_zone_charging, seconds=0.0))
    plan_days(room, pool, np.array([0, 1]), horizon)
    assert "headroom of zone 1/2, noon of 2026-01-12: plan timed out, proven to" in caplog.text


class Weekend(Pool):
    """Every seventh day all cars need one kilowatt-hour more."""

    def on_day(self, day: int) -> EvSessions:
        cars = super().on_day(day)
        return replace(cars, start_kwh=cars.start_kwh - 1.0) if day % 7 == 0 else cars


@pytest.mark.parametrize(("first", "asked"), [(PLAIN, 2), (SPRING, 3)])
def test_days_that_ask_the_same_are_planned_once_and_to_the_byte_as_if_each_was_planned(
    first: date, asked: int, monkeypatch: pytest.MonkeyPatch
):
    made = []

    def plan(*question, **more):
        made.append(question)
        return plan_zone_charging(*question, **more)

    horizon, pool = noon_days(make_horizon(first, 9, 60), 0, 8), Weekend(make_cars(3, discharge_kw=4.0))
    room, cars = make_room(np.arange(24.0) % 5 - 0.5, 9.0), np.array([0, 2])
    monkeypatch.setattr(network_evs, "plan_zone_charging", plan)
    found = plan_days(room, pool, cars, horizon)
    # A plain day and one that needs more; in spring also the night without an hour.
    assert len(made) == asked
    _, slot = clock_slots(horizon)
    parts = []
    for day in range(horizon.days):
        begin, end = horizon.day_edges[day : day + 2]
        own = land_sessions(pool.on_day(pool.days[day]).take(cars), horizon, day)
        parts.append(plan_zone_charging(own, room.of_slots(slot[begin:end])).schedule)
    alone = join_days(parts, horizon)
    assert found.charge_kw.tobytes() == alone.charge_kw.tobytes()
    assert found.discharge_kw.tobytes() == alone.discharge_kw.tobytes()
    assert found.discharge_kw.max() > 0.0


def test_a_plan_that_the_deadline_ended_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    made = []

    def plan(*question):
        made.append(question)
        return plan_zone_charging(*question, seconds=0.0)

    monkeypatch.setattr(network_evs, "plan_zone_charging", plan)
    horizon = noon_days(make_horizon(PLAIN, 4, 60), 0, 3)
    plan_days(make_room(1.0), Pool(make_cars(2)), np.array([0, 1]), horizon)
    assert len(made) == 3


def test_zones_without_cars_are_no_trouble():
    horizon = noon_days(make_horizon(PLAIN, 2, 60), 0, 1)
    cars = [np.zeros(0, dtype=np.int64), np.array([1])]
    plans = plan_days_together(
        [make_room(4.0)] * 2, make_room(5.0), Pool(make_cars(2)), cars, horizon, Watch()
    )
    assert plans[0].total_kw.max() == 0.0
    assert plans[1].end_kwh == pytest.approx([0.99 * 30.0], abs=1e-3)
