"""The network study on the command line: generate, check, run, show, compare, export, powerflow."""

from __future__ import annotations

import csv
import json

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.topology import find_feeders
from sparewatt.studies.network import run_network
from support.command_line import sparewatt
from support.network_scenarios import place_in, write_network_scenario

STEPS = 50


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """A folder with a network and tables of its loads, steps as numbers and as times."""
    folder = tmp_path_factory.mktemp("grid")
    write_network_scenario(folder)
    network, _ = read_dss_network(folder / "grid")
    rng = np.random.default_rng(2)
    kw, kvar = (
        rng.uniform(-3, 6, (len(network.loads), STEPS)),
        rng.uniform(-0.5, 1.5, (len(network.loads), STEPS)),
    )
    for name, values in (("kw", kw), ("kvar", kvar)):
        table = pa.table({"step": np.arange(STEPS), **dict(zip(network.loads.ids, values, strict=True))})
        pa.csv.write_csv(table, folder / f"{name}.csv")
        order = ["step", *reversed(table.schema.names[1:])]
        pq.write_table(table.select(order), folder / f"{name}.parquet", row_group_size=7)
    return folder, network, kw, kvar


@pytest.fixture
def in_grid(here, grid, monkeypatch):
    monkeypatch.chdir(grid[0])
    return here


def columns(path, names):
    table = pq.read_table(path)
    return np.array([table[n] for n in names])


@pytest.mark.parametrize(
    ("engine", "form"), [("sweep", "csv"), ("sweep", "parquet"), ("power_grid_model", "csv")]
)
def test_powerflow_is_what_the_engine_says(in_grid, grid, tmp_path, engine, form):
    _, network, kw, kvar = grid
    files = ("--kw", f"kw.{form}", "--kvar", f"kvar.{form}")
    said = in_grid("powerflow", "grid/Master.dss", *files, "--engine", engine, "--out", tmp_path)
    assert f"{STEPS} of {STEPS} snapshots solved by {engine}" in said.words
    feeders = find_feeders(network)
    flow = engine_for(engine, network).solve(kw, kvar, FlowWant(branches=feeders.head_branch))
    assert columns(tmp_path / "load_voltages.parquet", network.loads.ids) == pytest.approx(
        flow.load_voltage_pu
    )
    heads = [f"{f}/{p}" for f in feeders.ids for p in (1, 2, 3)]
    signed = np.where(flow.branch_power_kva.real < 0, -1, 1) * np.abs(flow.branch_power_kva)
    assert columns(tmp_path / "head_flows.parquet", heads) == pytest.approx(signed.reshape(len(heads), -1))
    assert columns(tmp_path / "losses.parquet", ["losses_kw"])[0] == pytest.approx(flow.losses_kw)
    assert pq.read_table(tmp_path / "losses.parquet")["step"].to_pylist() == list(range(STEPS))
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["snapshots"], summary["converged"], summary["engine"]) == (STEPS, STEPS, engine)
    assert summary["iterations"] >= (engine == "sweep")
    assert summary["seconds"] >= 0


