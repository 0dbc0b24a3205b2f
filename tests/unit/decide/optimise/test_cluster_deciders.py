"""Rolling rules on views small enough to see the right answer: 20 kWh batteries, hours, 10 kW."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.decide.optimise.cluster_deciders import (
    CentralMilp,
    ClusterMilp,
    FeasibleMilp,
    charging_power,
    follow_contracts,
    window_of,
)
from sparewatt.model.cluster_system import ImbalanceLimit
from sparewatt.model.control_view import ControlView
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.power_table import PowerTable

RULES = OperatingRules(deviation_per_kwh=1.0, excess_per_kw=0.1)
ALL = [ClusterMilp, FeasibleMilp, CentralMilp]
every_rule = pytest.mark.parametrize("decider", ALL)


def view_of(soc: list[float], contract: list[list[float]], **changes: object) -> ControlView:
    """One cluster without limits that bind; leads of a day."""
    n, window = len(soc), len(contract[0]) - 1
    plain = ControlView(
        period=0,
        step_h=1.0,
        vehicle=np.arange(n),
        evse=np.arange(n),
        cluster=np.zeros(n, dtype=np.int64),
        since=np.zeros(n, dtype=np.int64),
        soc=np.array(soc),
        target_soc=np.ones(n),
        min_soc=np.full(n, 0.1),
        max_soc=np.ones(n),
        battery_kwh=np.full(n, 20.0),
        charge_kw=np.full(n, 10.0),
        max_charge_kw=np.full(n, 10.0),
        discharge_kw=np.full(n, 10.0),
        efficiency=np.ones(n),
        lead_h=np.full(n, 24.0),
        v2g_left_kwh=np.full(n, 20.0),
        contract_soc=np.array(contract),
        power_table=PowerTable.empty(n),
        lower_kw=np.full((1, window), -100.0),
        upper_kw=np.full((1, window), 100.0),
        tolerance_kw=np.zeros(1),
        system_lower_kw=np.full(window, -np.inf),
        system_upper_kw=np.full(window, np.inf),
        imbalance_limits=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@every_rule
def test_nobody_connected(decider: type[ClusterMilp]):
    empty = view_of([], np.zeros((0, 3)).tolist() or [[0, 0, 0]])
    empty = replace(empty, contract_soc=np.zeros((0, 3)))
    assert len(decider(RULES).decide(empty).battery_kw) == 0


@every_rule
def test_follows_the_contract_where_nothing_binds(decider: type[ClusterMilp]):
    """The end alone could be reached in many ways; the contract's way is taken."""
    chosen = decider(RULES).decide(view_of([0.2, 0.5], [[0.2, 0.3, 0.6, 0.9], [0.5, 0.5, 0.5, 0.8]]))
    assert chosen.battery_kw == pytest.approx([2.0, 0.0], abs=1e-6)
    assert (chosen.gap, chosen.timed_out, chosen.note) == (0.0, False, "")


@every_rule
def test_follows_a_contract_that_gives_back(decider: type[ClusterMilp]):
    chosen = decider(RULES).decide(view_of([0.8], [[0.8, 0.6, 0.4, 0.4]]))
    assert chosen.battery_kw == pytest.approx([-4.0], abs=1e-6)


@every_rule
def test_shares_a_limit_over_time(decider: type[ClusterMilp]):
    """10 kW for two vehicles that need 10 kWh each within two hours: the limit is used in full."""
    view = view_of([0.2, 0.2], [[0.2, 0.7, 0.7], [0.2, 0.7, 0.7]], upper_kw=np.full((1, 2), 10.0))
    chosen = decider(RULES).decide(view)
    assert chosen.battery_kw.sum() == pytest.approx(10.0, abs=1e-6)
    assert chosen.battery_kw.min() >= -1e-9
    assert chosen.note == ""


