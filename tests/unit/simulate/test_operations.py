"""What an operator does to a hub on the way, by hand; periods are 5 min from 07:00."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sparewatt.decide.rules.rule_decider import RuleDecider
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import KERNEL_CONTROLS, OperatingRules
from sparewatt.model.trace import BookingState, Fate
from sparewatt.simulate.hub import HubSimulation
from sparewatt.verify.cluster_trace import check_trace
from support.hubs import Unit, Visit, make_fleet, make_system, random_hub

ONE, TWO = ((Unit(),),), ((Unit(), Unit()),)
TWO_CLUSTERS = ((Unit(),), (Unit(), Unit()))
DOCS = Path(__file__).parents[3] / "docs" / "cluster.md"


def begin(visits, clusters=ONE, *, until=0, upper_kw=np.inf, tolerance_kw=0.0, **rules):
    system = make_system(clusters, upper_kw=upper_kw, tolerance_kw=tolerance_kw)
    simulation = HubSimulation(system, make_fleet(visits), OperatingRules(**rules))
    simulation.advance(until)
    return simulation


def judged(simulation):
    """The trace at the end; the judge has nothing to say."""
    simulation.advance(simulation.system.horizon.periods)
    trace = simulation.trace()
    assert [str(f) for f in check_trace(trace)] == []
    return trace


def booked(trace):
    """Vehicle, unit, first, end, closed, state of every booking."""
    b = trace.bookings
    columns = (b.vehicle, b.evse, b.first, b.end, b.closed, b.state)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def stays(trace):
    c = trace.connections
    return list(zip(c.vehicle.tolist(), c.evse.tolist(), c.first.tolist(), c.end.tolist(), strict=True))


def flat(upper_kw, lower_kw=-np.inf, reason="order of the grid operator", tolerance_kw=0.0, periods=24):
    return Limit(np.full(periods, lower_kw), np.full(periods, float(upper_kw)), reason, tolerance_kw)


@pytest.mark.parametrize("decider", [None, RuleDecider("equal_share")])
def test_a_new_limit_holds_from_now_on(decider):
    system = make_system(ONE, upper_kw=8.0)
    rules = OperatingRules(control="equal_share")
    simulation = HubSimulation(system, make_fleet([Visit(0, 60)]), rules, decider=decider)
    simulation.advance(4)
    simulation.set_limit(0, flat(5))
    simulation.advance(9)
    simulation.set_limit(0, flat(100))
    trace = judged(simulation)
    assert trace.cluster_kw[0].tolist() == pytest.approx([8] * 4 + [5] * 5 + [11] * 3 + [0] * 12)
    assert trace.system.limits[0].upper_kw.tolist() == [8] * 4 + [5] * 5 + [100] * 15
    assert trace.system is simulation.system
    assert system.limits[0].upper_kw.tolist() == [8] * 24
    assert trace.system.limits[0].reason == (
        "capacity of cluster1; from 2022-01-08T07:20:00+00:00: order of the grid operator; "
        "from 2022-01-08T07:45:00+00:00: order of the grid operator"
    )


def test_a_limit_of_another_cluster_stays():
    simulation = begin([Visit(0, 60), Visit(0, 60, cluster=1)], TWO_CLUSTERS, until=3)
    simulation.set_limit(1, flat(2))
    trace = judged(simulation)
    assert trace.cluster_kw[0, :12].tolist() == pytest.approx([11] * 12)
    assert trace.cluster_kw[1, :12].tolist() == pytest.approx([11] * 3 + [2] * 9)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (flat(5, periods=23), r"lower_kw has shape \(23,\), not \(periods,\) = \(24,\)"),
        (flat(1, 2), "from 2 to 1 kW in period 3"),
        (flat(np.nan), "to nan kW in period 3"),
        (flat(-np.inf), "to -inf kW in period 3"),
        (flat(5, tolerance_kw=1.0), "the tolerance is 0 kW in the periods that are done"),
        (flat(5, tolerance_kw=-1.0), "it has to be 0 or more"),
    ],
)
def test_what_is_no_limit_is_refused_and_changes_nothing(limit, told):
    simulation = begin([Visit(0, 60)], until=3)
    before = simulation.to_bytes()
    with pytest.raises(ValueError, match=told):
        simulation.set_limit(0, limit)
    assert simulation.to_bytes() == before


def test_before_the_first_period_all_of_a_limit_may_change():
    simulation = begin([Visit(0, 60)], upper_kw=3.0)
    simulation.set_limit(0, flat(9, reason="new", tolerance_kw=2.0))
    trace = judged(simulation)
    assert (trace.system.limits[0].reason, trace.system.limits[0].tolerance_kw) == ("new", 2.0)


def test_past_periods_of_a_new_limit_are_not_looked_at():
    simulation = begin([Visit(0, 60)], upper_kw=3.0, until=3)
    upper = np.full(24, 7.0)
    upper[:3] = np.nan
    simulation.set_limit(0, Limit(np.full(24, -np.inf), upper, "new"))
    upper[:] = 0.0  # what the caller does with its array afterwards does not matter
    assert judged(simulation).cluster_kw[0, :12].tolist() == pytest.approx([3] * 3 + [7] * 9)


def test_contracts_are_judged_by_the_limit_under_which_they_were_made():
    """One contract under 11 kW; then 1 kW, under which a second finds no offer; then 22 kW, and a third."""
    visits = [
        Visit(60, 90, books=0, soc=0.9),
        Visit(60, 90, books=15, soc=0.9, cluster=0),
        Visit(60, 90, books=25, soc=0.9),
    ]
    clusters = ((Unit(), Unit(), Unit()),)
    simulation = begin(visits, clusters, upper_kw=11.0, reservation="smart", until=2)
    assert simulation.booked_kw(0, 12, 18).sum() == pytest.approx(66)
    simulation.set_limit(0, flat(1))
    simulation.advance(4)
    simulation.set_limit(0, flat(22))
    simulation = HubSimulation.from_bytes(
        simulation.to_bytes(), make_system(clusters, upper_kw=11.0), simulation.fleet, simulation.rules
    )
    trace = judged(simulation)
    assert [Fate(f).name for f in trace.fate] == ["ADMITTED", "NO_OFFER", "ADMITTED"]
    assert len(trace.limit_changes) == 2
    assert trace.limit_changes[0].upper_kw.tolist() == [11] * 16  # up to the end of the contract


def test_the_judge_notices_a_contract_beyond_the_limit_of_its_time():
    visits = [Visit(60, 90, books=0, soc=0.9), Visit(60, 90, books=15, soc=0.9)]
    simulation = begin(visits, TWO, upper_kw=22.0, reservation="smart", until=2)
    simulation.set_limit(0, flat(1))
    simulation.advance(3)
    simulation.set_limit(0, flat(22))
    simulation.advance(24)
    trace = simulation.trace()
    assert check_trace(trace) == ()
    lie = trace.limit_changes[0]
    lie.upper_kw[:] = 5.0
    assert {f.rule for f in check_trace(trace)} == {"cluster.trace.contract_limit"}


def test_reserve_books_the_declared_stay_and_keeps_others_out():
    """Without the booking the second takes the unit from 60 on, since it comes first."""
    visits = [Visit(60, 90), Visit(50, 100), Visit(15, 60)]
    simulation = begin(visits, until=2)
    assert simulation.reserve(0) == 0
    assert simulation.free_evses(0, 12, 18).tolist() == []
    trace = judged(simulation)
    assert booked(trace) == [
        (0, 0, 12, 18, 18, BookingState.USED),
        (2, 0, 3, 12, 12, BookingState.USED),
    ]
    assert trace.bookings.made.tolist() == [2, 3]
    assert trace.fate.tolist() == [Fate.ADMITTED, Fate.NO_FREE_EVSE, Fate.ADMITTED]
    assert trace.by_hand == ((0, 12),)


def test_reserve_chooses_as_a_simple_reservation_does():
    units = ((Unit(22), Unit(7), Unit(11)), (Unit(11),))
    visits = [Visit(60, 90)] * 4 + [Visit(60, 90, cluster=None), Visit(60, 90)]
    simulation = begin(visits, units)
    assert [simulation.reserve(v) for v in range(3)] == [2, 0, 1]
    assert simulation.reserve(3) is None  # its cluster is full, and it is not rerouted
    assert simulation.reserve(4) == 3
    assert simulation.reserve(5, first=18, end=20) == 2
    rerouted = begin(visits, units, reroute=True)
    assert [rerouted.reserve(v) for v in range(4)] == [2, 0, 1, 3]
    trace = judged(rerouted)
    assert [unit for _, unit, _, _ in stays(trace)] == [2, 0, 1, 3]


def test_reserve_takes_the_unit_and_stay_that_it_is_told():
    simulation = begin([Visit(60, 90), Visit(60, 90), Visit(60, 90)], TWO_CLUSTERS, until=1)
    assert simulation.reserve(0, evse=2) == 2
    assert simulation.reserve(1, evse=2) is None
    assert simulation.reserve(1, cluster=1, first=10) == 1
    assert simulation.reserve(2, evse=2, first=8, end=12) == 2  # it ends where the other begins
    trace = judged(simulation)
    assert [row[:4] for row in booked(trace)][:3] == [(0, 2, 12, 18), (1, 1, 10, 18), (2, 2, 8, 12)]


def test_a_visit_is_booked_once_and_a_refused_one_comes_after_all():
    visits = [Visit(60, 90, books=10), Visit(60, 90, books=0), Visit(60, 90, books=5)]
    simulation = begin(visits, reservation="simple", until=0)
    assert simulation.reserve(0) == 0
    simulation.advance(4)
    assert simulation.cancel(0)
    assert simulation.reserve(2) == 0
    trace = judged(simulation)
    assert [Fate(f).name for f in trace.fate] == ["NO_FREE_EVSE", "RESERVATION_REFUSED", "ADMITTED"]
    assert booked(trace) == [
        (0, 0, 12, 18, 4, BookingState.CANCELLED),
        (2, 0, 12, 18, 18, BookingState.USED),
    ]


def test_a_booking_by_hand_is_released_after_its_grace():
    simulation = begin([Visit(None, 90, says_arrival=30, books=0), Visit(45, 60)], until=1, grace_s=900)
    simulation.reserve(0)
    trace = judged(simulation)
    assert booked(trace)[0] == (0, 0, 6, 18, 9, BookingState.RELEASED)
    assert stays(trace) == [(1, 0, 9, 12)]


def test_a_booking_that_begins_now_lives_through_this_period_without_a_grace():
    simulation = begin([Visit(None, 90, says_arrival=10, books=0)], until=2, grace_s=0)
    simulation.reserve(0)
    assert booked(judged(simulation)) == [(0, 0, 2, 18, 3, BookingState.RELEASED)]


def test_who_comes_before_its_booking_by_hand_moves_it_forward_and_the_judge_knows():
    """The other's booking overlapped the stay as it became, not as it was agreed."""
    visits = [Visit(30, 90), Visit(10, 25, says_departure=35)]
    for reservation in ("none", "simple"):
        simulation = begin(visits, reservation=reservation)
        simulation.reserve(0, first=8)
        trace = judged(simulation)
        assert booked(trace) == [
            (0, 0, 6, 18, 18, BookingState.USED),
            (1, 0, 2, 7, 5, BookingState.USED),
        ]


