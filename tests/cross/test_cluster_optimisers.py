"""Cluster optimisers against the plain formulations under scipy, and against enumeration on a power grid."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from cross import cluster_plain_milp as plain
from sparewatt.decide.optimise.cluster_potential import find_potential
from sparewatt.decide.optimise.cluster_rescheduling import plan_rescheduling
from sparewatt.decide.optimise.cluster_routing import RoutingCandidate, plan_routing
from sparewatt.decide.optimise.cluster_single import (
    ChargingTask,
    VehiclePlan,
    plan_cheapest,
    plan_in_band,
    plan_two_prices,
)
from sparewatt.decide.optimise.cluster_window import ClusterPlan, ClusterWindow
from sparewatt.model.cluster_system import ImbalanceLimit

SEEDS = range(40)
STEP_H = 0.25


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def random_task(rng: np.random.Generator, periods: int) -> ChargingTask:
    soc, target = rng.uniform(0.2, 0.9, 2)
    critical = rng.random() < 0.4
    return ChargingTask(
        battery_kwh=float(rng.uniform(10, 40)),
        soc=float(soc),
        target_soc=float(target),
        charge_kw=rng.uniform(0, 22, periods) if rng.random() < 0.5 else 11.0,
        discharge_kw=float(rng.choice([0.0, 5.0, 11.0])),
        min_soc=0.15,
        max_soc=0.95,
        critical_soc=float(rng.uniform(0.2, max(0.2, target))) if critical else 0.0,
        critical_boundary=int(rng.integers(1, periods)) if critical else None,
        v2g_allowance_kwh=float(rng.choice([0.0, 2.0, 6.0, np.inf])),
    )


def same(plan: VehiclePlan, expected: float | None) -> None:
    if expected is None:
        assert plan.status == "infeasible"
        assert not plan.found
    else:
        assert plan.status == "optimal"
        assert plan.objective == near(expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_prices(seed: int):
    rng = np.random.default_rng([seed, 1])
    periods = int(rng.integers(3, 9))
    task = random_task(rng, periods)
    # Prices below zero, and V2G dearer than charging: then binaries are needed.
    g2v = rng.uniform(-0.2 if seed % 3 == 0 else 0.05, 0.4, periods)
    v2g = g2v * rng.uniform(0.7, 1.3 if seed % 4 == 0 else 1.0, periods)
    expected = plain.two_prices(task, g2v, v2g, STEP_H)
    for binaries in (False, True):
        same(plan_two_prices(task, g2v, v2g, STEP_H, binaries=binaries), expected)
    same(plan_cheapest(task, g2v, STEP_H), plain.two_prices(task, g2v, g2v, STEP_H))


@pytest.mark.parametrize("seed", SEEDS)
def test_power_band(seed: int):
    rng = np.random.default_rng([seed, 2])
    periods = int(rng.integers(3, 9))
    task = random_task(rng, periods)
    lower = rng.uniform(-10, 8, periods)
    upper = lower + rng.uniform(0, 10, periods)
    below, above = rng.uniform(0, 3, (2, periods))
    plan = plan_in_band(task, lower, upper, below, above, STEP_H)
    same(plan, plain.band(task, lower, upper, below, above, STEP_H))


@pytest.mark.parametrize("seed", SEEDS)
def test_routing(seed: int):
    rng = np.random.default_rng([seed, 3])
    periods, battery = int(rng.integers(4, 8)), float(rng.uniform(8, 20))
    candidates = []
    for _ in range(int(rng.integers(1, 4))):
        arrival = int(rng.integers(0, 3))
        g2v = rng.uniform(0.1, 0.4, periods)
        free = rng.random() < 0.6
        candidates.append(
            RoutingCandidate(
                arrival=arrival,
                departure=int(rng.integers(arrival + 1, periods + 2)),
                soc=float(rng.uniform(0.3, 0.5)),
                charge_kw=float(rng.choice([7.0, 11.0, 22.0])),
                discharge_kw=float(rng.choice([0.0, 7.0])),
                g2v_per_kwh=g2v,
                v2g_per_kwh=g2v * 0.9,
                efficiency=float(rng.choice([0.9, 1.0])),
                free_lower_kw=-rng.uniform(0, 6, periods) if free else None,
                free_upper_kw=rng.uniform(0, 20, periods) if free else None,
            )
        )
    task = ChargingTask(battery, 0.0, float(rng.uniform(0.4, 0.8)), 0.0, v2g_allowance_kwh=2.0)
    if seed % 2:
        task = replace(task, critical_soc=task.target_soc, critical_boundary=periods - 1)
    found = plan_routing(task, candidates, STEP_H)
    expected = plain.routing(task, candidates, STEP_H)
    same(found.plan, expected)
    assert (found.candidate is None) == (expected is None)


def random_window(seed: int) -> ClusterWindow:
    """Tight limits, losses, budgets, lower limits above 0: now and then only a violation is left."""
    rng = np.random.default_rng([seed, 4])
    vehicles, periods, clusters = int(rng.integers(2, 6)), int(rng.integers(2, 5)), int(rng.integers(1, 4))
    soc = rng.uniform(0.05, 1.0, vehicles)
    change = np.cumsum(rng.uniform(-0.08, 0.2, (vehicles, periods)), axis=1)
    contract = np.clip(soc[:, None] + np.hstack([np.zeros((vehicles, 1)), change]), 0.0, 1.0)
    inside = np.arange(periods)[None] < rng.integers(1, periods + 3, vehicles)[:, None]
    lower = rng.choice([-20.0, -5.0, 0.0, 4.0, 12.0], (clusters, periods), p=[0.3, 0.2, 0.3, 0.1, 0.1])
    upper = lower + rng.choice([0.0, 3.0, 10.0, 40.0], (clusters, periods))
    joint = clusters > 1 and seed % 2 == 0
    return ClusterWindow(
        step_h=STEP_H,
        cluster=rng.integers(0, clusters, vehicles),
        battery_kwh=rng.uniform(8, 30, vehicles),
        soc=soc,
        contract_soc=contract,
        min_soc=np.full(vehicles, 0.2),
        max_soc=rng.uniform(0.9, 1.0, vehicles),
        charge_kw=rng.choice([7.0, 11.0], (vehicles, periods)) * inside,
        discharge_kw=rng.choice([0.0, 7.0, 11.0], vehicles)[:, None] * inside,
        charge_efficiency=rng.choice([0.85, 1.0], vehicles),
        discharge_efficiency=rng.choice([0.85, 1.0], vehicles),
        v2g_left_kwh=rng.choice([0.0, 1.5, np.inf], vehicles),
        lower_kw=lower,
        upper_kw=upper,
        tolerance_kw=rng.choice([0.0, 2.0], clusters),
        deviation_per_kwh=rng.uniform(0.5, 2.0, clusters),
        excess_per_kw=rng.uniform(0.1, 2.0, clusters),
        system_lower_kw=np.full(periods, -15.0) if joint else None,
        system_upper_kw=rng.uniform(5, 25, periods) if joint else None,
        imbalance_limits=(ImbalanceLimit(0, 1, rng.uniform(0, 12, periods)),) if joint else (),
        bound_last_soc=bool(seed % 5),
    )


def check_plan(window: ClusterWindow, plan: ClusterPlan) -> None:
    """Batteries, powers, budgets; and the violation it says is the one it makes."""
    p, w = plan.battery_kw, window
    soc = w.soc[:, None] + np.cumsum(p, axis=1) * w.step_h / w.battery_kwh[:, None]
    bounded = soc if w.bound_last_soc else soc[:, :-1]
    assert np.all(bounded >= np.minimum(w.min_soc, w.soc)[:, None] - 1e-7)
    assert np.all(bounded <= np.maximum(w.max_soc, w.soc)[:, None] + 1e-7)
    assert np.all(p <= w.charge_kw + 1e-6)
    assert np.all(p >= -w.discharge_kw - 1e-6)
    assert np.all(-np.minimum(p, 0).sum(axis=1) * w.step_h <= w.v2g_left_kwh + 1e-6)
    grid = np.where(p > 0, p / w.charge_efficiency[:, None], p * w.discharge_efficiency[:, None])
    outside = 0.0
    power = np.array([grid[w.cluster == c].sum(axis=0) for c in range(w.clusters)])
    for c in range(w.clusters):
        over, under = power[c] - w.upper_kw[c], w.lower_kw[c] - power[c]
        outside += np.maximum(np.maximum(over, under) - plan.excess_kw[c], 0).sum()
    if w.system_upper_kw is not None and w.system_lower_kw is not None:
        over, under = power.sum(axis=0) - w.system_upper_kw, w.system_lower_kw - power.sum(axis=0)
        outside += np.maximum(np.maximum(over, under), 0).sum()
    for i in w.imbalance_limits:
        outside += np.maximum(power[i.first] - power[i.second] - i.upper_kw, 0).sum()
    assert outside * w.step_h == pytest.approx(plan.violation_kwh, abs=1e-6)


@pytest.mark.parametrize("seed", range(60))
def test_rescheduling(seed: int):
    window = random_window(seed)
    violation, objective = plain.rescheduling(window)
    for binaries in (False, True):
        plan = plan_rescheduling(window, binaries=binaries)
        check_plan(window, plan)
        assert plan.violation_kwh == near(violation)
        assert plan.objective == pytest.approx(objective, rel=1e-5, abs=1e-5)
        assert plan.status == ("optimal" if violation < 1e-6 else "infeasible")
    assert plan_rescheduling(window, feasible=False).found == (violation < 1e-6)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("direction", "sign"), [("most", -1.0), ("least", 1.0)])
def test_potential(seed: int, direction: str, sign: float):
    window = random_window(seed)
    expected = plain.potential(window, sign)
    assert expected is not None
    found = find_potential(window, direction)
    assert found.sum_kw == near(sign * expected)
    free = window.without_limits()
    check_plan(
        free, ClusterPlan("optimal", 0.0, found.battery_kw, found.soc, free.soc, np.zeros(free.clusters))
    )


def test_windows_are_of_all_kinds():
    """Else the tests above would show little."""
    plans = [plan_rescheduling(random_window(seed)) for seed in range(60)]
    assert sum(plan.status == "optimal" for plan in plans) >= 10
    assert sum(plan.status == "infeasible" for plan in plans) >= 10


@pytest.mark.parametrize("seed", range(8))
def test_two_prices_by_enumeration(seed: int):
    """Data on a grid of 1 kWh: the optimum is on it, so trying all schedules finds it."""
    rng = np.random.default_rng([seed, 5])
    periods, battery = 5, 10
    start, target = (int(e) for e in rng.integers(2, 9, 2))
    allowance = int(rng.integers(0, 4))
    g2v = np.round(rng.uniform(0.1, 0.4, periods), 2)
    v2g = g2v * 0.9
    best = np.inf
    for steps in itertools.product((-2, -1, 0, 1, 2, 3), repeat=periods):
        energy = start + np.cumsum(steps)
        given = -sum(min(0, s) for s in steps)
        if energy[-1] == target and energy.min() >= 1 and energy.max() <= battery and given <= allowance:
            cost = sum(g * max(0, s) + v * min(0, s) for s, g, v in zip(steps, g2v, v2g, strict=True))
            best = min(best, cost)
    task = ChargingTask(
        battery, start / battery, target / battery, 12.0, 8.0, min_soc=0.1, v2g_allowance_kwh=allowance
    )
    plan = plan_two_prices(task, g2v, v2g, STEP_H)
    assert plan.objective == near(best)
