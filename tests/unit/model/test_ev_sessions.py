"""EV sessions and schedules as structs of arrays."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import join_sessions
from support.ev_pools import draw_sessions, make_sessions


@pytest.fixture
def three():
    """Three cars, the second of which comes twice and the third never."""
    return make_sessions(
        [(0, 1, 3, 5.0, 8.0), (1, 0, 1, 4.0, 5.0), (1, 2, 4, 4.0, 9.0)],
        battery_kwh=[10.0, 20.0, 30.0],
        periods=4,
        discharge_kw=3.0,
    )


def test_entries(three):
    assert three.offset.tolist() == [0, 2, 3, 5]
    assert three.entry_session.tolist() == [0, 0, 1, 2, 2]
    assert three.entry_period.tolist() == [1, 2, 0, 2, 3]
    assert three.entry_car.tolist() == [0, 0, 1, 1, 1]
    assert (len(three), three.cars, three.entries) == (3, 3, 5)


def test_take_keeps_the_order_given(three):
    taken = three.take(np.array([1, 2, 0]))
    assert taken.ids == ("car 1", "car 2", "car 0")
    assert taken.car.tolist() == [0, 0, 2]
    assert taken.arrival.tolist() == [0, 2, 1]
    assert taken.wanted_kwh.tolist() == [5.0, 9.0, 8.0]
    assert taken.battery_kwh.tolist() == [20.0, 30.0, 10.0]


def test_take_a_car_twice_and_none(three):
    assert three.take(np.array([1, 1])).car.tolist() == [0, 0, 1, 1]
    assert len(three.take(np.zeros(0, dtype=np.int64))) == 0


def test_join_is_undone_by_take():
    parts = [draw_sessions(np.random.default_rng(n), 4) for n in range(3)]
    joined = join_sessions(parts)
    second = joined.take(np.arange(4, 8))
    for field in ("car", "arrival", "departure", "start_kwh", "wanted_kwh", "battery_kwh", "discharge_kw"):
        assert np.array_equal(getattr(second, field), getattr(parts[1], field))
    assert joined.ids == tuple(name for p in parts for name in p.ids)


def test_energies_of_a_schedule_by_hand(three):
    charge = np.array([2.0, 0.0, 1.0, 0.0, 4.0])
    discharge = np.array([0.0, 1.0, 0.0, 0.5, 0.0])
    schedule = EvSchedule(three, charge, discharge)
    eta = 0.88
    assert schedule.energy_kwh == pytest.approx(
        [
            *(5.0, 5.0 + eta, 5.0 + eta - 0.5 / eta),
            *(4.0, 4.0 + 0.5 * eta),
            *(4.0, 4.0 - 0.25 / eta, 4.0 - 0.25 / eta + 2.0 * eta),
        ]
    )
    assert schedule.end_kwh == pytest.approx(schedule.energy_kwh[[2, 4, 7]])
    assert schedule.total_kw == pytest.approx([1.0, 2.0, -1.5, 4.0])
    assert schedule.car_kw.sum(axis=0) == pytest.approx(schedule.total_kw)
    assert schedule.car_kw[2].tolist() == [0.0] * 4


def test_without_v2g(three):
    assert np.all(three.without_v2g().discharge_kw == 0.0)
    assert np.all(three.discharge_kw == 3.0)
