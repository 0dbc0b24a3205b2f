"""Whatever drives the loop, and in whatever pieces, the bytes are the same."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.rules.rule_decider import RuleDecider
from sparewatt.errors import RunCancelled, SolverError, StoreError
from sparewatt.model.control_view import Setpoints
from sparewatt.model.operating_rules import KERNEL_CONTROLS, OperatingRules
from sparewatt.simulate import hub as hub_module
from sparewatt.simulate.hub import HubSimulation, simulate_hub
from sparewatt.tasks import Cancel
from support.hubs import Unit, Visit, make_fleet, make_system, random_hub


class Warm:
    """A decider whose answers depend on how often it was asked since it was reset."""

    def __init__(self):
        self.asked, self.resets = 0, 0

    def decide(self, view):
        self.asked += 1
        return Setpoints(np.minimum(view.charge_kw, self.asked % 7) * (view.soc < 0.5))

    def reset(self):
        self.asked, self.resets = 0, self.resets + 1


def whole(system, fleet, rules, **more):
    simulation = HubSimulation(system, fleet, rules, **more)
    simulation.advance(system.horizon.periods)
    return simulation


@pytest.mark.parametrize("control", KERNEL_CONTROLS)
@pytest.mark.parametrize("reservation", ["none", "simple"])
def test_compiled_loop_and_decider_over_a_view_agree_to_the_byte(control, reservation):
    for seed in range(4):
        system, fleet = random_hub(seed)
        rules = OperatingRules(
            control=control, reservation=reservation, queue=seed % 2 == 0, reroute=seed > 1
        )
        compiled = whole(system, fleet, rules)
        stepped = whole(system, fleet, rules, decider=RuleDecider(control))
        assert compiled.to_bytes() == stepped.to_bytes()


def test_pieces_and_restarts_do_not_show():
    system, fleet = random_hub(5)
    rules = OperatingRules(control="equal_share", reservation="simple", queue=True, reroute=True)
    once = whole(system, fleet, rules, seed=3)
    pieces = HubSimulation(system, fleet, rules, seed=3)
    for until in (1, 2, 7, 30, 31, 48):
        pieces.advance(until)
        assert pieces.period == until
        pieces = HubSimulation.from_bytes(pieces.to_bytes(), system, fleet, rules, seed=3)
    assert pieces.to_bytes() == once.to_bytes()
    assert pieces.trace().setting.battery_kw.tobytes() == once.trace().setting.battery_kw.tobytes()


def test_a_small_log_is_emptied_in_time(monkeypatch):
    system, fleet = random_hub(6)
    rules = OperatingRules(queue=True)
    once = whole(system, fleet, rules)
    monkeypatch.setattr(hub_module, "LOG_ENTRIES", 1)
    assert whole(system, fleet, rules).to_bytes() == once.to_bytes()


def test_a_decider_with_memory_repeats_from_the_last_mark(monkeypatch):
    monkeypatch.setattr(hub_module, "MARK_PERIODS", 10)
    system, fleet = random_hub(7)
    rules = OperatingRules(queue=True)
    decider = Warm()
    once = whole(system, fleet, rules, decider=decider)
    assert decider.resets == 5
    stopped = HubSimulation(system, fleet, rules, decider=Warm())
    stopped.advance(37)
    resumed = HubSimulation.from_bytes(stopped.to_bytes(), system, fleet, rules, decider=Warm())
    assert resumed.period == 30
    resumed.advance(48)
    assert resumed.to_bytes() == once.to_bytes()


def test_checkpoint_of_another_run_is_refused():
    system, fleet = random_hub(8)
    data = HubSimulation(system, fleet, OperatingRules()).to_bytes()
    other = random_hub(9)
    with pytest.raises(StoreError, match="other inputs"):
        HubSimulation.from_bytes(data, *other, OperatingRules())
    with pytest.raises(StoreError, match="other inputs"):
        HubSimulation.from_bytes(data, system, fleet, OperatingRules(queue=True))
    with pytest.raises(StoreError, match="other inputs"):
        HubSimulation.from_bytes(data, system, fleet, OperatingRules(), seed=1)
    for broken in (b"", data[:-1], data[:40] + b"x" + data[41:]):
        with pytest.raises(StoreError, match="damaged"):
            HubSimulation.from_bytes(broken, system, fleet, OperatingRules())


def test_progress_is_told_and_cancel_is_heard_between_blocks(monkeypatch):
    monkeypatch.setattr(hub_module, "BLOCK_PERIODS", 12)
    system, fleet = random_hub(10)
    told = []
    simulate_hub(system, fleet, OperatingRules(), on_progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
    cancel = Cancel()
    simulation = HubSimulation(system, fleet, OperatingRules())
    with pytest.raises(RunCancelled, match="period 12 of 48"):
        simulation.advance(48, on_progress=lambda _: cancel.set(), cancel=cancel)
    simulation.advance(48)
    assert simulation.to_bytes() == whole(system, fleet, OperatingRules()).to_bytes()


def test_a_trace_of_half_a_run_is_refused():
    with pytest.raises(ValueError, match="period 0 of 48"):
        HubSimulation(*random_hub(11), OperatingRules()).trace()


class Fixed:
    """Gives everyone the same power."""

    def __init__(self, kw):
        self.kw = kw

    def decide(self, view):
        return Setpoints(np.full(len(view), self.kw), gap=0.25, timed_out=True, note="infeasible")

    def reset(self):
        pass


@pytest.mark.parametrize("kw", [float("nan"), float("inf"), 11.001, -0.001])
def test_a_power_that_is_not_permitted_is_an_error(kw):
    with pytest.raises(SolverError, match="Fixed gave vehicle v01"):
        simulate_hub(make_system(), make_fleet([Visit()]), OperatingRules(), decider=Fixed(kw))


def test_noise_is_cut_and_deadlines_are_noted():
    trace = simulate_hub(make_system(), make_fleet([Visit()]), OperatingRules(), decider=Fixed(11 + 1e-8))
    assert trace.battery_kw(0).tolist() == [11.0] * 12
    assert {(note.kind, note.gap) for note in trace.notes} == {("timed_out", 0.25), ("infeasible", 0.25)}
    assert [note.period for note in trace.notes] == [k for k in range(12) for _ in range(2)]
    nothing = simulate_hub(make_system(), make_fleet([Visit()]), OperatingRules(), decider=Fixed(-1e-12))
    assert nothing.setting.battery_kw.tolist() == [0.0]


def test_powers_of_another_shape_are_an_error():
    class Short(Fixed):
        def decide(self, view):
            return Setpoints(np.zeros(len(view) + 1))

    with pytest.raises(SolverError, match="1 vehicles are connected"):
        simulate_hub(make_system(), make_fleet([Visit()]), OperatingRules(), decider=Short(0))


@pytest.mark.parametrize("seed", range(12))
def test_bookings_and_connections_of_a_unit_never_overlap(seed):
    system, fleet = random_hub(seed, visits=80)
    rules = OperatingRules(reservation="simple", queue=seed % 2 == 0, reroute=seed % 3 == 0, grace_s=600)
    trace = simulate_hub(system, fleet, rules)
    b, c = trace.bookings, trace.connections
    end = np.where(b.closed >= 0, np.minimum(b.end, b.closed), b.end)
    for first, last, evse in ((b.first, end, b.evse), (c.first, c.end, c.evse)):
        for e in range(len(system.evses)):
            mine = (evse == e) & (first < last)
            order = np.argsort(first[mine])
            assert (last[mine][order][:-1] <= first[mine][order][1:]).all()
    assert (np.bincount(c.vehicle, minlength=len(fleet)) <= 1).all()
    assert len(c) >= 4


@pytest.mark.parametrize("seed", range(4))
def test_energy_in_is_what_the_battery_gained_and_powers_add_up(seed):
    system, fleet = random_hub(seed)
    trace = simulate_hub(system, fleet, OperatingRules(control="equal_share", queue=True, reroute=True))
    c = trace.connections
    gained = (c.soc_last - c.soc_first) * fleet.battery_kwh[c.vehicle]
    np.testing.assert_allclose(gained, c.g2v_kwh - c.v2g_kwh, atol=1e-9)
    powers = trace.evse_kw(0, system.horizon.periods)
    for cluster in range(len(system.cluster_ids)):
        own = powers[system.evses.cluster == cluster].sum(axis=0)
        np.testing.assert_allclose(own, trace.cluster_kw[cluster], atol=1e-9)
    for k in range(len(c)):
        assert trace.soc(k)[-1] == pytest.approx(c.soc_last[k], abs=1e-12)


def test_limits_may_be_views_of_one_number():
    system = make_system([[Unit(), Unit()]], upper_kw=12.0)
    assert system.limits[0].upper_kw.strides == (0,)
    trace = simulate_hub(
        system, make_fleet([Visit(), Visit()]), OperatingRules(control="first_come_first_served")
    )
    assert trace.cluster_kw[0, :12].tolist() == [12.0] * 12