def test_cancel_gives_the_window_free_and_the_visit_walks_in():
    visits = [Visit(60, 90, books=0), Visit(20, 70), Visit(70, 100)]
    simulation = begin(visits, reservation="simple", until=3)
    assert simulation.free_evses(0, 12, 18).tolist() == []
    assert simulation.cancel(0)
    assert not simulation.cancel(0)
    assert simulation.free_evses(0, 12, 18).tolist() == [0]
    trace = judged(simulation)
    assert booked(trace) == [
        (0, 0, 12, 18, 3, BookingState.CANCELLED),
        (1, 0, 4, 14, 14, BookingState.USED),
        (2, 0, 14, 20, 20, BookingState.USED),
    ]
    assert trace.fate[0] == Fate.NO_FREE_EVSE


def test_who_cancelled_goes_to_its_own_cluster_again():
    simulation = begin([Visit(60, 90)], TWO_CLUSTERS)
    simulation.reserve(0, cluster=1)
    simulation.cancel(0)
    assert stays(judged(simulation)) == [(0, 0, 12, 18)]


def test_who_waits_for_its_booked_unit_may_be_cancelled_and_waits_on():
    """The first overstays; the second waits for it with a booking in the other cluster, then without."""
    visits = [Visit(0, 110, cluster=1, says_departure=30), Visit(40, 100, cluster=0)]
    simulation = begin(visits, ((Unit(),), (Unit(),)), queue=True)
    simulation.advance(1)
    assert simulation.reserve(1, cluster=1) == 1
    simulation.advance(10)
    assert simulation.cancel(1)
    trace = judged(simulation)
    assert stays(trace)[1] == (1, 0, 10, 20)
    assert trace.waited_h[1] == pytest.approx(10 / 60)


