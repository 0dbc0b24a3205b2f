"""KPIs, violations and tables of a network run, reckoned by hand (see support/network_views.py)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparewatt.finding import Finding
from sparewatt.model.headroom import HeadroomSettings
from sparewatt.results.kpis import Kpi
from sparewatt.results.network_hosting import CaseRisk, Hosting, HostingResult
from sparewatt.results.network_kpis import network_kpis, zone_kpis
from sparewatt.results.network_results import level_of, network_outcome
from sparewatt.results.network_series import LONG_TABLES
from sparewatt.results.network_tables import (
    customer_table,
    forecast_table,
    forecast_zone_table,
    hosting_table,
    limit_table,
    network_tables,
    violation_table,
    zone_table,
)
from sparewatt.results.network_view import NetworkSetting
from sparewatt.results.network_violations import TOTAL, find_violations
from sparewatt.results.network_words import network_sentences
from support.network_views import bare_view, hand_view, series_of

BASE_V = 416 / np.sqrt(3)


def rows_of(table):
    return list(csv.DictReader(io.StringIO(table.csv_text())))


def violation(zone, charging):
    return next(v for v in find_violations(hand_view()) if (v.zone_id, v.charging) == (zone, charging))


def test_violations_without_evs():
    all_of, own = violation(TOTAL, "none"), violation("1/1", "none")
    assert (all_of.any_share, all_of.below_floor_share, all_of.steps) == (0.0, 0.25, 4)
    assert (own.below_floor_share, own.lowest_pu, own.transformer_share) == (0.25, 0.93, None)
    assert (own.evs, own.ev_peak_kw, own.v2g_asked_kwh, own.unserved_kwh) == (0, 0.0, 0.0, 0.0)
    assert all_of.energy_kwh == 350.0


def test_violations_with_unmanaged_charging():
    all_of = violation(TOTAL, "unmanaged")
    assert all_of.undervoltage_share == 0.5
    assert all_of.overload_share == 0.25
    assert all_of.transformer_share == 0.25
    assert all_of.any_share == 0.75  # second and third step, and the transformer in the fourth
    assert violation("1/1", "unmanaged").any_share == 0.5
    assert violation("2/3", "unmanaged").any_share == 0.25
    assert violation("1/2", "unmanaged").any_share == 0.0
    assert all_of.ev_peak_kw == 2.5
    assert (all_of.v2g_asked_kwh, all_of.v2g_delivered_kwh) == (pytest.approx(4.8), 0.0)
    assert all_of.unserved_kwh == 0.0


def test_a_lost_step_is_a_violation_and_tells_no_voltage():
    all_of, own = violation(TOTAL, "optimised"), violation("1/1", "optimised")
    assert (own.any_share, own.unsolved_share, own.undervoltage_share) == (0.25, 0.25, 0.0)
    assert (own.lowest_pu, own.below_floor_share) == (0.94, 0.0)
    assert all_of.unserved_kwh == pytest.approx(0.99 * 20 - 19.6)
    assert all_of.v2g_asked_kwh == pytest.approx(0.8 * 6)
    assert all_of.v2g_delivered_kwh == pytest.approx(0.5 * 6)


def test_a_replay_that_was_never_solved_has_no_voltages():
    view = hand_view()
    lost = replace(view.replays[0], series=series_of(4, converged=np.zeros(4, dtype=bool)))
    (row, *_) = find_violations(replace(view, replays=(lost,)))
    assert (row.lowest_pu, row.highest_pu, row.any_share) == (None, None, 1.0)
    kpis = {k.name: k.value for k in network_kpis(replace(view, replays=(lost,)))}
    assert kpis["lowest_voltage_v_none"] is None


@pytest.mark.parametrize(("pu", "share"), [(0.9, 0.0), (0.9 - 1e-12, 0.0), (0.9 - 1e-6, 1.0)])
def test_a_voltage_at_its_bound_is_kept(pu, share):
    view = hand_view()
    replay = replace(view.replays[0], series=series_of(4, min_pu=np.full((3, 4), pu)))
    assert find_violations(replace(view, replays=(replay,)))[0].undervoltage_share == share


def test_overvoltage_is_judged_by_the_statutory_ceiling():
    view = hand_view()
    replay = replace(view.replays[0], series=series_of(4, max_pu=np.full((3, 4), 1.06)))
    row = find_violations(replace(view, replays=(replay,)))[0]
    assert (row.overvoltage_share, row.any_share, row.highest_pu) == (1.0, 1.0, 1.06)


def test_kpis_of_the_run():
    kpis = {k.name: k for k in network_kpis(hand_view())}
    value = {name: k.value for name, k in kpis.items()}
    assert value["customers"] == 4
    assert value["headroom_kwh_per_day"] == 350.0
    assert (value["evs_without_shifting"], value["evs_realised"]) == (24, 2)
    assert value["heat_pumps"] == 1  # load 0 in zone 1/1; zone 1/2 takes the case without any
    assert (value["v2g_zones"], value["evs_per_customer"]) == (1, 0.5)
    assert value["limit_violating_share"] == 0.125
    assert value["violating_steps_none"] == 0.0
    assert value["violating_steps_optimised"] == 0.25
    assert value["violating_steps_unmanaged"] == 0.75
    assert value["lowest_voltage_v_unmanaged"] == pytest.approx(0.85 * BASE_V)
    assert value["transformer_peak_unmanaged"] == pytest.approx(510 / 500)
    assert value["ev_peak_kw_optimised"] == 2.0
    assert "ev_peak_kw_none" not in value
    assert value["headroom_left_kwh_per_day_optimised"] == 310.0
    assert (value["hosting_capacity_optimised"], value["hosting_capacity_unmanaged"]) == (0.5, 0.0)
    assert value["forecast_pinball_kva"] == 1.0
    assert value["forecast_skill"] == pytest.approx(1 - 1 / (4 / 3))
    assert value["forecast_pinball_kva_persistence"] == pytest.approx(4 / 3)
    assert value["forecast_pinball_kva_typical_days"] == 1.0
    assert (value["forecast_least_kva"], value["forecast_sure_kva"]) == (7.0, 5.0)  # zone 1/1 at noon
    assert kpis["violating_steps_optimised"].better == "lower"
    assert len(value) == len(network_kpis(hand_view()))  # no name twice


def test_kpis_of_zones_have_names_of_the_run():
    view = hand_view()
    names = {k.name: (k.label, k.unit, k.better) for k in network_kpis(view)}
    zones = zone_kpis(view)
    assert [next(k.value for k in z if k.name == "customers") for z in zones] == [1, 1, 1]
    assert [next(k.value for k in z if k.name == "heat_pumps") for z in zones] == [1, 0, 0]
    assert all(names[k.name] == (k.label, k.unit, k.better) for z in zones for k in z)
    assert {k.name for k in zones[0]} - {k.name for k in zones[1]} == {"v2g_asked_kwh", "v2g_delivered_kwh"}


def test_zones_are_forecast_by_the_rule_that_is_best_there():
    zones = [{k.name: k.value for k in z} for z in zone_kpis(hand_view())]
    assert [z["forecast_pinball_kva"] for z in zones] == [1.0, 1.0, 1.0]
    assert [z["forecast_skill"] for z in zones] == [0.0, 0.5, 0.0]
    assert [(z["forecast_least_kva"], z["forecast_sure_kva"]) for z in zones] == [(7, 5), (14, 12), (27, 25)]
    rows = rows_of(forecast_zone_table(hand_view()))
    assert rows[1] == {
        "zone_id": "1/2",
        "rule": "typical days",
        "mean_pinball_kva": "1.0",
        "skill": "0.5",
        "date": "2024-01-10",
        "time_of_day": "12:00",
        "least_kva": "14.0",
        "sure_kva": "12.0",
    }


def test_a_bare_run_has_the_kpis_of_its_zones_only():
    assert [k.name for k in network_kpis(bare_view())] == [
        *("customers", "headroom_kwh_per_day", "evs_without_shifting", "evs_realised", "heat_pumps"),
        *("v2g_zones", "evs_per_customer", "limit_violating_share"),
    ]


@pytest.mark.parametrize(
    ("violating", "capacity"), [([0, 1, 8], 0.5), ([1, 1, 1], 1.0), ([2, 0, 0], None), ([0, 2, 0], 0.0)]
)
def test_hosting_capacity_is_before_the_first_point_beyond_the_risk(violating, capacity):
    curve = Hosting("unmanaged", np.array([0.0, 0.5, 1.0]), np.full(3, 20), np.array(violating))
    assert curve.capacity(0.05) == capacity


def level(optimised, none, risk=0.02):
    kpis = [
        Kpi(f"violating_steps_{n}", "", "share", v) for n, v in (("optimised", optimised), ("none", none))
    ]
    return level_of([k for k in kpis if k.value is not None], risk)


def test_level_compares_with_the_network_without_evs():
    assert level(0.05, 0.03) == "normal"
    assert level(0.0501, 0.03) == "breach"
    assert level(0.03, None) == "breach"
    assert level(None, 0.5) == "normal"


def test_outcome_has_a_part_per_zone():
    outcome = network_outcome(hand_view(), name="hand", seed=3, input_hash="ab")
    assert (outcome.study, outcome.level) == ("network", "breach")
    assert [(p.kind, p.id) for p in outcome.parts] == [("zone", "1/1"), ("zone", "1/2"), ("zone", "2/3")]


def test_zone_table_is_that_of_the_specification():
    table = zone_table(hand_view())
    assert ",".join(table.columns) == (
        "zone_id,feeder_id,phase,customers,limit_kva,limit_from,headroom_kwh_per_day,"
        "evs_without_shifting,evs_realised,hp_case,v2g_zone,binding"
    )
    assert table.rows == (
        ("1/1", "1", 1, 1, 25.0, "first_broken", 100.0, 7, 2, "0PV50HP", 1, "undervoltage"),
        ("1/2", "1", 2, 1, 30.0, "line_share", 200.0, 14, 0, "0PV0HP", 0, "undervoltage"),
        ("2/3", "2", 3, 1, 8.0, "largest_seen", 50.0, 3, 0, "none", 0, "cable"),
    )


def test_limits_by_power_flow_say_so():
    view = hand_view(setting=NetworkSetting(limit_method="per_zone"))
    assert {row[5] for row in zone_table(view).rows} == {"per_zone"}


def test_limit_table_has_both_sides():
    first, *_, last = rows_of(limit_table(hand_view()))
    assert first == {
        "zone_id": "1/1",
        "side": "import",
        "limit_kva": "25.0",
        "limit_from": "first_broken",
        "line_fault": "none",
        "slope_pu_per_kva": "-0.002",
        "intercept_pu": "0.99",
        "points": "16",
        "violating_share": "0.125",
        "line_violating_share": "0.2",
        "held_out_share": "0.15",
    }
    assert (last["zone_id"], last["side"], last["line_fault"]) == ("2/3", "export", "no_variation")


def test_violation_table_goes_from_the_whole_to_the_zones():
    rows = rows_of(violation_table(hand_view()))
    assert [(r["charging"], r["zone_id"]) for r in rows[:5]] == [
        *(("none", z) for z in ("all", "1/1", "1/2", "2/3")),
        ("optimised", "all"),
    ]
    assert rows[1]["transformer_share"] == ""
    assert rows[8]["any_share"] == "0.75"
    assert rows[0]["headroom_kwh_per_day"] == "350.0"


def test_customer_table_tells_what_their_zone_takes():
    rows = rows_of(customer_table(hand_view()))
    assert [r["zone_id"] for r in rows] == ["1/1", "1/2", "", "2/3"]
    assert [r["phase"] for r in rows] == ["1", "2", "all", "3"]
    assert [r["feeder_id"] for r in rows] == ["1", "1", "1", "2"]
    assert [r["has_hp"] for r in rows] == ["1", "0", "0", "0"]
    assert [(r["has_pv"], r["pv_kwp"]) for r in rows] == [
        ("1", "3.5"),
        ("0", "0.0"),
        ("0", "0.0"),
        ("0", "0.0"),
    ]
    assert [r["evs"] for r in rows] == ["2", "0", "0", "0"]
    assert [r["node"] for r in rows] == ["a", "b", "b", "c"]


def test_hosting_and_forecast_tables():
    hosting = rows_of(hosting_table(hand_view()))
    assert [(r["charging"], r["pv_share"], r["hp_share"]) for r in hosting[1:3]] == [
        ("none", "0.0", "0.5"),
        ("optimised", "0.0", "0.0"),
    ]
    assert [(r["charging"], r["probability"], r["within_risk"]) for r in hosting] == [
        ("none", "0.0", "1"),
        ("none", "0.35", "0"),
        ("optimised", "0.0", "1"),
        ("optimised", "0.05", "1"),
        ("optimised", "0.4", "0"),
        ("unmanaged", "0.0", "1"),
        ("unmanaged", "0.6", "0"),
        ("unmanaged", "1.0", "0"),
    ]
    forecasts = rows_of(forecast_table(hand_view()))
    assert [(r["rule"], r["days"], r["share_below_0.9"]) for r in forecasts] == [
        ("persistence", "12", "0.8"),
        ("typical days", "12", "0.9"),
    ]
    assert float(forecasts[1]["mean_pinball_kva"]) == pytest.approx(1.0)


def test_tables_of_a_bare_run():
    outcome = network_outcome(bare_view(), name="bare", seed=1, input_hash="")
    assert [t.name for t in network_tables(outcome, bare_view())] == [
        "zones",
        "limits",
        "customers",
        "findings",
    ]


def test_sentences_begin_with_what_fits():
    outcome = network_outcome(hand_view(), name="hand", seed=3, input_hash="ab")
    said = network_sentences(outcome)
    assert said[0] == (
        "2 EVs fit among 4 customers beside 1 heat pump; with optimised charging 25 % of the replayed steps "
        "break a limit, against 75 % with unmanaged charging and 0 % without EVs."
    )
    assert "In zones 1/1, 1/2, 2/3 optimised charging breaks limits in more steps than without EVs" in said[2]
    assert said[3] == (
        "With unmanaged charging there are overloaded cables in 25 %, undervoltage in 50 % and an overloaded "
        "transformer in 25 % of the steps."
    )
    assert (
        "Some place is below the planning floor, for which limits are made, in 25 % without EVs, 0 % with "
        "optimised charging and 50 % with unmanaged charging of the steps; a zone on average in 8.33 %, 0 % "
        "and 16.7 %." in said  # one of three zones
    )
    # of 20 samples none may break a limit and the interval still ends at 16 %, beyond the risk of 5 %
    assert (
        "Hosting capacity is 50 % with optimised charging (too few samples to be sure) and 0 % with "
        "unmanaged charging (too few samples to be sure); without EVs no sample breaks a limit." in said
    )
    # mean loss of persistence 4/3, of typical days 1; only in zone 1/2 they are better
    assert (
        "Tomorrow's headroom is forecast best by typical days, with a mean pinball loss of 1.0 kVA, 25 % "
        "less than persistence; for the day after the run the median forecast falls lowest in zone 1/1, to "
        "7.0 kVA; with 90 % at least 5.0 kVA are left then." in said
    )
    assert "The power flow found no solution in 25 % of the steps with optimised charging." in said
    assert (
        "1 zone takes a case that its headroom does not bear at all hours and asks its EVs to give back "
        "what lacks: of 4.8 kWh asked of V2G 3.0 kWh are delivered (62.5 %) and the rest of that headroom "
        "stays overdrawn." in said
    )


@pytest.mark.parametrize(
    ("violating", "samples", "words"),
    [
        ((300, 500), 500, "below 10 % with unmanaged charging; without EVs 100 % of the samples break"),
        ((0, 500), 500, "10 % with unmanaged charging; without"),
        # 20 of 500 are 4 %, Wilson's interval is 2.6 to 6.1 %
        ((0, 20), 500, "20 % with unmanaged charging (10 % for sure); without"),
    ],
)
def test_hosting_capacity_below_what_was_tried_and_what_is_sure(violating, samples, words):
    curve = Hosting("unmanaged", np.array([0.1, 0.2]), np.full(2, samples), np.array(violating))
    own = CaseRisk("0PV0HP", 0.0, 0.0, 1, int(violating[0] > 0))
    view = hand_view(hosting=HostingResult((curve,), 0.05, "a week", "0PV0HP", (own,)))
    said = network_sentences(network_outcome(view, name="", seed=1, input_hash=""))
    assert any(f"Hosting capacity is {words}" in s for s in said)


def test_limits_by_power_flow_have_no_share_of_a_fit():
    setting = NetworkSetting(headroom=HeadroomSettings(), limit_method="per_zone")
    outcome = network_outcome(hand_view(setting=setting), name="n", seed=1, input_hash="")
    assert outcome.value("limit_violating_share") is None
    assert not [s for s in network_sentences(outcome) if "read from voltage over flow" in s]


def test_sentences_of_a_bare_run():
    said = network_sentences(network_outcome(bare_view(), name="bare", seed=1, input_hash=""))
    assert said[0] == (
        "The zones of 4 customers have 350 kWh of headroom a day, by energy alone enough for 24 EVs beside 1 "
        "heat pump."
    )
    assert all(s.endswith(".") for s in said)


def test_nothing_beats_persistence_is_said():
    scores = hand_view().forecasts
    assert scores is not None
    view = hand_view(forecasts=replace(scores, pinball_kva=scores.pinball_kva[::-1].copy()))
    outcome = network_outcome(view, name="", seed=1, input_hash="")
    assert any(
        s.startswith("Nothing forecasts tomorrow's headroom better") for s in network_sentences(outcome)
    )


def test_findings_are_kept_and_settings_are_used():
    finding = Finding("network.branch.rating", "warning", "line 2", "no rating")
    setting = NetworkSetting(headroom=HeadroomSettings(quantile=0.3))
    outcome = network_outcome(hand_view(setting=setting), name="n", seed=1, input_hash="", findings=[finding])
    assert outcome.findings == (finding,)
    assert outcome.level == "normal"  # 25 % of the steps are within 0 % and the risk of 30 %


def test_every_name_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "outputs.md").read_text(encoding="utf-8")
    section = page[page.index("## Network study") :]
    view = hand_view()
    kpis = {k.name for k in network_kpis(view)} | {k.name for z in zone_kpis(view) for k in z}
    names = {re.sub(r"_(none|optimised|unmanaged)$", "_<charging>", n) for n in kpis}
    names = {re.sub(r"^(forecast_pinball_kva)_.*", r"\1_<rule>", n) for n in names}
    outcome = network_outcome(view, name="", seed=1, input_hash="")
    for table in network_tables(outcome, view):
        if table.name != "findings":
            names |= {re.sub(r"_[0-9.]+$", "_<level>", c) for c in table.columns}
    for made in LONG_TABLES.values():
        columns = next(made(view)).column_names
        names |= {re.sub(r"_[0-9.]+$", "_<level>", c) for c in columns if not re.search("_[123]_", c)}
    assert [n for n in sorted(names) if f"`{n}`" not in section] == []
