"""Files of a network run: what is read is what was written, same bytes twice, odd files are findings."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.limit_file import DEPOT_RULES, read_limit_periods
from sparewatt.results.bundle import read_bundle, write_bundle
from sparewatt.results.compare import compare_outcomes
from sparewatt.results.comparison_page import write_comparison_page
from sparewatt.results.export import export_run
from sparewatt.results.network_hosting import Hosting, HostingResult
from sparewatt.results.network_reading import read_network_view
from sparewatt.results.network_results import network_limit_files, network_outcome, write_network_folder
from sparewatt.results.overview import overview_table
from sparewatt.results.report import write_report
from sparewatt.results.run_folder import SERIES, TABLES
from sparewatt.results.study_results import results_of
from support.network_views import bare_view, days_horizon, hand_view

SMALL = ("zones", "limits", "violations", "hosting", "customers", "forecasts", "forecast_zones", "findings")
LONG = (
    *("zone_flow", "zone_voltage", "headroom", "transformer", "daily_profile", "replay_zones"),
    *("replay_transformer", "ev_schedule", "ev_bounds", "headroom_forecast", "offers"),
)


def outcome_of(view):
    return network_outcome(view, name="by hand", seed=7, input_hash="ab" * 32)


def write(view, directory):
    return write_network_folder(directory, outcome_of(view), view, simulate_s=1.5)


@pytest.fixture
def folder(tmp_path):
    return write(hand_view(), tmp_path / "run")


def assert_same(a, b, path="view"):
    assert type(a) is type(b), path
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, path
        assert np.array_equal(a, b), path
    elif is_dataclass(a):
        for f in fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name), f"{path}.{f.name}")
    elif isinstance(a, tuple):
        assert len(a) == len(b), path
        for n, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{path}[{n}]")
    else:
        assert a == b, path


@pytest.mark.parametrize("view", [hand_view(), bare_view()], ids=["whole", "bare"])
def test_a_view_comes_back_exactly(view, tmp_path):
    folder = write(view, tmp_path)
    assert_same(read_network_view(folder.path / SERIES), view)
    assert folder.outcome() == outcome_of(view)
    assert folder.timing() == {0: [1.5]}


def test_same_bytes_twice(tmp_path):
    first, second = (write(hand_view(), tmp_path / n).path for n in "ab")
    names = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(second) for p in second.rglob("*") if p.is_file())
    assert [n for n in names if (first / n).read_bytes() != (second / n).read_bytes()] == []


def test_tables_are_written(folder):
    assert {p.stem for p in (folder.path / TABLES).iterdir()} == {*SMALL, "offers"}


def test_long_series_are_utc_and_in_order(folder):
    table = pq.read_table(folder.path / SERIES / "zone_flow.parquet")
    assert table.schema.field("time").type == pa.timestamp("us", "UTC")
    assert table.column_names == ["case", "zone_id", "time", "flow_kva", "overloads"]
    first = table.slice(0, 2).to_pylist()
    assert first[0] == {
        "case": "0PV0HP",
        "zone_id": "1/1",
        "time": datetime(2024, 1, 8, 12, tzinfo=UTC),
        "flow_kva": 10.0,
        "overloads": 0,
    }
    assert first[1]["flow_kva"] == 20.0
    assert len(table) == 2 * 3 * 8
    schedule = pq.read_table(folder.path / SERIES / "ev_schedule.parquet").to_pylist()
    assert [(r["ev_id"], r["customer_id"], r["time"].hour, r["charge_kw"]) for r in schedule] == [
        ("red", "load 0", 12, 2.0),
        ("red", "load 0", 18, 0.0),
        ("blue", "load 0", 18, 0.0),
        ("blue", "load 0", 0, 0.0),
    ]
    assert [(r["discharge_kw"], r["unmanaged_kw"]) for r in schedule] == [(0, 2.5), (0, 0), (0.5, 0), (0, 0)]


def test_limits_are_read_by_other_studies(folder):
    view = hand_view()
    files = network_limit_files(view)
    assert files[0] == ("1/1", "series/limit_1.parquet")
    for (zone, path), offer in zip(files, view.offers, strict=True):
        found, findings = read_limit_periods(folder.path / path, view.horizon, zone, DEPOT_RULES)
        assert findings == ()
        assert found is not None
        assert np.array_equal(found.upper_kw, offer.upper_kw)
        assert np.array_equal(found.lower_kw, offer.lower_kw)
    one_day, findings = read_limit_periods(folder.path / files[0][1], days_horizon(1), "1/1", DEPOT_RULES)
    assert (findings, one_day is not None and one_day.upper_kw.tolist()) == ((), [0.0, 1.0, 2.0, 3.0])


def test_offers_as_csv_are_local(folder):
    with (folder.path / TABLES / "offers.csv").open(encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert rows[1] == {
        "zone_id": "1/1",
        "time": "2024-01-08T18:00:00+00:00",
        "lower_kw": "-30",
        "upper_kw": "1",
    }
    assert len(rows) == 3 * 8


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_export_of_tables(folder, to, tmp_path):
    paths = export_run(folder, to, tmp_path / "out")
    assert {p.name for p in paths} == {f"{n}.{to}" for n in (*SMALL, *LONG)}
    assert all(p.is_file() for p in paths)
    if to == "parquet":
        flow = pq.read_table(tmp_path / "out" / "zone_flow.parquet")
        assert flow.schema.field("time").type == pa.timestamp("us", "Europe/London")


def test_export_of_a_bare_run(tmp_path):
    paths = export_run(write(bare_view(), tmp_path / "run"), "csv", tmp_path / "out")
    assert not {"ev_schedule", "replay_zones", "hosting", "violations"} & {p.stem for p in paths}


def test_export_as_workbook(folder, tmp_path):
    first, second = (export_run(folder, "xlsx", tmp_path / f"{n}.xlsx")[0] for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    book = openpyxl.load_workbook(first)
    assert book.sheetnames == ["about", *SMALL, "headroom_kva"]
    zones = list(book["zones"].values)
    assert zones[1][:5] == ("1/1", "1", 1, 1, 25)
    profile = list(book["headroom_kva"].values)
    assert profile[0] == ("case", "time_of_day", "1/1", "1/2", "2/3")
    assert profile[2] == ("0PV0HP", "06:00", 9, 12, 3)


def test_a_bundle_comes_back(folder, tmp_path):
    bundle = write_bundle(folder, tmp_path / "run.zip")
    read, findings = read_bundle(bundle, tmp_path / "read")
    assert findings == ()
    assert read is not None
    assert_same(read_network_view(read.path / SERIES), hand_view())
    assert read.outcome() == folder.outcome()


def test_a_bundle_of_other_zones_is_refused(folder, tmp_path):
    outcome = json.loads((folder.path / "outcome.json").read_text(encoding="utf-8"))
    outcome["parts"] = outcome["parts"][:2]
    (folder.path / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    findings = results_of("network").check_series(folder, folder.outcome())
    assert [f.rule for f in findings] == ["results.bundle.match"]


def test_two_runs_side_by_side(folder, tmp_path):
    view = hand_view()
    other = write(replace(view, replays=view.replays[:2]), tmp_path / "other")
    comparison = compare_outcomes([folder.outcome(), other.outcome()], ["a", "b"])
    rows = {(r.subject, r.kpi.name): r for r in comparison.rows}
    assert rows["run", "violating_steps_optimised"].verdict(1) == "same"
    assert rows["run", "violating_steps_unmanaged"].values == (0.75, None)
    assert ("zone 1/1", "headroom_kwh_per_day") in rows
    page = write_comparison_page([folder, other], ["a", "b"], tmp_path / "page.html")
    assert "zone 1/1" in page.read_text(encoding="utf-8")


def test_overview_has_a_column_per_zone(folder):
    table = overview_table(folder.outcome())
    assert table.header() == ("KPI", "unit", "network", "1/1", "1/2", "2/3")
    assert ("EVs placed and planned", "EVs", "2", "2", "0", "0") in table.text_rows()


def changed(folder, name, change):
    """A series file, changed and written again."""
    path = folder.path / SERIES / f"{name}.parquet"
    table = pq.read_table(path)
    pq.write_table(change(table).replace_schema_metadata(table.schema.metadata), path)


def with_column(name, change):
    def work(table):
        at = table.schema.get_field_index(name)
        return table.set_column(
            at, name, pa.array(change(table[name].to_pylist()), table.schema.field(at).type)
        )

    return work


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("zone_flow", lambda t: t.slice(1)),
        ("zone_flow", with_column("zone_id", lambda v: v[::-1])),
        ("zone_flow", with_column("time", lambda v: v[::-1])),
        ("zone_flow", with_column("flow_kva", lambda v: [float("nan"), *v[1:]])),
        ("headroom", with_column("headroom_binding", lambda v: ["magic", *v[1:]])),
        ("transformer", lambda t: t.slice(1)),
        ("daily_profile", lambda t: t.slice(1)),
        ("zones", with_column("feeder", lambda v: [9, *v[1:]])),
        ("zones", with_column("case", lambda v: [2, *v[1:]])),
        ("fits", with_column("source", lambda v: [17, *v[1:]])),
        ("nodes", with_column("parent", lambda v: [99, *v[1:]])),
        ("branches", with_column("to_node", lambda v: [-1, *v[1:]])),
        ("branches", with_column("ampacity_a", lambda v: [float("nan"), *v[1:]])),
        ("loads", with_column("phase", lambda v: [3, *v[1:]])),
        ("customers", with_column("zone", lambda v: [3, *v[1:]])),
        ("case_customers", lambda t: t.slice(1)),
        ("evs", with_column("customer", lambda v: [4, *v[1:]])),
        ("evs", with_column("zone", lambda v: [1, *v[1:]])),
        ("ev_sessions", with_column("departure", lambda v: [0, *v[1:]])),
        ("ev_sessions", with_column("car", lambda v: v[::-1])),
        ("ev_schedule", lambda t: t.slice(1)),
        ("ev_schedule", lambda t: pa.concat_tables([t, t])),
        ("ev_bounds", lambda t: t.slice(1)),
        ("replay_zones", with_column("charging", lambda v: v[::-1])),
        ("replay_transformer", with_column("charging", lambda v: ["magic"] * len(v))),
        ("moment_nodes", lambda t: t.slice(1)),
        ("headroom_forecast", lambda t: t.slice(1)),
        ("headroom_forecast", with_column("rule", lambda v: v[::-1])),
        ("headroom_forecast", with_column("headroom_kva_0.5", lambda v: [float("inf"), *v[1:]])),
        ("limit_2", lambda t: t.slice(1)),
        ("limit_2", with_column("upper_kw", lambda v: [float("inf"), *v[1:]])),
    ],
)
def test_files_that_do_not_fit_are_findings(folder, name, change):
    changed(folder, name, change)
    with pytest.raises(InputError) as refused:
        read_network_view(folder.path / SERIES)
    assert [f.rule for f in refused.value.findings] == ["results.series"]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["horizon"].update(periods=9),
        lambda m: m["network"].update(busbar=99),
        lambda m: m["setting"].update(limit_method="magic"),
        lambda m: m["setting"].update(unknown=1),
        lambda m: m["setting"].update(judged_floor_pu="low"),
        lambda m: m["moments"][0].__setitem__(2, 8),
        lambda m: m["hosting"]["curves"][0].__setitem__(3, [0, 30, 0]),
        lambda m: m["hosting"]["without_evs"][0].__setitem__(4, 9),
        lambda m: m["forecasts"].update(pinball_kva=[[1.0]]),
        lambda m: m.update(forecasts=None),
        lambda m: m.update(tomorrow=m["tomorrow"] + 1),
        lambda m: m.update(tomorrow=10**12),
        lambda m: m["replays"][0].__setitem__(0, "magic"),
        lambda m: m["cases"].pop(),
        lambda m: m.pop("offers"),
        lambda m: m["network"]["source"].update(voltage_pu=None),
    ],
)
def test_metadata_that_makes_no_sense_is_a_finding(folder, change):
    path = folder.path / SERIES / "zones.parquet"
    table = pq.read_table(path)
    meta = json.loads(table.schema.metadata[b"sparewatt"])
    change(meta)
    pq.write_table(table.replace_schema_metadata({b"sparewatt": json.dumps(meta).encode()}), path)
    with pytest.raises(InputError) as refused:
        read_network_view(folder.path / SERIES)
    assert [f.rule for f in refused.value.findings] == ["results.series"]


def test_a_run_older_than_forecasts_of_tomorrow_is_read(folder):
    path = folder.path / SERIES / "zones.parquet"
    table = pq.read_table(path)
    meta = json.loads(table.schema.metadata[b"sparewatt"])
    del meta["tomorrow"]
    pq.write_table(table.replace_schema_metadata({b"sparewatt": json.dumps(meta).encode()}), path)
    (folder.path / SERIES / "headroom_forecast.parquet").unlink()
    assert_same(read_network_view(folder.path / SERIES), hand_view(tomorrow=None))


def test_the_forecast_of_tomorrow_stands_by_rule_zone_and_time_of_day(folder):
    rows = pq.read_table(folder.path / SERIES / "headroom_forecast.parquet").to_pylist()
    assert len(rows) == 2 * 3 * 4
    assert rows[1] == {
        "rule": "persistence",
        "zone_id": "1/1",
        "is_best": True,
        "date": "2024-01-10",
        "time_of_day": "06:00",
        "headroom_kva_0.1": 7.0,
        "headroom_kva_0.5": 9.0,
        "headroom_kva_0.9": 11.0,
    }
    best = {(r["zone_id"], r["rule"]) for r in rows if r["is_best"]}
    assert best == {("1/1", "persistence"), ("1/2", "typical days"), ("2/3", "persistence")}


@pytest.mark.parametrize(
    "name", ["zones", "zone_voltage", "limit_3", "ev_bounds", "headroom_forecast", "moment_branches"]
)
def test_a_missing_file_is_a_finding(folder, name):
    (folder.path / SERIES / f"{name}.parquet").unlink()
    with pytest.raises(InputError, match="not there"):
        read_network_view(folder.path / SERIES)
    assert results_of("network").check_series(folder, folder.outcome())[0].where == f"{name}.parquet"


def test_the_report_is_whole_and_escaped(tmp_path):
    view = hand_view()
    view = replace(view, zones=replace(view.zones, ids=("<b>1", "1/2", "2/3")))
    folder = write_network_folder(
        tmp_path, network_outcome(view, name="<script>x", seed=1, input_hash="ff"), view
    )
    page = write_report(folder).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<b>1" not in page
    assert "&lt;b&gt;1" in page
    for words in (
        "What the power flow says",
        "Zone by zone",
        "Hosting capacity",
        "Where these numbers come from",
    ):
        assert words in page
    assert "2 EVs fit among 4 customers" in page


def test_the_report_tells_v2g_and_headroom_by_zone_and_a_capacity_below_all_that_was_tried(tmp_path):
    curve = Hosting("unmanaged", np.array([0.1, 0.2]), np.full(2, 20), np.full(2, 20))
    view = hand_view(hosting=HostingResult((curve,), 0.05, "a week"))
    page = write_report(write(view, tmp_path)).read_text(encoding="utf-8")
    assert page.count("below 10 %") == 3  # sentence, card, KPI
    table = page[page.index("What EVs take, give back and leave") :]
    rows = [re.findall("<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in table.split("<tr>")[1:4]]
    assert rows[0][:2] == ["Zone", "EVs"]
    # asked 0.8 kW and given 0.5 kW for 6 h; headroom of all zones 350, 310, 314, of the first 100, 60, 64
    assert [r[0] for r in rows[1:]] == ["all zones", "1/1"]
    assert [r[5:] for r in rows[1:]] == [
        ["4.8", "3.0", "350", "310", "314"],
        ["4.8", "3.0", "100", "60.0", "64.0"],
    ]


def test_the_report_of_a_bare_run_leaves_out_what_is_not_there(tmp_path):
    page = write_report(write(bare_view(), tmp_path)).read_text(encoding="utf-8")
    assert "What the power flow says" not in page
    assert "Hosting capacity" not in page
    assert "Where the flow limits come from" in page
    assert "1.5 s of processor time" in page