@every_rule
def test_tolerance_is_bought_where_it_pays(decider: type[ClusterMilp]):
    """1 kW of ε gives 2 kWh in the window: worth 0.1, not worth 3."""
    view = view_of([0.2], [[0.2, 0.7, 1.0]], upper_kw=np.full((1, 2), 5.0), tolerance_kw=np.array([2.0]))
    cheap = decider(RULES).decide(view)
    dear = decider(replace(RULES, excess_per_kw=3.0)).decide(view)
    assert cheap.battery_kw == pytest.approx([7.0], abs=1e-6)
    assert dear.battery_kw == pytest.approx([5.0], abs=1e-6)


@every_rule
def test_limits_that_cannot_be_kept_are_missed_by_least_and_told(decider: type[ClusterMilp]):
    """UB = -25 kW: two vehicles can give 10 kW each, the second only what its allowance holds."""
    view = view_of(
        [0.9, 0.9],
        [[0.9, 1.0], [0.9, 1.0]],
        upper_kw=np.full((1, 1), -25.0),
        v2g_left_kwh=np.array([20.0, 4.0]),
    )
    chosen = decider(RULES).decide(view)
    assert chosen.battery_kw == pytest.approx([-10.0, -4.0], abs=1e-6)
    assert chosen.note == "infeasible"
    assert not chosen.timed_out


@every_rule
def test_lower_limit_is_met_by_charging_beyond_the_contract(decider: type[ClusterMilp]):
    chosen = decider(RULES).decide(view_of([0.5], [[0.5, 0.5]], lower_kw=np.full((1, 1), 6.0)))
    assert chosen.battery_kw == pytest.approx([6.0], abs=1e-6)


@every_rule
def test_min_soc_and_grid_side_when_giving(decider: type[ClusterMilp]):
    """0.2 → 0.1 of 20 kWh is 2 kWh from the battery, 1.6 kW at the grid: short of the 5 kW wanted."""
    view = view_of([0.2], [[0.2, 0.2]], efficiency=np.array([0.8]), upper_kw=np.full((1, 1), -5.0))
    assert decider(RULES).decide(view).battery_kw == pytest.approx([-2.0], abs=1e-6)


@every_rule
def test_nothing_from_the_departure_on(decider: type[ClusterMilp]):
    """It leaves in an hour and misses 10 kWh: all of it now, though contract and tie-break would wait."""
    view = view_of([0.2], [[0.2, 0.2, 0.7]], lead_h=np.array([1.0]))
    assert decider(RULES).decide(view).battery_kw == pytest.approx([10.0], abs=1e-6)


@every_rule
def test_an_overdue_vehicle_is_still_charged(decider: type[ClusterMilp]):
    view = view_of([0.5], [[0.6, 0.6, 0.6]], lead_h=np.array([-0.5]))
    assert decider(RULES).decide(view).battery_kw == pytest.approx([2.0], abs=1e-6)


@every_rule
def test_an_empty_battery_below_its_min_soc_is_charged(decider: type[ClusterMilp]):
    view = view_of([0.05], [[0.05, 0.3]], min_soc=np.array([0.4]))
    assert decider(RULES).decide(view).battery_kw == pytest.approx([5.0], abs=1e-6)


@every_rule
def test_cluster_of_nobody_does_not_make_it_infeasible(decider: type[ClusterMilp]):
    view = view_of(
        [0.5],
        [[0.5, 0.6]],
        cluster=np.array([1]),
        lower_kw=np.array([[30.0], [-100.0]]),
        upper_kw=np.array([[50.0], [100.0]]),
        tolerance_kw=np.zeros(2),
    )
    chosen = decider(RULES).decide(view)
    assert chosen.battery_kw == pytest.approx([2.0], abs=1e-6)
    assert chosen.note == ""


def two_clusters(**changes: object) -> ControlView:
    """A vehicle in each of two clusters, 10 kWh wanted by both in the hour."""
    return view_of(
        [0.2, 0.2],
        [[0.2, 0.7], [0.2, 0.7]],
        cluster=np.array([0, 1]),
        lower_kw=np.full((2, 1), -100.0),
        upper_kw=np.full((2, 1), 100.0),
        tolerance_kw=np.zeros(2),
        **changes,
    )


