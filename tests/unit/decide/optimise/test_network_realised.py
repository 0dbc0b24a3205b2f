"""Realised EVs: quick answers are right answers, and the streak is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise import network_realised
from sparewatt.decide.optimise.network_aggregate import aggregate_shortfall
from sparewatt.decide.optimise.network_chains import reachable_kwh
from sparewatt.decide.optimise.network_charging import plan_zone_charging
from sparewatt.decide.optimise.network_realised import can_serve, fillable_of, find_realised_evs
from support.ev_pools import draw_room, draw_sessions, make_room, make_sessions


def like_cars(count: int, **changes):
    """Cars all alike: home for 8 half-hours, 8 kWh missing at 4 kW without loss or taper."""
    stays = [(n, 0, 8, 10.0, 18.0) for n in range(count)]
    given = {"step_h": 0.5, "charge_kw": 4.0, "efficiency": 1.0, "reserve": 0.0} | changes
    return make_sessions(stays, battery_kwh=[100.0] * count, periods=8, **given)


@pytest.mark.parametrize(("upper", "expected"), [(4.0, 2), (5.0, 2), (6.0, 3), (8.0, 4), (0.0, 0), (1.9, 0)])
def test_cars_alike_by_hand(upper: float, expected: int):
    # 4 h at `upper` kW hold upper/2 times 8 kWh.
    found = find_realised_evs(like_cars(20), 12, make_room(upper, periods=8), seed=1, served_share=1.0)
    assert found.count == expected
    assert found.plan.served
    assert len(set(found.cars.tolist())) == expected
    # All cars are alike: where the search begins is where it ends.
    assert found.attempts == (() if expected == 0 else ((expected, True),) * 10)


def test_never_more_than_asked_for_or_in_the_pool():
    room = make_room(1e3, periods=8)
    assert find_realised_evs(like_cars(5), 3, room, seed=0).count == 3
    assert find_realised_evs(like_cars(5), 50, room, seed=0).count == 5
    assert find_realised_evs(like_cars(5), 0, room, seed=0).count == 0


def test_same_seed_same_cars():
    rng = np.random.default_rng(8)
    pool, room = draw_sessions(rng, 40, periods=48), make_room(12.0, periods=48)
    first, again = (find_realised_evs(pool, 30, room, seed=4, streak=5) for _ in range(2))
    assert first.cars.tolist() == again.cars.tolist()
    assert first.attempts == again.attempts
    assert np.array_equal(first.plan.schedule.charge_kw, again.plan.schedule.charge_kw)


def test_streak_is_in_a_row_and_a_failure_takes_one_off(monkeypatch: pytest.MonkeyPatch):
    answers = iter([False, True, True, False, True, False, True, True, True])
    probing = {"left": 3}

    def pretended(sessions, *_args, **_kwargs) -> bool:
        if probing["left"]:  # every probe of the bisection is served at once with all cars
            probing["left"] -= 1
            return True
        return next(answers)

    monkeypatch.setattr(network_realised, "can_serve", pretended)
    monkeypatch.setattr(network_realised, "PROBES", 3)
    probing["left"] = 1
    found = find_realised_evs(like_cars(9), 9, make_room(1e3, periods=8), seed=0, streak=3)
    # After the first probe nothing is left to bisect.
    expected = [(9, False), (8, True), (8, True), (8, False), (7, True), (7, False), (6, True), (6, True)]
    assert list(found.attempts) == [*expected, (6, True)]
    assert found.count == 6


@pytest.mark.parametrize("seed", range(25))
def test_answer_is_that_of_the_exact_plan(seed: int):
    rng = np.random.default_rng(seed)
    cars = int(rng.integers(1, 9))
    sessions, room = draw_sessions(rng, cars, periods=24), draw_room(rng, cars, periods=24)
    exact = plan_zone_charging(sessions, room, exact=True)
    assert can_serve(sessions, room) == exact.served


def test_what_one_car_gives_another_takes():
    # Nothing may come in, but the full car can serve the other.
    sessions = make_sessions(
        [(0, 0, 4, 40.0, 10.0), (1, 0, 4, 10.0, 20.0)], battery_kwh=[60.0, 60.0], periods=4, step_h=1.0,
        discharge_kw=7.4,
    )  # fmt: skip
    room = make_room(0.0, periods=4)
    assert can_serve(sessions, room)
    assert not can_serve(sessions.without_v2g(), room)
    plan = plan_zone_charging(sessions, room)
    assert plan.served
    assert np.abs(plan.grid_kw).max() <= 1e-8


def test_what_no_charger_could_give_is_not_asked_of_the_zone():
    sessions = make_sessions([(0, 0, 1, 5.0, 60.0)], battery_kwh=[60.0], periods=4)
    room = make_room(7.4, periods=4)
    assert can_serve(sessions, room)
    plan = plan_zone_charging(sessions, room)
    assert plan.short_kwh.sum() <= 1e-3
    assert plan.unreachable_kwh == pytest.approx([0.99 * 60.0 - 5.0 - 0.5 * 0.88 * 7.4])


def test_one_battery_for_all_by_hand():
    # Two cars of 8 kWh in 4 h at 3.9 kW: 15.6 of 16 kWh; at 4 kW none is missing.
    alike = like_cars(2)
    for upper, expected in ((3.9, 0.4), (4.0, 0.0)):
        assert shortfall_together(alike, alike.wanted_kwh, np.full(8, upper)) == pytest.approx(expected)
    # One must be ready after two hours of which the first has no power: 4 of 8 kWh.
    early = make_sessions(
        [(0, 0, 2, 10.0, 18.0), (1, 0, 4, 10.0, 10.0)], battery_kwh=[100.0] * 2, periods=4, step_h=1.0,
        charge_kw=4.0, efficiency=1.0, reserve=0.0,
    )  # fmt: skip
    found = shortfall_together(early, np.array([18.0, 10.0]), np.array([0.0, 9.0, 9.0, 9.0]))
    assert found == pytest.approx(4.0)


def shortfall_together(sessions, wanted: np.ndarray, upper_kw: np.ndarray) -> float:
    reach, _ = reachable_kwh(sessions)
    return aggregate_shortfall(fillable_of(sessions, wanted), reach, upper_kw)


@pytest.mark.parametrize("seed", range(30))
def test_one_battery_for_all_never_misses_more_than_the_cars(seed: int):
    rng = np.random.default_rng(seed)
    # Steps of an hour, in which a small battery passes its whole taper, and shorter ones.
    periods, cars = int(rng.choice([24, 48])), int(rng.integers(1, 8))
    sessions, room = draw_sessions(rng, cars, periods=periods), draw_room(rng, cars, periods=periods)
    wanted = np.minimum(0.99 * sessions.wanted_kwh, reachable_kwh(sessions)[1])
    together = shortfall_together(sessions, wanted, room.limit.upper_kw)
    assert together <= plan_zone_charging(sessions, room, exact=True).short_kwh.sum() + 1e-6