def test_a_cancelled_contract_no_longer_counts():
    visits = [Visit(60, 90, books=0, soc=0.9), Visit(60, 90, books=15, soc=0.9)]
    simulation = begin(visits, TWO, upper_kw=11.0, reservation="smart", until=2)
    simulation.cancel(0)
    assert not simulation.booked_kw(0, 12, 18).any()
    trace = judged(simulation)
    assert trace.fate.tolist() == [Fate.ADMITTED, Fate.ADMITTED]
    assert trace.bookings.contract.tolist() == [0, 1, -1]


def test_begun_use_cannot_be_cancelled():
    simulation = begin([Visit(0, 60)], until=2)
    assert not simulation.cancel(0)
    assert stays(judged(simulation)) == [(0, 0, 0, 12)]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda s: s.reserve(0), "visit 0 has come already"),
        (lambda s: s.reserve(1), "visit 1 has a booking already; cancel it first"),
        (lambda s: s.reserve(2), "visit 2 declares no arrival"),
        (lambda s: s.reserve(3, evse=0, cluster=1), "unit 0 belongs to cluster 0, not to 1"),
        (lambda s: s.reserve(3, first=1), "periods 1 to 18 are no stay from the present period 2 on"),
        (lambda s: s.reserve(3, first=18), "periods 18 to 18 are no stay"),
        (lambda s: s.reserve(3, evse=3), "evse 3 is not one of the 3 rows"),
        (lambda s: s.reserve(-1), "vehicle -1 is not one of the 4 rows"),
        (lambda s: s.cancel(4), "vehicle 4 is not one of the 4 rows"),
        (lambda s: s.set_limit(2, flat(1)), "cluster 2 is not one of the 2 rows"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(call, told):
    visits = [Visit(0, 60), Visit(60, 90, books=0), Visit(None, 90), Visit(60, 90)]
    simulation = begin(visits, TWO_CLUSTERS, reservation="simple", until=2)
    before = simulation.to_bytes()
    with pytest.raises(ValueError, match=re.escape(told)):
        call(simulation)
    assert simulation.to_bytes() == before


def test_after_the_last_period_nothing_can_be_done():
    simulation = begin([Visit(0, 60)], until=24)
    for call in (lambda: simulation.cancel(0), lambda: simulation.reserve(0)):
        with pytest.raises(ValueError, match="all 24 periods have been simulated"):
            call()


def operate(simulation, rng):
    """Some operations, as they may come."""
    for vehicle in range(simulation.period % 3, len(simulation.fleet), 3):
        simulation.cancel(vehicle)
    for vehicle in rng.integers(0, len(simulation.fleet), 6).tolist():
        try:
            simulation.reserve(vehicle, first=simulation.period + int(rng.integers(0, 9)))
        except ValueError:
            continue
    cluster = int(rng.integers(len(simulation.system.limits)))
    upper = np.full(simulation.system.horizon.periods, float(rng.uniform(-5, 40)))
    simulation.set_limit(cluster, Limit(upper - 30, upper, "order", 0.5))


@pytest.mark.parametrize("reservation", ["none", "simple", "smart"])
@pytest.mark.parametrize("seed", range(5))
def test_whoever_drives_and_however_often_it_is_kept_the_same_happens(seed, reservation):
    """Compiled, through a decider, and kept and restored around every operation: the same bytes."""
    system, fleet = random_hub(seed)
    control = KERNEL_CONTROLS[seed % len(KERNEL_CONTROLS)]
    rules = OperatingRules(
        control=control, reservation=reservation, queue=seed % 2 == 0, reroute=seed % 3 == 0
    )
    decider = RuleDecider(control)
    compiled = HubSimulation(system, fleet, rules)
    stepped = HubSimulation(system, fleet, rules, decider=decider)
    kept = HubSimulation(system, fleet, rules)
    kept_stepped = HubSimulation(system, fleet, rules, decider=decider)
    for until in (0, 5, 11, 12, 30):
        kept = HubSimulation.from_bytes(kept.to_bytes(), system, fleet, rules)
        for simulation in (compiled, stepped, kept, kept_stepped):
            simulation.advance(until)
            operate(simulation, np.random.default_rng(until))
        kept_stepped = HubSimulation.from_bytes(
            kept_stepped.to_bytes(), system, fleet, rules, decider=decider
        )
        assert kept_stepped.period == until
    runs = (compiled, stepped, kept, kept_stepped)
    for simulation in runs:
        simulation.advance(system.horizon.periods)
    assert len({simulation.to_bytes() for simulation in runs}) == 1
    trace = compiled.trace()
    assert trace.by_hand
    assert BookingState.CANCELLED in trace.bookings.state
    assert [str(f) for f in check_trace(trace) if f.severity == "error"] == []


@pytest.mark.parametrize(("state", "closed"), [(BookingState.CANCELLED, 12), (BookingState.CANCELLED, -1)])
def test_the_judge_notices_a_booking_that_was_not_cancelled(state, closed):
    simulation = begin([Visit(0, 60)])
    trace = judged(simulation)
    trace.bookings.state[0], trace.bookings.closed[0] = state, closed
    assert {f.rule for f in check_trace(trace)} == {"cluster.trace.booking_state"}


def test_more_bookings_by_hand_than_there_are_visits():
    simulation = begin([Visit(60, 90), Visit(0, 30)])
    for _ in range(50):
        assert simulation.reserve(0) == 0
        assert simulation.cancel(0)
    trace = judged(simulation)
    assert len(trace.bookings) == 52
    assert stays(trace) == [(1, 0, 0, 6), (0, 0, 12, 18)]


def test_the_snippet_of_the_page_runs():
    """Code under "While it runs", as it stands on the page, prints what the page says."""
    page = DOCS.read_text(encoding="utf-8").split("## While it runs")[1]
    code, said = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL).group(1) for kind in ("python", "text"))
    printed = []
    exec(
        compile(code, str(DOCS), "exec"), {"print": lambda *parts: printed.append(" ".join(map(str, parts)))}
    )
    assert printed == said.splitlines()
