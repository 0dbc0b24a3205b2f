"""Laws that every rule of a cluster keeps in every period, whatever the vehicles and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from properties.strategies_cluster_rules import hubs
from sparewatt.decide.rules.cluster_kernels import decide_cluster
from support.cluster_meaning import CONTROLS, Hub, asks, gifts, grid, kernel_arrays

NEAR = 1e-6
many = settings(max_examples=300, deadline=None)
some = settings(max_examples=60, deadline=None)


def powers(control: str, hub: Hub) -> list[float]:
    out = np.full(len(hub.cars), np.nan)
    columns = kernel_arrays(hub).values()
    decide_cluster(CONTROLS.index(control), *columns, hub.lower, hub.upper, hub.step_h, out)
    return out.tolist()


def drawn(hub: Hub, p: list[float]) -> float:
    return sum(grid(c, x) for c, x in zip(hub.cars, p, strict=True))


@many
@given(hubs())
def test_no_power_and_no_state_of_charge_leaves_its_bounds(hub: Hub):
    for control in CONTROLS:
        for car, p in zip(hub.cars, powers(control, hub), strict=True):
            assert -car.discharge - NEAR <= p <= car.charge_now + NEAR
            after = car.soc + p * hub.step_h / car.kwh
            assert min(car.least, car.soc) - NEAR <= after <= max(car.most, car.soc) + NEAR
            assert -p * hub.step_h <= car.v2g_left + NEAR
            if control in CONTROLS[1:4]:
                assert after <= max(car.target, car.soc) + NEAR


@many
@given(hubs())
def test_all_that_is_there_is_used_and_no_more(hub: Hub):
    for control in CONTROLS[1:]:
        total = drawn(hub, p := powers(control, hub))
        if hub.upper < 0:
            can = sum(x * c.efficiency for c, x in zip(hub.cars, gifts(hub), strict=True))
            assert max(p, default=0.0) <= 0.0
            assert total == pytest.approx(max(hub.upper, -can), abs=NEAR)
        else:
            to_target = sum(map(grid, hub.cars, asks(hub, [min(c.target, c.most) for c in hub.cars])))
            to_full = sum(map(grid, hub.cars, asks(hub, [c.most for c in hub.cars])))
            least = min(hub.lower, to_full) if control == "equal_share" else 0.0
            assert min(p, default=0.0) >= 0.0
            assert total == pytest.approx(max(min(hub.upper, to_target), least), abs=NEAR)


@many
@given(hubs())
def test_who_is_not_served_fully_by_equal_share_gets_what_the_others_get(hub: Hub):
    p = powers("equal_share", hub)
    side = [abs(grid(c, x)) for c, x in zip(hub.cars, p, strict=True)]
    most = gifts(hub) if hub.upper < 0 else asks(hub, [min(c.target, c.most) for c in hub.cars])
    if hub.upper >= 0 and sum(side) > sum(map(grid, hub.cars, most)) + NEAR:
        return  # charged on for a lower limit: equal are the powers beyond the targets
    unsaturated = [s for s, x, m in zip(side, p, most, strict=True) if abs(x) < m - NEAR]
    if unsaturated:
        level = max(side)
        assert min(unsaturated) == pytest.approx(level, abs=NEAR)


@some
@given(hubs())
def test_limits_that_do_not_bind_change_nothing(hub: Hub):
    for control in CONTROLS:
        free = Hub(hub.cars, -np.inf, np.inf, hub.step_h)
        goal = [c.most if control == "uncontrolled" else min(c.target, c.most) for c in hub.cars]
        assert powers(control, free) == pytest.approx(asks(free, goal), abs=1e-7)


@some
@given(hubs())
def test_same_hub_same_bytes(hub: Hub):
    for control in CONTROLS:
        assert powers(control, hub) == powers(control, hub)
