"""RuleDecider: cluster by cluster over a view, knowing this period's limits only."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from sparewatt.decide.deciders import decider_for
from sparewatt.decide.rules.rule_decider import RuleDecider
from sparewatt.model.control_view import ControlView
from sparewatt.model.operating_rules import CONTROLS, KERNEL_CONTROLS, OperatingRules
from sparewatt.model.power_table import PowerTable
from support.cluster_meaning import CONTROLS as RULES
from support.cluster_meaning import Car, Hub, decide, kernel_arrays

CARS = (
    Car(0.2, 0.8, 0.1, 1.0, 40.0, 11.0, 10.0, 0.9, 4.0, 20.0, ((0.0, 0.5, 9.0), (0.5, 1.0, 3.0))),
    Car(0.4, 0.9, 0.1, 1.0, 60.0, 22.0, 10.0, 0.95, 2.0, 20.0),
    Car(0.6, 0.7, 0.2, 0.9, 30.0, 7.0, 0.0, 1.0, -1.0, 0.0),
    Car(0.5, 1.0, 0.1, 1.0, 80.0, 50.0, 50.0, 0.9, 9.0, 99.0, ((0.0, 0.8, 40.0), (0.8, 1.0, 10.0))),
)


def view_of(cars: tuple[Car, ...], cluster: list[int], lower: list[float], upper: list[float]) -> ControlView:
    """A view whose second period has limits that would change everything."""
    c, n = kernel_arrays(Hub(cars, 0.0, 0.0)), len(cars)
    offset = np.concatenate([[0], c["table_end"]]).astype(np.int64)
    columns = {name: c[name] for name in c if not name.startswith("table")}
    for values in columns.values():
        values.flags.writeable = False
    return ControlView(
        period=3,
        step_h=1 / 12,
        vehicle=np.arange(n),
        evse=np.arange(n),
        cluster=np.array(cluster, dtype=np.int64),
        since=np.zeros(n, dtype=np.int64),
        contract_soc=np.tile(c["soc"][:, None], (1, 3)),
        power_table=PowerTable(offset, c["table_soc_to"], c["table_max_kw"]),
        lower_kw=np.column_stack([lower, np.full(len(lower), 7.0)]),
        upper_kw=np.column_stack([upper, np.full(len(upper), 8.0)]),
        tolerance_kw=np.zeros(len(lower)),
        system_lower_kw=np.full(2, -math.inf),
        system_upper_kw=np.full(2, math.inf),
        imbalance_limits=(),
        **columns,
    )


@pytest.mark.parametrize("control", KERNEL_CONTROLS)
def test_each_cluster_has_its_own_limit_and_empty_ones_are_passed_over(control: str):
    lower, upper = [0.0, 0.0, -99.0, 0.0], [12.0, 9.0, -5.0, 9.0]
    view = view_of(CARS, [0, 0, 2, 2], lower, upper)
    expected = decide(control, Hub(CARS[:2], 0.0, 12.0)) + decide(control, Hub(CARS[2:], -99.0, -5.0))
    setpoints = RuleDecider(control).decide(view)
    assert setpoints.battery_kw.tolist() == pytest.approx(expected, abs=1e-9)
    assert (setpoints.gap, setpoints.timed_out) == (0.0, False)


def test_nobody_connected():
    view = view_of((), [], [0.0, 0.0], [9.0, 9.0])
    assert RuleDecider("least_laxity_first").decide(view).battery_kw.tolist() == []


def test_it_keeps_nothing():
    view = view_of(CARS, [0, 0, 1, 1], [0.0, 0.0], [12.0, 9.0])
    decider = RuleDecider("equal_share")
    first = decider.decide(view).battery_kw.tobytes()
    decider.decide(view_of(CARS, [0, 0, 0, 0], [0.0], [3.0]))
    assert decider.decide(view).battery_kw.tobytes() == first
    decider.reset()
    assert decider.decide(view).battery_kw.tobytes() == first


def test_optimisers_are_not_rules():
    with pytest.raises(ValueError, match="milp is not one of uncontrolled, first_come"):
        RuleDecider("milp")


@pytest.mark.parametrize("control", RULES)
def test_decider_of_a_rule(control: str):
    decider = decider_for(OperatingRules(control=control))
    assert isinstance(decider, RuleDecider)
    assert decider.control == control


@pytest.mark.parametrize(
    ("control", "name"),
    [("milp", "ClusterMilp"), ("feasible_milp", "FeasibleMilp"), ("central_milp", "CentralMilp")],
)
def test_decider_of_an_optimiser(control: str, name: str):
    assert type(decider_for(OperatingRules(control=control))).__name__ == name


def test_every_control_has_one():
    assert set(CONTROLS) == {*RULES, "milp", "feasible_milp", "central_milp"}


def test_a_rule_needs_no_solver():
    code = (
        "import sys; from sparewatt.decide.deciders import decider_for; "
        "from sparewatt.model.operating_rules import OperatingRules; "
        "assert 'numba' not in sys.modules; decider_for(OperatingRules()); "
        "assert 'highspy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
