"""Laws of simulated hubs, over thousands of small ones: whatever happens, the judge finds no error.

The other laws compare runs: the same inputs, one in pieces, one resumed, one decided in Python.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from cross.plain_hub import PlainHub
from properties.strategies_cluster import Scenario, scenarios
from sparewatt.decide.rules.rule_decider import RuleDecider
from sparewatt.finding import has_errors
from sparewatt.model.trace import BookingState, Fate, Trace
from sparewatt.simulate import hub
from sparewatt.simulate.hub import HubSimulation, simulate_hub
from sparewatt.verify.cluster_trace import check_trace
from support.hubs import make_fleet

NEAR_KW, NEAR_KWH = 1e-6, 1e-9
STOP_AT_TARGET = ("first_come_first_served", "earliest_deadline_first", "least_laxity_first", "equal_share")
many = settings(max_examples=1000, suppress_health_check=list(HealthCheck), derandomize=True)
some = settings(many, max_examples=350)
few = settings(many, max_examples=80)


@pytest.fixture(autouse=True, scope="module")
def _small_logs():
    """Logs that are full, and solvers that forget, after some periods: in the middle of runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "LOG_ENTRIES", 24)
        patch.setattr(hub, "MARK_PERIODS", 4)
        yield


def run(scenario: Scenario) -> Trace:
    return simulate_hub(scenario.system, scenario.fleet, scenario.rules)


def bytes_of(trace: Trace) -> list[tuple[str, bytes]]:
    """All that happened, to the bit."""
    parts = [trace.connections, trace.bookings, trace.setting, *trace.contracts]
    arrays = [(f.name, getattr(part, f.name)) for part in parts for f in fields(part)]
    arrays += [("cluster_kw", trace.cluster_kw), ("fate", trace.fate), ("waited_h", trace.waited_h)]
    assert all(is_dataclass(part) for part in parts)
    return [(name, np.asarray(a).tobytes()) for name, a in arrays] + [("notes", repr(trace.notes).encode())]


@many
@given(scenarios())
def test_the_judge_finds_no_error(scenario):
    trace = run(scenario)
    findings = check_trace(trace)
    assert not has_errors(findings), [str(f) for f in findings]
    event(f"{Fate(int(trace.fate.max(initial=0))).name}")


def _nudged(array: np.ndarray, row: int, by: float) -> np.ndarray:
    new = array.copy()
    new[row] += by
    return new


LIES = (
    ("connections", "soc_last", 0.01),
    ("connections", "soc_first", -0.01),
    ("connections", "g2v_kwh", 0.01),
    ("connections", "v2g_kwh", 0.01),
    ("connections", "first", 1),
    ("connections", "end", -1),
    ("connections", "vehicle", 1),
    ("connections", "evse", 1),
    ("connections", "booking", -1),
    ("setting", "battery_kw", 0.5),
    ("setting", "battery_kw", -0.5),
    ("setting", "period", 1),
)


@some
@given(scenarios(), st.sampled_from(LIES), st.integers(0, 10**6))
def test_the_judge_notices_a_lie(scenario, lie, row):
    """One number of what happened is changed: some rule speaks."""
    trace = run(scenario)
    assume(len(trace.connections) > 0)
    part, name, by = lie
    array = getattr(getattr(trace, part), name)
    told = replace(
        trace, **{part: replace(getattr(trace, part), **{name: _nudged(array, row % len(array), by)})}
    )
    assert has_errors(check_trace(told))


@some
@given(scenarios())
def test_rules_keep_limits_that_they_can_keep(scenario):
    """Nobody has to charge, so that power above a limit of at least 0 is a fault of the rule.

    Nor does a rule discharge further than to an upper limit below 0. Uncontrolled charging asks nobody.
    """
    control = scenario.rules.control
    trace = run(replace(scenario, rules=replace(scenario.rules, control=_controlled(control))))
    for n, limit in enumerate(scenario.system.limits):
        assert (trace.cluster_kw[n] <= np.maximum(limit.upper_kw, 0.0) + NEAR_KW).all()
        assert (trace.cluster_kw[n] >= np.minimum(limit.upper_kw, 0.0) - NEAR_KW).all()


def _controlled(control: str) -> str:
    return "equal_share" if control == "uncontrolled" else control


@some
@given(scenarios(controls=("first_come_first_served",)))
def test_without_a_limit_all_rules_that_stop_at_the_target_give_the_same(scenario):
    """Who is admitted does not depend on the rule, and each vehicle gets what it can take."""
    limits = tuple(
        replace(
            limit,
            lower_kw=np.full_like(limit.lower_kw, -np.inf),
            upper_kw=np.full_like(limit.upper_kw, np.inf),
        )
        for limit in scenario.system.limits
    )
    system = replace(scenario.system, limits=limits)
    traces = [
        run(replace(scenario, system=system, rules=replace(scenario.rules, control=control)))
        for control in STOP_AT_TARGET
    ]
    for trace in traces[1:]:
        np.testing.assert_array_equal(trace.fate, traces[0].fate)
        np.testing.assert_array_equal(trace.connections.evse, traces[0].connections.evse)
        np.testing.assert_allclose(
            trace.connections.g2v_kwh, traces[0].connections.g2v_kwh, rtol=0, atol=NEAR_KWH
        )
        assert not trace.connections.v2g_kwh.any()


