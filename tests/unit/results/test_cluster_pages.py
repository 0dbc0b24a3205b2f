"""Words, report, overview, comparison and exports of hubs."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from sparewatt.model.operating_rules import OperatingRules
from sparewatt.results import cluster_sheets
from sparewatt.results.cluster_results import cluster_outcome, write_cluster_folder
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.compare import compare_outcomes
from sparewatt.results.comparison_page import write_comparison_page
from sparewatt.results.export import export_run
from sparewatt.results.kpis import Kpi
from sparewatt.results.overview import overview_table
from sparewatt.results.report import write_report
from sparewatt.results.words import outcome_sentences
from sparewatt.simulate.hub import simulate_hub
from support.hubs import Unit, make_fleet, make_system, tutorial_visits


@pytest.fixture
def folder(hub_outcome, hub_view, tmp_path):
    return write_cluster_folder(tmp_path / "run", hub_outcome, hub_view, simulate_s=1.25)


def test_sentences_say_what_was_found(hub_outcome):
    text = " ".join(outcome_sentences(hub_outcome))
    assert text.startswith("3 of 7 visitors were connected in 2 clusters and charged 42.0 kWh")
    assert "1 vehicle left short of the target, by 6.0 kWh together. 1 vehicle is still connected." in text
    assert "Clusters a, b were above the limit in 1 step (1.5 kWh, at worst 3.0 kW)" in text
    assert "and below the lower limit in 3 steps (6.0 kWh, at worst 4.0 kW)" in text
    assert "the system limit was not kept in 1 step; an imbalance limit was not kept in 1 step" in text
    assert "2 vehicles were turned away: 1 found no free unit, 1 got no reservation." in text
    assert "1 vehicle had booked and never came." in text
    assert "Contracts promised 12.0 kWh, of which 3.0 kWh were not given" in text
    assert "gave back 2.0 kWh" in text
    assert "1 vehicle waited for a unit, 30 min." in text
    assert "In 1 step the solver reached its deadline" in text


def with_values(outcome, **values):
    kpis = tuple(replace(k, value=values.get(k.name, k.value)) for k in outcome.kpis)
    return replace(outcome, kpis=kpis)


def test_sentences_of_quiet_and_of_empty_hubs(hub_outcome):
    nothing = {k.name: 0 for k in hub_outcome.kpis}
    assert outcome_sentences(with_values(hub_outcome, **nothing)) == ("No vehicle came to the hub.",)
    turned = with_values(hub_outcome, **(nothing | {"visits": 2, "turned_away": 2, "no_offer": 2}))
    sentences = outcome_sentences(turned)
    assert sentences[0] == "None of 2 visits could be connected."
    assert "Every limit was kept in every step." in sentences
    assert "2 vehicles were turned away: 2 got no offer." in sentences
    giving = with_values(hub_outcome, net_kwh=-5.0, energy_cost=-1.5)
    assert any("gave 5.0 kWh to the grid and earned 1.50" in s for s in outcome_sentences(giving))


class Page(HTMLParser):
    """What a page would fetch, and its words."""

    def __init__(self, text):
        super().__init__()
        self.links, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [v for k, v in attrs if k in {"src", "href", "data"} and not v.startswith("#")]

    def handle_data(self, data):
        self.words.append(data)


def test_report_is_one_safe_page(folder):
    path = write_report(folder)
    text = path.read_text()
    page = Page(text)
    assert [x for x in page.links if not x.startswith("#")] == []
    assert "<b>&" not in text
    words = " ".join(page.words)
    for expected in (
        "Load of each cluster",
        "Occupation of the units",
        "State of charge",
        "No free unit on arrival",
    ):
        assert expected in words
    assert "1.2 s of processor time" in words
    assert "Sat 8 Jan 2022 08:00" in words, "local time"
    assert write_report(folder).read_text() == text


def test_overview_has_a_column_per_cluster(hub_outcome):
    table = overview_table(hub_outcome)
    assert table.header() == ("KPI", "unit", "all clusters", "a", "b")
    rows = {r[0]: r[1:] for r in table.text_rows()}
    assert rows["Highest power"] == ("kW", "20.0", "20.0", "6.0")
    assert rows["Worst power above the system limit"] == ("kW", "4.0", "–", "–")
    told = json.loads(table.json_text())
    assert told["rows"][0] == {"kpi": "net_kwh", "unit": "kWh", "all clusters": 42.4, "a": 33.4, "b": 9.0}
    alone = replace(hub_outcome, parts=hub_outcome.parts[:1])
    assert overview_table(alone).header() == ("KPI", "unit", "hub")


def test_runs_are_compared_by_hub_and_by_cluster(hub_outcome):
    other = with_values(hub_outcome, peak_kw=15.0)
    comparison = compare_outcomes([hub_outcome, other], ["fcfs", "llf"])
    assert comparison.subjects() == ("run", "cluster a", "cluster b")
    peak = next(r for r in comparison.rows if r.kpi.name == "peak_kw")
    assert (peak.change(1), peak.verdict(1)) == (-5, "better")


def test_comparison_page_holds_pictures_of_hubs(folder, tmp_path):
    text = write_comparison_page([folder, folder], ["<one>", "two"], tmp_path / "c.html").read_text()
    assert text.count("<svg") == 2
    assert "<one>" not in text
    assert Page(text).links == []
    page = " ".join(Page(text).words)
    assert "cluster b" in page
    assert "Load of the runs over each other" in page


def test_comparison_page_of_hubs_with_other_times_has_bars_only(folder, tmp_path):
    trace = simulate_hub(make_system(periods=3), make_fleet([]), OperatingRules())
    view = ClusterView(trace)
    other = write_cluster_folder(tmp_path / "o", cluster_outcome(view, name="o", seed=1, input_hash=""), view)
    text = write_comparison_page([folder, other], ["one", "two"], tmp_path / "c.html").read_text()
    assert text.count("<svg") == 1


def test_csv_and_parquet_hold_tables_and_series(folder, tmp_path):
    names = {
        "clusters",
        "connections",
        "findings",
        "notes",
        "reservations",
        "vehicles",
        "evse_power",
        "soc",
        "cluster_power",
        "system_power",
    }
    assert {p.stem for p in export_run(folder, "csv", tmp_path / "csv")} == names
    assert {p.stem for p in export_run(folder, "parquet", tmp_path / "pq")} == names
    with (tmp_path / "csv" / "evse_power.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    assert rows[0]["time"] == "2022-01-08T08:00:00+01:00"
    assert rows[3]["ev_id"] == "'=v02", "a formula is made harmless"
    table = pq.read_table(tmp_path / "pq" / "vehicles.parquet")
    assert table["ev_id"][1].as_py() == "=v02"
    assert table["arrival"][0].as_py().isoformat() == "2022-01-08T08:00:00+01:00"


def test_workbook_has_the_sheets_people_know(folder, tmp_path):
    (path,) = export_run(folder, "xlsx", tmp_path / "run.xlsx")
    assert path.read_bytes() == export_run(folder, "xlsx", tmp_path / "again.xlsx")[0].read_bytes()
    book = load_workbook(path)
    assert book.sheetnames == [
        "about",
        "Overall",
        "ClusterDataset",
        "ReservationDataset",
        "UnitConsumption",
        "UnitOccupation",
        "ClusterConsumption",
        "Vehicles",
        "Findings",
    ]
    sheet = {n: list(book[n].iter_rows(values_only=True)) for n in book.sheetnames}
    overall = [dict(zip(sheet["Overall"][0], row, strict=True)) for row in sheet["Overall"][1:]]
    assert [r["cluster"] for r in overall] == ["a", "b", "all clusters"]
    assert overall[2]["Net Consumption [kWh]"] == pytest.approx(42.4)
    assert overall[2]["Unscheduled V2G [kWh]"] == 2
    assert overall[1]["Unfulfilled G2V [kWh]"] == 3
    assert sheet["UnitConsumption"][0] == ("time", "utc_offset_h", "a/a1", "a/a2", "b/b1")
    assert sheet["UnitConsumption"][4][2:] == pytest.approx((-3.2, 10, 6))
    assert sheet["UnitOccupation"][6][2:] == (0, 1, 0)
    assert sheet["ClusterConsumption"][1][2:] == (10, None, 15, 0, 4, None), "no limit is an empty cell"
    cell = book["ClusterDataset"]["B3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=v02", "s", True)


def test_what_is_too_large_for_a_workbook_is_named(hub_outcome, hub_view, monkeypatch):
    monkeypatch.setattr(cluster_sheets, "MOST_CELLS", 10)
    monkeypatch.setattr(cluster_sheets, "MOST_ROWS", 3)
    sheets = {t.name: t for t in cluster_sheets.cluster_sheets(hub_outcome, hub_view)}
    assert set(sheets) == {"about", "Overall", "ClusterDataset", "Findings"}
    told = [what for what, value in sheets["about"].rows if "too large" in str(value)]
    assert told == [
        "ReservationDataset",
        "Vehicles",
        "UnitConsumption",
        "ClusterConsumption",
        "UnitOccupation",
    ]


def test_first_worked_example_in_the_tables_people_know(tmp_path):
    """Energies of the published example 1: 74.25 kWh, peak 66 kW, all eight admitted."""
    system = make_system([[Unit()] * 8], lower_kw=-66.0, upper_kw=66.0)
    trace = simulate_hub(
        system, make_fleet(tutorial_visits(books=False)), OperatingRules(control="first_come_first_served")
    )
    view = ClusterView(trace)
    outcome = cluster_outcome(view, name="one", seed=1, input_hash="")
    told = {
        n: outcome.value(n) for n in ("net_kwh", "g2v_kwh", "v2g_kwh", "peak_kw", "admitted", "over_limit_kw")
    }
    assert told == pytest.approx(
        {"net_kwh": 74.25, "g2v_kwh": 74.25, "v2g_kwh": 0, "peak_kw": 66, "admitted": 8, "over_limit_kw": 0}
    )
    assert outcome.level == "normal"


def test_a_kpi_without_unit_reads_well():
    from sparewatt.results.cluster_report import _shown  # noqa: PLC0415 - used here only

    assert _shown(Kpi("w", "Waiting", "h", 1.25)) == "1 h 15 min"
    assert _shown(Kpi("w", "Waiting", "h", None)) == "–"
    assert _shown(Kpi("n", "Visits", "vehicles", 1200)) == "1,200 vehicles"
