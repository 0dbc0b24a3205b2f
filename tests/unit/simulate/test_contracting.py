"""Smart reservations: who is asked for an offer, with what, and what becomes of the contract."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.rules.rule_decider import RuleDecider
from sparewatt.model.cluster_system import Traffic
from sparewatt.model.control_view import Setpoints
from sparewatt.model.evses import grid_power
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.trace import BookingState, Fate
from sparewatt.simulate import hub as hub_module
from sparewatt.simulate.contracting import find_candidates
from sparewatt.simulate.hub import HubSimulation, simulate_hub
from support.hubs import Unit, Visit, make_fleet, make_system, random_hub

SMART = OperatingRules(reservation="smart", control="equal_share")


def start(system, visits, until=0, rules=SMART):
    simulation = HubSimulation(system, make_fleet(visits), rules)
    simulation.advance(until)
    return simulation


def candidates(simulation, vehicle, now):
    parts = simulation.system, simulation.fleet
    return find_candidates(simulation._hub, *parts, vehicle, now, simulation._contracts)


def test_one_candidate_per_kind_with_stay_soc_limits_and_tariff():
    system = make_system(
        [[Unit(22), Unit(22), Unit(7), Unit(50, 0)], [Unit(11, efficiency=0.9)]],
        upper_kw=[np.arange(24.0), 9.0],
        lower_kw=-5.0,
        price=np.arange(24.0),
        traffic=Traffic(np.array([0, 600]), np.array([0, 300]), np.array([0.0, 0.1])),
    )
    visit = Visit(10, 118, books=0, soc=0.3, charge_kw=22, discharge_kw=8, cluster=None)
    found = candidates(start(system, [visit]), 0, 0)
    assert [(c.cluster, c.evse, c.charge_kw, c.discharge_kw, c.efficiency) for c in found] == [
        (0, 2, 7, 8, 1),
        (0, 0, 22, 8, 1),
        (0, 3, 22, 0, 1),
        (1, 4, 11, 8, 0.9),
    ]
    here, there = found[0], found[3]
    assert (here.first, here.end, there.first, there.end) == (2, 23, 4, 24)
    assert (here.arrival_soc, there.arrival_soc) == (0.3, pytest.approx(0.2))
    assert here.upper_kw.tolist() == list(range(2, 23))
    assert here.tariff_per_kwh.tolist() == list(range(2, 23))
    assert there.lower_kw.tolist() == [-5] * 20
    assert not here.booked_kw.any()


def test_beyond_the_horizon_the_last_values_hold():
    system = make_system(upper_kw=[np.arange(24.0)], price=np.arange(24.0))
    found = candidates(start(system, [Visit(100, 140, books=0)]), 0, 0)
    assert found[0].upper_kw.tolist() == [20, 21, 22, 23, 23, 23, 23, 23]
    assert found[0].tariff_per_kwh.tolist() == [20, 21, 22, 23, 23, 23, 23, 23]


def test_booked_power_is_that_of_live_contracts_connected_ones_included():
    system = make_system([[Unit(efficiency=0.8)] * 3], upper_kw=30.0)
    visits = [
        Visit(0, 60, books=0, soc=0.9),
        Visit(20, 80, books=0, soc=0.9),
        Visit(30, 90, books=14),
    ]
    simulation = start(system, visits, until=2)
    assert len(simulation._contracts) == 2
    want = np.zeros(24)
    for contract in simulation._contracts:
        want[contract.first : contract.end] += grid_power(contract.battery_kw, 0.8)
    assert want.sum() / 12 == pytest.approx(2 * 5.5 / 0.8)
    assert simulation.booked_kw(0, 0, 24).tolist() == pytest.approx(want.tolist())
    found = candidates(simulation, 2, 2)
    assert found[0].booked_kw.tolist() == pytest.approx(want[6:18].tolist())


def test_contracts_stay_inside_the_limit_in_every_step_and_who_gets_none_does_not_come():
    system = make_system([[Unit()] * 4], upper_kw=11.0)
    visits = [Visit(10, 60, books=k, soc=0.5, target=0.6) for k in range(4)]
    trace = simulate_hub(system, make_fleet(visits), SMART)
    booked = np.zeros(24)
    for contract in trace.contracts:
        booked[contract.first : contract.end] += grid_power(contract.battery_kw, 1.0)
    # 50 min at 11 kW are 9 1/6 kWh: one whole wish of 5.5 kWh, the rest for the second, nothing for others.
    assert booked.max() <= 11 + 1e-6
    assert trace.fate.tolist() == [Fate.ADMITTED] * 2 + [Fate.NO_OFFER] * 2
    assert [c.target_soc for c in trace.contracts] == pytest.approx([0.6, 0.5 + (55 / 6 - 5.5) / 55])
    assert trace.bookings.contract.tolist() == [0, 1]


def test_no_unit_free_is_a_refusal():
    trace = simulate_hub(make_system(), make_fleet([Visit(10, 60, books=0), Visit(30, 90, books=3)]), SMART)
    assert trace.fate.tolist() == [Fate.ADMITTED, Fate.RESERVATION_REFUSED]


class Watcher:
    def __init__(self):
        self.views = []

    def decide(self, view):
        self.views.append(view)
        return Setpoints(np.zeros(len(view)))

    def reset(self):
        pass


def watched(system, visits, **rules):
    watcher = Watcher()
    rules = OperatingRules(reservation="smart", horizon_periods=6, **rules)
    return simulate_hub(system, make_fleet(visits), rules, decider=watcher), watcher.views


def test_the_contract_is_the_reference_of_who_came():
    system = make_system(price=np.r_[np.full(6, 0.5), np.full(18, 0.1)])
    trace, seen = watched(system, [Visit(10, 60, books=0, soc=0.98)])
    contract = trace.contracts[0]
    soc = contract.arrival_soc + np.concatenate([[0], np.cumsum(contract.battery_kw)]) / 12 / 55
    assert seen[0].contract_soc[0].tolist() == pytest.approx(soc[:7].tolist())
    assert seen[0].contract_soc[0, :5].tolist() == pytest.approx([0.98] * 5)  # it waits for the low price
    assert seen[8].contract_soc[0].tolist() == pytest.approx([*soc[8:], *[soc[-1]] * 4])


def test_a_replacement_in_the_cluster_keeps_the_contract_and_one_elsewhere_does_not():
    blocker = Visit(0, 90, says_departure=30)
    booked = Visit(40, 100, books=0, soc=0.98)
    trace, _ = watched(make_system([[Unit(), Unit()]]), [blocker, booked])
    assert trace.bookings.state.tolist()[0] == BookingState.MOVED
    assert trace.bookings.contract.tolist() == [0, -1, 0]
    away, _ = watched(make_system([[Unit()], [Unit()]]), [blocker, booked], reroute=True)
    moved = away.connections.booking[1]
    assert away.connections.evse[1] == 1
    assert away.bookings.contract[moved] == -1


def test_kept_and_restored_contracts_carry_on():
    system, fleet = random_hub(2, visits=24)
    rules = OperatingRules(reservation="smart", queue=True, reroute=True)
    once = HubSimulation(system, fleet, rules)
    once.advance(48)
    assert len(once._contracts) > 3
    pieces = HubSimulation(system, fleet, rules)
    for until in (5, 17, 48):
        pieces.advance(until)
        pieces = HubSimulation.from_bytes(pieces.to_bytes(), system, fleet, rules)
    assert pieces.to_bytes() == once.to_bytes()


def test_smart_reservations_with_a_kernel_and_with_a_view_agree():
    system, fleet = random_hub(4, visits=24)
    rules = OperatingRules(reservation="smart", control="least_laxity_first", queue=True)
    one, other = (
        HubSimulation(system, fleet, rules),
        HubSimulation(system, fleet, rules, decider=RuleDecider("least_laxity_first")),
    )
    one.advance(48)
    other.advance(48)
    assert one.to_bytes() == other.to_bytes()


@pytest.mark.parametrize("control", ["milp", "feasible_milp", "central_milp"])
def test_rolling_optimisers_run_and_repeat(control, monkeypatch):
    monkeypatch.setattr(hub_module, "MARK_PERIODS", 6)
    system, fleet = random_hub(1, visits=10, periods=18)
    rules = OperatingRules(control=control, horizon_periods=4)
    once = HubSimulation(system, fleet, rules)
    once.advance(18)
    stopped = HubSimulation(system, fleet, rules)
    stopped.advance(10)
    resumed = HubSimulation.from_bytes(stopped.to_bytes(), system, fleet, rules)
    assert resumed.period == 6
    resumed.advance(18)
    assert resumed.to_bytes() == once.to_bytes()
    assert len(once.trace().connections) > 2