@settings(many, max_examples=200)
@given(scenarios(), st.lists(st.integers(0, 30), max_size=3))
def test_same_bytes_again_in_pieces_and_resumed(scenario, stops):
    whole = run(scenario)
    assert bytes_of(run(scenario)) == bytes_of(whole)
    in_pieces = HubSimulation(scenario.system, scenario.fleet, scenario.rules)
    resumed = HubSimulation(scenario.system, scenario.fleet, scenario.rules)
    for stop in [*sorted(stops), scenario.system.horizon.periods]:
        in_pieces.advance(stop)
        resumed.advance(stop)
        kept = resumed.to_bytes()
        assert in_pieces.to_bytes() == kept
        resumed = HubSimulation.from_bytes(kept, scenario.system, scenario.fleet, scenario.rules)
    resumed.advance(scenario.system.horizon.periods)
    assert bytes_of(in_pieces.trace()) == bytes_of(whole)
    assert bytes_of(resumed.trace()) == bytes_of(whole)


@some
@given(scenarios())
def test_the_compiled_loop_and_python_agree(scenario):
    """Once the whole loop is compiled, once Python drives it and asks a decider through a view."""
    decider = RuleDecider(scenario.rules.control)
    by_python = simulate_hub(scenario.system, scenario.fleet, scenario.rules, decider=decider)
    assert bytes_of(by_python) == bytes_of(run(scenario))


@some
@given(scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(scenario, random):
    """Ties are broken by arrival and id, never by the row: every vehicle gets the same."""
    order = list(range(len(scenario.visits)))
    random.shuffle(order)
    shuffled = make_fleet([scenario.visits[n] for n in order])
    one, other = run(scenario), simulate_hub(scenario.system, shuffled, scenario.rules)
    np.testing.assert_array_equal(other.fate, one.fate[order])
    np.testing.assert_array_equal(other.waited_h, one.waited_h[order])
    np.testing.assert_array_equal(other.cluster_kw, one.cluster_kw)
    np.testing.assert_array_equal(np.array(order)[other.connections.vehicle], one.connections.vehicle)
    np.testing.assert_array_equal(other.connections.g2v_kwh, one.connections.g2v_kwh)


@many
@given(scenarios(most_periods=20))
def test_the_protocol_is_that_of_plain_python(scenario):
    """Fates, waiting, every booking and every connection, as a slow program says that shares no code."""
    trace = run(scenario)
    plain = PlainHub(scenario.system, trace.fleet, scenario.rules)
    plain.simulate()
    assert [Fate(int(f)).name for f in trace.fate] == plain.fate
    np.testing.assert_allclose(trace.waited_h, np.array(plain.waited) * scenario.system.horizon.step_h)
    b, c = trace.bookings, trace.connections
    names = [BookingState(int(s)).name for s in b.state]
    ours = zip(b.vehicle, b.evse, b.made, b.first, b.end, b.closed, names, strict=True)
    theirs = [(p.vehicle, p.unit, p.made, p.first, p.end, p.closed, p.state) for p in plain.bookings]
    assert list(ours) == theirs
    ours = zip(c.vehicle, c.evse, c.booking, c.first, c.end, strict=True)
    theirs = [(s.vehicle, s.unit, plain.bookings.index(s.booking), s.first, s.end) for s in plain.stays]
    assert list(ours) == theirs


@few
@given(
    scenarios(
        ("milp", "feasible_milp", "central_milp", "least_laxity_first"),
        ("smart", "smart", "simple", "none"),
        most_visits=6,
        most_periods=12,
    ),
    st.integers(0, 12),
)
def test_contracts_and_optimisers(scenario, stop):
    """The judge finds no error, and a run that was kept on the way and carried on gives the same bytes."""
    whole = run(scenario)
    findings = check_trace(whole)
    assert not has_errors(findings), [str(f) for f in findings]
    part = HubSimulation(scenario.system, scenario.fleet, scenario.rules)
    part.advance(stop)
    kept = part.to_bytes()
    carried_on = HubSimulation.from_bytes(kept, scenario.system, scenario.fleet, scenario.rules)
    carried_on.advance(scenario.system.horizon.periods)
    assert bytes_of(carried_on.trace()) == bytes_of(whole)
    event(f"{len(whole.contracts)} contracts, {scenario.rules.control}")