def test_steps_without_a_solution_are_named_and_empty(in_grid, grid, tmp_path):
    network, kw = grid[1], grid[2].copy()
    kw[:, 3] = 5000.0
    table = pa.table(
        {"time": [f"t{k}" for k in range(STEPS)], **dict(zip(network.loads.ids, kw, strict=True))}
    )
    pa.csv.write_csv(table, tmp_path / "kw.csv")
    said = in_grid("powerflow", "grid", "--kw", tmp_path / "kw.csv", "--out", tmp_path / "out", "--json")
    assert said.json["converged"] == STEPS - 1
    assert said.json["unsolved"] == ["t3"]
    losses = pq.read_table(tmp_path / "out" / "losses.parquet")
    assert [k for k, v in enumerate(losses["losses_kw"].to_pylist()) if v is None] == [3]
    assert losses["converged"].to_pylist()[3] is False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda t, n: t.rename_columns(["hour", *t.schema.names[1:]]),
            "the first column is neither step nor time",
        ),
        (lambda t, n: t.drop_columns([n[0]]), "1 of 14 loads have no column"),
        (lambda t, n: t.rename_columns(["step", n[0] + "x", *n[1:]]), "did you mean"),
        (lambda t, n: t.append_column(n[0].upper(), t[n[0]]), "has two columns"),
        (
            lambda t, n: t.set_column(1, n[0], pa.array([None, *[1.0] * (STEPS - 1)])),
            "is empty or no finite number",
        ),
        (lambda t, n: t.slice(0, 0), "the table has no step"),
    ],
)
def test_tables_that_are_wrong(in_grid, grid, tmp_path, change, words):
    table = pq.read_table(grid[0] / "kw.parquet").select(["step", *grid[1].loads.ids])
    pq.write_table(change(table, list(grid[1].loads.ids)), tmp_path / "kw.parquet")
    said = in_grid("powerflow", "grid", "--kw", tmp_path / "kw.parquet", "--out", tmp_path / "out", code=1)
    assert words in said.words
    assert not list(tmp_path.glob("out/*"))


def test_texts_in_a_csv_and_files_that_are_not_there(in_grid, grid, tmp_path):
    text = (grid[0] / "kw.csv").read_text().splitlines()
    text[4] = ",".join(["3", "much", *text[4].split(",")[2:]])
    (tmp_path / "kw.csv").write_text("\n".join(text))
    out = ("--out", tmp_path / "out")
    assert "much" in in_grid("powerflow", "grid", "--kw", tmp_path / "kw.csv", *out, code=1).words
    assert "there is no such file" in in_grid("powerflow", "grid", "--kw", "none.csv", *out, code=1).words
    assert in_grid("powerflow", "none.dss", "--kw", "kw.csv", *out, code=1).words
    assert not (tmp_path / "out").exists()


def test_two_tables_of_other_steps(in_grid, grid, tmp_path):
    table = pq.read_table(grid[0] / "kvar.parquet")
    for name, other in (
        ("short", table.slice(0, 40)),
        ("late", table.slice(1).set_column(0, "step", pa.array(range(1, STEPS)))),
    ):
        pq.write_table(other, tmp_path / f"{name}.parquet")
        files = ("--kw", "kw.parquet", "--kvar", tmp_path / f"{name}.parquet")
        said = in_grid("powerflow", "grid", *files, "--out", tmp_path / name, code=1)
        assert "the same steps in both" in said.words


