"""KPIs, reckoned by hand (see conftest)."""

from __future__ import annotations

import pytest

from sparewatt.results.depot_kpis import depot_kpis, depot_run_kpis, depot_summary
from sparewatt.results.kpis import number_text


def test_summary_is_that_of_the_hand_calculation(hand_view):
    summary = depot_summary(hand_view)
    expected = {
        "energy_delivered_kwh": 40,
        "energy_unserved_kwh": 4,
        "cost": 0.6 + 34 * 0.2,
        "excess_capacity_cost": 2 * 1.5,
        "num_breach_days": 2,
        "num_magic_days": 1,
        "num_timed_out_days": 1,
        "breach_kwh": 7.2,
        "max_breach_kw": 1,
        "peak_site_kw": 12.5,
        "lowest_soc": 0.1,
        "highest_soc": 1,
        "gap_median": 0.005,
        "gap_worst": 0.01,
        "solve_seconds": 0.75,
    }
    assert list(summary) == list(expected)
    assert summary == pytest.approx(expected)


def test_summary_agrees_with_the_demand_table(hand_schedule, hand_view):
    from sparewatt.results.depot_view import demand_table  # noqa: PLC0415 - used here only

    table, summary = demand_table(hand_schedule, None, 2, magic_fill=True), depot_summary(hand_view)
    assert sum(table["energy_kwh"].to_pylist()) == pytest.approx(summary["energy_delivered_kwh"])
    assert sum(table["unserved_kwh"].to_pylist()) == pytest.approx(summary["energy_unserved_kwh"])


def test_a_rule_proves_no_gap(bau_view):
    summary = depot_summary(bau_view)
    assert summary["gap_median"] is None
    assert summary["gap_worst"] is None


def test_every_kpi_has_a_unit_and_a_direction(hand_view):
    kpis = {k.name: k for k in depot_kpis(depot_summary(hand_view))}
    assert (kpis["cost"].unit, kpis["cost"].better) == ("currency", "lower")
    assert (kpis["lowest_soc"].unit, kpis["lowest_soc"].better) == ("share", "higher")
    assert kpis["energy_delivered_kwh"].better is None


def test_run_adds_up_like_with_like():
    def summary(cost, peak, lowest, gap=None):
        zero = dict.fromkeys(
            ("energy_delivered_kwh", "energy_unserved_kwh", "excess_capacity_cost", "breach_kwh"), 0.0
        )
        days = dict.fromkeys(("num_breach_days", "num_magic_days", "num_timed_out_days"), 2)
        rest = {
            "max_breach_kw": 0.0,
            "highest_soc": 1.0,
            "gap_median": gap,
            "gap_worst": gap,
            "solve_seconds": 1.0,
        }
        return {**zero, **days, **rest, "cost": cost, "peak_site_kw": peak, "lowest_soc": lowest}

    kpis = {
        k.name: k.value
        for k in depot_run_kpis(
            [
                ("1", "BAU", summary(10, 50, 0.3)),
                ("1", "opt", summary(6, 40, 0.2, 0.01)),
                ("2", "BAU", summary(30, 90, 0.1)),
                ("2", "opt", summary(24, 70, 0.4, 0.02)),
                ("3", "opt", summary(1000, 900, 0.0, 0.5)),  # has no unmanaged partner: left out
            ]
        )
    }
    assert (kpis["cost_BAU"], kpis["cost_opt"]) == (40, 30)
    assert (kpis["peak_site_kw_BAU"], kpis["peak_site_kw_opt"]) == (90, 70)
    assert (kpis["lowest_soc_BAU"], kpis["lowest_soc_opt"]) == (0.1, 0.2)
    assert (kpis["gap_worst_BAU"], kpis["gap_worst_opt"]) == (None, 0.02)
    assert kpis["num_breach_days_opt"] == 4
    assert (kpis["saving"], kpis["saving_share"]) == (10, 0.25)


def test_one_mode_alone_has_no_saving(hand_view):
    names = {k.name for k in depot_run_kpis([("1", "opt", depot_summary(hand_view))])}
    assert "cost_opt" in names
    assert "saving" not in names


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "kW", "–"),
        (1234.5, "kWh", "1,234"),
        (12.34, "kWh", "12.3"),
        (0.1234, "kW", "0.123"),
        (0.0, "kW", "0"),
        (-12.34, "kW", "−12.3"),
        (7.5, "currency", "7.50"),
        (3, "days", "3"),
        (0.25, "share", "25 %"),
        (2e-4, "share", "0.02 %"),
        (2e-6, "share", "< 0.001 %"),
        (-3e-16, "share", "0 %"),
    ],
)
def test_numbers_read_well(value, unit, text):
    assert number_text(value, unit) == text
