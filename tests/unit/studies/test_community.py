"""A neighbourhood's run through the library: what it leaves when it ends, is stopped, or breaks."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from sparewatt.errors import InputError, RunCancelled, SparewattError, StoreError
from sparewatt.inputs.community.template import FOLDER, write_community_template
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.community_reading import read_community_run
from sparewatt.results.run_folder import SERIES
from sparewatt.results.store import Store
from sparewatt.studies import community_finish
from sparewatt.studies.community import run_community
from sparewatt.studies.community_inputs import (
    COPY_FOLDER,
    check_community,
    find_algorithm,
    hash_run,
    read_community_scenario,
)
from sparewatt.studies.run_files import clear_inputs, clear_results
from sparewatt.studies.run_place import RunPlace
from sparewatt.tasks import Cancel
from support.command_line import run_files

COIN = ("community.algorithm=fifty_fifty", "community.repetitions=4", "community.bound=false")
PLAN = NeighbourhoodPlan(houses=5, jobs_per_day=4.0, pv_share=0.6, forecast_error=0.3, name="Five")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lane")
    write_community_template(folder, name="Five houses", seed=3, plan=PLAN)
    return folder


@pytest.fixture
def lane(template, tmp_path):
    shutil.copytree(template, tmp_path / "lane")
    return tmp_path / "lane"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)  # takes long
    return RunPlace(str(tmp_path / "runs.db"), lambda run_id: tmp_path / f"run-{run_id}")


@pytest.fixture(scope="module")
def undisturbed(template, tmp_path_factory):
    """The files of a run that nobody disturbed, and the scores that it left."""
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(template, folder / "lane")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)
        where = RunPlace(str(folder / "runs.db"), lambda _: folder / "run")
        run_community(scenario_of(folder / "lane", *COIN), where)
    return run_files(folder / "run"), scores_of(folder / "lane")


def scenario_of(folder, *overrides):
    return read_scenario(folder / "scenario.toml", overrides)


def scores_of(folder):
    path = folder / FOLDER / "producer_scores.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def stored(place, number=1):
    with Store.open(place.store_url, create=False) as store:
        return store.find_run(number)


def rules(findings):
    return [f.rule for f in findings]


def test_a_run_to_its_end(lane, place, tmp_path):
    begun, shares = [], []
    finished = run_community(
        scenario_of(lane, "community.solve_s=60"),  # both bounds are proven, however busy the machine
        place,
        on_start=lambda number, names: begun.append((number, names)),
        on_progress=lambda index, share: shares.append((index, share)),
    )
    assert begun == [(1, ("Five houses",))]
    assert shares[0] == (0, 0.0)
    assert shares[-1] == (0, 1.0)
    assert [s for _, s in shares] == sorted(s for _, s in shares)
    run = stored(place)
    assert (run.study, run.state, run.progress, run.owner) == ("community", "done", 1.0, "")
    assert run.directory == str(tmp_path / "run-1")
    assert finished.folder.outcome() == finished.outcome
    assert find_algorithm(finished.folder.path) == "milp"
    assert not (tmp_path / "run-1" / "pieces").exists()
    kpis = {k.name: k.value for k in finished.outcome.kpis}
    assert kpis["load_kwh"] == pytest.approx(kpis["own_kwh"] + kpis["peer_kwh"] + kpis["grid_kwh"], abs=1e-9)
    assert 0 < kpis["share_of_best_contract"] <= 1 + 1e-9
    assert 0 < kpis["share_of_best_pool"] <= kpis["share_of_best_contract"] + 1e-9
    told = {"community.sun_short", "community.bound.open"}  # and nothing of the judge
    assert set(rules(finished.outcome.findings)) <= told


def test_scores_are_carried_from_run_to_run(lane, place):
    assert scores_of(lane) is None
    first = run_community(scenario_of(lane, *COIN), place)
    view = read_community_run(first.folder.path / SERIES)
    ends = np.array([r.scores.score[:, -1] for r in view.repetitions])
    assert len(np.unique(ends, axis=0)) > 1  # repetitions differ, and
    assert all((r.scores.score[:, 0] == 10.0).all() for r in view.repetitions)  # begin with the same
    left = dict(zip(view.neighbourhood.producers.ids, ends.mean(axis=0).tolist(), strict=True))
    assert scores_of(lane) == left
    reset = run_community(scenario_of(lane, *COIN, "community.reset_scores=true"), place)
    assert reset.outcome.kpis == first.outcome.kpis
    assert scores_of(lane) == left  # from 10 again, and to the same
    again = run_community(scenario_of(lane, *COIN), place)
    assert again.outcome.input_hash != first.outcome.input_hash
    begun = read_community_run(again.folder.path / SERIES).repetitions
    assert all(r.scores.score[:, 0].tolist() == list(left.values()) for r in begun)
    assert scores_of(lane) != left


def test_stopped_from_elsewhere_and_carried_on_to_the_same_bytes(lane, place, undisturbed, tmp_path):
    scenario, cancel = scenario_of(lane, *COIN), Cancel()
    with pytest.raises(RunCancelled, match="cancelled after 2 of 4 tasks"):
        run_community(
            scenario, place, cancel=cancel, on_progress=lambda _, s: cancel.set() if s > 0.5 else None
        )
    left = stored(place)
    assert (left.state, left.owner) == ("cancelled", "")
    assert sorted(p.name for p in (tmp_path / "run-1" / "pieces").iterdir()) == [
        "repetition-1.bin",
        "repetition-2.bin",
    ]
    assert scores_of(lane) is None
    shares = []
    finished = run_community(scenario, place, resume=True, on_progress=lambda _, s: shares.append(s))
    assert finished.run_id == 1
    assert shares[0] == pytest.approx(0.5)
    assert "2 of 4 tasks kept from before" in (tmp_path / "run-1" / "run.log").read_text("utf-8")
    assert (run_files(tmp_path / "run-1"), scores_of(lane)) == undisturbed


def test_several_processes_come_to_the_same_bytes(lane, place, undisturbed, tmp_path):
    two = RunPlace(place.store_url, place.directory, workers=2)
    run_community(scenario_of(lane, *COIN), two)
    assert (run_files(tmp_path / "run-1"), scores_of(lane)) == undisturbed


def test_killed_after_the_scores_were_written(lane, place, undisturbed, tmp_path, monkeypatch):
    """The run goes on with the scores that it began with, not with those that it left itself."""

    def broken(*_: object, **__: object) -> None:
        raise SparewattError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(community_finish, "write_community_folder", broken)
        with pytest.raises(SparewattError, match="no room"):
            run_community(scenario_of(lane, *COIN), place)
    assert scores_of(lane) == undisturbed[1]
    assert (stored(place).state, stored(place).error) == ("failed", "no room")
    with pytest.raises(StoreError, match="unfinished, but its settings or tables have changed since"):
        run_community(scenario_of(lane, *COIN, "seed=8"), place, resume=True)
    finished = run_community(scenario_of(lane, *COIN), place, resume=True)
    assert finished.run_id == 1
    assert (run_files(tmp_path / "run-1"), scores_of(lane)) == undisturbed


def test_what_is_done_is_handed_on_though_scores_moved(lane, place):
    done = run_community(scenario_of(lane, *COIN), place)
    again = run_community(scenario_of(lane, *COIN), place, resume=True)
    assert (again.run_id, again.is_old, again.outcome) == (1, True, done.outcome)


def test_what_was_killed_when_it_was_done_leaves_no_pieces(lane, place, tmp_path):
    """Done is noted before pieces are taken away; who comes next takes them, unless they are another's."""
    run_community(scenario_of(lane, *COIN), place)
    left = tmp_path / "run-1" / "pieces" / "repetition-1.bin"
    left.parent.mkdir()
    left.write_bytes(b"kept")
    with Store.open(place.store_url) as store:
        other = store.create_run(study="community", name="other", directory=str(tmp_path / "run-1"))
        run_community(scenario_of(lane, *COIN), place, resume=True)
        assert left.exists()
        store.claim_run(other.id, "me")
        store.leave_run(other.id, "me", "done")
    run_community(scenario_of(lane, *COIN), place, resume=True)
    assert not left.parent.exists()