def test_generate_check_and_customers(here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = here("generate", "network", "--seed", 3, "--customers", 12, "--feeders", 2, "--out", "net")
    assert "12 customers on 2 feeders" in said.words
    assert "no findings" in here("check", "net").words
    first = {p.name: p.read_bytes() for p in (tmp_path / "net" / "grid").iterdir()}
    here("generate", "network", "--seed", 3, "--customers", 12, "--feeders", 2, "--out", "again")
    assert {p.name: p.read_bytes() for p in (tmp_path / "again" / "grid").iterdir()} == first
    here(
        "generate",
        "customers",
        "--network",
        "net/grid",
        "--first-day",
        "2026-01-12",
        "--days",
        28,
        "--out",
        "cust",
    )
    table = pq.read_table(tmp_path / "cust" / "demand.parquet")
    assert len(table) == 28 * 48
    assert len(table.schema.names) == 13
    scenario = tmp_path / "net" / "scenario.toml"
    text = scenario.read_text().replace("[inputs]", '[inputs]\nprofiles = "demand.parquet"')
    scenario.write_text(text.replace("[network]", '[network]\nprofile_unit = "kW"'))
    (tmp_path / "cust" / "demand.parquet").rename(tmp_path / "net" / "demand.parquet")
    assert "error" not in here("check", "net").words
    said = here("generate", "network", "--customers", 2, "--feeders", 3, "--out", "odd", code=2)
    assert "every feeder has a customer" in said.words


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two runs of a small network with different risks, in one store; the second by command."""
    folder = tmp_path_factory.mktemp("runs")
    for name, quantile in (("careful", 0.0), ("bold", 0.5)):
        write_network_scenario(folder / name, days="3", validate_days="1", quantile=str(quantile))
        text = (folder / name / "scenario.toml").read_text().replace("small net", name)
        (folder / name / "scenario.toml").write_text(text)
    run_network(read_scenario(folder / "careful" / "scenario.toml"), place_in(folder, "out-careful"))
    said = sparewatt("run", "bold", "--out", "out-bold", cwd=folder)
    assert "EVs fit among 14 customers" in said.words
    assert "report: out-bold/report.html" in said.words
    return folder


@pytest.fixture
def in_store(here, store, monkeypatch):
    monkeypatch.chdir(store)
    return here


def test_runs_are_shown(in_store):
    said = in_store("show", "latest:careful")
    assert "EVs fit among 14 customers" in said.words
    assert "Hosting capacity is" in said.words
    assert "without EVs" in said.words
    told = json.loads(in_store("show", "latest:bold", "--json").out)
    names = {row["kpi"] for row in told["rows"]}
    assert {"violating_steps_optimised", "v2g_asked_kwh", "hosting_capacity_unmanaged"} <= names


def test_runs_are_compared(in_store, tmp_path):
    said = in_store("compare", "latest:careful", "latest:bold", "--html", tmp_path / "c.html")
    assert "EVs placed and planned" in said.words
    assert "<table" in (tmp_path / "c.html").read_text()
    rows = in_store("compare", "latest:careful", "latest:bold", "--json").out
    found = {(r["subject"], r["kpi"]): r for r in json.loads(rows)["rows"]}
    headroom = found["run", "headroom_kwh_per_day"]
    careful, bold = (next(v for k, v in headroom.items() if k.endswith(n)) for n in ("careful", "bold"))
    assert bold > careful  # a higher quantile leaves more headroom at each time of day


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_a_run_is_exported_as_tables(in_store, tmp_path, to):
    in_store("export", "latest:bold", "--to", to, "--out", tmp_path / "out")
    names = {p.name for p in (tmp_path / "out").iterdir()}
    tables = ("zones", "violations", "hosting", "zone_flow", "headroom", "ev_schedule", "offers")
    assert {f"{n}.{to}" for n in tables} <= names


def test_a_run_is_exported_as_files_and_taken_back(in_store, tmp_path, store):
    for to, name in (("xlsx", "run.xlsx"), ("html", "run.html"), ("bundle", "run.zip")):
        in_store("export", "latest:bold", "--to", to, "--out", tmp_path / name)
    assert {s.title for s in openpyxl.load_workbook(tmp_path / "run.xlsx", read_only=True).worksheets} >= {
        "zones",
        "violations",
    }
    assert (tmp_path / "run.html").read_bytes() == (store / "out-bold" / "report.html").read_bytes()
    db = ("--db", tmp_path / "other.db")
    in_store("import", tmp_path / "run.zip", *db)
    first = json.loads(in_store("show", "latest:bold", "--json").out)["rows"]
    assert json.loads(in_store("show", "latest", "--json", *db).out)["rows"] == first


def test_tables_have_exactly_the_columns_of_the_specification(store):
    def columns(name):
        with (store / "out-bold" / "tables" / f"{name}.csv").open(encoding="utf-8") as file:
            return next(csv.reader(file))

    assert columns("zones") == [
        *("zone_id", "feeder_id", "phase", "customers", "limit_kva", "limit_from", "headroom_kwh_per_day"),
        *("evs_without_shifting", "evs_realised", "hp_case", "v2g_zone", "binding"),
    ]
    assert columns("violations")[:2] == ["charging", "zone_id"]
    with (store / "out-bold" / "tables" / "violations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(dict.fromkeys(r["charging"] for r in rows)) == ["none", "optimised", "unmanaged"]
    zones = [r["zone_id"] for r in rows if r["charging"] == "none"]
    assert zones[0] == "all"
    assert len(zones) == len(set(zones)) > 2
    series = {p.stem for p in (store / "out-bold" / "series").glob("*.parquet")}
    assert {"zone_flow", "zone_voltage", "headroom", "ev_schedule"} <= series
