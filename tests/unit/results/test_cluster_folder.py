"""Files of a hub: what is read is what was written, same bytes twice, odd files are findings."""

from __future__ import annotations

import csv
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.errors import InputError
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.results.bundle import read_bundle, write_bundle
from sparewatt.results.cluster_kpis import hub_kpis
from sparewatt.results.cluster_reading import read_cluster_view
from sparewatt.results.cluster_results import cluster_outcome, write_cluster_folder
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.report import write_report
from sparewatt.results.run_folder import SERIES
from sparewatt.simulate.hub import simulate_hub
from support.hubs import Unit, Visit, make_fleet, make_system


def assert_same(a, b, path="trace"):
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


@pytest.fixture
def folder(hub_outcome, hub_view, tmp_path):
    return write_cluster_folder(tmp_path / "run", hub_outcome, hub_view, simulate_s=1.25)


def test_trace_comes_back_exactly(folder, hub_view, hub_outcome):
    read = read_cluster_view(folder.path / SERIES)
    assert_same(read.trace, hub_view.trace)
    assert hub_kpis(read) == hub_outcome.kpis
    assert folder.outcome() == hub_outcome
    assert folder.timing() == {0: [1.25]}


def simulated(control="least_laxity_first", **changes):
    table = ((0.5, 11.0), (0.8, 5.0), (1.0, 2.0))
    visits = [Visit(7 * n, 110, soc=0.1 * (n % 6), target=0.9, v2g_kwh=5, table=table) for n in range(9)]
    system = make_system([[Unit(efficiency=0.9)] * 3] * 2, upper_kw=25.0, **changes)
    return simulate_hub(system, make_fleet(visits), OperatingRules(control=control, reroute=True))


@pytest.mark.parametrize("control", ["uncontrolled", "least_laxity_first", "equal_share"])
def test_a_simulated_trace_comes_back_exactly(control, tmp_path):
    view = ClusterView(simulated(control))
    outcome = cluster_outcome(view, name=control, seed=1, input_hash="")
    folder = write_cluster_folder(tmp_path, outcome, view)
    assert_same(read_cluster_view(folder.path / SERIES).trace, view.trace)


@pytest.mark.parametrize("periods", [1, 3])
def test_an_empty_hub_comes_back(periods, tmp_path):
    trace = simulate_hub(make_system(periods=periods), make_fleet([]), OperatingRules())
    view = ClusterView(trace)
    folder = write_cluster_folder(tmp_path, cluster_outcome(view, name="e", seed=1, input_hash=""), view)
    assert_same(read_cluster_view(folder.path / SERIES).trace, trace)
    assert folder.outcome().value("admitted") == 0


def test_same_bytes_twice_but_for_the_time(hub_outcome, hub_view, tmp_path):
    for name, seconds in (("a", 1.0), ("b", 2.0)):
        write_cluster_folder(tmp_path / name, hub_outcome, hub_view, simulate_s=seconds)
    found = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    differing = [
        str(n) for n in found if (tmp_path / "a" / n).read_bytes() != (tmp_path / "b" / n).read_bytes()
    ]
    assert differing == ["timing.json"]
    assert [str(n) for n in found if n.parent.name != "series"] == [
        "outcome.json",
        "tables/clusters.csv",
        "tables/connections.csv",
        "tables/findings.csv",
        "tables/notes.csv",
        "tables/reservations.csv",
        "tables/vehicles.csv",
        "timing.json",
    ]


def rows_of(folder, name):
    with (folder.path / "tables" / f"{name}.csv").open(newline="") as source:
        return list(csv.DictReader(source))


def test_vehicles_have_the_columns_of_the_spec(folder):
    rows = rows_of(folder, "vehicles")
    assert ",".join(rows[0]) == (
        "ev_id,cluster_id,evse_id,admitted,reason,arrival,departure,soc_arrival,soc_departure,"
        "target_soc,net_kwh,g2v_kwh,v2g_kwh,contracted_kwh,short_of_target_kwh"
    )
    by_id = {r["ev_id"]: r for r in rows}
    first = by_id["v01"]
    assert first["arrival"] == "2022-01-08T08:00:00+01:00", "Berlin is an hour ahead"
    assert first["departure"] == "2022-01-08T10:00:00+01:00"
    assert [float(first[c]) for c in ("net_kwh", "g2v_kwh", "v2g_kwh", "soc_departure")] == [6, 8, 2, 0.35]
    assert float(first["short_of_target_kwh"]) == pytest.approx(6)
    assert first["contracted_kwh"] == ""
    staying = by_id["'=v02"]
    assert (staying["admitted"], staying["departure"], staying["soc_departure"]) == ("1", "", "")
    assert float(by_id["v03"]["contracted_kwh"]) == 12
    away = by_id["v04"]
    assert (away["admitted"], away["reason"], away["evse_id"], away["net_kwh"]) == (
        "0",
        "no_free_evse",
        "",
        "",
    )
    assert away["arrival"] == "2022-01-08T08:45:00+01:00"
    assert (by_id["v05"]["reason"], by_id["v05"]["arrival"]) == ("no_show", "")
    assert (by_id["v07"]["reason"], by_id["v07"]["cluster_id"]) == ("reservation_refused", "")


