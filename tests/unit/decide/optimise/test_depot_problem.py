"""A window cut out of a depot, by hand (η = 0.8, half-hours, AC 8 kW, DC 20 kW).

Two days from midnight. V0 (40 kWh): plugged in 0-6 h; a route of 10 kWh; 18:10 to 06:00 of the second
day; a route of 12 kWh; 42-48 h. V1 (60 kWh): plugged in 0-20 h; a route of 16 kWh over midnight; back at
26 h until 47 h; a route of 4 kWh from which it is not back at the end.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.schedule import AC, DC
from support.depots import make_depot, make_horizon

STAYS = [
    (0, 0, 6, 0.0),
    (0, 18 + 1 / 6, 30, 10.0),
    (0, 42, 48, 12.0),
    (1, 0, 20, 0.0),
    (1, 26, 47, 16.0),
    (1, 48, 48, 4.0),
]
FLEET = [(40.0, 8.0, 20.0), (60.0, 4.0, 50.0)]
FIRST_DAY, SECOND_DAY = (0, 48), (48, 96)


def two_days(**changes) -> Depot:
    values = {"horizon": make_horizon(days=2), "vehicles": FLEET, "price": np.arange(96) / 100.0}
    return make_depot(STAYS, **(values | changes))


def undecided(depot: Depot) -> np.ndarray:
    return np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)


def cut(depot: Depot, window: tuple[int, int], deficit=(0.0, 0.0), held=None):
    held = undecided(depot) if held is None else held
    return window_problem(depot, *window, np.array(deficit), held)


def test_the_first_day():
    problem, sessions, entries = cut(two_days(), FIRST_DAY)
    # V1's route over midnight is asked for at the end; V0 is plugged in then, its next route unknown.
    assert sessions.tolist() == [0, 1, 3, 4]
    assert problem.vehicle.tolist() == [0, 0, 1, 1]
    assert problem.first.tolist() == [0, 36, 0, 48]
    assert problem.end.tolist() == [12, 48, 40, 48]
    assert problem.use.tolist() == pytest.approx([0.0, 12.5, 0.0, 20.0])
    assert problem.offset.tolist() == [0, 12, 24, 64, 64]
    assert problem.period.tolist() == [*range(12), *range(36, 48), *range(40)]
    assert entries.tolist() == [*range(24), *range(48, 88)]
    assert problem.held.tolist() == [UNDECIDED] * 4
    assert problem.price.tolist() == pytest.approx([t / 100 for t in range(48)])
    assert problem.earliness.tolist() == list(range(48))


def test_the_second_day_keeps_what_is_held():
    depot = two_days()
    held = undecided(depot)
    held[[1, 3]] = DC, AC  # session 3 is over: it plays no part
    problem, sessions, entries = cut(depot, SECOND_DAY, deficit=(5.0, 16.0), held=held)
    assert sessions.tolist() == [1, 2, 4, 5]
    assert problem.first.tolist() == [0, 36, 4, 48]
    assert problem.end.tolist() == [12, 48, 46, 48]
    # What V0 used before its stay was booked on the first day; it is in the deficit now.
    assert problem.use.tolist() == pytest.approx([0.0, 15.0, 20.0, 5.0])
    assert problem.held.tolist() == [DC, UNDECIDED, UNDECIDED, UNDECIDED]
    assert problem.deficit.tolist() == pytest.approx([6.25, 20.0])
    assert entries.tolist() == [*range(24, 48), *range(88, 130)]
    assert problem.price.tolist() == pytest.approx([t / 100 for t in range(48, 96)])


def test_both_days_at_once():
    problem, sessions, entries = cut(two_days(), (0, 96))
    assert sessions.tolist() == list(range(6))
    assert problem.end.tolist() == [12, 60, 96, 40, 94, 96]
    assert entries.tolist() == list(range(130))
    assert problem.use.tolist() == pytest.approx([0.0, 12.5, 15.0, 0.0, 20.0, 5.0])


def test_an_open_session_is_not_held_before_it_begins():
    """``held`` counts only for sessions that began earlier."""
    depot = two_days()
    held = np.full(len(depot.sessions), DC, dtype=np.int8)
    problem, _, _ = cut(depot, FIRST_DAY, held=held)
    assert problem.held.tolist() == [UNDECIDED] * 4


def test_energies_are_of_the_plugged_in_part():
    depot = two_days(min_power_kw=1.5)
    problem, _, _ = cut(depot, FIRST_DAY)
    part = (20 / 60) / 0.5  # plugged in from 18:10, so 20 of 30 minutes
    assert problem.ac_kwh[[0, 12, 13, 24]].tolist() == pytest.approx([4.0, 4.0 * part, 4.0, 2.0])
    assert problem.dc_kwh[[0, 12, 13, 24]].tolist() == pytest.approx([10.0, 10.0 * part, 10.0, 10.0])
    assert problem.least_kwh[[0, 12, 13]].tolist() == pytest.approx([0.75, 0.75 * part, 0.75])


def test_batteries_and_site_in_solver_units():
    """Limit 0.9·100 kW less 30 kW of load; margin 0.2·100 kW; reserve 10 %."""
    problem, _, _ = cut(two_days(load_kw=30.0, reserve=0.1), FIRST_DAY)
    assert problem.free_kwh.tolist() == pytest.approx([30.0] * 48)
    assert problem.breach_kwh.tolist() == pytest.approx([10.0] * 48)
    assert problem.battery.tolist() == pytest.approx([50.0, 75.0])
    assert problem.floor.tolist() == pytest.approx([45.0, 67.5])


def test_taken_room_and_who_may_choose():
    problem, _, _ = cut(two_days(), FIRST_DAY, deficit=(0.0, 8.0))
    assert problem.taken.tolist() == pytest.approx([0.0, 12.5, 10.0, 30.0])
    assert problem.room.tolist() == pytest.approx([0.0, 12.5, 10.0, 30.0])
    # V0 is full until its route; V1's last has no period.
    assert problem.can_choose.tolist() == [False, True, True, False]
    assert problem.most_ac.tolist() == pytest.approx([48.0, 4.0 * (11 + 2 / 3), 80.0, 0.0])


def test_what_the_next_route_needs():
    """40 kWh with a reserve of 10 %: 36 may be gone. 20 miss at the start, the route takes 24: 8 short.

    Then 30 more: 20 + 24 + 30 − 36 = 38 are needed before that one; in solver units all of it / 0.8.
    """
    depot = make_depot([(0, 0, 6, 0.0), (0, 12, 14, 24.0), (0, 20, 24, 30.0)], reserve=0.1)
    problem, _, _ = window_problem(depot, 0, 48, np.array([20.0]), undecided(depot))
    assert problem.need.tolist() == pytest.approx([8.0 / 0.8, 38.0 / 0.8, 0.0])


def test_the_room_is_at_most_the_battery_to_its_floor():
    """Routes of 50 kWh battery side: 62.5 in solver units, but nothing beyond 45 can come back."""
    depot = make_depot([(0, 0, 6, 0.0), (0, 18, 24, 50.0)], reserve=0.1)
    problem, _, _ = window_problem(depot, 0, 48, np.zeros(1), undecided(depot))
    assert problem.taken.tolist() == pytest.approx([0.0, 62.5])
    assert problem.room.tolist() == pytest.approx([0.0, 45.0])


@pytest.mark.parametrize(
    ("chargers", "num_ac", "choosers"),
    [
        (DepotChargers(8.0, 20.0, 3, 1), None, 2),
        (DepotChargers(8.0, 20.0, 3, 1, limit_ac=True), 3, 2),
        (DepotChargers(8.0, 20.0, 3, 0), None, 0),
        (DepotChargers(8.0, 0.0, 3, 2), None, 0),
        # DC slower than AC is no choice, unless AC is scarce.
        (DepotChargers(8.0, 3.0, 3, 2), None, 0),
        (DepotChargers(8.0, 3.0, 3, 2, limit_ac=True), 3, 2),
    ],
)
def test_chargers(chargers, num_ac, choosers):
    depot = two_days(chargers=chargers, vehicles=[(40.0, 8.0, 20.0), (60.0, 8.0, 50.0)])
    problem, _, _ = cut(depot, FIRST_DAY, deficit=(0.0, 8.0))
    assert problem.num_ac == num_ac
    assert problem.can_choose.sum() == choosers


def test_a_stay_without_length_belongs_to_the_window_it_begins_in():
    depot = make_depot(
        [(0, 0, 6, 0.0), (0, 12, 12, 3.0), (0, 24, 24, 5.0), (0, 30, 48, 7.0)], horizon=make_horizon(days=2)
    )
    none = undecided(depot)
    first, sessions, _ = window_problem(depot, 0, 48, np.zeros(1), none)
    # The one at midnight is the second day's, but its route is known and asked for at the end of the first.
    assert sessions.tolist() == [0, 1, 2]
    assert first.first.tolist() == [0, 24, 48]
    assert first.end.tolist() == [12, 24, 48]
    second, sessions, _ = window_problem(depot, 48, 96, np.zeros(1), none)
    assert sessions.tolist() == [2, 3]
    assert second.first.tolist() == [0, 12]
    assert second.use.tolist() == pytest.approx([6.25, 8.75])


def test_a_vehicle_away_for_days_is_asked_for_every_day():
    """It left on the first day and is back on the third: the second knows of the route as well."""
    depot = make_depot([(0, 0, 6, 0.0), (0, 60, 72, 9.0)], horizon=make_horizon(days=3))
    for window in ((0, 48), (48, 96)):
        problem, sessions, entries = window_problem(depot, *window, np.zeros(1), undecided(depot))
        assert sessions.tolist()[-1] == 1
        assert (problem.first[-1], problem.end[-1]) == (48, 48)
        assert problem.use[-1] == pytest.approx(11.25)
    assert len(entries) == 0
    problem, sessions, _ = window_problem(depot, 96, 144, np.zeros(1), undecided(depot))
    assert sessions.tolist() == [1]
    assert problem.first.tolist() == [24]


@pytest.mark.parametrize(
    ("first", "periods", "arrival"),
    [
        # A stay that begins 43 real hours after the run did: one hour later by the clock in spring.
        (date(2027, 3, 27), 46, 86 - 48),
        (date(2026, 10, 24), 50, 86 - 48),
        (date(2026, 10, 5), 48, 86 - 48),
    ],
)
def test_clock_change_day(first, periods, arrival):
    """The second day has 46, 48 or 50 half-hours; it begins 48 after the first."""
    horizon = make_horizon(first, days=2)
    price = np.arange(horizon.periods) / 1000.0
    depot = make_depot([(0, 0, 6, 0.0), (0, 43, 60, 9.0)], horizon=horizon, price=price)
    assert horizon.day_edges == (0, 48, 48 + periods)
    problem, sessions, _ = window_problem(depot, 48, 48 + periods, np.zeros(1), undecided(depot))
    assert problem.periods == periods
    assert sessions.tolist() == [1]
    assert (problem.first[0], problem.end[0]) == (arrival, periods)
    assert problem.price[-1] == pytest.approx((48 + periods - 1) / 1000.0)
    assert len(problem.free_kwh) == len(problem.breach_kwh) == len(problem.earliness) == periods
