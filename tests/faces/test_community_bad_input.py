"""Bad input of a neighbourhood as a new user makes it: exit 1, one table of findings, nothing written."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from support.neighbourhood_folders import ORIGIN, small_files, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from support.command_line import Here

SCENARIO = """version = 1
study = "community"
name = "Two houses"

[inputs]
folder = "lane/"

[community]
algorithm = "greedy"
bound = false
"""
JOB = f"{ORIGIN + 600};{ORIGIN + 3600};{ORIGIN + 7200};[57]:[219]:[1];wash.csv"
NO_XML = '<!DOCTYPE a [<!ENTITY b "c">]><neighborhood id="&b;"></neighborhood>'


@pytest.fixture
def lane(here: Here) -> Here:
    """The command line beside a small neighbourhood and its scenario."""
    (here.folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    write_files(here.folder / "lane", small_files())
    return here


def names(folder: Path) -> dict[str, bytes | None]:
    paths = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in paths}


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "lane" / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def refused(lane: Here, *words: str) -> None:
    """Both ``check`` and ``run`` say so, in one table, and leave everything as it is."""
    before = names(lane.folder)
    checked = lane("check", ".", code=1)
    said = lane("run", ".", code=1)
    for word in words:
        assert word in checked.words
        assert word in said.words
    assert said.out == ""
    assert re.search(r"\d+ errors?(, \d+ \w+)*; nothing was run, nothing was written\.", said.words)
    assert said.err.count("┏") == 1
    assert str(lane.folder) not in said.words + checked.words
    assert names(lane.folder) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            *("consumer_event.csv", JOB, JOB.replace(str(ORIGIN + 3600), str(ORIGIN + 7201))),
            ["consumer_event.csv row 1", str(ORIGIN + 7201)],
        ),
        (
            *("consumer_event.csv", JOB, JOB.replace(str(ORIGIN + 600), str(ORIGIN + 7201))),
            ["consumer_event.csv row 1", "registered", str(ORIGIN + 7201)],
        ),
        ("consumer_event.csv", "[57]:[219]:[1]", "57/219", ["consumer_event.csv row 1", "57/219"]),
        ("consumer_event.csv", "boil.csv", "kettle.csv", ["consumer_event.csv row 2", "kettle.csv"]),
        ("consumer_event.csv", "boil.csv", "../boil.csv", ["consumer_event.csv row 2"]),
        ("loads/wash.csv", "1800 620.5", "1800 20.5", ["loads/wash.csv row 3", "20.5"]),
        ("loads/wash.csv", "0 0", "0 5", ["loads/wash.csv row 1", "5"]),
        ("producer_event.csv", "pv_producer[58]:[220]", "roof", ["producer_event.csv row 1", "roof"]),
        ("producer_event.csv", "a_2.csv", "a_3.csv", ["producer_event.csv row 2", "a_3.csv"]),
        ("predictions/a_1.csv", "250.5", "2500.5", ["predictions/a_1.csv row 3", "1000"]),
        ("ev_jobs.csv", "7400", "-7400", ["ev_jobs.csv row 2", "-7400"]),
        ("batteries.csv", "0.95", "1.95", ["batteries.csv row 2", "1.95"]),
        ("base_load.csv", "57.csv", "58.csv", ["base_load.csv row 2", "58.csv"]),
        ("producer_scores.json", "8.25", "many", ["producer_scores.json"]),
        ("tariff.csv", "0.4,", "dear,", ["tariff.csv row 3", "dear"]),
        ("neighbourhood.xml", "</device>", "", ["neighbourhood.xml"]),
    ],
)
def test_a_folder_that_is_wrong(lane, name, old, new, words):
    change(lane.folder, name, old, new)
    refused(lane, *words)


def test_all_at_once(lane):
    change(lane.folder, "loads/wash.csv", "0 0", "0 5")
    change(lane.folder, "batteries.csv", "0.95", "1.95")
    (lane.folder / "lane" / "predictions" / "a_1.csv").unlink()
    refused(lane, "loads/wash.csv row 1", "batteries.csv row 2", "a_1.csv", "3 errors")


def test_entities_are_refused_and_not_opened(lane):
    (lane.folder / "lane" / "neighbourhood.xml").write_text(NO_XML, encoding="utf-8")
    refused(lane, "neighbourhood.xml", "entit")


@pytest.mark.parametrize("name", ["consumer_event.csv", "producer_event.csv"])
def test_a_file_that_is_missing_is_named(lane, name):
    (lane.folder / "lane" / name).unlink()
    refused(lane, name)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('folder = "lane/"', "", 'folder = "neighbourhood/"'),
        ('folder = "lane/"', 'foldr = "lane/"', "is foldr meant to be folder?"),
        ('folder = "lane/"', 'folder = "nowhere/"', "there is no such folder"),
        ('folder = "lane/"', 'folder = "../lane/"', "the path leaves the folder of the scenario file"),
        ('folder = "lane/"', 'folder = "scenario.toml"', "is a file, not a folder"),
        ('folder = "lane/"', 'folder = "lane/"\ntables = "t/"', "a community study does not read tables"),
        ('"greedy"', '"greedi"', "did you mean greedy?"),
        ('"greedy"', '"slsqp"', "algorithm"),
        ("[community]", "[community]\nrepetition = 3", "did you mean repetitions?"),
        ("[community]", "[community]\nrepetitions = 0", "repetitions"),
        ("[community]", "[community]\nallow_partial = 1.5", "allow_partial"),
        ("[community]", '[community]\nsharing = "fair"', "sharing"),
        ("[community]", '[community]\ntariff = "prices.csv"', "prices.csv"),
        ("[community]", '[limits]\nx = { run = "latest:f" }\n[community]', "takes no limit from another run"),
    ],
)
def test_a_scenario_file_that_is_wrong(lane, old, new, words):
    path = lane.folder / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = names(lane.folder)
    for command in ("check", "run"):
        assert words in lane(command, ".", code=1).words
    assert names(lane.folder) == before


def test_what_is_odd_runs_and_is_told(lane, monkeypatch):
    """Jobs of one name, a device in two houses, jobs after the simulated days: warnings, and a run."""
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)
    change(lane.folder, "consumer_event.csv", "[57]:[219]:[2]", "[57]:[219]:[1]")
    late = f"{ORIGIN + 90000};{ORIGIN + 90000};{ORIGIN + 93600};[58]:[219]:[7];wash.csv\n"
    path = lane.folder / "lane" / "consumer_event.csv"
    path.write_text(path.read_text(encoding="utf-8") + late, encoding="utf-8")
    said = lane("run", ".", "--set", "community.days=1", "--json").json
    rules = {f["rule"] for f in said["findings"]}
    assert {"community.jobs.twice", "community.device.two_houses", "community.days.jobs"} <= rules
    assert not [f for f in said["findings"] if f["severity"] == "error"]
    kpis = said["kpis"]
    assert (kpis["jobs"], kpis["jobs_not_asked"]) == (4, 1)


def test_a_run_whose_folder_went_away_is_told_so(lane):
    shutil.rmtree(lane.folder / "lane")
    said = lane("run", ".", "--resume", code=1)
    assert "there is no such folder" in said.words
