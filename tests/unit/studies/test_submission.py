"""Submitting: all findings and nothing written, or a whole queued run with a copy of its own."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from sparewatt.errors import InputError, SparewattError, StoreError
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store, StoredLimit, current_owner
from sparewatt.studies import submission
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.study import study_of
from sparewatt.studies.submission import check_submission, submit_run
from support.command_line import write_fleet, write_hub
from support.queued_runs import small_scenarios


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "sparewatt.db")


@pytest.mark.parametrize("study", ["depot", "cluster", "network", "community"])
def test_a_submitted_run_is_whole_and_needs_the_originals_no_more(tmp_path, url, study):
    scenario = small_scenarios(tmp_path / "in")[study]
    stored = submit_run(scenario, url, tmp_path / "data")
    shutil.rmtree(tmp_path / "in")
    assert (stored.state, stored.submitted, stored.study, stored.owner) == ("queued", True, study, "")
    directory = Path(stored.directory)
    assert directory.parent == (tmp_path / "data").resolve()
    copied = read_scenario(directory / "scenario.toml")
    with Store.open(url) as store:
        assert len(store.find_scenarios(stored.id)) == (2 if study == "depot" else 0)
        assert store.take_run(current_owner()).id == stored.id
    place = RunPlace(url, lambda _: directory, taken=stored.id)
    finished = study_of(copied).run(copied, place)
    assert (finished.run_id, finished.folder.path) == (stored.id, directory)
    assert finished.outcome.input_hash == stored.input_hash
    with Store.open(url) as store:
        assert store.find_run(stored.id).state == "done"


def test_findings_are_told_and_nothing_is_written(tmp_path, url):
    path = write_fleet(tmp_path / "in", kinds=("vans",), days=2)
    (tmp_path / "in" / "tables" / "t_route_allocated.csv").unlink()
    scenario = read_scenario(path)
    with pytest.raises(InputError) as refused:
        submit_run(scenario, url, tmp_path / "data")
    assert refused.value.findings == check_submission(scenario, url)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_scenarios_are_not_made_anew_from_the_queue(tmp_path, url):
    scenario = read_scenario(
        write_fleet(tmp_path / "in", kinds=("vans",), days=2, depot="scenario_ids = [1]")
    )
    assert "depot.scenario_ids.queued" in {f.rule for f in check_submission(scenario, url)}
    with pytest.raises(InputError):
        submit_run(scenario, url, tmp_path / "data")


def test_a_full_disk_leaves_nothing(tmp_path, url, monkeypatch):
    scenario = read_scenario(write_hub(tmp_path / "in"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sparewatt.studies.run_inputs.shutil.copyfile", full)
    with pytest.raises(SparewattError, match=r"not queued: .*No space left on device"):
        submit_run(scenario, url, tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []
    with Store.open(url) as store:
        assert store.find_runs() == ()


def test_a_store_that_is_away_is_told_before_anything_is_copied(tmp_path):
    scenario = read_scenario(write_hub(tmp_path / "in"))
    with pytest.raises(StoreError):
        submit_run(scenario, str(tmp_path / "nowhere" / "s.db"), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_the_latest_run_of_a_limit_is_that_of_now(tmp_path, url):
    scenario = read_scenario(
        write_hub(tmp_path / "in", cluster='\n[limits]\nsystem = { run = "latest:net" }\n')
    )
    with Store.open(url) as store:
        first = store.create_run(study="network", name="net", state="done", directory=str(tmp_path))
        store.write_limits(first.id, [StoredLimit("headroom", "1/1", "limit.parquet")])
    settled = submission._with_settled_limits(scenario, url)
    assert settled.limits["system"].run == str(first.id)
    with Store.open(url) as store:
        store.create_run(study="network", name="net", state="done")
    assert submission._with_settled_limits(settled, url) == settled


def test_a_run_is_not_carried_on_with_other_inputs_or_by_another(tmp_path, url):
    stored = submit_run(read_scenario(write_hub(tmp_path / "in")), url, tmp_path / "data")
    directory = Path(stored.directory)
    copied = read_scenario(directory / "scenario.toml")
    place = RunPlace(url, lambda _: directory, taken=stored.id)
    with pytest.raises(SparewattError, match="does not have it any more"):
        study_of(copied).run(copied, place)
    with Store.open(url) as store:
        store.take_run(current_owner())
    text = (directory / "scenario.toml").read_text(encoding="utf-8")
    (directory / "scenario.toml").write_text(text.replace("least_laxity_first", "first_come_first_served"))
    with pytest.raises(SparewattError, match="are not those that were queued"):
        study_of(copied).run(read_scenario(directory / "scenario.toml"), place)
