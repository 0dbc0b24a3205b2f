"""Bins fitted to visits: shares counted by hand, and samples of bins that are known (spec section 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.support.visit_bins import independent, joint, models

from sparewatt.inputs.generate.hub_fleet import draw_fleet
from sparewatt.inputs.generate.hub_plan import ClusterPlan, HubPlan
from sparewatt.inputs.generate.session_table import read_session_table
from sparewatt.inputs.generate.visit_fit import fit_visits
from sparewatt.inputs.generate.visit_table import table_of_fleet

HEAD = "arrival,departure,soc_arrival,soc_departure,battery_kwh,max_charge_kw"
ROWS = [
    "2026-03-02 07:10,2026-03-02 16:30,0.22,0.87,40,7.4",  # a Monday
    "2026-03-02 07:50,2026-03-02 07:59,0.30,0.34,40,7.4",  # leaves in the hour in which it came
    "2026-03-03 08:05,2026-03-03 16:10,0.41,0.88,60,11",
    "2026-03-04 22:30,2026-03-05 06:15,0.15,0.90,60,11",
    "2026-03-07 12:00,2026-03-07 13:20,0.55,0.80,60,11",  # a Saturday
]
PLAN = HubPlan((ClusterPlan("a", 9),), date(2026, 3, 2), 28, 900, 400, "Europe/London")


def sessions(tmp_path, rows=ROWS, head=HEAD, **assumed):
    path = tmp_path / "sessions.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_session_table(path, "UTC", **assumed)


def fitted(tmp_path, rows=ROWS, **options):
    fleet, findings = sessions(tmp_path, rows)
    assert findings == ()
    return fit_visits(fleet, "UTC", soc_bins=4, **options)


def test_joint_shares_are_counts(tmp_path):
    fit, findings = fitted(tmp_path)
    assert findings == ()
    bins = fit.chances.bins
    weekday = {(7, 16): 0.25, (7, 7): 0.25, (8, 16): 0.25, (22, 6): 0.25}
    assert {
        (a, b): bins.time_probability[0, a, b] for a, b in np.argwhere(bins.time_probability[0])
    } == weekday
    assert {tuple(p) for p in np.argwhere(bins.time_probability[1]).tolist()} == {(12, 13)}
    assert bins.soc_probability.tolist() == [[0, 0, 0, 0.4], [0, 0.2, 0, 0.2], [0, 0, 0, 0.2], [0, 0, 0, 0]]
    assert not bins.overnight.any()
    assert fit.visits_per_day == pytest.approx(4 / 5)
    assert fit.weekend_visits_per_day == pytest.approx(1.0)


def test_independent_shares_are_counts(tmp_path):
    fit, findings = fitted(tmp_path, form="independent")
    assert findings == ()
    bins = fit.chances.bins
    assert bins.arrival_probability[0][[7, 8, 22]].tolist() == [0.5, 0.25, 0.25]
    assert bins.departure_probability[0][[6, 7, 16]].tolist() == [0.25, 0.25, 0.5]
    assert bins.departure_probability[1][13] == 1
    assert bins.arrival_soc_probability.tolist() == [0.4, 0.4, 0.2, 0]
    assert bins.departure_soc_probability.tolist() == [0, 0.2, 0, 0.8]


def test_models_are_the_pairs_that_occur(tmp_path):
    m = fitted(tmp_path)[0].chances.models
    assert m.names == ("40 kWh, 7.4 kW", "60 kWh, 11 kW")
    assert m.probability.tolist() == [0.4, 0.6]


def test_one_kind_of_day_stands_in_for_the_other(tmp_path):
    fit, findings = fitted(tmp_path, ROWS[:4])
    assert [(f.rule, f.severity) for f in findings] == [("generate.fit.days", "info")]
    assert np.array_equal(*fit.chances.bins.time_probability)
    assert fit.weekend_visits_per_day == fit.visits_per_day == pytest.approx(4 / 3)


def test_long_stays_are_left_out_and_told(tmp_path):
    fit, findings = fitted(tmp_path, [*ROWS, "2026-03-02 07:10,2026-03-03 07:10,0.2,0.9,40,7.4"])
    assert fit.visits == 5
    assert [(f.rule, f.severity, f.value) for f in findings] == [("generate.fit.long", "warning", "1")]


def test_independent_bins_tell_what_they_cannot_hold(tmp_path):
    top = "2026-03-06 07:10,2026-03-06 16:30,0.78,0.87,40,7.4"
    fit, findings = fitted(tmp_path, [*ROWS, top], form="independent")
    assert [(f.rule, f.severity, f.value) for f in findings] == [("generate.fit.soc", "warning", "1")]
    assert fit.chances.bins.arrival_soc_probability[3] == 0
    assert fitted(tmp_path, [*ROWS, top])[1] == ()
    same = [
        "2026-03-06 07:10,2026-03-06 16:30,0.78,0.87,40,7.4",
        "2026-03-07 07:10,2026-03-07 16:30,0.8,0.9,40,7.4",
    ]
    fit, findings = fitted(tmp_path, same, form="independent")
    assert fit is None
    assert [f.rule for f in findings if f.severity == "error"] == ["generate.fit.soc"]


def test_departures_that_leave_no_stay_are_told(tmp_path):
    short = [f"2026-03-0{d} 07:00,2026-03-0{d} 07:59,0.2,0.9,40,7.4" for d in range(2, 9)]
    assert fitted(tmp_path, short, form="independent")[1] == ()  # of 7:00 to 7:59 one is always left a day on
    findings = fitted(tmp_path, short, form="independent", min_stay_min=1400)[1]
    assert {f.rule for f in findings if f.severity == "error"} == {"generate.fit.stay"}
    assert fitted(tmp_path, short, min_stay_min=1400)[1] == ()


UNBOUND = replace(  # every departure suits every arrival, so that no condition changes the tables
    independent(),
    departure_probability=np.array([[0, 0, 0.6, 0.4], [0, 0, 0.3, 0.7]]),
    departure_soc_probability=np.array([0, 0, 0, 1.0]),
)
APART = replace(joint(), time_probability=np.array([[[0, 0.7, 0.1], [0, 0, 0], [0.2, 0, 0]]] * 2))


@pytest.mark.parametrize(("bins", "form"), [(UNBOUND, "independent"), (APART, "joint")])
def test_a_fit_finds_the_bins_that_visits_were_drawn_from(bins, form):
    fleet = draw_fleet(PLAN, bins, models(), seed=1)
    fit, findings = fit_visits(fleet, PLAN.timezone, form=form, soc_bins=20)
    assert findings == ()
    assert {d.quantity: d.total_variation for d in fit.distances if d.total_variation > 0.02} == {}
    assert fit.visits_per_day == 900
    assert fit.weekend_visits_per_day == 400


def test_joint_bins_keep_what_belongs_together_and_independent_ones_do_not():
    """Of short visits in the morning and long ones at night independent bins make stays that nobody has."""
    fleet = draw_fleet(PLAN, joint(), models(), seed=1)
    distance = {}
    for form in ("independent", "joint"):
        fit, _ = fit_visits(fleet, PLAN.timezone, form=form)
        distance[form] = {d.quantity: d for d in fit.distances}
    assert distance["joint"]["stay"].total_variation < 0.02
    assert distance["independent"]["stay"].total_variation > 0.2
    assert distance["independent"]["stay"].wasserstein > 1  # hours
    assert distance["independent"]["arrival"].total_variation < 0.02


def test_short_stays_in_one_bin_stay_short():
    """Without knowing who stays overnight, half of the stays of one hour would end a day later."""
    rows = replace(joint(), time_probability=np.array([np.diag([1.0, 0, 0])] * 2), overnight=np.zeros((2, 3)))
    fleet = draw_fleet(replace(PLAN, min_stay_min=1), rows, models(), seed=1)
    assert (fleet.declared_departure_s - fleet.declared_arrival_s).max() < 3600
    fit, _ = fit_visits(fleet, PLAN.timezone, min_stay_min=1)
    assert {d.quantity: d.total_variation for d in fit.distances}["stay"] < 0.01
    night = replace(rows, overnight=np.ones((2, 3)))
    fleet = draw_fleet(PLAN, night, models(), seed=1)
    stay = fleet.declared_departure_s - fleet.declared_arrival_s
    assert np.mean(stay > 22 * 3600) > 0.98  # the same minute twice is a short stay


def test_distances_by_hand(tmp_path):
    """Arrivals all at 7:10, so the fit spreads them over the hour: 30 of 60 minutes, less 10, on average."""
    rows = [f"2026-03-0{d} 07:10,2026-03-0{d} 16:30,0.2,0.9,40,7.4" for d in range(2, 9)]
    distance = {d.quantity: d for d in fitted(tmp_path, rows)[0].distances}
    assert distance["arrival"].total_variation == 0
    assert distance["arrival"].visits_mean == pytest.approx(7 + 10 / 60)
    assert distance["arrival"].fit_mean == pytest.approx(7 + 29.5 / 60, abs=0.01)
    apart = np.mean(np.abs(np.arange(60) - 10)) / 60
    assert distance["arrival"].wasserstein == pytest.approx(apart, abs=0.01)
    assert distance["energy"].visits_mean == pytest.approx(0.7 * 40)


def test_energy_stands_in_for_states_of_charge(tmp_path):
    rows = ["2026-03-02 07:10,2026-03-02 16:30,30", "2026-03-02 08:10,2026-03-02 16:30,75"]
    fleet, findings = sessions(tmp_path, rows, "arrival,departure,energy_kwh")
    assert [(f.rule, f.severity, f.where) for f in findings] == [
        ("generate.sessions.battery", "warning", "sessions row 3, column energy_kwh")
    ]
    assert fleet.real_soc.tolist() == [0.5, 0.0]  # of 60 kWh, full at departure
    assert fleet.target_soc.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("2026-03-02 07:10,2026-03-02 07:10,0.2,0.9,40,7.4", "generate.sessions.order", "departure"),
        ("2026-03-02 07:10,2026-03-02 08:10,0.9,0.2,40,7.4", "generate.sessions.soc", "soc_departure"),
        ("2026-03-02 07:10,2026-03-02 08:10,0.2,1.2,40,7.4", "cluster.value.share", "soc_departure"),
        ("morning,2026-03-02 08:10,0.2,0.9,40,7.4", "cluster.value.date", "arrival"),
        (",2026-03-02 08:10,0.2,0.9,40,7.4", "cluster.value.missing", "arrival"),
        ("2026-03-02 07:10,2026-03-02 08:10,0.2,0.9,0,7.4", "cluster.value.range", "battery_kwh"),
    ],
)
def test_sessions_that_are_wrong_are_told(tmp_path, row, rule, column):
    fleet, findings = sessions(tmp_path, [ROWS[0], row])
    assert fleet is None
    assert [(f.rule, f.where) for f in findings] == [(rule, f"sessions row 3, column {column}")]


def test_a_file_without_energy_is_told(tmp_path):
    fleet, findings = sessions(tmp_path, ["2026-03-02 07:10,2026-03-02 07:10"], "arrival,departure")
    assert fleet is None
    assert [f.rule for f in findings] == ["generate.sessions.energy"]


def test_no_visits_no_fit(tmp_path):
    fleet, _ = sessions(tmp_path, ["2026-03-02 07:10,2026-03-04 07:10,0.2,0.9,40,7.4"])
    fit, findings = fit_visits(fleet, "UTC")
    assert fit is None
    assert [f.rule for f in findings] == ["generate.fit.visits"]


def test_clocks_are_local(tmp_path):
    fleet, _ = sessions(tmp_path, ["2026-07-06T22:30:00Z,2026-07-07T06:15:00Z,0.2,0.9,40,7.4"])
    table, _ = table_of_fleet(fleet, "Europe/London")
    assert (table.arrival_min[0], table.stay_min[0]) == (23 * 60 + 30, 465)
    assert table_of_fleet(fleet, "Europe/Athens")[0].arrival_min[0] == 90


def test_bins_that_do_not_divide_the_day_are_refused(tmp_path):
    fleet, _ = sessions(tmp_path)
    with pytest.raises(ValueError, match="divide the day"):
        fit_visits(fleet, "UTC", bin_min=50)
