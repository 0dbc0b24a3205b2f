"""Where runs go: never over a person's own files, never over the run of another store."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import pytest

from sparewatt.errors import SparewattError
from sparewatt.inputs.scenario_text import COPY_MARK
from sparewatt.studies.run_files import clear_inputs, clear_partials
from sparewatt.studies.run_place import RunPlace


@dataclass
class Stored:
    id: int = 1
    directory: str = ""


@pytest.fixture
def place(tmp_path):
    return RunPlace("runs.db", lambda number: tmp_path / "data" / f"{number}-vans")


@pytest.fixture
def named(tmp_path):
    return RunPlace("runs.db", lambda _: tmp_path / "out", named=True)


def test_a_new_run_gets_a_folder_of_its_own(place, tmp_path):
    first = place.find_folder(Stored())
    assert first == tmp_path / "data" / "1-vans"
    assert place.find_folder(Stored()) == first  # it is empty, so nobody's yet
    (first / "run.log").touch()
    assert place.find_folder(Stored()).name == "1-vans-2"


def test_a_resumed_run_stays_where_it_is(place, tmp_path):
    assert place.find_folder(Stored(directory=str(tmp_path / "there"))) == tmp_path / "there"


def test_a_named_folder_loses_the_results_of_others_and_nothing_else(named, tmp_path):
    out = tmp_path / "out"
    (out / "series").mkdir(parents=True)
    (out / "tables").mkdir()
    kept = [out / "notes.txt", out / "tables" / "t_sites.csv", out / "series" / "mine.parquet"]
    gone = [out / "outcome.json", out / "report.html", out / "series" / "scenario_12_demand.parquet"]
    for path in (*kept, *gone):
        path.touch()
    named.check()
    assert named.find_folder(Stored(directory=str(out))) == out
    assert all(path.exists() for path in (*kept, *gone))  # the run's own
    assert named.find_folder(Stored()) == out
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)


def test_a_folder_with_a_scenario_of_its_own_is_refused(named, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    scenario = out / "scenario.toml"
    scenario.write_text("version = 1\n", encoding="utf-8")
    with pytest.raises(
        SparewattError, match=r"holds a scenario of its own.*name another folder, such as .*results"
    ):
        named.check()
    scenario.write_text(f"{COPY_MARK}\nversion = 1\n", encoding="utf-8")
    named.check()
    scenario.unlink()
    (out / "inputs").mkdir()
    with pytest.raises(SparewattError, match="holds a scenario of its own"):
        named.check()


@pytest.mark.parametrize("where", ["out", "data"])
def test_a_file_in_the_way(tmp_path, where):
    (tmp_path / where).write_text("a file", encoding="utf-8")
    for place in (
        RunPlace("runs.db", lambda _: tmp_path / where, named=True),
        RunPlace("runs.db", lambda number: tmp_path / where / f"{number}-vans"),
    ):
        with pytest.raises(SparewattError, match="is a file; name another folder"):
            place.check()


def test_a_check_writes_nothing(place, named, tmp_path):
    place.check()
    named.check()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_was_writing_goes_and_nothing_else(tmp_path):
    ours = [".outcome.json.0a1b2c3d.partial", "series/.soc.parquet.ffffffff.partial"]
    others = [".partial", "a.partial", ".mine.partial", ".x.0a1b2c3.partial", "series/soc.parquet"]
    for name in (*ours, *others):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    clear_partials(tmp_path)
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == set(others)


def test_what_may_still_be_written_stays_in_a_shared_folder(tmp_path):
    fresh, old = (tmp_path / f".{name}.csv.0a1b2c3d.partial" for name in ("fresh", "old"))
    for path in (fresh, old):
        path.touch()
    ago = time.time() - 61
    os.utime(old, (ago, ago))
    clear_partials(tmp_path, untouched_s=60)
    assert list(tmp_path.iterdir()) == [fresh]


def test_copies_of_inputs_of_an_earlier_run_go_and_nothing_else(tmp_path):
    for name in ("hub.xlsx", "t_sites.csv", "hub/Fleet.csv", "notes.txt", "sessions.json"):
        (tmp_path / "inputs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "inputs" / name).touch()
    clear_inputs(tmp_path, {"inputs/sessions.json"})
    assert sorted(p.name for p in (tmp_path / "inputs").rglob("*")) == ["notes.txt", "sessions.json"]
