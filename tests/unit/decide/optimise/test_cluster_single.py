"""Single vehicle, routing, potential and the split solver where the right answer is plain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.decide.optimise.cluster_levels import SplitSolver
from sparewatt.decide.optimise.cluster_potential import find_potential
from sparewatt.decide.optimise.cluster_rescheduling import plan_rescheduling
from sparewatt.decide.optimise.cluster_routing import RoutingCandidate, find_cheapest, plan_routing
from sparewatt.decide.optimise.cluster_single import (
    BatteryModel,
    ChargingTask,
    nothing,
    plan_cheapest,
    plan_in_band,
    plan_two_prices,
)
from sparewatt.decide.optimise.cluster_window import ClusterWindow
from sparewatt.decide.optimise.matrix import Deadline

TASK = ChargingTask(battery_kwh=20.0, soc=0.5, target_soc=0.75, charge_kw=10.0)
FLAT = np.full(4, 0.2)


def test_among_equals_it_charges_early_and_gives_nothing_back():
    plan = plan_cheapest(replace(TASK, discharge_kw=10.0), FLAT, 0.25)
    assert plan.battery_kw == pytest.approx([10, 10, 0, 0])
    assert plan.objective == pytest.approx(1.0)
    assert plan.soc == pytest.approx([0.5, 0.625, 0.75, 0.75, 0.75])


def test_power_may_differ_by_period():
    plan = plan_cheapest(replace(TASK, charge_kw=np.array([4.0, 0.0, 8.0, 10.0])), FLAT, 0.25)
    assert plan.battery_kw == pytest.approx([4, 0, 8, 8])


@pytest.mark.parametrize(
    "task",
    [
        replace(TASK, charge_kw=4.0),
        replace(TASK, soc=0.1, min_soc=0.2),
        replace(TASK, max_soc=0.7),
        replace(TASK, critical_soc=0.9, critical_boundary=4),
        replace(TASK, critical_soc=0.7, critical_boundary=1),
        replace(TASK, critical_soc=0.6, critical_boundary=0),
    ],
    ids=["too slow", "starts too low", "target above max", "critical above target", "too early", "at once"],
)
def test_infeasible_is_a_value(task: ChargingTask):
    plan = plan_cheapest(task, FLAT, 0.25)
    assert plan.status == "infeasible"
    assert not plan.found
    assert len(plan.battery_kw) == 0


def test_no_period_at_all():
    assert plan_cheapest(replace(TASK, target_soc=0.5), np.zeros(0), 0.25).found
    assert plan_cheapest(TASK, np.zeros(0), 0.25).status == "infeasible"


def test_v2g_budget_binds():
    """Buy at 0.1, sell at 0.5: 2 kWh and no more."""
    task = replace(TASK, target_soc=0.5, discharge_kw=10.0, v2g_allowance_kwh=2.0)
    plan = plan_two_prices(task, np.array([0.1, 0.5]), np.array([0.1, 0.5]), 0.5)
    assert plan.battery_kw == pytest.approx([4, -4])
    assert plan.objective == pytest.approx(-0.8)


def test_binaries_are_used_where_both_ways_would_pay():
    """v > g: an LP would charge and discharge at once; 10 kW either way, an hour, nothing to gain."""
    task = replace(TASK, target_soc=0.5, discharge_kw=10.0)
    g2v, v2g = np.array([0.1]), np.array([0.2])
    model = BatteryModel(task, 1, 1.0)
    model.add_level((model.plus, g2v), (model.minus, -v2g))
    found = SplitSolver().solve(model.model(), Deadline(10.0))
    assert found.binaries
    assert found.values[0] == pytest.approx(0.0)
    assert plan_two_prices(task, g2v, v2g, 1.0).battery_kw == pytest.approx([0.0])


def test_no_binaries_where_netting_is_exact():
    model = BatteryModel(replace(TASK, discharge_kw=10.0), 4, 0.25)
    model.add_level((model.plus, 0.05), (model.minus, -0.05))
    found = SplitSolver().solve(model.model(), Deadline(10.0))
    assert not found.binaries
    assert np.minimum(found.x[model.plus], found.x[model.minus]).max() == 0.0


def test_band_trades_penalty_against_need():
    """5 kWh in two hours through a band of 2 kW: 1 kWh must lie above it."""
    plan = plan_in_band(TASK, np.zeros(2), np.full(2, 2.0), np.ones(2), np.array([3.0, 1.0]), 1.0)
    assert plan.battery_kw == pytest.approx([2, 3])
    assert plan.objective == pytest.approx(1.0 + 1e-4 * ((0.75 - 0.5) + (0.75 - 0.6)))


def test_routing_ties_go_to_the_first_and_nothing_is_a_value():
    option = RoutingCandidate(0, 4, 0.5, 10.0, 0.0, FLAT, FLAT)
    assert plan_routing(TASK, [option, option], 0.25).candidate == 0
    assert plan_routing(TASK, [replace(option, departure=1), option], 0.25).candidate == 1
    none = plan_routing(TASK, [replace(option, charge_kw=1.0)], 0.25)
    assert (none.candidate, none.plan.status) == (None, "infeasible")
    assert find_cheapest([]).plan.status == "infeasible"


def test_a_candidate_that_was_not_finished_is_told():
    done = plan_cheapest(TASK, FLAT, 0.25)
    assert find_cheapest([done, nothing("timed_out")]).plan.status == "timed_out"
    assert find_cheapest([nothing("timed_out")]).candidate is None


def window(**changes: object) -> ClusterWindow:
    """One vehicle at 0.5 of 20 kWh, 10 kW, losses of 20 % either way, four hours."""
    plain = ClusterWindow(
        step_h=1.0,
        cluster=np.zeros(1, dtype=np.int64),
        battery_kwh=np.array([20.0]),
        soc=np.array([0.5]),
        contract_soc=np.full((1, 5), 0.5),
        min_soc=np.array([0.0]),
        max_soc=np.array([1.0]),
        charge_kw=np.full((1, 4), 10.0),
        discharge_kw=np.full((1, 4), 10.0),
        charge_efficiency=np.array([0.8]),
        discharge_efficiency=np.array([0.8]),
        v2g_left_kwh=np.array([np.inf]),
        lower_kw=np.full((1, 4), -np.inf),
        upper_kw=np.full((1, 4), np.inf),
        tolerance_kw=np.zeros(1),
        deviation_per_kwh=np.ones(1),
        excess_per_kw=np.ones(1),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_potential_with_losses():
    """Most: take 10 kWh, give 10, take 10, rest: 12.5 - 8 + 12.5 = 17. Least: give 10 kWh, then empty."""
    assert find_potential(window(), "most").sum_kw == pytest.approx(17.0)
    least = find_potential(window(), "least")
    assert least.sum_kw == pytest.approx(-8.0)
    assert least.soc[0, -1] == pytest.approx(0.0)


def test_potential_within_the_allowance():
    assert find_potential(window(v2g_left_kwh=np.array([4.0])), "least").sum_kw == pytest.approx(-3.2)


def test_last_boundary_is_bound_unless_told():
    wanted = np.array([[0.5, 0.5, 0.5, 0.5, 1.2]])
    bound = plan_rescheduling(window(contract_soc=wanted))
    free = plan_rescheduling(window(contract_soc=wanted, bound_last_soc=False))
    assert bound.soc[0, -1] == pytest.approx(1.0)
    assert free.soc[0, -1] == pytest.approx(1.2)
    assert (bound.objective, free.objective) == (pytest.approx(4.0), pytest.approx(0.0, abs=1e-6))


def test_wasting_energy_needs_binaries():
    """A full battery, at least 2 kW wanted in each of four hours, losses of 20 % either way.

    Charging and giving at once would do; without it, give 4.8 kWh in the first hour (2 + 3.84 kW short),
    then take back 1.6 kWh in each of the others, 2 kW at the grid: 5.84 kWh short. Standing still: 8.
    """
    full = window(soc=np.array([1.0]), contract_soc=np.ones((1, 5)), lower_kw=np.full((1, 4), 2.0))
    plan = plan_rescheduling(full)
    assert plan.status == "infeasible"
    assert plan.violation_kwh == pytest.approx(5.84)
    assert plan.battery_kw[0] == pytest.approx([-4.8, 1.6, 1.6, 1.6])


def test_without_feasible_there_is_no_plan():
    plan = plan_rescheduling(window(upper_kw=np.full((1, 4), -50.0)), feasible=False)
    assert plan.status == "infeasible"
    assert not plan.found