def test_connections_reservations_and_clusters(folder):
    connections = rows_of(folder, "connections")
    assert [(r["connection"], r["ev_id"], r["evse_id"]) for r in connections] == [
        ("1", "v01", "a1"),
        ("2", "'=v02", "a2"),
        ("3", "v03", "b1"),
    ]
    assert connections[1]["left"] == ""
    assert float(connections[2]["scheduled_g2v_kwh"]) == 12
    bookings = rows_of(folder, "reservations")
    assert [(r["reservation"], r["ev_id"], r["state"]) for r in bookings] == [
        ("1", "v05", "released"),
        ("2", "v01", "used"),
        ("3", "'=v02", "active"),
        ("4", "v03", "used"),
    ]
    assert bookings[2]["until"] == "2022-01-08T14:30:00+01:00"
    assert float(bookings[3]["payment"]) == 3
    clusters = rows_of(folder, "clusters")
    assert [(r["cluster_id"], r["evses"], r["admitted"]) for r in clusters] == [
        ("a", "2", "2"),
        ("b", "1", "1"),
    ]


def test_series_are_utc_and_hold_what_changes(folder):
    power = pq.read_table(folder.path / SERIES / "evse_power.parquet")
    assert power.schema.field("time").type == pa.timestamp("us", "UTC")
    rows = power.to_pylist()
    assert [(r["ev_id"], r["battery_kw"], r["grid_kw"]) for r in rows] == [
        ("v01", 8, 10),
        ("v01", 0, 0),
        ("v01", -4, -3.2),
        ("=v02", 10, 10),
        ("v03", 6, 6),
    ]
    assert rows[0]["until"] == rows[1]["time"] == datetime(2022, 1, 8, 8, tzinfo=UTC)
    energy = sum(r["grid_kw"] * (r["until"] - r["time"]).total_seconds() / 3600 for r in rows)
    assert energy == pytest.approx(42.4)
    soc = pq.read_table(folder.path / SERIES / "soc.parquet").to_pylist()
    assert [round(r["soc"], 6) for r in soc if r["ev_id"] == "v01"] == [0.2, 0.4, 0.4, 0.35]
    clusters = pq.read_table(folder.path / SERIES / "cluster_power.parquet")
    assert clusters["grid_kw"].to_pylist()[:6] == [10, 20, 10, 6.8, 10, 10]
    assert len(clusters) == 12
    system = pq.read_table(folder.path / SERIES / "system_power.parquet")
    assert system["grid_kw"].to_pylist() == pytest.approx([10, 20, 16, 12.8, 16, 10])


def test_a_bundle_comes_back_and_shows_the_same(folder, tmp_path):
    first = write_report(folder).read_bytes()
    bundle = write_bundle(folder, tmp_path / "run.zip")
    read, findings = read_bundle(bundle, tmp_path / "new")
    assert findings == ()
    assert read.outcome() == folder.outcome()
    assert write_report(read).read_bytes() == first


def test_a_bundle_with_the_series_of_another_hub_is_refused(folder, tmp_path):
    view = ClusterView(simulated())
    other = write_cluster_folder(
        tmp_path / "other", cluster_outcome(view, name="o", seed=1, input_hash=""), view
    )
    for path in (other.path / SERIES).iterdir():
        path.replace(folder.path / SERIES / path.name)
    read, findings = read_bundle(write_bundle(folder, tmp_path / "run.zip"), tmp_path / "new")
    assert read is None
    assert [f.rule for f in findings] == ["results.bundle.match"]


def cut(table):
    return table.slice(0, len(table) - 1)


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("system_power", cut, "cover the horizon"),
        ("system_power", lambda t: t.replace_schema_metadata({}), "fit"),
        ("cluster_power", cut, "rows instead of"),
        ("connections", cut, "do not agree"),
        ("connections", lambda t: t.set_column(1, "evse", pa.array([0, 9, 1])), "not there"),
        ("connections", lambda t: t.set_column(6, "soc_first", pa.array([0, float("nan"), 1])), "no numbers"),
        ("bookings", lambda t: t.set_column(6, "state", pa.array([0, 9, 1, 1], pa.int8())), "not there"),
        ("evse_power", cut, "misses a connection"),
        ("evse_power", lambda t: t.take([1, 0, 2, 3, 4]), "not in order"),
        ("evse_power", lambda t: t.drop_columns(["battery_kw"]), "battery_kw"),
        ("contract_schedules", cut, "differ in length"),
        ("visits", lambda t: t.drop_columns(["fate"]), "fate"),
        ("imbalance_limits", cut, "fit"),
        ("traffic", lambda t: t.drop_columns(["soc_drop"]), "soc_drop"),
    ],
)
def test_odd_series_are_a_finding(folder, part, change, words):
    path = folder.path / SERIES / f"{part}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(InputError, match=words):
        read_cluster_view(folder.path / SERIES)


def test_missing_and_broken_files_are_findings(folder):
    (folder.path / SERIES / "visits.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="not readable"):
        read_cluster_view(folder.path / SERIES)
    (folder.path / SERIES / "evses.parquet").unlink()
    with pytest.raises(InputError):
        read_cluster_view(folder.path / SERIES)


def test_rules_that_are_not_known_are_refused(hub_outcome, hub_view, tmp_path):
    view = ClusterView(replace(hub_view.trace, rules=OperatingRules(control="oracle")))
    folder = write_cluster_folder(tmp_path, hub_outcome, view)
    with pytest.raises(InputError, match="not known"):
        read_cluster_view(folder.path / SERIES)


def test_an_outcome_holds_parts_and_no_scenarios(folder):
    text = (folder.path / "outcome.json").read_text()
    assert '"parts"' in text
    assert '"scenarios"' not in text
    again = replace(folder.outcome(), study="tides")
    (folder.path / "outcome.json").write_text(text.replace('"cluster"', '"tides"'))
    assert again.study == "tides"
    with pytest.raises(InputError, match="no study 'tides'"):
        write_report(folder)
