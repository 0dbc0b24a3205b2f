"""The command line as a new user walks through it, every step in a process of its own."""

from __future__ import annotations

import csv
import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from support.command_line import clean_environment, query, run_files, sparewatt, stored_rows

DEPOT = "sparewatt-data/1-four-vans-one-limit"


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which somebody has made and run the example."""
    folder = tmp_path_factory.mktemp("tour")
    said = sparewatt("init", "depot", "vans", cwd=folder)
    assert "wrote vans/scenario.toml" in said.words
    assert "Next: sparewatt check vans, then sparewatt run vans" in said.words
    said = sparewatt("check", "vans", cwd=folder)
    assert said.out == "vans: no findings\n"
    assert sorted(p.name for p in folder.iterdir()) == ["vans"]  # a check writes nothing
    said = sparewatt("run", "vans", cwd=folder)
    assert said.out.startswith("• Smart charging cuts the cost of electricity")
    assert "run 1 of Four vans, one limit: done, level normal" in said.out
    assert f"report: {DEPOT}/report.html\n" in said.out
    for name in ("BAU", "opt"):
        assert re.search(rf"run 1: allocation 1 {name} .*100%", said.err)
    return folder


def test_the_command_is_installed(tmp_path):
    script = Path(sys.executable).with_name("sparewatt")
    if not script.exists():
        pytest.skip("the package is not installed beside this Python")
    assert "sparewatt.__main__ import main" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_help_names_every_command(tmp_path, arguments):
    said = sparewatt(*arguments, cwd=tmp_path)
    for word in (
        "demo",
        "init",
        "check",
        "run",
        "runs",
        "show",
        "compare",
        "export",
        "import",
        "generate",
        "db",
    ):
        assert re.search(rf"^│ {word} +\w", said.out, re.MULTILINE), word


def test_files_of_a_run(tour):
    folder = tour / DEPOT
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    assert (outcome["study"], outcome["name"], outcome["seed"]) == ("depot", "Four vans, one limit", 7)
    assert outcome["level"] == "normal"
    assert len(outcome["input_hash"]) == 64
    assert outcome["findings"] == []
    assert {k["name"]: k["unit"] for k in outcome["kpis"]}["cost_opt"] == "currency"
    assert {p.name for p in (folder / "tables").iterdir()} == {
        *("scenarios.csv", "days.csv", "comparison.csv", "findings.csv"),
    }
    assert len(list((folder / "series").glob("scenario_[12]_*.parquet"))) == 10
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert "INFO" in log
    assert "allocation 1 opt: 2 days planned" in log
    assert "run 1: done, level normal" in log


def test_runs_and_show(tour):
    said = sparewatt("runs", cwd=tour)
    for word in ("Four vans, one limit", "done", "1 done: allocation 1 BAU", "2 done: allocation 1 opt"):
        assert word in said.words
    (run,) = sparewatt("runs", "--json", cwd=tour).json
    assert (run["run"], run["state"], run["error"]) == (1, "done", "")
    assert [(s["scenario_id"], s["mode"], s["status"]) for s in run["scenarios"]] == [
        (1, "BAU", "d"),
        (2, "opt", "d"),
    ]
    for ref in ("1", "latest", "Four vans, one limit", "latest:Four vans, one limit"):
        said = sparewatt("show", ref, cwd=tour)
        assert said.out.startswith("run 1 of Four vans, one limit: done, level normal\n• Smart charging cuts")
        assert re.search(r"Electricity cost +currency +80\.41 +71\.74 +−8\.67 +−10\.8 %", said.out)
    rows = json.loads(sparewatt("show", "1", "--json", cwd=tour).out)["rows"]
    assert {"subject", "kpi", "unit", "unmanaged", "smart"} <= set(rows[0])


def test_what_is_not_there(tour, tmp_path):
    said = sparewatt("show", "7", cwd=tour, code=1)
    assert said.words == (
        "error There is no run '7' in sparewatt.db; the newest runs are 1 (Four vans, one limit)."
    )
    said = sparewatt("runs", cwd=tmp_path, code=1)
    assert "There are no runs here yet" in said.words
    assert "sparewatt demo" in said.words
    assert list(tmp_path.iterdir()) == []


def test_compare_two_settings(tour, tmp_path):
    said = sparewatt("run", tour / "vans", "--set", "depot.efficiency=0.8", "--quiet", "--json", cwd=tmp_path)
    assert said.err == ""
    assert said.json["run"] == 1
    assert said.json["level"] == "normal"
    assert Path(said.json["directory"]) == tmp_path / DEPOT
    sparewatt("run", tour / "vans", "--quiet", cwd=tmp_path)
    said = sparewatt("compare", "1", "2", "--html", "both.html", cwd=tmp_path)
    heads = re.search(r"KPI +unit .*difference +relative", said.out)
    assert heads
    assert re.search(r"Electricity cost, unmanaged +currency +88\.44 +80\.41 +−8\.03 +−9\.1 %", said.out)
    assert "<td>Electricity cost, unmanaged</td>" in (tmp_path / "both.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [60, 80])
def test_narrow_terminals(tour, columns):
    for command in (("show", "1"), ("runs",), ("compare", "1"), ("--help",), ("run", "--help")):
        said = sparewatt(*command, cwd=tour, COLUMNS=str(columns))
        assert max(len(line) for line in said.out.splitlines()) <= columns
        for word in ("allocation", "Electricity cost", "80.41", "−10.8 %"):
            if command[0] in {"show", "compare"}:
                assert word in said.words
        assert "…" not in said.out.replace("SCENARIO…", "")  # nothing is cut


@pytest.mark.slow
def test_export_and_import(tour, tmp_path):
    for to in ("csv", "xlsx", "parquet", "html", "bundle"):
        said = sparewatt("export", "1", "--to", to, cwd=tour)
        for line in said.out.splitlines():
            assert (tour / line.removeprefix("wrote ")).is_file()
    with (tour / "sparewatt-run-1-csv" / "t_charge_demand.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4 * 2 * 48
    assert rows[0]["datetime"] == "2026-03-02T00:00:00+00:00"
    table = pq.read_table(tour / "sparewatt-run-1-parquet" / "t_charge_demand.parquet")
    assert table.num_rows == len(rows)
    total = sum(float(r["energy_kwh"]) for r in rows)
    assert total == pytest.approx(sum(table["energy_kwh"].to_pylist()), rel=1e-12)
    book = openpyxl.load_workbook(tour / "sparewatt-run-1.xlsx", read_only=True)
    assert {"about", "scenarios", "days", "comparison", "findings", "site"} <= set(book.sheetnames)
    book.close()
    assert "<!doctype html>" in (tour / "sparewatt-run-1.html").read_text(encoding="utf-8")

    said = sparewatt("import", tour / "sparewatt-run-1.zip", cwd=tmp_path)
    assert "run 1 of Four vans, one limit: imported" in said.out
    assert run_files(tmp_path / DEPOT) == run_files(tour / DEPOT)
    assert (tmp_path / DEPOT / "report.html").is_file()
    assert sparewatt("show", "1", cwd=tmp_path).out == sparewatt("show", "1", cwd=tour).out


def test_a_bundle_holds_scenario_and_inputs_from_which_the_same_run_comes(tour, tmp_path):
    sparewatt("export", "1", "--to", "bundle", "--out", tmp_path / "run.zip", cwd=tour)
    with zipfile.ZipFile(tmp_path / "run.zip") as bundle:
        names = set(bundle.namelist())
        assert {"scenario.toml", "inputs/t_sites.csv", "outcome.json", "manifest.json"} <= names
        assert "run.log" not in names
        bundle.extractall(tmp_path / "from-bundle")
    scenario = tomllib.loads((tmp_path / "from-bundle" / "scenario.toml").read_text(encoding="utf-8"))
    assert (scenario["inputs"]["tables"], scenario["name"]) == ("inputs/", "Four vans, one limit")
    sparewatt("run", "from-bundle", "--out", "again", "--quiet", cwd=tmp_path)
    assert run_files(tmp_path / "again") == run_files(tour / DEPOT)


def test_import_into_a_folder_that_has_a_run_of_that_number(tour, tmp_path):
    sparewatt("export", "1", "--to", "bundle", "--out", tmp_path / "run.zip", cwd=tour)
    sparewatt("import", "run.zip", cwd=tmp_path)
    said = sparewatt("import", "run.zip", "--db", "other.db", cwd=tmp_path)
    assert f"report: {DEPOT}-2/report.html" in said.out
    assert sorted(p.name for p in (tmp_path / "sparewatt-data").iterdir()) == [
        "1-four-vans-one-limit",
        "1-four-vans-one-limit-2",
    ]


@pytest.mark.parametrize("what", ["missing", "text", "cut", "changed"])
def test_a_bundle_that_is_none(tour, tmp_path, what):
    good = tmp_path / "good.zip"
    sparewatt("export", "1", "--to", "bundle", "--out", good, cwd=tour)
    folder, bad = tmp_path / "work", tmp_path / "work" / "bad.zip"
    folder.mkdir()
    if what == "text":
        bad.write_text("no zip at all", encoding="utf-8")
    elif what == "cut":
        bad.write_bytes(good.read_bytes()[:-2000])
    elif what == "changed":
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b"Four vans", b"Five vans"))
    before = sorted(folder.iterdir())
    said = sparewatt("import", "bad.zip", cwd=folder, code=1)
    assert "1 error; nothing was run, nothing was written." in said.words or "errors; nothing" in said.words
    assert sorted(folder.iterdir()) == before


def test_public_tables_of_the_store(tour):
    rows = stored_rows(tour / "sparewatt.db")
    assert len(rows["t_charge_demand"]) == 2 * 4 * 2 * 48
    with closing(sqlite3.connect(tour / "sparewatt.db")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(t_charge_demand)")]
    assert {"scenario_id", "allocated_vehicle_id", "datetime", "power_kw", "energy_kwh", "soc"} <= set(
        columns
    )
    assert query(tour / "sparewatt.db", "SELECT schedule_status FROM t_charging_scenarios") == [
        ("d",),
        ("d",),
    ]
    said = sparewatt("db", "check", cwd=tour)
    assert said.out == "no findings\n"
    assert "nothing to do" in sparewatt("db", "upgrade", cwd=tour).out


@pytest.mark.slow
def test_demo(tmp_path):
    said = sparewatt("demo", "demo", "--workers", "1", cwd=tmp_path)
    assert "Smart charging cuts the cost" in said.words
    assert "run 1 of Three depots in October: done" in said.words
    assert "report: demo/results/report.html" in said.words
    for rule in ("uncontrolled", "first_come_first_served", "least_laxity_first", "equal_share"):
        assert f"report: demo/hub-results/{rule}/report.html" in said.words
        outcome = json.loads((tmp_path / "demo" / "hub-results" / rule / "outcome.json").read_text("utf-8"))
        assert outcome["level"] == ("breach" if rule == "uncontrolled" else "normal")
        assert [f for f in outcome["findings"] if f["severity"] == "error"] == []
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for sentence in re.findall(r"^• (?:First come|Of the rules).*(?:\n  .*)*", readme, re.MULTILINE):
        assert " ".join(sentence.split()) in said.words
    counts = query(
        tmp_path / "demo" / "sparewatt.db",
        "SELECT scenario_id, count(*) FROM t_charge_demand GROUP BY 1 ORDER BY 1",
    )
    # 28 days across the end of summer time: 28 x 48 + 2 half-hours for 24, 20 and 10 vehicles in both modes
    periods = 28 * 48 + 2
    assert [n for _, n in counts] == [n * periods for n in (24, 24, 20, 20, 10, 10)]


@pytest.mark.slow
def test_ctrl_c_at_any_moment_shows_no_traceback(tour):
    moments = random.Random(5)
    for _ in range(8):
        run = subprocess.Popen(
            [sys.executable, "-m", "sparewatt", "run", "vans", "--quiet"],
            cwd=tour,
            env=clean_environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(moments.uniform(0.3, 3.0))
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
        assert "Traceback" not in said
        if said:
            assert re.search(r"Stopped\.|Carry on with: sparewatt run vans --resume", said)
            assert run.returncode == 1
        else:  # done already, or met while Python itself starts
            assert run.returncode in {0, -signal.SIGINT}
    states = {s for (s,) in query(tour / "sparewatt.db", "SELECT state FROM runs")}
    assert states <= {"done", "cancelled", "queued", "running"}


def test_nobody_reads_what_is_said(tour):
    run = subprocess.Popen(
        [sys.executable, "-m", "sparewatt", "show", "1", "--json"],
        cwd=tour,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    run.stdout.close()
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (0, "")
