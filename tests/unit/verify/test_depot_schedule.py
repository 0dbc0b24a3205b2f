"""The judge: one schedule made by hand that is right, and for every rule one that breaks just it.

The right one (η = 0.8, half-hours, limit 0.9·20 kW = 18 kW, one DC charger of 20 kW, AC 8 kW):
V0 (40 kWh) comes back at 10:15 with 10 kWh used and charges AC: 2 kWh in half a period, then 4, 4 and
2.5 kWh = 12.5 kWh = 10 / 0.8. V1 comes back at 12:00 with 44 kWh used, reserve 4 kWh of 40: 8 kWh
unserved; charges DC 9 kWh in 12:00-12:30 and in 13:00-13:30.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sparewatt.model.depot import DepotChargers
from sparewatt.model.schedule import AC, DC, NO_CHARGER, DepotSchedule
from sparewatt.verify.depot_schedule import check_depot_schedule
from sparewatt.verify.tally import SHOWN
from support.depots import make_depot, make_horizon

V0_AT, V1_AT = 12, 22 + 4  # first entries of the two evening sessions in compressed rows


def right_schedule() -> DepotSchedule:
    depot = make_depot(
        [(0, 0, 6, 0), (0, 10.25, 15, 10), (1, 0, 2, 0), (1, 12, 24, 44)],
        vehicles=[(40.0, 8.0, 20.0)] * 2,
        asc_kw=20.0,
        reserve=0.1,
        min_power_kw=2.0,
    )
    energy = np.zeros(len(depot.sessions.fraction))
    energy[V0_AT : V0_AT + 4] = [2, 4, 4, 2.5]
    energy[V1_AT] = energy[V1_AT + 2] = 9
    return DepotSchedule(
        depot, energy, np.array([AC, AC, AC, DC], dtype=np.int8), np.array([0.0, 0.0, 0.0, 8.0])
    )


def changed(schedule: DepotSchedule, **arrays) -> DepotSchedule:
    """A copy with some values set: ``energy_kwh={entry: value}``."""
    new = {}
    for name, changes in arrays.items():
        new[name] = getattr(schedule, name).copy()
        for position, value in changes.items():
            new[name][position] = value
    return replace(schedule, **new)


def with_depot(schedule: DepotSchedule, **changes) -> DepotSchedule:
    return replace(schedule, depot=replace(schedule.depot, **changes))


def with_sessions(schedule: DepotSchedule, **changes) -> DepotSchedule:
    return with_depot(schedule, sessions=replace(schedule.depot.sessions, **changes))


def rules(schedule: DepotSchedule, mode="opt") -> dict[str, float | None]:
    """Rule -> margin of its worst finding."""
    found: dict[str, float | None] = {}
    for finding in check_depot_schedule(schedule, mode=mode):
        assert finding.severity == "error"
        found.setdefault(finding.rule.removeprefix("depot.schedule."), finding.margin)
    return found


@pytest.mark.parametrize("mode", ["BAU", "opt"])
def test_a_right_schedule_passes(mode):
    assert check_depot_schedule(right_schedule(), mode=mode) == ()


def test_shape_too_few_energies():
    schedule = right_schedule()
    assert rules(replace(schedule, energy_kwh=schedule.energy_kwh[:-3])) == {"shape": 3.0}


@pytest.mark.parametrize("change", [{"end": np.array([12, 30, 4, 60])}, {"first": np.array([0, 20, 0, 23])}])
def test_shape_rows_that_do_not_fit(change):
    assert list(rules(with_sessions(right_schedule(), **change))) == ["shape"]


def test_shape_no_such_charger_kind():
    assert list(rules(changed(right_schedule(), charger={0: 3}))) == ["shape"]


@pytest.mark.parametrize("name", ["energy_kwh", "unserved_kwh"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_in_the_schedule(name, value):
    assert rules(changed(right_schedule(), **{name: {1: value}})) == {"finite": None}


@pytest.mark.parametrize("name", ["site_load_kw", "price_per_kwh"])
def test_nan_in_the_depot(name):
    schedule = right_schedule()
    values = getattr(schedule.depot, name).copy()
    values[7] = np.nan
    finding = check_depot_schedule(with_depot(schedule, **{name: values}), mode="opt")[0]
    assert finding.rule == "depot.schedule.finite"
    assert "position 7" in finding.where


def test_discharging():
    # 1 kWh back out in the last period of V0's stay, 1 kWh more before: the sum still fits.
    schedule = changed(right_schedule(), energy_kwh={V0_AT + 3: 3.5, V0_AT + 4: -1.0})
    assert rules(schedule) == {"negative_energy": pytest.approx(1.0)}


def test_power_while_away():
    # Route of V1 now ends at 12:30 for real, but 12:00-12:30 is still counted as plugged in.
    sessions = right_schedule().depot.sessions
    plug_in_s = sessions.plug_in_s.copy()
    plug_in_s[3] += 1800
    assert rules(with_sessions(right_schedule(), plug_in_s=plug_in_s)) == {"away": pytest.approx(1.0)}


def test_more_of_a_period_than_it_was_there():
    fraction = right_schedule().depot.sessions.fraction.copy()
    fraction[V0_AT] = 0.75
    found = rules(with_sessions(right_schedule(), fraction=fraction))
    assert found == {"away": pytest.approx(0.25)}


def test_two_stays_at_once():
    # V0 leaves at 06:00; its second stay is said to begin at 05:30.
    depot = make_depot([(0, 0, 6, 0), (0, 5.5, 9, 0)])
    schedule = DepotSchedule(depot, np.zeros(19), np.array([AC, AC], dtype=np.int8), np.zeros(2))
    assert rules(schedule) == {"one_stay": pytest.approx(1.0)}


def test_two_stays_in_one_period_are_fine():
    depot = make_depot([(0, 0, 6.1, 0), (0, 6.3, 9, 0)])
    schedule = DepotSchedule(depot, np.zeros(19), np.array([AC, AC], dtype=np.int8), np.zeros(2))
    assert rules(schedule) == {}


def test_shown_state_of_charge_off_the_energy_balance():
    schedule = right_schedule()
    soc = schedule.soc.copy()
    soc[0, 30:] += 0.01
    schedule.__dict__["soc"] = soc
    assert rules(schedule) == {"balance": pytest.approx(0.4)}  # 1 % of 40 kWh


def test_battery_above_full():
    schedule = changed(right_schedule(), energy_kwh={V0_AT + 3: 4.0})  # 1.5 kWh too much, 0.8 of it arrive
    assert rules(schedule) == {"full": pytest.approx(1.2)}


def test_reserve_not_kept_and_not_reported():
    assert rules(changed(right_schedule(), unserved_kwh={3: 5.0})) == {"reserve": pytest.approx(3.0)}


def test_empty_battery_below_zero():
    schedule = changed(with_depot(right_schedule(), reserve=0.0), unserved_kwh={3: 0.0})
    assert rules(schedule) == {"reserve": pytest.approx(4.0)}


def test_more_unserved_than_was_missing():
    assert rules(changed(right_schedule(), unserved_kwh={3: 8.5})) == {"unserved": pytest.approx(0.5)}


def test_unserved_without_a_route_before():
    found = rules(changed(right_schedule(), unserved_kwh={0: 0.25}))
    assert found.pop("unserved") == pytest.approx(0.25)
    assert set(found) <= {"full"}  # the battery was full already


def test_negative_unserved():
    found = rules(changed(right_schedule(), unserved_kwh={1: -0.5}))
    assert found["unserved"] == pytest.approx(0.5)


def test_energy_without_a_charger():
    found = rules(changed(right_schedule(), charger={1: NO_CHARGER}))
    assert found == {"no_charger": pytest.approx(4.0)}


def test_rate_above_the_charger():
    # 4.5 kWh in half an hour is 9 kW on an 8 kW charger; one less elsewhere keeps the battery right.
    schedule = changed(right_schedule(), energy_kwh={V0_AT + 1: 4.5, V0_AT + 2: 3.5})
    assert rules(schedule) == {"rate": pytest.approx(0.5)}


def test_rate_above_the_vehicle():
    schedule = right_schedule()
    vehicles = replace(schedule.depot.vehicles, dc_kw=np.array([20.0, 17.0]))
    assert rules(with_depot(schedule, vehicles=vehicles)) == {"rate": pytest.approx(0.5)}


def test_rate_in_a_part_period():
    schedule = changed(right_schedule(), energy_kwh={V0_AT: 2.5, V0_AT + 3: 2.0})
    assert rules(schedule) == {"rate": pytest.approx(0.5)}


def test_dc_energy_in_an_ac_session():
    found = rules(changed(right_schedule(), charger={3: AC}))
    assert found == {"rate": pytest.approx(5.0)}


def test_more_dc_sessions_than_chargers():
    # V0 is there 10:15-15:00, V1 from 12:00: six half-hours with two DC sessions, even while idle.
    findings = check_depot_schedule(changed(right_schedule(), charger={1: DC}), mode="opt")
    assert {f.rule for f in findings} == {"depot.schedule.dc_count"}
    assert len(findings) == 6
    assert findings[0].margin == 1.0
    assert findings[0].ids == ("1", "V0", "V1")


@pytest.mark.parametrize(("limit_ac", "expected"), [(True, {"ac_count": 1.0}), (False, {})])
def test_ac_sessions_are_counted_when_limited(limit_ac, expected):
    chargers = DepotChargers(ac_kw=8.0, dc_kw=20.0, num_ac=1, num_dc=1, limit_ac=limit_ac)
    assert rules(with_depot(right_schedule(), chargers=chargers)) == expected


def test_dc_session_where_there_is_no_dc_charger():
    chargers = DepotChargers(ac_kw=8.0, dc_kw=20.0, num_ac=9, num_dc=0)
    found = rules(with_depot(right_schedule(), chargers=chargers))
    assert found == {"rate": pytest.approx(9.0), "dc_count": 1.0}


def test_least_power_binds_plans_only():
    # 0.4 kWh in half an hour is 0.8 kW where 2 kW are the least: 0.6 kWh short.
    schedule = changed(right_schedule(), energy_kwh={V0_AT + 3: 2.1, V0_AT + 4: 0.4})
    assert rules(schedule) == {"min_power": pytest.approx(0.6)}
    assert rules(schedule, mode="BAU") == {}


def test_least_power_in_a_part_period_is_the_part():
    schedule = changed(right_schedule(), energy_kwh={V0_AT: 0.5, V0_AT + 4: 1.5})
    assert rules(schedule) == {}
    assert rules(changed(schedule, energy_kwh={V0_AT: 0.4})) == {"min_power": pytest.approx(0.1)}


def test_breach_not_reported():
    # 10 kWh in half an hour: 2 kW above the limit of 18 kW.
    schedule = changed(right_schedule(), energy_kwh={V1_AT: 10.0})
    assert rules(schedule) == {}
    schedule.__dict__["breach_kw"] = np.zeros(48)
    assert rules(schedule) == {"site_limit": pytest.approx(1.0)}


def test_breach_reported_that_is_none():
    schedule = right_schedule()
    schedule.__dict__["breach_kw"] = np.full(48, 0.5)
    found = rules(schedule)
    assert found == {"site_limit": pytest.approx(0.25)}


def test_beyond_the_margin():
    # Load of 2 kW leaves 16 kW; 20 kW charge in 12:00, 4 kW above where 20 % of 18 kW = 3.6 kW may be.
    schedule = with_depot(right_schedule(), site_load_kw=np.full(48, 0.2), asc_kw=18.0)
    schedule = changed(schedule, energy_kwh={V1_AT: 10.0, V0_AT + 3: 2.5})
    # free = 16.2 - 0.2 = 16 kW
    assert rules(schedule) == {"margin": pytest.approx(0.2)}
    assert rules(schedule, mode="BAU") == {}


def test_load_above_the_limit_leaves_nothing():
    schedule = with_depot(right_schedule(), site_load_kw=np.full(48, 100.0), asc_margin=0.0)
    assert rules(schedule) == {"margin": pytest.approx(9.0)}


def test_tolerance_is_respected_on_both_sides():
    off = changed(right_schedule(), energy_kwh={V1_AT + 1: 1e-3})
    off = with_depot(off, min_power_kw=0.0)
    assert rules(off) == {}
    above = changed(right_schedule(), energy_kwh={V0_AT + 1: 4.0 + 9e-7})
    assert rules(above) == {}
    above = changed(right_schedule(), energy_kwh={V0_AT + 1: 4.0 + 3e-6})
    assert set(rules(above)) == {"rate", "full"}
    assert check_depot_schedule(above, mode="opt", tolerance_kwh=1e-5) == ()


def test_findings_name_place_and_ids():
    finding = check_depot_schedule(changed(right_schedule(), unserved_kwh={3: 5.0}), mode="opt")[0]
    assert finding.ids == ("1", "V1")
    assert "vehicle V1, session 3 from 2026-10-05 12:00+01:00" in finding.where
    assert "reserve is 4 kWh" in finding.message


def test_many_violations_are_told_as_the_worst_and_a_number():
    schedule = right_schedule()
    energy = np.full(len(schedule.energy_kwh), 50.0)
    told = [
        f for f in check_depot_schedule(replace(schedule, energy_kwh=energy), mode="opt")
        if f.rule == "depot.schedule.rate"
    ]  # fmt: skip
    assert len(told) == SHOWN + 1
    assert told[-1].message.startswith(f"{len(energy) - SHOWN} more")


def test_a_chain_over_a_clock_change():
    # 25 October 2026 has 50 half-hours; a stay over the change gets them all.
    depot = make_depot([(0, 0, 6, 0), (0, 17, 25, 10)], horizon=make_horizon(date(2026, 10, 25)))
    energy = np.zeros(12 + 16)
    energy[-4:] = [4, 4, 4, 0.5]  # the last half-hours before the day ends at 25 h
    schedule = DepotSchedule(depot, energy, np.array([AC, AC], dtype=np.int8), np.zeros(2))
    assert rules(schedule) == {}
    assert schedule.soc[0, 50] == pytest.approx(1.0)