def test_a_run_is_repeated_from_its_copy(lane, place, undisturbed, tmp_path):
    (lane / "prices.csv").write_text("time,import_per_kwh,feed_in_per_kwh\n00:00,0.5,0.1\n12:00,0.4,0.1\n")
    first = run_community(scenario_of(lane, *COIN, 'community.tariff="prices.csv"'), place)
    shutil.rmtree(lane)
    copy = first.folder.path
    before = {p.relative_to(copy): p.read_bytes() for p in (copy / "inputs").rglob("*.*")}
    assert read_scenario(copy / "scenario.toml").community.tariff == "inputs/tariff.csv"
    second = run_community(read_scenario(copy / "scenario.toml"), place)
    assert second.outcome == first.outcome
    assert run_files(second.folder.path) == run_files(copy)
    # The copy stays as it was: scores of a repeated run are nobody's.
    assert {p.relative_to(copy): p.read_bytes() for p in (copy / "inputs").rglob("*.*")} == before
    assert not (copy / COPY_FOLDER / "producer_scores.json").exists()


def test_the_copy_reads_as_what_was_run(lane, place):
    first = run_community(scenario_of(lane, *COIN), place)
    begun = scores_of(lane)
    second = run_community(scenario_of(lane, *COIN), place)
    copy, _ = read_community_scenario(read_scenario(second.folder.path / "scenario.toml"))
    assert hash_run(copy, 7) == second.outcome.input_hash != first.outcome.input_hash
    kept = json.loads((second.folder.path / COPY_FOLDER / "producer_scores.json").read_text("utf-8"))
    assert kept == begun


