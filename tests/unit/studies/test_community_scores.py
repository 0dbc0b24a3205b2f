"""Scores of a neighbourhood of the store: carried from run to run, however it is run."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparewatt.errors import StoreError
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.kept_mark import KEPT_AS, KeptMark, mark_text, read_kept_mark
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.template import FOLDER, write_community_template
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.community_reading import read_community_run
from sparewatt.results.run_folder import SERIES
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.community import run_community
from sparewatt.studies.community_inputs import COPY_FOLDER
from sparewatt.studies.community_scores import keep_run_scores, read_kept_scores, reset_kept_scores
from sparewatt.studies.community_store import keep_neighbourhood, mark_of, write_out_neighbourhood
from sparewatt.studies.queued_run import carry_on
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.submission import submit_run
from sparewatt.tasks import Cancel

COIN = ("community.algorithm=fifty_fifty", "community.repetitions=3", "community.bound=false")
PLAN = NeighbourhoodPlan(houses=5, jobs_per_day=4.0, pv_share=0.6, forecast_error=0.3, name="Five")


@pytest.fixture(autouse=True)
def no_reports(monkeypatch):
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)  # takes long


@pytest.fixture
def lane(tmp_path):
    """A scenario file whose neighbourhood was kept in the store and taken out again."""
    folder = tmp_path / "lane"
    write_community_template(folder, name="Five houses", seed=3, plan=PLAN)
    neighbourhood, _ = read_neighbourhood(folder / FOLDER)
    shutil.rmtree(folder / FOLDER)
    with Store.open(str(tmp_path / "runs.db")) as store:
        keep_neighbourhood(store, replace(neighbourhood, name="Other"))
        kept = keep_neighbourhood(store, neighbourhood)
        write_out_neighbourhood(store, kept.id, folder / FOLDER)
    return folder


@pytest.fixture
def url(tmp_path):
    return str(tmp_path / "runs.db")


def place(url, tmp_path, taken=None):
    return RunPlace(url, lambda n: tmp_path / f"run-{n}", taken=taken)


def scenario_of(folder, *more):
    return read_scenario(folder / "scenario.toml", (*COIN, *more))


def kept_scores(url, number=2):
    with Store.open(url) as store:
        return read_kept_scores(store, number)


def begun(finished_folder):
    """Scores that a run began with and left, by producer."""
    run = read_community_run(finished_folder / SERIES)
    first = run.repetitions[0].scores.score[:, 0].tolist()
    assert all(r.scores.score[:, 0].tolist() == first for r in run.repetitions)
    ids = run.neighbourhood.producers.ids
    ends = np.mean([r.scores.score[:, -1] for r in run.repetitions], axis=0).tolist()
    return dict(zip(ids, first, strict=True)), dict(zip(ids, ends, strict=True))


def worked_off(url, run):
    """A queued run, done as by a worker in this process."""
    with Store.open(url) as store:
        taken = store.take_run(current_owner(), below=str(Path(run.directory).parent) + os.sep)
    assert taken.id == run.id
    care = type("Care", (), {"start": None, "progress": None, "cancel": Cancel()})
    carry_on(taken, url, care, most_workers=1)
    return Path(run.directory)


def test_a_run_of_a_folder_leaves_its_scores_in_the_store_too(lane, url, tmp_path):
    first = run_community(scenario_of(lane), place(url, tmp_path))
    start, end = begun(first.folder.path)
    assert set(start.values()) == {10.0}
    assert kept_scores(url) == end != start
    assert set(kept_scores(url, 1).values()) == {10.0}
    with Store.open(url) as store:
        store.write_scores(2, {next(iter(end)): 3.5})  # somebody else ran it meanwhile
    second = run_community(scenario_of(lane), place(url, tmp_path))
    start, end = begun(second.folder.path)
    assert sorted(start.values()) == [3.5, *[10.0] * (len(start) - 1)]
    assert kept_scores(url) == end
    with Store.open(url) as store:
        assert set(reset_kept_scores(store, 2).values()) == {10.0}
    third = run_community(scenario_of(lane), place(url, tmp_path))
    assert third.outcome.kpis == first.outcome.kpis
    fourth = run_community(scenario_of(lane, "community.reset_scores=true"), place(url, tmp_path))
    assert fourth.outcome.kpis == first.outcome.kpis


def test_queued_runs_begin_with_what_the_store_has_and_leave_theirs(lane, url, tmp_path):
    data = tmp_path / "data"
    first = submit_run(scenario_of(lane), url, data)
    start, left = begun(worked_off(url, first))
    assert set(start.values()) == {10.0}
    assert kept_scores(url) == left != start
    assert not (lane / FOLDER / "producer_scores.json").exists()  # the folder is somebody else's
    second = submit_run(scenario_of(lane), url, data)
    assert second.input_hash != first.input_hash
    start, end = begun(worked_off(url, second))
    assert start == left
    assert kept_scores(url) == end


def test_the_copy_of_a_run_says_nothing_to_the_store(lane, url, tmp_path):
    first = submit_run(scenario_of(lane), url, tmp_path / "data")
    folder = worked_off(url, first)
    assert (folder / COPY_FOLDER / KEPT_AS).exists()
    left = kept_scores(url)
    again = run_community(read_scenario(folder / "scenario.toml"), place(url, tmp_path))
    assert again.outcome.input_hash == first.input_hash
    queued = submit_run(read_scenario(folder / "scenario.toml"), url, tmp_path / "data")
    assert queued.input_hash == first.input_hash
    with Store.open(url) as store:
        store.write_scores(2, dict.fromkeys(left, 1.0))
    worked_off(url, queued)
    assert set(kept_scores(url).values()) == {1.0}


def test_a_folder_of_another_store_or_of_a_neighbourhood_thrown_away_keeps_its_own(lane, url, tmp_path):
    other = str(tmp_path / "other.db")
    with Store.open(other) as store:
        for _ in range(2):
            keep_neighbourhood(store, read_neighbourhood(lane / FOLDER)[0])
    run_community(scenario_of(lane), place(other, tmp_path))
    assert set(kept_scores(other).values()) == {10.0}
    in_folder = json.loads((lane / FOLDER / "producer_scores.json").read_text("utf-8"))
    with Store.open(url) as store:
        mark = mark_of(store.find_neighbourhood(2))
        store.delete_neighbourhood(2)
    finished = run_community(scenario_of(lane), place(url, tmp_path))
    assert begun(finished.folder.path)[0] == in_folder
    with Store.open(url) as store:
        keep_run_scores(store, mark, ["x"], np.array([1.0]))  # thrown away while it ran: nobody's
        with pytest.raises(StoreError, match="no neighbourhood 2"):
            read_kept_scores(store, 2)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", "[" * 100_000, '{"neighbourhood": 2}'),
        *(json.dumps({"neighbourhood": n, "since": "x"}) for n in ("2", True, 0, 2**31, 2.0)),
        json.dumps({"neighbourhood": 2, "since": "x" * 65}),
    ],
)
def test_a_mark_that_says_nothing_is_told(tmp_path, text):
    (tmp_path / KEPT_AS).write_text(text, "utf-8")
    log = FindingLog()
    assert read_kept_mark(FolderFiles(tmp_path, log), log) is None
    (found,) = log.findings()
    assert (found.rule, found.severity, found.where) == ("community.scores.kept", "warning", KEPT_AS)


def test_a_mark_reads_as_it_was_written(tmp_path):
    mark, log = KeptMark(3, "2026-10-05T06:00:00+00:00"), FindingLog()
    (tmp_path / KEPT_AS).write_text(mark_text(mark), "utf-8")
    assert read_kept_mark(FolderFiles(tmp_path, log), log) == mark
    assert log.findings() == ()
