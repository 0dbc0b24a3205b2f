"""Comparisons and the sentences made of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sparewatt.results.compare import (
    Comparison,
    Difference,
    change_text,
    compare_modes,
    compare_outcomes,
    share_text,
)
from sparewatt.results.depot_words import comparison_note
from sparewatt.results.kpis import Kpi
from sparewatt.results.words import headline, outcome_sentences


def row(base, other, better="lower"):
    return Difference("x", Kpi("cost", "Cost", "currency", base, better), (base, other))


@pytest.mark.parametrize(
    ("base", "other", "better", "verdict"),
    [
        (10, 8, "lower", "better"),
        (10, 12, "lower", "worse"),
        (10, 12, "higher", "better"),
        (10, 10 + 1e-10, "lower", "same"),
        (10, 12, None, "differs"),
        (None, 12, "lower", "unknown"),
    ],
)
def test_verdict(base, other, better, verdict):
    assert row(base, other, better).verdict(1) == verdict


def test_change_and_share():
    assert (row(10, 8).change(1), row(10, 8).relative(1)) == (-2, -0.2)
    assert (row(0, 8).change(1), row(0, 8).relative(1)) == (8, None)
    assert (row(None, 8).change(1), row(None, 8).relative(1)) == (None, None)


@pytest.mark.parametrize(
    ("change", "unit", "text"),
    [
        (-2.0, "currency", "−2.00"),
        (3, "days", "+3"),
        (0.0, "kW", "0"),
        (0.05, "share", "+5 pp"),
        (None, "kW", "–"),
    ],
)
def test_change_reads_well(change, unit, text):
    assert change_text(change, unit) == text


def test_share_reads_well():
    assert [share_text(s) for s in (-0.123, 0.5, 0.0, 1e-6, None)] == [
        "−12.3 %",
        "+50.0 %",
        "0 %",
        "0 %",
        "–",
    ]


def test_modes_side_by_side(outcome):
    comparison = compare_modes(outcome.scenarios)
    assert comparison.columns == ("unmanaged", "smart")
    by_name = {r.kpi.name: r for r in comparison.rows}
    assert by_name["energy_delivered_kwh"].values == (55, 40)
    assert by_name["cost"].values == pytest.approx((8, 7.4))
    assert "solve_seconds" not in by_name
    cells = next(r for r in comparison.text_rows() if r[1] == "Electricity cost")
    assert cells == ("allocation 71", "Electricity cost", "currency", "8.00", "7.40", "−0.60", "−7.5 %")
    assert len(comparison.header()) == len(cells)


def test_runs_side_by_side(outcome):
    cheaper = replace(
        outcome,
        scenarios=tuple(
            replace(s, kpis=tuple(replace(k, value=k.value / 2) if k.name == "cost" else k for k in s.kpis))
            for s in outcome.scenarios[1:]
        ),
    )
    comparison = compare_outcomes([outcome, cheaper])
    assert comparison.columns == ("Two vans <b>& (1)", "Two vans <b>& (2)")
    assert comparison.subjects() == ("run", "allocation 71, unmanaged", "allocation 71, smart")
    costs = {r.subject: r for r in comparison.rows if r.kpi.name == "cost"}
    assert costs["allocation 71, smart"].relative(1) == pytest.approx(-0.5)
    assert costs["allocation 71, unmanaged"].verdict(1) == "unknown"
    rows = json.loads(comparison.json_text())["rows"]
    assert len(rows) == len(comparison.rows)
    assert "<b>" not in comparison.html_text()
    assert comparison.table().csv_text().count("\n") == len(rows) + 1


def test_an_empty_comparison():
    assert Comparison(("a", "b"), ()).text_rows() == []


def test_sentences_say_what_was_found(outcome):
    # unmanaged: 8.00, and for capacity 2·(16.5 − 11) and 2·(8 + 25/6 − 11); smart: 7.40 and 3.00
    before = 8 + 2 * 5.5 + 2 * (8 + 25 / 6 - 11)
    text = " ".join(outcome_sentences(outcome))
    assert (
        f"by {(before - 10.4) / before * 100:.1f} %: 10.40 instead of {before:.2f}, for 27.3 % less energy"
        in text
    )
    assert "Smart charging leaves 4.0 kWh unserved on 1 day; unmanaged charging serves all of it" in text
    assert "on 2 days (7.2 kWh), unmanaged charging on 2 days (43.6 kWh)" in text
    assert "falls from 16.5 to 12.5 kW (−24.2 %)" in text
    assert "On 1 planning day the solver reached its deadline" in text
    assert headline(outcome).startswith("Smart charging cuts the cost of electricity and excess capacity")
    assert comparison_note(outcome).startswith("Smart charging delivers 27.3 % less energy")


def test_sentences_of_a_single_mode(outcome):
    alone = replace(outcome, scenarios=outcome.scenarios[1:])
    (sentence,) = outcome_sentences(alone)
    assert sentence == (
        "Smart charging of allocation 71 delivers 40.0 kWh for 10.40 with a peak site demand of 12.5 kW; "
        "4.0 kWh unserved."
    )
    assert outcome_sentences(replace(outcome, scenarios=())) == ("Nothing was planned.",)


def test_a_difference_of_rounding_alone_reads_as_none():
    kpi = Kpi("peak_site_kw", "Peak site demand", "kW", 54.0, "lower")
    row = Difference("run", kpi, (54.0, 54.0 + 7e-15))
    ((*_, change, share),) = Comparison(("a", "b"), (row,)).text_rows()
    assert (change, share) == ("0", "0 %")
    assert change_text(4e-6, "share") == "< 0.001 pp"
