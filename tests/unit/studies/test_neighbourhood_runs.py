"""Runs that are asked for from a kept neighbourhood: judged before, queued together, found again."""

from __future__ import annotations

import pytest

from sparewatt.errors import InputError, StoreError
from sparewatt.results.kpis import Kpi
from sparewatt.results.store import Store
from sparewatt.studies.neighbourhood_edits import remove_house
from sparewatt.studies.neighbourhood_keeping import begin_neighbourhood, open_draft, save_draft
from sparewatt.studies.neighbourhood_runs import check_runs, neighbourhood_runs, submit_runs
from sparewatt.studies.neighbourhood_transfer import keep_import, read_import
from support.neighbourhood_folders import small_files, write_files


@pytest.fixture
def lane(tmp_path):
    """A store with a neighbourhood, its address, and the neighbourhood's number."""
    url = str(tmp_path / "runs.db")
    with Store.open(url) as store:
        yield store, url, keep_import(store, read_import(write_files(tmp_path / "lane", small_files()))).id


def test_a_run_for_each_algorithm_that_is_found_again(lane, tmp_path):
    store, url, number = lane
    assert all(f.severity != "error" for f in check_runs(url, number, ["greedy", "milp"], 3, {"days": 1}))
    made = submit_runs(url, tmp_path / "data", number, ["greedy", "milp"], 3, {"days": 1, "sharing": "none"})
    assert submit_runs(url, tmp_path / "data", number, ["TNC"], 0, {"eps": 60, "tol": 0.01, "penalty": 5})
    other = begin_neighbourhood(store, "Other")
    found = neighbourhood_runs(store, store.find_neighbourhood(number))
    assert [(one.algorithm, one.run.state) for one in found] == [
        ("TNC", "queued"),
        ("milp", "queued"),
        ("greedy", "queued"),
    ]
    assert [one.run.id for one in found[1:]] == made[::-1]
    assert found[2].run.name == "Lane · greedy"
    assert (found[2].settings["seed"], found[2].settings["sharing"]) == (3, "none")
    assert (found[0].settings["eps"], found[0].settings["penalty"]) == (60.0, 5.0)
    assert neighbourhood_runs(store, store.find_neighbourhood(other.id)) == []
    assert neighbourhood_runs(store, store.find_neighbourhood(number), most=1) == found[:1]
    assert not list((tmp_path / "data").glob(".neighbourhood-*"))


def test_kpis_are_those_of_runs_that_are_done(lane, tmp_path):
    store, url, number = lane
    (made,) = submit_runs(url, tmp_path / "data", number, ["greedy"], 0, {})
    store.write_kpis(made, [Kpi("covered_kwh", "Covered", "kWh", 2.5, "higher")])
    kept = store.find_neighbourhood(number)
    assert dict(neighbourhood_runs(store, kept)[0].kpis) == {}
    store.set_run_state(made, "done")
    assert neighbourhood_runs(store, kept)[0].kpis["covered_kwh"].value == 2.5


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"days": "many"}, "scenario.value"),
        ({"eps": -1}, "scenario.value"),
        ({"epsilon": 1}, "scenario.unknown_key"),
    ],
)
def test_all_findings_are_told_and_nothing_is_queued(lane, tmp_path, settings, rule):
    store, url, number = lane
    findings = check_runs(url, number, ["greedy", "milp"], 0, settings)
    assert rule in [f.rule for f in findings]
    assert len(findings) == len(set(findings))
    with pytest.raises(InputError):
        submit_runs(url, tmp_path / "data", number, ["greedy"], 0, settings)
    assert store.list_runs().count == 0


def test_what_is_not_finished_is_not_run(lane, tmp_path):
    store, url, number = lane
    empty = begin_neighbourhood(store, "Empty").id
    assert [f.rule for f in check_runs(url, empty, ["greedy"], 0, {})] == ["community.nothing"]
    opened = open_draft(store, number)
    save_draft(store, opened, remove_house(opened.draft, "58"))
    rules = {f.rule: f.severity for f in check_runs(url, number, ["greedy"], 0, {})}
    assert rules["community.producers.none"] == "warning"
    with pytest.raises(StoreError, match="There is no neighbourhood 99"):
        submit_runs(url, tmp_path / "data", 99, ["greedy"], 0, {})
