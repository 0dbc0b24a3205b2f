"""The rules of a cluster against their plain meaning, written anew; sides, ties and edges by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from properties.strategies_cluster_rules import hubs
from sparewatt.decide.rules.cluster_kernels import decide_cluster
from sparewatt.decide.rules.laxity import fill_relative_laxity
from sparewatt.model.operating_rules import KERNEL_CONTROLS
from support.cluster_meaning import CONTROLS, Car, Hub, decide, kernel_arrays, nearly_tied, urgency

each_control = pytest.mark.parametrize("control", CONTROLS)
ORDERED = CONTROLS[1:4]
RESTRAINED = CONTROLS[1:]
CAR = Car(0.2, 0.8, 0.1, 1.0, 40.0, 11.0, 10.0, 0.9, 4.0, 20.0)


def run(control: str, hub: Hub) -> np.ndarray:
    out = np.full(len(hub.cars), np.nan)
    columns = kernel_arrays(hub).values()
    decide_cluster(CONTROLS.index(control), *columns, hub.lower, hub.upper, hub.step_h, out)
    return out


def near(expected: list[float]) -> object:
    return pytest.approx(expected, rel=1e-9, abs=2e-8)


def test_codes_of_kernels_are_places_in_the_list_of_rules():
    assert KERNEL_CONTROLS == CONTROLS


@settings(max_examples=400, deadline=None)
@given(hubs())
def test_kernel_does_what_the_plain_meaning_does(hub: Hub):
    assume(not nearly_tied("least_laxity_first", hub))
    for control in CONTROLS:
        assert run(control, hub).tolist() == near(decide(control, hub)), control


@settings(deadline=None)
@given(hubs())
def test_laxity_is_what_the_plain_meaning_says(hub: Hub):
    c = kernel_arrays(hub)
    out = np.full(len(hub.cars), np.nan)
    goal = np.minimum(c["target_soc"], c["max_soc"])
    table = (c["table_first"], c["table_end"], c["table_soc_to"], c["table_max_kw"])
    fill_relative_laxity(c["soc"], goal, c["battery_kwh"], c["max_charge_kw"], c["lead_h"], *table, out)
    expected = [urgency("least_laxity_first", car, 0)[0] for car in hub.cars]
    assert out.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("control", RESTRAINED)
@pytest.mark.parametrize("upper", [5000.0, -1500.0])
def test_many_vehicles_with_many_ties(control: str, upper: float):
    rng = np.random.default_rng(5)
    cars = tuple(
        replace(
            CAR,
            soc=float(rng.choice([0.2, 0.25, 0.5])),
            lead=float(rng.choice([-1.0, 2.0, 5.0, 11.0])),
            efficiency=float(rng.choice([0.9, 1.0])),
            charge=float(rng.choice([7.0, 11.0, 50.0])),
        )
        for _ in range(1500)
    )
    hub = Hub(cars, -math.inf, upper)
    assert run(control, hub).tolist() == pytest.approx(decide(control, hub), rel=1e-7, abs=1e-6)


def test_order_of_each_rule():
    # Missing energy at 11 kW: 2.18 h, 1.09 h, 2.18 h; relative laxity 0.27, 0.45, 0.56.
    cars = (replace(CAR, lead=3.0), replace(CAR, soc=0.5, lead=2.0), replace(CAR, lead=5.0))
    hub = Hub(tuple(replace(c, efficiency=1.0) for c in (cars[2], cars[1], cars[0])), -math.inf, 15.0)
    assert run("first_come_first_served", hub).tolist() == near([11, 4, 0])
    assert run("earliest_deadline_first", hub).tolist() == near([0, 11, 4])
    assert run("least_laxity_first", hub).tolist() == near([0, 4, 11])
    assert run("equal_share", hub).tolist() == near([5, 5, 5])
    assert run("uncontrolled", hub).tolist() == near([11, 11, 11])


def test_sides_of_power():
    # 11 kW into the battery draw 12.22 from the grid; 10 kW out of it give 9.
    two = (CAR, CAR)
    assert run("first_come_first_served", Hub(two, 0.0, 15.0)).tolist() == near([11, (15 - 11 / 0.9) * 0.9])
    assert run("equal_share", Hub(two, 0.0, 15.0)).tolist() == near([6.75, 6.75])
    full = (replace(CAR, soc=0.9), replace(CAR, soc=0.9))
    assert run("first_come_first_served", Hub(full, -99.0, -12.0)).tolist() == near([-3 / 0.9, -10])
    assert run("equal_share", Hub(full, -99.0, -12.0)).tolist() == near([-6 / 0.9, -6 / 0.9])


@pytest.mark.parametrize("control", ORDERED)
def test_ties_go_to_the_first_connected_and_v2g_takes_from_the_last(control: str):
    three = (replace(CAR, efficiency=1.0),) * 3
    assert run(control, Hub(three, -math.inf, 16.0)).tolist() == near([11, 5, 0])
    assert run(control, Hub(three, -math.inf, -16.0)).tolist() == near([0, -6, -10])


@pytest.mark.parametrize("control", ORDERED)
def test_v2g_takes_from_the_least_urgent(control: str):
    calm, hurried = replace(CAR, soc=0.7, lead=9.0), replace(CAR, soc=0.7, lead=-0.5)
    if control == "first_come_first_served":
        expected = [-5 / 0.9, 0.0]
        cars = (hurried, replace(calm, v2g_left=0.0))
    else:
        expected = [0.0, -5 / 0.9]
        cars = (hurried, calm)
    assert run(control, Hub(cars, -99.0, -5.0)).tolist() == near(expected)


@pytest.mark.parametrize("control", RESTRAINED)
def test_v2g_stops_at_min_soc_and_at_the_allowance(control: str):
    low, poor = replace(CAR, soc=0.11), replace(CAR, v2g_left=0.25)
    # 0.01 · 40 kWh in five minutes, 0.25 kWh in five minutes.
    assert run(control, Hub((low, poor), -math.inf, -99.0)).tolist() == near([-4.8, -3.0])
    assert run(control, Hub((replace(CAR, soc=0.05),), -math.inf, -99.0)).tolist() == [0.0]


@pytest.mark.parametrize("control", ORDERED)
def test_targets_are_not_passed_for_a_lower_limit(control: str):
    done = replace(CAR, soc=0.8)
    assert run(control, Hub((done, CAR), 20.0, 50.0)).tolist() == near([0, 11])


def test_equal_share_charges_on_for_a_lower_limit_up_to_max_soc():
    done, nearly_full = replace(CAR, soc=0.8, efficiency=1.0), replace(CAR, soc=0.999, efficiency=1.0)
    # 0.001 · 40 kWh in five minutes are 0.48 kW; the other takes the rest.
    hub = Hub((done, nearly_full), 5.0, 50.0)
    assert run("equal_share", hub).tolist() == near([4.52, 0.48])
    assert run("equal_share", replace(hub, lower=50.0)).tolist() == near([11, 0.48])


@each_control
def test_target_above_max_soc_is_max_soc(control: str):
    car = replace(CAR, soc=0.799, target=0.9, most=0.8)
    assert run(control, Hub((car,), 0.0, 50.0)).tolist() == near([0.001 * 40 * 12])
    assert run(control, Hub((replace(car, soc=0.85),), 0.0, 50.0)).tolist() == [0.0]


@each_control
def test_no_vehicle_no_power(control: str):
    assert run(control, Hub((), 5.0, 50.0)).tolist() == []


@each_control
def test_a_state_of_charge_that_misses_the_target_by_rounding_asks_for_nothing(control: str):
    car = replace(CAR, soc=1.0 - 1e-15, target=1.0)
    assert run(control, Hub((car,), 0.0, 50.0)).tolist() == [0.0]


def test_overdue_vehicles_come_first_in_the_order_of_connecting():
    cars = (replace(CAR, lead=0.1), replace(CAR, lead=0.0), replace(CAR, lead=-3.0))
    hub = Hub(tuple(replace(c, efficiency=1.0) for c in cars), 0.0, 11.0)
    assert run("least_laxity_first", hub).tolist() == near([0, 11, 0])


def test_range_without_power_on_the_way_is_most_urgent_and_breaks_nothing():
    stuck = replace(CAR, ranges=((0.0, 0.5, 10.0), (0.5, 1.0, 0.0)))
    hub = Hub((CAR, stuck), 0.0, 10 / 0.9)
    assert run("least_laxity_first", hub).tolist() == near([0, 10])