def test_a_folder_of_results_that_is_used_again_holds_nothing_of_the_run_before(lane, place, tmp_path):
    named = RunPlace(place.store_url, lambda _: tmp_path / "out", named=True)
    run_community(scenario_of(lane, *COIN), named)
    old = tmp_path / "out" / COPY_FOLDER / "loads" / "old.csv"
    old.write_text("0 0\n")
    run_community(scenario_of(lane, *COIN), named)
    assert not old.exists()
    clear_results(tmp_path / "out")
    clear_inputs(tmp_path / "out", ())
    left = [p.name for p in sorted((tmp_path / "out").rglob("*")) if p.is_file()]
    assert left == ["run.log", "scenario.toml"]
    assert not (tmp_path / "out" / COPY_FOLDER).exists()


def test_scores_that_cannot_be_kept_are_a_warning(lane, place, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(lane))

    monkeypatch.setattr("sparewatt.inputs.community.scores.write_whole_text", refused)
    finished = run_community(scenario_of(lane, *COIN), place)
    (found,) = [f for f in finished.outcome.findings if f.severity != "info"]
    assert (found.rule, found.severity) == ("community.scores.kept", "warning")
    assert str(lane) not in str(found)
    assert stored(place).state == "done"


def test_an_import_limit_that_is_broken_is_told_and_is_the_level(lane, place):
    finished = run_community(
        scenario_of(lane, "community.import_limit_kw=1.5", "community.bound=false"), place
    )
    assert finished.outcome.level == "breach"
    (found,) = [f for f in finished.outcome.findings if f.rule == "community.import_limit"]
    kw = read_community_run(finished.folder.path / SERIES).repetitions[0].minutes.grid_kw
    over = kw[kw > 1.5 + 1e-9] - 1.5
    assert f"more than 1.5 kW in {len(over)} minutes" in found.message
    assert found.margin == pytest.approx(over.max())
    kpis = {k.name: k.value for k in finished.outcome.kpis}
    assert kpis["over_import_limit_minutes"] == len(over)
    assert kpis["over_import_limit_kwh"] == pytest.approx(over.sum() / 60)


def test_jobs_after_the_simulated_days_are_counted(lane, place):
    write_community_template(lane / "two", plan=NeighbourhoodPlan(houses=3, days=2, name="Three"), seed=1)
    finished = run_community(scenario_of(lane / "two", "community.days=1", "community.bound=false"), place)
    (found,) = [f for f in finished.outcome.findings if f.rule == "community.days.jobs"]
    kpis = {k.name: k.value for k in finished.outcome.kpis}
    assert found.value == str(kpis["jobs_not_asked"])
    assert kpis["jobs_not_asked"] > 0
    assert kpis["contracts_producer"] + kpis["contracts_grid"] == kpis["jobs"]


def test_repetitions_of_one_who_draws_nothing_are_told_to_be_the_same(lane, place):
    scenario = scenario_of(lane, *COIN[1:], "community.algorithm=greedy")
    finished = run_community(scenario, place)
    assert "community.repetitions" in rules(finished.outcome.findings)
    values = {k.name: k.value for k in finished.outcome.kpis}
    assert values["covered_kwh_sd"] == pytest.approx(0.0, abs=1e-12)


def test_a_community_takes_no_limit_of_another_run(lane, place):
    path = lane / "scenario.toml"
    path.write_text(path.read_text("utf-8") + '\n[limits]\nx = { run = "latest:a", zone = "1/1" }\n')
    (found,) = check_community(read_scenario(path))
    assert (found.rule, found.severity, found.where) == ("community.limit", "error", "limits.x")
    with pytest.raises(InputError):
        run_community(read_scenario(path), place)


def test_bad_inputs_write_nothing(lane, place, tmp_path):
    (lane / FOLDER / "consumer_event.csv").unlink()
    with pytest.raises(InputError):
        run_community(scenario_of(lane), place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lane"]


def test_nothing_to_resume(lane, place, tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        run_community(scenario_of(lane), place, resume=True)
    with Store.open(place.store_url):
        pass
    with pytest.raises(StoreError, match="There is no run of 'Five houses' to resume"):
        run_community(scenario_of(lane), place, resume=True)
    assert not (tmp_path / "run-1").exists()
