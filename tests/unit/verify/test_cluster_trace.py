"""The judge of hubs: one trace made by hand that is right, and for every rule one that breaks just it.

The right one, half-hours from 07:00 (period 0) to 13:00 (period 12), first come first served, smart
reservations, grace of one period. Cluster 1: A (10 kW, η = 0.5), B (10 kW, η = 1), limits -20 to 30 kW,
in period 8 -20 to -2 kW, tolerance 1 kW. Cluster 2: C (20 kW, η = 0.8), -8 to 30 kW.

walk    at A 0-6, 40 kWh from 0.25 to its target 0.5: 10 kWh in two periods of 10 kW (grid 20 kW).
early   booked B for 2-6, comes at 1, stays until 8; 20 kWh, 0.5 to 1.0; takes 10 kW below 0.75, then 5 kW.
noshow  booked C for 4-8 and never comes; its contract charges 5 kWh and gives 5 kWh back.
moved   booked B for 6-9, finds it occupied, gets A; 20 kWh from 0.6 to 0.7 with 4 kW (grid 8 kW); in
        period 8 it gives back its allowance of 1.5 kWh (3 kW, grid 1.5 kW, of the 2 that are asked).
late    walks in at 11:40 (period 10) to A, full enough, still there at the end.
short, full, later, nooffer, booked: never connected, each for its reason.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from sparewatt.model.cluster_system import ImbalanceLimit
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.power_table import PowerTable
from sparewatt.model.reservation import Contract
from sparewatt.model.trace import NONE, Bookings, Connections, Fate, Setting, Trace
from sparewatt.verify import cluster_part
from sparewatt.verify.cluster_trace import check_trace
from sparewatt.verify.tally import SHOWN
from support.hubs import Unit, Visit, make_fleet, make_system

PERIODS = 12
WALK, EARLY, NOSHOW, MOVED, LATE = range(5)  # rows of visits; connections: walk, early, moved, late
K_WALK, K_EARLY, K_MOVED, K_LATE = range(4)
B_WALK, B_EARLY, B_NOSHOW, B_OLD, B_NEW, B_LATE, B_OPEN = range(7)

VISITS = (
    Visit(0, 180, 0.25, 0.5, battery_kwh=40, name="walk"),
    Visit(
        30,
        240,
        0.5,
        books=0,
        says_arrival=60,
        says_departure=180,
        battery_kwh=20,
        charge_kw=10,
        table=((0.75, 10.0), (1.0, 5.0)),
        name="early",
    ),
    Visit(None, 240, 0.8, 0.8, books=30, says_arrival=120, battery_kwh=50, v2g_kwh=5, name="noshow"),
    Visit(180, 270, 0.6, 0.7, books=60, battery_kwh=20, charge_kw=10, v2g_kwh=1.5, name="moved"),
    Visit(280, 480, 0.9, 0.8, battery_kwh=50, name="late"),
    Visit(5, 25, 0.5, name="short"),
    Visit(60, 120, 0.5, name="full"),
    Visit(780, 900, 0.5, name="later"),
    Visit(120, 180, 0.5, books=60, name="nooffer"),
    Visit(420, 540, 0.5, books=300, name="booked"),
)
A, B, C = range(3)


def contract(evse, first, end, soc, target, kw, cluster=0) -> Contract:
    power = np.array(kw, dtype=float)
    payment = 0.5 * (0.5 * power.clip(0).sum() - 0.4 * (-power).clip(0).sum())
    g2v, v2g = np.full(end - first, 0.5), np.full(end - first, 0.4)
    return Contract(cluster, evse, first, end, soc, target, power, g2v, v2g, payment)


def right_trace(visits=VISITS) -> Trace:
    upper = np.full(PERIODS, 30.0)
    upper[8] = -2
    system = make_system(
        [(Unit(10.0, 10.0, 0.5), Unit(10.0, 10.0, 1.0)), (Unit(20.0, 20.0, 0.8),)],
        periods=PERIODS,
        step_s=1800,
        lower_kw=[-20.0, -8.0],
        upper_kw=[upper, np.full(PERIODS, 30.0)],
        tolerance_kw=1.0,
    )
    connections = Connections(
        vehicle=np.array([WALK, EARLY, MOVED, LATE]),
        evse=np.array([A, B, A, A]),
        booking=np.array([B_WALK, B_EARLY, B_NEW, B_LATE]),
        first=np.array([0, 1, 6, 10]),
        end=np.array([6, 8, 9, 12]),
        still_connected=np.array([False, False, False, True]),
        soc_first=np.array([0.25, 0.5, 0.6, 0.9]),
        soc_last=np.array([0.5, 1.0, 0.625, 0.9]),
        g2v_kwh=np.array([10.0, 10.0, 2.0, 0.0]),
        v2g_kwh=np.array([0.0, 0.0, 1.5, 0.0]),
    )
    bookings = Bookings(
        vehicle=np.array([WALK, EARLY, NOSHOW, MOVED, MOVED, LATE, 9]),
        evse=np.array([A, B, C, B, A, A, C]),
        made=np.array([0, 0, 1, 2, 6, 10, 10]),
        first=np.array([0, 1, 4, 6, 6, 10, 14]),
        end=np.array([6, 6, 8, 9, 9, 16, 18]),
        closed=np.array([6, 8, 5, 6, 9, NONE, NONE]),
        state=np.array([2, 2, 4, 3, 2, 1, 0], dtype=np.int8),
        contract=np.array([NONE, 0, 1, 2, 2, NONE, NONE]),
    )
    setting = Setting(
        offset=np.array([0, 2, 5, 8, 9]),
        period=np.array([0, 2, 1, 2, 4, 6, 7, 8, 10]),
        battery_kw=np.array([10.0, 0, 10, 5, 0, 4, 0, -3, 0]),
    )
    cluster_kw = np.zeros((2, PERIODS))
    cluster_kw[0, :9] = [20, 30, 5, 5, 0, 0, 8, 0, -1.5]
    return Trace(
        system,
        make_fleet(visits),
        OperatingRules("first_come_first_served", "smart", grace_s=1800),
        connections,
        bookings,
        (
            contract(B, 2, 6, 0.5, 1.0, [4, 4, 4, 8]),
            contract(C, 4, 8, 0.8, 0.8, [10, -10, 0, 0], cluster=1),
            contract(B, 6, 9, 0.6, 0.7, [2, 2, 0]),
        ),
        setting,
        cluster_kw,
        np.array([0, 0, Fate.NO_SHOW, 0, 0, 6, 3, 1, 5, 1], dtype=np.int8),
        np.zeros(len(visits)),
    )


def put(noun, **changes):
    """A copy of a struct of arrays with some values set: ``soc_last={row: value}``, or a whole array."""
    new = {}
    for name, change in changes.items():
        if isinstance(change, dict):
            new[name] = getattr(noun, name).copy()
            for row, value in change.items():
                new[name][row] = value
        else:
            new[name] = change
    return replace(noun, **new)


def changed(trace: Trace, **parts) -> Trace:
    """A copy with changes inside its parts: ``connections={"soc_last": {0: 0.5}}``."""
    return replace(trace, **{name: put(getattr(trace, name), **change) for name, change in parts.items()})


def with_units(trace: Trace, **changes) -> Trace:
    return changed(trace, system={"evses": put(trace.system.evses, **changes)})


def with_contract(trace: Trace, number: int, **changes) -> Trace:
    contracts = list(trace.contracts)
    contracts[number] = put(contracts[number], **changes)
    return replace(trace, contracts=tuple(contracts))


def found(trace: Trace, **options) -> dict[str, float | None]:
    """Rule -> margin of its worst finding; one rule only speaks where it should."""
    rules: dict[str, float | None] = {}
    for f in check_trace(trace, **options):
        warns = f.rule.endswith("limit") and not f.rule.endswith("contract_limit")
        assert f.severity == ("warning" if warns else "error")
        assert f.where
        assert f.message
        assert f.remedy
        rules.setdefault(f.rule.removeprefix("cluster.trace."), f.margin)
    return rules


def test_a_right_trace_passes():
    assert check_trace(right_trace()) == ()


def test_a_right_trace_passes_in_parts_of_one_connection(monkeypatch):
    monkeypatch.setattr(cluster_part, "PART_ENTRIES", 1)
    assert check_trace(right_trace()) == ()
    assert found(changed(right_trace(), connections={"soc_last": {K_MOVED: 0.65}})) == {
        "soc_change": pytest.approx(0.5)
    }


def test_a_hub_that_nobody_visits_passes():
    trace = right_trace(())
    none = {f.name: getattr(trace.connections, f.name)[:0] for f in fields(Connections)}
    nothing = {f.name: getattr(trace.bookings, f.name)[:0] for f in fields(Bookings)}
    trace = replace(
        trace,
        connections=Connections(**none),
        bookings=Bookings(**nothing),
        contracts=(),
        setting=Setting(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)),
        cluster_kw=np.zeros((2, PERIODS)),
        fate=np.zeros(0, dtype=np.int8),
        waited_h=np.zeros(0),
    )
    assert found(trace) == {"limit": 1.0}  # -2 kW asked, 1 kW tolerance


# ------------------------------------------------------------------------------------- energy


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"soc_last": {K_WALK: 0.51}}, {"soc_change": 0.4}),
        ({"g2v_kwh": {K_EARLY: 9.5}}, {"energy": 0.5}),
        ({"v2g_kwh": {K_MOVED: 1.25}}, {"energy": 0.25}),
    ],
)
def test_energy_and_soc_agree(change, rules):
    assert found(changed(right_trace(), connections=change)) == pytest.approx(rules)


@pytest.mark.parametrize(
    ("visit", "bounds", "margin"),
    # `moved` is at 0.7 before it gives back; arriving at 0.6 it must not fall below 0.6 to 0.625
    [(WALK, {"max_soc": {WALK: 0.45}}, 2.0), (MOVED, {"min_soc": {MOVED: 0.65}}, None)],
)
def test_soc_within_bounds(visit, bounds, margin):
    trace = changed(right_trace(), rules={"control": "milp"}, fleet=bounds)
    assert found(trace) == ({} if margin is None else {"soc_bounds": pytest.approx(margin)})


def test_soc_below_its_minimum():
    """Arriving with 0.7 and asking for nothing, `moved` gives 1.5 of 20 kWh: down to 0.625."""
    trace = changed(
        right_trace(),
        connections={"soc_first": {K_MOVED: 0.7}, "soc_last": {K_MOVED: 0.625}, "g2v_kwh": {K_MOVED: 0.0}},
        fleet={"real_soc": {MOVED: 0.7}, "min_soc": {MOVED: 0.64}},
        setting={"battery_kw": {5: 0.0}},
    )
    trace = replace(trace, cluster_kw=put(trace, cluster_kw={(0, 6): 0.0}).cluster_kw)
    finding = next(iter(check_trace(trace)))
    # the contract with its expected 0.6 SoC is below the new minimum too, but goes up from there
    assert (finding.rule, finding.margin) == ("cluster.trace.soc_bounds", pytest.approx(0.3))
    assert finding.where == "vehicle moved at cluster1/CC01_01, period 9 (2022-01-08 11:30:00+00:00)"
    assert len(check_trace(trace)) == 1


def test_v2g_allowance():
    trace = changed(right_trace(), fleet={"v2g_allowance_kwh": {MOVED: 1.0}})
    assert found(trace) == {"v2g_allowance": pytest.approx(0.5)}


# ------------------------------------------------------------------------------------- power


@pytest.mark.parametrize(
    ("units", "fleet", "margin"),
    [
        ({"max_charge_kw": {A: 7.0}}, {}, 3.0),
        ({"max_discharge_kw": {A: 2.5}}, {}, 0.5),
        ({}, {"max_charge_kw": {WALK: 6.0}}, 4.0),
        ({}, {"max_discharge_kw": {MOVED: 0.0}}, 3.0),
    ],
)
def test_power_of_unit_and_vehicle(units, fleet, margin):
    trace = with_units(changed(right_trace(), fleet=fleet), **units)
    assert found(trace) == {"power": pytest.approx(margin)}


def test_power_by_soc_at_the_beginning_of_the_period():
    """`early` begins period 2 at 0.75, in the upper range; within 10 and 5 kW it passes, at 4 kW not."""
    trace = right_trace()
    table = trace.fleet.power_table
    for max_kw, rules in (([10.0, 4.0], {"power_by_soc": 1.0}), ([8.0, 5.0], {"power_by_soc": 2.0})):
        fleet = replace(trace.fleet, power_table=replace(table, max_kw=np.array(max_kw)))
        assert found(replace(trace, fleet=fleet)) == pytest.approx(rules)
    # period 3 begins at 0.875: a range from 0.87 on binds in period 3 alone
    narrow = PowerTable(np.where(table.offset > 0, 3, 0), np.array([0.75, 0.87, 1.0]), np.array([10, 5, 2.0]))
    trace = replace(trace, fleet=replace(trace.fleet, power_table=narrow))
    (finding,) = check_trace(trace)
    assert (finding.rule, finding.margin) == ("cluster.trace.power_by_soc", pytest.approx(3.0))
    assert "period 3 " in finding.where


def test_cluster_power_by_side_and_efficiency():
    trace = right_trace()
    assert found(put(trace, cluster_kw={(0, 0): 10.0})) == {"cluster_power": pytest.approx(10.0)}
    assert found(put(trace, cluster_kw={(0, 8): -3.0})) == {"cluster_power": pytest.approx(1.5)}
    assert found(put(trace, cluster_kw={(1, 4): 0.5})) == {"cluster_power": pytest.approx(0.5)}


# ------------------------------------------------------------------------------------- promises of rules


@pytest.mark.parametrize(
    ("control", "margin"),
    [
        ("first_come_first_served", 2.0),
        ("least_laxity_first", 2.0),
        ("earliest_deadline_first", 2.0),
        ("equal_share", 2.0),
        ("uncontrolled", None),
        ("milp", None),
    ],
)
def test_nothing_beyond_the_target(control, margin):
    trace = changed(right_trace(), rules={"control": control}, fleet={"target_soc": {WALK: 0.45}})
    rules = found(trace)
    if control == "uncontrolled":  # which gives nothing back either
        assert rules == {"v2g_unasked": pytest.approx(1.5)}
    else:
        assert rules == ({} if margin is None else {"beyond_target": pytest.approx(margin)})


@pytest.mark.parametrize(("lower", "rules"), [([-20, 1], {}), ([1, -20], {"beyond_target": 2.0})])
def test_equal_share_goes_beyond_the_target_where_a_lower_limit_asks(lower, rules):
    """8 of the 10 kWh are missing: the target is passed in period 1."""
    trace = changed(right_trace(), rules={"control": "equal_share"}, fleet={"target_soc": {WALK: 0.45}})
    limit = trace.system.limits[0]
    own = np.concatenate([lower, limit.lower_kw[2:]])
    limits = (replace(limit, lower_kw=own), trace.system.limits[1])
    assert found(changed(trace, system={"limits": limits})) == pytest.approx(rules)


def test_v2g_only_where_it_is_asked_for():
    trace = right_trace()
    limit = trace.system.limits[0]
    upper = limit.upper_kw.copy()
    upper[8] = 0.0
    trace = changed(trace, system={"limits": (replace(limit, upper_kw=upper), trace.system.limits[1])})
    assert found(trace) == {"v2g_unasked": pytest.approx(1.5)}


# ------------------------------------------------------------------------------------- units and bookings


def test_two_vehicles_at_a_unit():
    """`late` is put to where `moved` is: it comes one period too early for that."""
    trace = changed(
        right_trace(),
        connections={"first": {K_LATE: 8}},
        setting={"period": {8: 8}},
        bookings={"made": {B_LATE: 8}, "first": {B_LATE: 9}},
        fleet={"real_arrival_s": {LATE: right_trace().system.horizon.boundaries_s[8]}},
    )
    assert found(trace) == {"one_vehicle": 1.0, "booking": 1.0}
    trace = changed(trace, bookings={"first": {B_LATE: 8}})
    assert found(trace) == {"one_vehicle": 1.0, "booking_overlap": 1.0}


def test_a_visit_is_connected_once():
    """`late` connected a second time, at B, which nobody else has then."""
    trace = right_trace()
    twice = {f.name: getattr(trace.connections, f.name)[[0, 1, 2, 3, 3]] for f in fields(Connections)}
    more = {f.name: getattr(trace.bookings, f.name)[[*range(7), B_LATE]] for f in fields(Bookings)}
    s = trace.setting
    trace = replace(
        trace,
        connections=put(Connections(**twice), evse={4: B}, booking={4: 7}),
        bookings=put(Bookings(**more), evse={7: B}),
        setting=Setting(np.append(s.offset, 10), np.append(s.period, 10), np.append(s.battery_kw, 0.0)),
    )
    assert found(trace) == {"one_unit": 2.0}


def test_bookings_of_a_unit_apart():
    """`booked` gets C from period 14 on; from 7 on it would be apart from `noshow` only since 5."""
    trace = changed(right_trace(), bookings={"made": {B_OPEN: 3}, "first": {B_OPEN: 11}})
    assert found(trace) == {}
    trace = changed(trace, bookings={"end": {B_NOSHOW: 12}, "closed": {B_NOSHOW: 5}})
    trace = with_contract(
        trace,
        1,
        end=12,
        battery_kw=np.append(trace.contracts[1].battery_kw, np.zeros(4)),
        g2v_per_kwh=np.full(8, 0.5),
        v2g_per_kwh=np.full(8, 0.4),
    )
    assert found(trace) == {"booking_overlap": 1.0}  # made in 3, when `noshow` had it until 12
    assert found(changed(trace, bookings={"made": {B_OPEN: 5}})) == {}


def test_an_early_vehicle_takes_a_unit_from_nobody():
    """`early` moved its booking of B from 2 to 1, when it was free; it was booked until 2 at first."""
    trace = right_trace()
    more = {f.name: getattr(trace.bookings, f.name)[[*range(7), B_OLD]] for f in fields(Bookings)}
    # a booking of B for 0 to 2, cancelled in 1, made before `early` booked 2 to 6
    row = {"made": 0, "first": 0, "end": 2, "closed": 1, "contract": NONE, "vehicle": 9}
    trace = replace(trace, bookings=put(Bookings(**more), **{k: {7: v} for k, v in row.items()}))
    assert found(trace) == {}
    assert found(changed(trace, bookings={"end": {7: 3}})) == {"booking_overlap": 2.0}
    assert found(changed(trace, bookings={"closed": {7: 2}})) == {"booking_overlap": 1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vehicle": {B_WALK: LATE}}, "another vehicle"),
        ({"first": {B_WALK: 1}}, "begins later"),
    ],
)
def test_a_connection_has_its_booking(change, message):
    (finding,) = check_trace(changed(right_trace(), bookings=change))
    assert finding.rule == "cluster.trace.booking"
    assert message in finding.message


def test_a_booking_is_of_the_unit_of_its_connection():
    assert found(changed(right_trace(), bookings={"evse": {B_LATE: B}})) == {"booking": 1.0}


def test_a_booking_belongs_to_one_connection():
    trace = changed(right_trace(), connections={"booking": {K_LATE: B_WALK}})
    rules = [f.message for f in check_trace(trace) if f.rule.endswith(".booking")]
    assert any("several connections" in message for message in rules)


@pytest.mark.parametrize(
    "change",
    [
        {"state": {B_NOSHOW: 2}},  # used, never connected
        {"state": {B_WALK: 4}},  # released, connected
        {"state": {B_LATE: 2}, "closed": {B_LATE: 12}},  # used, still connected
        {"state": {B_WALK: 1}, "closed": {B_WALK: NONE}},  # active, has left
        {"closed": {B_WALK: 5}},  # closed before it left
        {"closed": {B_OPEN: 12}},  # open, and closed
        {"closed": {B_NOSHOW: NONE}},  # released at no time
        {"closed": {B_NOSHOW: 0}},  # closed before it was made
        {"made": {B_EARLY: 2}},  # made after it began
        {"first": {B_OPEN: 10}},  # its grace is over in 11
    ],
)
def test_booking_states(change):
    assert set(found(changed(right_trace(), bookings=change))) == {"booking_state"}


# ------------------------------------------------------------------------------------- visits


@pytest.mark.parametrize(
    "times",
    [
        {"real_arrival_s": {WALK: 60}},  # comes a minute after it is connected
        {"real_arrival_s": {LATE: 9 * 1800}},  # was there a period before
        {"real_departure_s": {WALK: 6 * 1800 - 60}},  # leaves before
        {"real_departure_s": {WALK: 7 * 1800}},  # was there longer
        {"real_departure_s": {LATE: 12 * 1800 - 60}},  # is gone at the end
    ],
)
def test_stays(times):
    start = right_trace().system.horizon.start_s
    times = {name: {row: start + s for row, s in rows.items()} for name, rows in times.items()}
    assert set(found(changed(right_trace(), fleet=times))) == {"stay"}


def test_still_connected_is_told():
    trace = changed(
        right_trace(), connections={"still_connected": {K_LATE: False}}, bookings={"state": {B_LATE: 2}}
    )
    assert set(found(changed(trace, bookings={"closed": {B_LATE: 12}}))) == {"stay"}


def test_soc_on_arrival():
    trace = changed(right_trace(), fleet={"real_soc": {LATE: 0.88}})
    assert found(trace) == {"soc_arrival": pytest.approx(1.0)}


@pytest.mark.parametrize(
    "fate",
    [
        {WALK: Fate.NO_FREE_EVSE},
        {NOSHOW: Fate.ADMITTED},
        {NOSHOW: Fate.NO_FREE_EVSE},
        {5: Fate.ADMITTED},
        {5: Fate.NO_SHOW},
        {6: Fate.TOO_SHORT},
        {6: Fate.LEFT_QUEUE},
        {6: Fate.NOT_YET},
        {6: Fate.NO_OFFER},
        {6: Fate.RESERVATION_REFUSED},
        {7: Fate.NO_FREE_EVSE},
        {7: Fate.TOO_SHORT},
    ],
)
def test_fates(fate):
    assert set(found(put(right_trace(), fate=fate))) == {"fate"}


def test_only_smart_reservations_make_offers():
    trace = changed(right_trace(), rules={"reservation": "simple"})
    assert found(trace) == {"fate": 1.0}


@pytest.mark.parametrize("waited", [{6: -0.5}, {WALK: 0.5}, {7: 0.25}])
def test_waiting(waited):
    assert set(found(put(right_trace(), waited_h=waited))) == {"waiting"}


def test_waiting_in_a_queue():
    """`late` comes in period 9 and gets A, which `moved` leaves then, in 10: half an hour."""
    start = right_trace().system.horizon.start_s
    trace = changed(
        right_trace(),
        rules={"queue": True},
        fleet={"real_arrival_s": {LATE: start + 9 * 1800}},
    )
    left, still = {6: Fate.LEFT_QUEUE}, {6: Fate.NOT_YET}
    assert found(put(trace, waited_h={LATE: 0.5, 6: 1.0}, fate=left)) == {}
    assert found(put(trace, waited_h={LATE: 0.5, 6: 5.0}, fate=still)) == {}
    assert found(put(trace, waited_h={LATE: 0.25})) == {"waiting": pytest.approx(0.25)}
    assert found(put(trace, waited_h={LATE: 0.5, 6: 0.5}, fate=left)) == {"waiting": pytest.approx(0.5)}
    assert found(put(trace, waited_h={LATE: 0.5, 6: -1.0})) == {"waiting": pytest.approx(1.0)}


# ------------------------------------------------------------------------------------- contracts


@pytest.mark.parametrize(
    ("number", "change", "rules"),
    [
        (0, {"battery_kw": {0: 3.0}, "payment": 4.75}, {"contract_target": 0.5}),
        (0, {"target_soc": 1.1}, {"contract_target": 2.0}),
        (0, {"payment": 5.5}, {"contract_payment": 0.5}),
        (0, {"battery_kw": {3: 9.0, 0: 3.0}}, {}),
        (1, {"g2v_per_kwh": {0: 0.6}}, {"contract_payment": 0.5}),
        (1, {"battery_kw": {0: 0.0, 2: 10.0}}, {}),
        (2, {"evse": A}, {"contract_booking": 1.0}),
        (2, {"cluster": 1}, {"contract_booking": 1.0}),
    ],
)
def test_contracts(number, change, rules):
    assert found(with_contract(right_trace(), number, **change)) == pytest.approx(rules)


def test_contract_soc_within_bounds():
    """`noshow` is promised 0.8 and goes up to 0.9 on the way."""
    trace = changed(right_trace(), fleet={"max_soc": {NOSHOW: 0.86}})
    assert found(trace) == {"contract_soc": pytest.approx(2.0)}


def test_contract_power():
    trace = changed(right_trace(), fleet={"max_charge_kw": {NOSHOW: 9.0}, "max_discharge_kw": {NOSHOW: 8.5}})
    assert found(trace) == {"contract_power": pytest.approx(1.5)}


def test_contract_budget():
    trace = changed(right_trace(), fleet={"v2g_allowance_kwh": {NOSHOW: 4.0}})
    assert found(trace) == {"contract_v2g": pytest.approx(1.0)}


def with_limit(trace: Trace, cluster: int, **changes) -> Trace:
    limits = list(trace.system.limits)
    limits[cluster] = put(limits[cluster], **changes)
    return changed(trace, system={"limits": tuple(limits)})


@pytest.mark.parametrize(
    ("cluster", "change", "margin"),
    [
        (1, {"upper_kw": np.full(PERIODS, 12.0)}, 0.5),  # 10 kW / 0.8 in period 4
        (1, {"lower_kw": np.full(PERIODS, -7.0)}, 1.0),  # -10 kW · 0.8 in period 5
        (1, {"lower_kw": np.full(PERIODS, 20.0)}, 8.0),  # a lower limit above 0 leaves -8 as it was
    ],
)
def test_contracts_within_the_limit(cluster, change, margin):
    trace = with_limit(right_trace(), cluster, **change)
    rules = found(trace)
    rules.pop("limit", None)
    assert rules == {"contract_limit": pytest.approx(margin)}


def test_contracts_beside_each_other():
    """In period 4 `early` has booked 4 kW of 5, in period 5 8 kW; a third contract of 2 kW is 1 kW too much.

    While `early` is still to leave. Once it has left, its power is free.
    """
    trace = right_trace()
    more = {f.name: getattr(trace.bookings, f.name)[[*range(7), B_OPEN]] for f in fields(Bookings)}
    trace = replace(
        trace,
        contracts=(*trace.contracts, contract(A, 4, 5, 0.5, 0.5, [0.0])),
        bookings=put(
            Bookings(**more),
            evse={7: A},
            made={7: 3},
            first={7: 4},
            end={7: 5},
            closed={7: 4},
            state={7: 3},
            contract={7: 3},
        ),
    )
    trace = with_contract(trace, 3, battery_kw=np.array([1.0]), payment=0.25)
    trace = with_units(trace, efficiency={A: 0.5})
    limit = trace.system.limits[0]
    upper = np.where(np.arange(PERIODS) == 4, 5.0, limit.upper_kw)
    trace = with_limit(trace, 0, upper_kw=upper)
    # the booking of A overlaps that of `walk`, which is not what this is about
    assert found(trace) == {"contract_limit": pytest.approx(1.0), "booking_overlap": 1.0}


# ------------------------------------------------------------------------------------- limits


def test_a_violated_limit_is_recorded_once_per_cluster():
    trace = with_limit(right_trace(), 0, upper_kw={0: 18.0, 1: 24.0, 2: 4.5})
    (finding,) = check_trace(trace)  # 2 - 1 and 6 - 1 kW beyond the tolerance, 0.5 within
    assert (finding.rule, finding.severity) == ("cluster.trace.limit", "warning")
    assert finding.margin == pytest.approx(5.0)
    assert "2 periods, 3 kWh" in finding.message
    assert "5 kW above" in finding.message
    assert finding.where == "cluster cluster1, period 1 (2022-01-08 07:30:00+00:00)"


def test_a_lower_limit_is_told_from_an_upper_one():
    trace = with_limit(right_trace(), 1, lower_kw={3: 4.0})
    (finding,) = check_trace(trace)
    assert finding.margin == pytest.approx(3.0)
    assert "3 kW below" in finding.message


def test_limits_of_the_system_and_of_differences():
    trace = right_trace()
    most = Limit(np.full(PERIODS, -np.inf), np.full(PERIODS, 25.0), "feeder", 1.0)
    pairs = (ImbalanceLimit(0, 1, np.full(PERIODS, 28.0)), ImbalanceLimit(1, 0, np.full(PERIODS, 1.0)))
    trace = changed(trace, system={"system_limit": most, "imbalance_limits": pairs})
    assert found(trace) == {"system_limit": pytest.approx(4.0), "imbalance_limit": pytest.approx(2.0)}


# ------------------------------------------------------------------------------------- shape


@pytest.mark.parametrize(
    "change",
    [
        {"connections": {"soc_last": np.zeros(3)}},
        {"connections": {"vehicle": {0: 99}}},
        {"connections": {"evse": {0: -1}}},
        {"connections": {"end": {0: 13}}},
        {"connections": {"end": {1: 1}}},
        {"connections": {"booking": {0: 7}}},
        {"bookings": {"state": {0: 9}}},
        {"bookings": {"contract": {0: 3}}},
        {"bookings": {"end": {0: 0}}},
        {"setting": {"offset": np.array([0, 2, 2, 8, 9])}},
        {"setting": {"offset": np.array([0, 2, 5, 8])}},
        {"setting": {"period": {2: 2}}},
        {"setting": {"period": {3: 5}}},
        {"setting": {"period": {7: 9}}},
        {"setting": {"battery_kw": np.zeros(8)}},
    ],
)
def test_shapes(change):
    assert set(found(changed(right_trace(), **change))) == {"shape"}


@pytest.mark.parametrize(
    "change",
    [{"fate": np.zeros(3, dtype=np.int8)}, {"cluster_kw": np.zeros((2, 11))}, {"waited_h": np.zeros(0)}],
)
def test_shapes_of_the_whole(change):
    assert set(found(put(right_trace(), **change))) == {"shape"}


def test_connections_in_the_order_in_which_they_began():
    messages = [f.message for f in check_trace(changed(right_trace(), connections={"first": {K_MOVED: 0}}))]
    assert messages == ["connections are not in the order in which they began"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_are_finite(value):
    trace = right_trace()
    assert set(found(changed(trace, setting={"battery_kw": {0: value}}))) == {"finite"}
    assert set(found(changed(trace, connections={"soc_last": {0: value}}))) == {"finite"}
    assert set(found(put(trace, cluster_kw={(0, 0): value}))) == {"finite"}
    assert set(found(with_contract(trace, 0, payment=value))) == {"finite"}


def test_many_places_are_counted():
    """Of 30 vehicles that say a wrong SoC, the worst 20 are told, then the number of the others."""
    visits = [Visit(30 * t, 30 * t + 30, 0.5, 0.5) for t in range(30)]
    n = len(visits)
    zeros, rows = np.zeros(n), np.arange(n)
    trace = Trace(
        make_system(periods=30, step_s=1800),
        make_fleet(visits),
        OperatingRules("uncontrolled"),
        Connections(
            rows, rows * 0, rows, rows, rows + 1, zeros > 0, zeros + 0.5, 0.5 + 0.01 * rows, zeros, zeros
        ),
        Bookings(
            rows, rows * 0, rows, rows, rows + 1, rows + 1, (rows * 0 + 2).astype(np.int8), rows * 0 - 1
        ),
        (),
        Setting(np.arange(n + 1), rows, zeros),
        np.zeros((1, n)),
        np.zeros(n, dtype=np.int8),
        zeros,
    )
    told = check_trace(trace)
    assert {f.rule for f in told} == {"cluster.trace.soc_change"}
    assert len(told) == SHOWN + 1
    assert told[0].where.startswith("vehicle v30 ")
    assert told[0].margin == pytest.approx(0.29 * 55)
    assert told[-1].where == "further places"
    assert told[-1].value == "9"  # rows 1 to 9; row 0 says right
    assert told[-1].margin == pytest.approx(0.09 * 55)
