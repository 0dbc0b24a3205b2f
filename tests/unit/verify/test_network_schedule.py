"""The judge of EV schedules: what keeps every rule is left alone, what breaks one is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.customers import make_horizon
from tests.unit.simulate.test_network_days import PLAIN, stays

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.verify.network_schedule import check_ev_schedule

HORIZON = make_horizon(PLAIN, 1, 60)
SESSIONS = stays((2, 5))


def judged(charge, discharge=(0.0, 0.0, 0.0), *, sessions=SESSIONS, lower=-7.0, upper=7.0):
    schedule = EvSchedule(sessions, np.array(charge), np.array(discharge))
    bounds = np.full(24, lower), np.full(24, upper)
    return {
        f.rule.removeprefix("network.schedule."): f
        for f in check_ev_schedule("1/2", schedule, *bounds, HORIZON)
    }


def test_a_schedule_inside_everything():
    assert judged([7.0, 0.0, 3.0], [0.0, 7.0, 0.0]) == {}


@pytest.mark.parametrize(
    ("rule", "schedule"),
    [
        ("bounds", judged([7.0, 0.0, 0.0], upper=6.0)),
        ("bounds", judged([0.0, 0.0, 0.0], [0.0, 5.0, 0.0], lower=-4.0)),
        ("charger", judged([8.0, 0.0, 0.0], upper=9.0)),
        ("both", judged([3.0, 0.0, 0.0], [2.0, 0.0, 0.0])),
        (
            "reserve",
            judged([0.0] * 3, [7.0, 0.0, 0.0], sessions=replace(SESSIONS, reserve_kwh=np.array([15.0]))),
        ),
    ],
)
def test_one_broken_rule(rule, schedule):
    assert list(schedule) == [rule]


def test_a_battery_that_goes_below_empty_and_beyond_full():
    low = replace(SESSIONS, start_kwh=np.array([5.0]))
    assert list(judged([0.0] * 3, [7.0, 0.0, 0.0], sessions=low)) == ["battery", "reserve"]
    high = replace(SESSIONS, start_kwh=np.array([39.0]))
    found = judged([7.0, 0.0, 0.0], sessions=high)
    # 39 + 0.9·7 = 45.3 kWh of 40; the taper allows 7/(0.201·40)·(1.001·40 - 39) = 0.905 kW
    assert found["battery"].margin == pytest.approx(5.3)
    assert found["taper"].margin == pytest.approx(7.0 - 0.9054726, abs=1e-6)


def test_where_and_when():
    found = judged([0.0, 7.0, 0.0], upper=6.0)["bounds"]
    assert found.where == "zone 1/2, 2026-01-12 03:00+0000"
    assert found.margin == pytest.approx(1.0)


def test_other_periods():
    found = check_ev_schedule(
        "1/2",
        EvSchedule(SESSIONS, np.zeros(3), np.zeros(3)),
        np.zeros(48),
        np.zeros(48),
        make_horizon(PLAIN, 2, 60),
    )
    assert [f.rule for f in found] == ["network.schedule.periods"]
