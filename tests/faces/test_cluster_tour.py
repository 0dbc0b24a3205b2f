"""The cluster study as a new user walks through it, every step in a process of its own."""

from __future__ import annotations

import csv
import json
import re
import tomllib
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pyarrow.parquet as pq
import pytest

from support.command_line import query, run_files, sparewatt

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Two car parks, one substation"
HUB = "sparewatt-data/1-two-car-parks-one-substation"
VEHICLES = [
    *("ev_id", "cluster_id", "evse_id", "admitted", "reason", "arrival", "departure", "soc_arrival"),
    *("soc_departure", "target_soc", "net_kwh", "g2v_kwh", "v2g_kwh", "contracted_kwh"),
    "short_of_target_kwh",
]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which somebody has made the example and run it under two rules."""
    folder = tmp_path_factory.mktemp("tour")
    said = sparewatt("init", "cluster", "hub", cwd=folder)
    assert "wrote hub/scenario.toml" in said.words
    assert "Next: sparewatt check hub, then sparewatt run hub" in said.words
    said = sparewatt("check", "hub", cwd=folder)
    assert said.out == "hub: no findings\n"
    assert sorted(p.name for p in folder.iterdir()) == ["hub"]  # a check writes nothing
    said = sparewatt("run", "hub", cwd=folder)
    assert said.out.startswith("• 10 of 14 visitors were connected in 2 clusters")
    assert f"run 1 of {NAME}: done, level normal" in said.out
    assert f"report: {HUB}/report.html\n" in said.out
    assert re.search(r"run 1: least_laxity_first .*100%", said.err)
    said = sparewatt("run", "hub", "--set", "cluster.control=uncontrolled", cwd=folder)
    assert f"run 2 of {NAME}: done, level breach" in said.out
    assert "was above the limit in 33 steps" in said.words  # recorded, and no error: exit code 0
    return folder


def test_files_of_a_run(tour):
    folder = tour / HUB
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    assert (outcome["study"], outcome["name"], outcome["seed"]) == ("cluster", NAME, 7)
    assert outcome["level"] == "normal"
    assert len(outcome["input_hash"]) == 64
    assert [(p["kind"], p["id"]) for p in outcome["parts"]] == [
        ("cluster", "cluster1"),
        ("cluster", "cluster2"),
    ]
    assert {k["name"]: k["unit"] for k in outcome["kpis"]}["energy_cost"] == "currency"
    tables = {p.name for p in (folder / "tables").iterdir()}
    assert tables >= {"vehicles.csv", "connections.csv", "reservations.csv", "clusters.csv"}
    with (folder / "tables" / "vehicles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[: len(VEHICLES)] == VEHICLES
    assert len(rows) == 14
    kpis = {k["name"]: k["value"] for k in outcome["kpis"]}
    charged = sum(float(r["g2v_kwh"]) for r in rows if r["g2v_kwh"])
    assert charged == pytest.approx(kpis["g2v_kwh"])
    for name in ("evse_power", "cluster_power", "soc"):
        assert pq.read_metadata(folder / "series" / f"{name}.parquet").num_rows > 0
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert "2 clusters, 7 units, 14 visits, 144 periods, control least_laxity_first" in log
    assert "run 1: done, level normal" in log
    assert not (folder / "checkpoint.bin").exists()


def test_runs_and_show(tour):
    (second, first) = sparewatt("runs", "--json", cwd=tour).json
    assert (first["run"], first["study"], first["state"], first["scenarios"]) == (1, "cluster", "done", [])
    assert second["input_hash"] != first["input_hash"]  # the rule is part of what was run
    for ref in ("1", NAME, "latest"):
        said = sparewatt("show", ref, cwd=tour)
        assert re.match(rf"run [12] of {NAME}: done, level \w+\n• 10 of 14 visitors", said.out)
    said = sparewatt("show", "1", cwd=tour)
    assert re.search(r"Connected +vehicles +10 +5 +5", said.out)
    assert "Turned away, left the queue" not in said.out
    assert re.search(r"\d+ KPIs that are zero everywhere are left out; --all shows them\.", said.out)
    assert "Turned away, left the queue" in sparewatt("show", "1", "--all", cwd=tour).out
    shown = json.loads(sparewatt("show", "1", "--json", cwd=tour).out)
    assert shown["columns"] == ["all clusters", "cluster1", "cluster2"]


def test_rules_side_by_side(tour):
    said = sparewatt("compare", "1", "2", cwd=tour, COLUMNS="150")
    assert "uncontrolled" in said.out  # columns are named after what tells the runs apart
    assert "laxity" in said.out
    assert re.search(r"Steps above the limit +steps +0 +33 +\+33", said.out)
    assert "cluster cluster2" in said.out
    compared = json.loads(sparewatt("compare", "1", "2", "--json", cwd=tour).out)
    assert compared["columns"] == ["1 least laxity first", "2 uncontrolled"]
    over = next(r for r in compared["rows"] if (r["subject"], r["kpi"]) == ("run", "over_limit_steps"))
    assert (over["1 least laxity first"], over["2 uncontrolled"]) == (0, 33)
    assert over["2 uncontrolled verdict"] == "worse"
    sparewatt("compare", "1", "2", "--html", "rules.html", cwd=tour)
    page = (tour / "rules.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 2  # loads over each other, KPIs beside each other
    assert "2 uncontrolled" in page
    said = sparewatt("compare", "1", cwd=tour, code=1)
    assert said.words == "error A run of a cluster has no modes to compare; name more runs."


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx", "html"])
def test_exports(tour, tmp_path, to):
    target = tmp_path / (f"out.{to}" if to in {"xlsx", "html"} else "out")
    said = sparewatt("export", "1", "--to", to, "--out", target, cwd=tour)
    assert said.out.startswith("wrote ")
    if to == "xlsx":
        book = openpyxl.load_workbook(target, read_only=True)
        sheets = set(book.sheetnames)
        book.close()
        assert any(name.startswith("UnitConsumption") for name in sheets)
        assert any(name.startswith("UnitOccupation") for name in sheets)
        assert "Overall" in sheets
    elif to == "html":
        assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    else:
        assert {p.stem for p in target.iterdir()} >= {"vehicles", "connections", "clusters", "evse_power"}
        if to == "parquet":
            assert pq.read_table(target / "vehicles.parquet").num_rows == 14


def test_a_bundle_to_a_colleague_and_back(tour, tmp_path):
    sparewatt("export", "1", "--to", "bundle", "--out", tmp_path / "run.zip", cwd=tour)
    with zipfile.ZipFile(tmp_path / "run.zip") as bundle:
        names = set(bundle.namelist())
        bundle.extractall(tmp_path / "from-bundle")
    assert {"scenario.toml", "inputs/hub.xlsx", "outcome.json", "manifest.json"} <= names
    assert not {"run.log", "checkpoint.bin", "report.html"} & names
    said = sparewatt("import", "run.zip", cwd=tmp_path)
    assert f"run 1 of {NAME}: imported" in said.out
    kept = tmp_path / HUB
    assert (kept / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run_files(kept) == run_files(tour / HUB)
    shown = sparewatt("show", "1", cwd=tmp_path).out
    assert shown == sparewatt("show", "1", cwd=tour).out
    sparewatt("run", "hub", "--set", "cluster.control=equal_share", "--quiet", cwd=_with_hub(tour, tmp_path))
    columns = json.loads(sparewatt("compare", "1", "2", "--json", cwd=tmp_path).out)["columns"]
    assert columns == ["1 least laxity first", "2 equal share"]
    # what the bundle holds gives the same run again
    scenario = tomllib.loads((tmp_path / "from-bundle" / "scenario.toml").read_text(encoding="utf-8"))
    assert scenario["inputs"] == {"workbook": "inputs/hub.xlsx"}
    sparewatt("run", "from-bundle", "--out", "again", "--quiet", cwd=tmp_path)
    assert run_files(tmp_path / "again") == run_files(tour / HUB)


def _with_hub(tour: Path, folder: Path) -> Path:
    (folder / "hub").mkdir()
    for name in ("scenario.toml", "hub.xlsx"):
        (folder / "hub" / name).write_bytes((tour / "hub" / name).read_bytes())
    return folder


def test_the_same_again_has_the_same_bytes_from_workbook_and_from_tables(tour, tmp_path):
    sparewatt("run", "hub", "--out", tmp_path / "again", "--db", tmp_path / "s.db", "--quiet", cwd=tour)
    assert run_files(tmp_path / "again") == run_files(tour / HUB)


def test_json_of_a_run(tour, tmp_path):
    said = sparewatt("run", "hub", "--json", "--db", tmp_path / "s.db", "--out", tmp_path / "o", cwd=tour)
    told = said.json
    assert (told["study"], told["scenarios"], told["level"]) == ("cluster", [], "normal")
    assert [p["id"] for p in told["parts"]] == ["cluster1", "cluster2"]
    assert told["parts"][0]["kpis"]["admitted"] == 5


def test_kpis_and_findings_are_in_the_store(tour):
    kpis = dict(query(tour / "sparewatt.db", "SELECT name, value FROM kpis WHERE run_id = 2"))
    assert kpis["over_limit_steps"] == 33
    findings = query(tour / "sparewatt.db", "SELECT rule, severity FROM findings WHERE run_id = 2")
    assert findings == [("cluster.trace.limit", "warning")]
    assert sparewatt("db", "check", cwd=tour).out == "no findings\n"


def test_several_scenarios_of_both_studies_at_once(tour, tmp_path):
    _with_hub(tour, tmp_path)
    sparewatt("init", "depot", "vans", cwd=tmp_path)
    said = sparewatt("run", "hub", "vans", "--out", "all", "--json", cwd=tmp_path)
    told = [json.loads(line) for line in said.out.splitlines()]
    assert [t["study"] for t in told] == ["cluster", "depot"]
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == [
        "four-vans-one-limit",
        "two-car-parks-one-substation",
    ]
    said = sparewatt("runs", cwd=tmp_path)
    assert "cluster" in said.out
    assert "depot" in said.out


def test_another_study_into_the_same_folder_leaves_nothing_of_the_first(tour, tmp_path):
    _with_hub(tour, tmp_path)
    sparewatt("init", "depot", "vans", cwd=tmp_path)
    sparewatt("run", "vans", "--out", "alone", "--quiet", "--db", "a.db", cwd=tmp_path)
    for path in ("hub", "vans"):
        sparewatt("run", path, "--out", "out", "--quiet", "--db", "b.db", cwd=tmp_path)
    kinds = ("inputs", "series", "tables")
    names = [
        {re.sub(r"scenario_\d+", "scenario", p.name) for k in kinds for p in (tmp_path / f / k).iterdir()}
        for f in ("out", "alone")
    ]
    assert names[0] == names[1]


def test_generate_sites(tmp_path):
    for folder in ("a", "b"):
        said = sparewatt(
            *("generate", "sites", "--seed", "3", "--out", folder, "--clusters", "3", "--kind", "retail"),
            *("--kind", "home", "--units", "4", "--visits", "9", "--days", "2", "--tables"),
            cwd=tmp_path,
        )
        assert f"wrote a hub of 3 clusters, 2 days, to {folder}/" in said.words
    files = {p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file()}
    assert {"scenario.toml", "histograms.csv", "tables/Fleet.csv"} <= set(map(str, files))
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    said = sparewatt("run", "a", "--set", "cluster.control=equal_share", "--json", cwd=tmp_path).json
    assert said["kpis"]["visits"] == 2 * 3 * 9
    assert [p["id"] for p in said["parts"]] == ["cluster1", "cluster2", "cluster3"]
