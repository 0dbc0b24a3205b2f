"""What a control rule is shown, and that it is shown nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.cluster_system import ImbalanceLimit
from sparewatt.model.control_view import Setpoints
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.simulate.hub import simulate_hub
from support.hubs import Unit, Visit, make_fleet, make_system, random_hub


class Watcher:
    """Keeps what it sees and charges as fast as it may."""

    def __init__(self):
        self.views = []

    def decide(self, view):
        self.views.append(view)
        room = (view.max_soc - view.soc) * view.battery_kwh / view.step_h
        return Setpoints(np.clip(room, 0, view.charge_kw))

    def reset(self):
        pass


def views(system, visits, **rules):
    watcher = Watcher()
    simulate_hub(system, make_fleet(visits), OperatingRules(**rules), decider=watcher)
    return watcher.views


def test_view_of_a_small_hub():
    upper = np.arange(24.0) + 30
    system = make_system(
        [[Unit(22, 5, 0.9)], [Unit(11, 0), Unit(50, 50)]],
        upper_kw=[upper, 7.0],
        lower_kw=-3.0,
        tolerance_kw=0.5,
        system_limit=Limit(np.full(24, -9.0), upper * 2, "whole"),
        imbalance_limits=(ImbalanceLimit(0, 1, upper),),
    )
    table = ((0.5, 40.0), (1.0, 6.0))
    visits = [
        Visit(5, 60, cluster=1, soc=0.3, charge_kw=30, says_departure=20, target=0.8, v2g_kwh=2),
        Visit(0, 60, cluster=1, soc=0.4, charge_kw=11, table=table, min_soc=0.1, max_soc=0.95),
        Visit(5, 50, cluster=0, soc=0.5, discharge_kw=9, table=((1.0, 3.0),)),
    ]
    seen = views(system, visits, horizon_periods=4)
    assert [len(v) for v in seen[:3]] == [1, 3, 3]
    view = seen[1]
    assert view.period == 1
    assert view.step_h == pytest.approx(1 / 12)
    assert view.vehicle.tolist() == [2, 1, 0]  # by cluster, then as they connected
    assert view.evse.tolist() == [0, 1, 2]
    assert view.cluster.tolist() == [0, 1, 1]
    assert view.since.tolist() == [1, 0, 1]
    assert view.soc.tolist() == pytest.approx([0.5, 0.4 + 11 / 12 / 55, 0.3])
    assert view.target_soc.tolist() == [1.0, 1.0, 0.8]
    assert view.min_soc.tolist() == [0, 0.1, 0]
    assert view.max_soc.tolist() == [1, 0.95, 1]
    assert view.charge_kw.tolist() == [3, 11, 30]
    assert view.max_charge_kw.tolist() == [11, 11, 30]
    assert view.discharge_kw.tolist() == [5, 0, 11]
    assert view.efficiency.tolist() == [0.9, 1, 1]
    assert view.lead_h.tolist() == pytest.approx([45 / 60, 55 / 60, 15 / 60])
    assert view.v2g_left_kwh.tolist() == [0, 0, 2]
    assert view.power_table.offset.tolist() == [0, 1, 3, 3]
    assert view.power_table.max_kw.tolist() == [3, 40, 6]
    assert view.upper_kw.tolist() == [[31, 32, 33, 34], [7] * 4]
    assert view.lower_kw.tolist() == [[-3] * 4] * 2
    assert view.tolerance_kw.tolist() == [0.5, 0.5]
    assert view.system_upper_kw.tolist() == [62, 64, 66, 68]
    assert view.system_lower_kw.tolist() == [-9] * 4
    assert view.imbalance_limits[0].upper_kw.tolist() == [31, 32, 33, 34]
    # Without a contract: as fast as may be from the SoC at connection, to the target.
    step = 1 / 12 / 55
    assert view.contract_soc[1].tolist() == pytest.approx([0.4 + 11 * step * k for k in range(1, 6)])
    assert view.contract_soc[0].tolist() == pytest.approx([0.5 + 3 * step * k for k in range(5)])
    overdue = seen[5]
    assert overdue.lead_h[2] == pytest.approx(-5 / 60)


def test_trajectory_without_a_contract_ends_at_the_target_and_the_window_at_the_horizon():
    system = make_system(periods=12)
    seen = views(system, [Visit(0, 60, soc=0.9, target=0.93)], horizon_periods=5)
    step = 11 / 12 / 55
    assert seen[0].contract_soc[0].tolist() == pytest.approx([0.9, 0.9 + step, 0.93, 0.93, 0.93, 0.93])
    assert seen[10].contract_soc.shape == (1, 3)
    assert seen[10].upper_kw.shape == (1, 2)
    assert seen[10].system_upper_kw.tolist() == [np.inf] * 2


def test_nobody_is_asked_about_an_empty_hub():
    assert [v.period for v in views(make_system(), [Visit(10, 20)])] == [2, 3]


def test_no_rule_sees_what_it_cannot_know():
    """Real departures, and who comes later, change nothing in what was seen before (rule 9)."""
    system, fleet = random_hub(3)
    rules = OperatingRules(reservation="simple", queue=True)
    known, watcher = Watcher(), Watcher()
    simulate_hub(system, fleet, rules, decider=known)
    later = fleet.real_arrival_s > system.horizon.start_s + 20 * 300
    leaves = fleet.real_departure_s > system.horizon.start_s + 20 * 300
    changed = replace(
        fleet,
        real_arrival_s=np.where(later, fleet.real_arrival_s + 300, fleet.real_arrival_s),
        real_soc=np.where(later, 0.33, fleet.real_soc),
        real_departure_s=np.where(leaves, fleet.real_departure_s + 3600, fleet.real_departure_s),
    )
    simulate_hub(system, changed, rules, decider=watcher)
    before = [(a, b) for a, b in zip(known.views, watcher.views, strict=False) if a.period <= 20]
    assert len(before) > 10
    for one, other in before:
        for name in ("vehicle", "evse", "soc", "lead_h", "v2g_left_kwh", "contract_soc", "charge_kw"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
