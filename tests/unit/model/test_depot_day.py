"""One committed day: booked by hand, as bytes and back, and days of a schedule that was decided at once."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.depot_day import DayState, DepotDay, days_of_schedule, schedule_of_days
from sparewatt.model.schedule import AC, DC, NO_CHARGER, DayReport, DepotSchedule
from support.depots import make_depot, make_horizon

ARRAYS = ("soc_kwh", "sessions", "charger", "unserved_kwh", "entries", "energy_kwh")
STATE = ("deficit_kwh", "held_session", "held_charger")


def two_days(**changes) -> Depot:
    """η = 0.8. V0: 0-6 h, 10 kWh, 20-30 h, 9 kWh, away at the end. V1: 0-20 h, 16 kWh, 26-48 h."""
    stays = [(0, 0, 6, 0.0), (0, 20, 30, 10.0), (0, 48, 48, 9.0), (1, 0, 20, 0.0), (1, 26, 48, 16.0)]
    values = {"vehicles": [(40.0, 8.0, 20.0), (60.0, 8.0, 20.0)], "horizon": make_horizon(days=2)}
    return make_depot(stays, **(values | changes))


def first_day(depot: Depot) -> DepotDay:
    """V0 takes 4 kWh and 3.5 kWh at 20:00 and 20:30 on DC; V1 nothing. The route of V0 missed 1 kWh."""
    state = DayState.initial(depot)
    return DepotDay.committed(
        depot,
        0,
        state,
        sessions=np.array([0, 1, 3]),
        charger=np.array([NO_CHARGER, DC, AC], dtype=np.int8),
        unserved_kwh=np.array([0.0, 1.0, 0.0]),
        entries=np.arange(12, 14),
        energy_kwh=np.array([4.0, 3.5]),
    )


def test_the_state_after_a_day_by_hand():
    depot = two_days(initial_soc=0.9)
    day = first_day(depot)
    assert day.soc_kwh == pytest.approx([36.0, 54.0])
    # V0: 4 missing + 10 used − 1 missed − 0.8·7.5 charged; V1 left at 20:00, its route is the next day's.
    assert day.after.deficit_kwh == pytest.approx([4.0 + 10.0 - 1.0 - 6.0, 6.0])
    assert day.after.day == 1
    assert day.after.held_session.tolist() == [1]
    assert day.after.held_charger.tolist() == [DC]


def test_the_second_day_books_no_route_twice():
    depot = two_days()
    second = DepotDay.committed(
        depot,
        1,
        DayState(1, np.array([3.0, 0.0]), np.array([1]), np.array([DC], dtype=np.int8)),
        sessions=np.array([1, 2, 4]),
        charger=np.array([DC, NO_CHARGER, AC], dtype=np.int8),
        unserved_kwh=np.zeros(3),
        entries=np.empty(0, dtype=np.int64),
        energy_kwh=np.empty(0),
    )
    # V0's 10 kWh belong to the first day, the 9 kWh of the route it is still on to the last.
    assert second.after.deficit_kwh == pytest.approx([3.0 + 9.0, 16.0])
    assert second.after.held_session.tolist() == []
    assert second.soc_kwh == pytest.approx([37.0, 60.0])


def test_more_than_full_is_full():
    """A hair of energy too much leaves no negative deficit behind."""
    depot = two_days()
    day = DepotDay.committed(
        depot,
        0,
        DayState.initial(depot),
        sessions=np.array([0]),
        charger=np.array([AC], dtype=np.int8),
        unserved_kwh=np.zeros(1),
        entries=np.array([0]),
        energy_kwh=np.array([1e-9]),
    )
    assert day.after.deficit_kwh.tolist() == [0.0, 0.0]


def test_ranks_by_hand():
    """Limit 0.9·8 − 1.2 = 6 kW, so 3 kWh a period: 4 and 3.5 kWh are 1.5 over; prices 0.2 and 0.4."""
    price = np.zeros(96)
    price[40:42] = 0.2, 0.4
    depot = two_days(asc_kw=8.0, load_kw=1.2, price=price)
    assert first_day(depot).ranks(depot) == pytest.approx((1.0, 1.5, 7.5, 0.8 + 1.4))


def test_a_hair_over_the_limit_is_no_breach():
    depot = two_days(asc_kw=8.0 + (0.8 - 1e-9) / 0.9)
    assert first_day(depot).ranks(depot)[1] == 0.0


def test_the_report_comes_along():
    day = first_day(two_days())
    report = DayReport(0, "magic", "optimal", 1.0, 0.0, 7.5, 2.2, 0.0, 0.1)
    assert day.report is None
    assert day.with_report(report).report == report
    assert day.with_report(report).to_bytes() == day.to_bytes(), "the report is stored in columns of its own"


def assert_same(one: DepotDay, two: DepotDay) -> None:
    assert one.day == two.day
    assert one.after.day == two.after.day
    for a, b, names in ((one, two, ARRAYS), (one.after, two.after, STATE)):
        for name in names:
            mine, theirs = getattr(a, name), getattr(b, name)
            assert mine.dtype == theirs.dtype, name
            assert mine.tobytes() == theirs.tobytes(), name


def test_bytes_and_back():
    day = first_day(two_days(initial_soc=0.7))
    back = DepotDay.from_bytes(0, day.to_bytes())
    assert_same(back, day)
    assert back.to_bytes() == day.to_bytes()
    back.energy_kwh[0] = 5.0  # one's own copy, not a view of the bytes


def test_bytes_and_back_of_random_days():
    rng = np.random.default_rng(8)
    for _ in range(20):
        n, vehicles, held, entries = (int(k) for k in rng.integers(0, 9, 4))
        after = DayState(
            7,
            rng.uniform(0, 50, vehicles),
            rng.integers(0, 99, held),
            rng.integers(0, 3, held).astype(np.int8),
        )
        day = DepotDay(
            6,
            rng.uniform(0, 50, vehicles),
            rng.integers(0, 2**40, n),
            rng.integers(0, 3, n).astype(np.int8),
            rng.uniform(0, 3, n),
            rng.integers(0, 2**40, entries),
            rng.uniform(0, 30, entries),
            after,
        )
        assert_same(DepotDay.from_bytes(6, day.to_bytes()), day)


def test_other_decisions_are_other_bytes():
    day = first_day(two_days())
    for name in ARRAYS:
        changed = getattr(day, name).copy()
        changed[-1] += 1
        assert replace(day, **{name: changed}).to_bytes() != day.to_bytes(), name
    for name in STATE:
        changed = getattr(day.after, name).copy()
        changed[-1] += 1
        assert replace(day, after=replace(day.after, **{name: changed})).to_bytes() != day.to_bytes(), name


def test_torn_bytes_are_refused():
    data = first_day(two_days()).to_bytes()
    with pytest.raises(zlib.error):
        DepotDay.from_bytes(0, data[:-3])


def a_schedule(depot: Depot, seed: int) -> DepotSchedule:
    """Energies and unserved energies at random; nothing here judges them, they only travel."""
    rng, s = np.random.default_rng(seed), depot.sessions
    return DepotSchedule(
        depot,
        np.round(rng.uniform(0.0, 0.3, len(s.fraction)), 3),
        rng.integers(0, 3, len(s)).astype(np.int8),
        np.where(s.use_kwh > 0.0, np.round(rng.uniform(0.0, 2.0, len(s)), 3), 0.0),
    )


@pytest.mark.parametrize("day_start_hours", [0, 5])
def test_a_schedule_as_days_and_back(day_start_hours):
    horizon = make_horizon(days=3, day_start_hours=day_start_hours)
    stays = [
        (0, 0, 6, 0.0),
        (0, 20, 50, 10.0),  # over a whole day
        (0, 60, 60, 5.0),  # no length
        (0, 72, 72, 9.0),  # away at the end
        (1, 0, 20, 0.0),
        (1, 24, 48, 16.0),  # exactly a day
        (1, 48, 72, 3.0),
        (2, 75, 80, 4.0),  # after the end: clipped to it
    ]
    # Low enough at the start that no energy is cut off at full.
    depot = make_depot(stays, vehicles=[(60.0, 8.0, 20.0)] * 3, horizon=horizon, initial_soc=0.2)
    schedule = a_schedule(depot, 1)
    days = days_of_schedule(schedule)
    assert [d.day for d in days] == [0, 1, 2]
    back = schedule_of_days(depot, [DepotDay.from_bytes(d.day, d.to_bytes()) for d in days])
    assert back.energy_kwh.tobytes() == schedule.energy_kwh.tobytes()
    assert back.charger.tobytes() == schedule.charger.tobytes()
    assert back.unserved_kwh.tobytes() == schedule.unserved_kwh.tobytes()
    # The state of charge that chains the days is the one of the schedule as a whole.
    for day in days:
        at = depot.horizon.day_edges[day.day]
        assert day.soc_kwh == pytest.approx(schedule.soc[:, at] * depot.vehicles.battery_kwh)
    totals = np.sum([d.ranks(depot) for d in days], axis=0)
    assert totals[0] == pytest.approx(schedule.unserved_kwh.sum())
    assert totals[2] == pytest.approx(schedule.energy_kwh.sum())


def test_days_hold_what_crosses_their_end():
    depot = make_depot(
        [(0, 0, 6, 0.0), (0, 20, 50, 10.0)],
        horizon=make_horizon(days=3),
        chargers=DepotChargers(8.0, 20.0, 1, 1),
    )
    schedule = replace(a_schedule(depot, 2), charger=np.array([AC, DC], dtype=np.int8))
    held = [d.after.held_session.tolist() for d in days_of_schedule(schedule)]
    assert held == [[1], [1], []]
    assert days_of_schedule(schedule)[1].after.held_charger.tolist() == [DC]