def test_only_the_central_rule_knows_the_sum():
    view = two_clusters(system_upper_kw=np.array([12.0]))
    assert ClusterMilp(RULES).decide(view).battery_kw == pytest.approx([10.0, 10.0], abs=1e-6)
    assert CentralMilp(RULES).decide(view).battery_kw.sum() == pytest.approx(12.0, abs=1e-6)


def test_central_rule_keeps_an_imbalance_limit():
    """P_0 - P_1 <= -4: cluster 0 charges 4 kW less than cluster 1."""
    view = two_clusters(imbalance_limits=(ImbalanceLimit(0, 1, np.array([-4.0])),))
    assert CentralMilp(RULES).decide(view).battery_kw == pytest.approx([6.0, 10.0], abs=1e-6)


def test_tables_bound_the_power_of_later_periods():
    """10 kW to 0.6, 4 kW above. From 0.5: 0.5 now, then 1.0 may be reached: the plan counts on 4 kW."""
    table = PowerTable(np.array([0, 2]), np.array([0.6, 1.0]), np.array([10.0, 4.0]))
    view = view_of([0.5], [[0.5, 1.0, 1.0, 1.0]], power_table=table, discharge_kw=np.zeros(1))
    assert charging_power(view, 3).tolist() == [[10.0, 4.0, 4.0]]
    low_goal = replace(view, target_soc=np.array([0.6]), contract_soc=np.full((1, 4), 0.6))
    assert charging_power(low_goal, 3).tolist() == [[10.0, 10.0, 10.0]]
    now = replace(view, soc=np.array([0.6]), charge_kw=np.array([4.0]))
    assert charging_power(now, 3).tolist() == [[4.0, 4.0, 4.0]]


def test_tables_that_rise_with_soc_count_what_discharging_could_reach():
    table = PowerTable(np.array([0, 2]), np.array([0.4, 1.0]), np.array([3.0, 10.0]))
    view = view_of([0.5], [[0.5, 1.0, 1.0]], power_table=table)
    assert charging_power(view, 2).tolist() == [[10.0, 3.0]]
    assert charging_power(replace(view, discharge_kw=np.zeros(1)), 2).tolist() == [[10.0, 10.0]]


@every_rule
def test_same_view_after_reset_gives_the_same_bytes(decider: type[ClusterMilp]):
    rng = np.random.default_rng(5)
    contract = np.clip(0.3 + np.cumsum(rng.uniform(0, 0.1, (8, 7)), axis=1), 0, 1)
    contract[:, 0] = 0.3
    view = view_of([0.3] * 8, contract.tolist(), upper_kw=rng.uniform(10, 40, (1, 6)))
    other = replace(view, soc=np.full(8, 0.4), upper_kw=view.upper_kw * 0.7)
    rule = decider(RULES)
    fresh = rule.decide(view).battery_kw
    rule.decide(other)
    warm = rule.decide(view).battery_kw
    rule.reset()
    assert rule.decide(view).battery_kw.tobytes() == fresh.tobytes()
    assert warm.sum() == pytest.approx(fresh.sum(), abs=1e-5)


@every_rule
def test_a_deadline_that_has_passed_still_gives_powers(
    decider: type[ClusterMilp], monkeypatch: pytest.MonkeyPatch
):
    """Without a plan each takes its contract's next step, cut in proportion to the limit."""
    monkeypatch.setattr(
        "sparewatt.decide.optimise.cluster_levels.solve_levels", lambda *_, **__: ("timed_out", None, [])
    )
    view = view_of([0.2, 0.2], [[0.2, 0.4, 0.7], [0.2, 0.6, 0.7]], upper_kw=np.full((1, 2), 6.0))
    chosen = decider(RULES).decide(view)
    assert chosen.timed_out
    assert chosen.gap == 1.0
    assert chosen.battery_kw == pytest.approx([2.0, 4.0])


def test_following_contracts_keeps_powers_and_budgets():
    view = view_of([0.5, 0.5], [[0.5, 0.0, 0.0], [0.5, 1.0, 1.0]], v2g_left_kwh=np.array([3.0, 0.0]))
    assert follow_contracts(window_of(view, RULES)) == pytest.approx([-3.0, 10.0])
