"""The community study as a new user walks through it; what runs, in processes of its own."""

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

from sparewatt.faces.cli import demo_community
from support.command_line import query, run_files, sparewatt

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Six houses share their sun"
LANE = "sparewatt-data/1-six-houses-share-their-sun"
CONTRACTS = [
    *("repetition", "contract_id", "job_id", "house", "producer_id", "start", "agreed_at"),
    *("energy_wh", "own_wh", "peer_wh", "grid_wh"),
]
KPIS = {
    *("own_kwh", "peer_kwh", "grid_kwh", "feed_in_kwh", "covered_kwh", "self_consumption"),
    *("self_sufficiency", "par_consumption", "par_production", "cost", "share_of_best_pool"),
    "share_of_best_contract",
}


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which somebody has made the example and run it under two algorithms."""
    folder = tmp_path_factory.mktemp("tour")
    said = sparewatt("init", "community", "lane", cwd=folder)
    assert "wrote lane/scenario.toml" in said.words
    assert "wrote lane/neighbourhood/predictions/ (12 files)" in said.words
    assert "Next: sparewatt check lane, then sparewatt run lane" in said.words
    said = sparewatt("check", "lane", cwd=folder)
    assert said.out == "lane: no findings\n"
    assert sorted(p.name for p in folder.iterdir()) == ["lane"]  # a check writes nothing
    said = sparewatt("run", "lane", "--set", "community.algorithm=greedy", cwd=folder)
    assert f"run 1 of {NAME}: done, level normal" in said.out
    assert f"report: {LANE}/report.html\n" in said.out
    assert re.search(rf"run 1: {NAME} .*100%", said.err)
    coin = ("community.algorithm=fifty_fifty", "community.repetitions=3", "community.reset_scores=true")
    said = sparewatt("run", "lane", *(w for s in coin for w in ("--set", s)), cwd=folder)
    assert f"run 2 of {NAME}: done, level normal" in said.out
    return folder


@pytest.fixture
def there(tour, here, monkeypatch):
    """The command line in this process, in the folder of the tour."""
    monkeypatch.chdir(tour)
    return here


@pytest.fixture
def no_report(monkeypatch):
    """Pictures take longer than all else."""
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_of_a_run(tour):
    folder = tour / LANE
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    assert (outcome["study"], outcome["name"], outcome["seed"]) == ("community", NAME, 7)
    assert len(outcome["input_hash"]) == 64
    assert [(p["kind"], p["id"]) for p in outcome["parts"]] == [("house", str(n)) for n in range(1, 7)]
    kpis = {k["name"]: k["value"] for k in outcome["kpis"]}
    assert set(kpis) >= KPIS
    assert {name for name in kpis if name.endswith("_sd")} >= {f"{name}_sd" for name in KPIS}
    rows = table(folder, "contracts")
    assert list(rows[0]) == CONTRACTS
    own, peer, grid, energy = (
        sum(float(r[column]) for r in rows) for column in ("own_wh", "peer_wh", "grid_wh", "energy_wh")
    )
    assert own + peer == pytest.approx(1000 * kpis["covered_kwh"])
    assert own + peer + grid == pytest.approx(energy)
    assert {r["repetition"] for r in rows} == {"1"}
    assert {p.stem for p in (folder / "tables").iterdir()} >= {"houses", "scores", "decisions", "findings"}
    minutes = pq.read_table(folder / "series" / "energy.parquet")
    assert minutes.num_rows == 1440
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert "6 houses, 19 jobs, 3 producers, 1440 minutes, greedy, repetitions 1" in log
    assert not (folder / "pieces").exists()


def test_repetitions_of_a_coin(tour):
    folder = tour / "sparewatt-data/2-six-houses-share-their-sun"
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    kpis = {k["name"]: k["value"] for k in outcome["kpis"]}
    each: dict[str, float] = {}
    for row in table(folder, "contracts"):
        number = row["repetition"]
        each[number] = each.get(number, 0.0) + float(row["own_wh"]) + float(row["peer_wh"])
    mean = sum(each.values()) / 3
    assert list(each) == ["1", "2", "3"]
    assert kpis["covered_kwh"] == pytest.approx(mean / 1000)
    deviation = (sum((v - mean) ** 2 for v in each.values()) / 2) ** 0.5
    assert kpis["covered_kwh_sd"] == pytest.approx(deviation / 1000)
    scores = json.loads((tour / "lane/neighbourhood/producer_scores.json").read_text(encoding="utf-8"))
    last = {(r["repetition"], r["producer_id"]): float(r["score"]) for r in table(folder, "scores")}
    for producer, score in scores.items():  # kept for the next run: the mean of the last
        assert score == pytest.approx(sum(last[str(n), producer] for n in (1, 2, 3)) / 3)


def test_runs_and_show(there):
    (second, first) = there("runs", "--json").json
    assert (first["run"], first["study"], first["state"], first["scenarios"]) == (1, "community", "done", [])
    assert second["input_hash"] != first["input_hash"]
    said = there("show", "1")
    assert said.out.startswith(f"run 1 of {NAME}: done, level normal\n• ")
    assert re.search(r"Bought from the grid +kWh +\d", said.out)
    shown = json.loads(there("show", "1", "--json").out)
    assert shown["columns"] == ["all houses", *map(str, range(1, 7))]


def test_algorithms_side_by_side(there, tmp_path):
    compared = json.loads(there("compare", "1", "2", "--json", "--html", tmp_path / "coin.html").out)
    assert compared["columns"] == ["1 greedy", "2 fifty_fifty"]
    row = next(r for r in compared["rows"] if (r["subject"], r["kpi"]) == ("run", "covered_kwh"))
    assert row["1 greedy"] >= row["2 fifty_fifty"]
    assert "2 fifty_fifty" in (tmp_path / "coin.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx"])
def test_exports(there, tmp_path, to):
    target = tmp_path / ("out.xlsx" if to == "xlsx" else "out")
    assert there("export", "1", "--to", to, "--out", target).out.startswith("wrote ")
    if to == "xlsx":
        book = openpyxl.load_workbook(target, read_only=True)
        assert book.sheetnames
        book.close()
    else:
        assert {p.stem for p in target.iterdir()} >= {"contracts", "houses", "scores", "energy"}


def test_a_bundle_to_a_colleague_and_back(there, tour, tmp_path, monkeypatch, no_report):
    there("export", "1", "--to", "bundle", "--out", tmp_path / "run.zip")
    shown = there("show", "1").out
    with zipfile.ZipFile(tmp_path / "run.zip") as bundle:
        names = set(bundle.namelist())
        bundle.extractall(tmp_path / "from-bundle")
    folder = "inputs/neighbourhood"
    assert {"scenario.toml", f"{folder}/consumer_event.csv", f"{folder}/neighbourhood.xml"} <= names
    copied = {p.relative_to(tour / LANE).as_posix() for p in (tour / LANE / folder).rglob("*.*")}
    assert copied == {name for name in names if name.startswith(folder)}
    monkeypatch.chdir(tmp_path)
    assert f"run 1 of {NAME}: imported" in there("import", "run.zip").out
    assert run_files(tmp_path / LANE) == run_files(tour / LANE)
    assert there("show", "1").out == shown
    # what the bundle holds gives the same run again, and stays as it is
    scenario = tomllib.loads((tmp_path / "from-bundle" / "scenario.toml").read_text(encoding="utf-8"))
    assert scenario["inputs"] == {"folder": "inputs/neighbourhood/"}
    there("run", "from-bundle", "--out", "again", "--quiet")
    assert run_files(tmp_path / "again") == run_files(tour / LANE)
    assert not (tmp_path / "from-bundle" / folder / "producer_scores.json").exists()


def test_kpis_are_in_the_store(tour, there):
    kpis = dict(query(tour / "sparewatt.db", "SELECT name, value FROM kpis WHERE run_id = 1"))
    assert set(kpis) >= KPIS
    assert there("db", "check").out == "no findings\n"


def test_a_neighbourhood_from_a_seed(here, no_report):
    made = ("generate", "neighbourhood", "--seed", "4", "--houses", "3", "--days", "2", "--jobs-per-day", "2")
    said = here(*made, "--pv-share", "0.67", "--ev-share", "0.4", "--base-load", "--out", "a")
    assert "wrote a neighbourhood of 3 houses, 2 days" in said.words
    here(*made, "--pv-share", "0.67", "--ev-share", "0.4", "--base-load", "--out", "b")
    one, other = (
        {p.relative_to(here.folder / name): p.read_bytes() for p in (here.folder / name).rglob("*.*")}
        for name in ("a", "b")
    )
    assert one == other
    assert here("check", "a").out == "a: no findings\n"
    said = here("run", "a", "--json", "--set", "community.algorithm=greedy", "--set", "community.bound=false")
    assert said.json["study"] == "community"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--houses", "0"), "--houses"),
        (("--first-day", "8.6.2026"), "'8.6.2026' is no day like 2026-06-08"),
        (("--timezone", "Mars"), "'Mars' is no time zone"),
        (("--jobs-per-day", "0", "--pv-share", "0"), "has nothing to simulate"),
        ((), "Missing option '--out'"),
    ],
)
def test_usage_of_the_generator(here, arguments, words):
    more = ("--out", "x") if arguments else ()
    assert words in here("generate", "neighbourhood", *arguments, *more, code=2).words
    assert list(here.folder.iterdir()) == []


def test_the_demo_of_a_neighbourhood(here, monkeypatch, no_report):
    monkeypatch.setattr(demo_community, "REPETITIONS", {"fifty_fifty": 2})
    demo_community.demo_community(here.folder / "demo", 1)
    said = " ".join(here.capsys.readouterr().out.split())
    sentences = re.findall(r"• ([^•]+ cover ([\d.]+) of the ([\d.]+) kWh that jobs ask for)", said)
    assert [s[0].split(" cover")[0] for s in sentences] == list(demo_community.ALGORITHMS.values())
    assert len({asked for _, _, asked in sentences}) == 1
    coin, _, plan = (float(covered) for _, covered, _ in sentences)
    assert coin < plan
    assert "cover most: by sharing at the mid-market rate all houses together pay" in said
    for name in demo_community.ALGORITHMS:
        folder = here.folder / "demo/neighbourhood-results" / name
        outcome = json.loads((folder / "outcome.json").read_text("utf-8"))
        assert [f for f in outcome["findings"] if f["severity"] != "info"] == []
    assert "sparewatt compare 1 2 3 --db" in said
