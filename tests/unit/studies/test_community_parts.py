"""What a community run is made of: tasks, pieces, findings, and neighbourhoods of the store."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from sparewatt.decide.optimise.community_bounds import NEAR, Bound, Bounds
from sparewatt.errors import InputError, StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.community.inputs import community_inputs
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.settings import CommunitySettings
from sparewatt.inputs.community.tariff import read_tariff_steps
from sparewatt.inputs.community.write import same_parts
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.market_rules import Algorithm, MarketRules, Tariff
from sparewatt.results.community_reading import read_community_run
from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.results.community_view import CommunityRun, CommunitySetting
from sparewatt.results.run_folder import SERIES
from sparewatt.results.store import Store
from sparewatt.studies import community_work
from sparewatt.studies.community_arrays import (
    bounds_arrays,
    bounds_of_arrays,
    repetition_arrays,
    repetition_of_arrays,
)
from sparewatt.studies.community_findings import find_run_findings
from sparewatt.studies.community_repetition import BOUND, work_out
from sparewatt.studies.community_store import (
    keep_neighbourhood,
    read_kept_neighbourhood,
    take_scores,
    write_out_neighbourhood,
)
from sparewatt.studies.community_work import find_tasks
from sparewatt.studies.pieces import Pieces
from support.neighbourhood_folders import small_files, write_files
from support.neighbourhoods import HOUR_S, Job, Producer, even_forecast, neighbourhood_of
from support.random_neighbourhoods import random_neighbourhood

PV = "pv_producer[58]:[220]"


class Control:
    """Nobody looks, and nobody stops it."""

    def cancelled(self) -> bool:
        return False

    def check(self) -> None:
        """Nothing."""

    def report(self, progress: float) -> None:
        """To nobody."""


def inputs_of(neighbourhood, **settings):
    inputs, findings = community_inputs(neighbourhood, CommunitySettings(**settings))
    assert inputs is not None, findings
    return inputs


def one_of(tasks, number=1):
    return work_out(next(t for t in tasks if t.number == number), Control())


def same(one, other):
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


@pytest.fixture
def small(tmp_path):
    neighbourhood, _ = read_neighbourhood(write_files(tmp_path / "lane", small_files()))
    return neighbourhood


# pieces


@pytest.mark.parametrize("seed", [1, 2])
def test_a_repetition_comes_back_from_its_piece(tmp_path, seed):
    neighbourhood = random_neighbourhood(np.random.default_rng(seed))
    tasks = find_tasks(inputs_of(neighbourhood, algorithm="fifty_fifty", bound=False), seed)
    result = one_of(tasks)
    finding = Finding("community.a", "info", "b", "ü", "1", "2", ("x", "y"), 0.5)
    given = replace(result.repetition, findings=(finding, replace(finding, margin=None)))
    pieces = Pieces(tmp_path, b"k" * 32)
    pieces.keep("repetition-1", repetition_arrays(given, result.flows))
    back, flows = repetition_of_arrays(pieces.read("repetition-1"))
    assert same(back, given)
    assert same(flows, result.flows)
    pieces.keep("few", repetition_arrays(replace(given, decisions=None), None))
    few, none = repetition_of_arrays(pieces.read("few"))
    assert (few.decisions, none) == (None, None)


def test_bounds_come_back_from_their_piece():
    bounds = Bounds(Bound(1.0, 2.0, 3.0, 4.0), Bound(0.5, 0.5, 0.25, 8.0))
    back = bounds_of_arrays(bounds_arrays(bounds))
    assert back == bounds
    assert (back.pool.best_kwh, back.pool.upper_kwh, back.pool.gap) == (1.0, 2.0, 0.5)
    assert (back.pool.seconds, back.pool.deadline_s) == (3.0, 4.0)
    assert (back.contract.upper_kwh, back.contract.gap, back.contract.status) == (0.5, 0.0, "optimal")


def test_a_closed_bound_is_told_as_closed_from_the_search_to_the_files(tmp_path):
    """Worked out, kept as a piece, read back, written, read from its files: the same bounds, the same gap."""
    bounds = one_of(find_tasks(inputs_of(two_jobs()), 1), BOUND).bounds
    assert (bounds.contract.best_kwh, bounds.contract.upper_kwh) == pytest.approx((1.0, 1.0))
    pieces = Pieces(tmp_path, b"k" * 32)
    pieces.keep("bound", bounds_arrays(bounds))
    run = run_of(two_jobs(), bounds_of_arrays(pieces.read("bound")))
    outcome = community_outcome(run, name="n", seed=1, input_hash="0" * 64)
    assert outcome.value("bound_contract_kwh") == pytest.approx(1.0)
    assert outcome.value("bound_gap_contract") == pytest.approx(0.0, abs=NEAR)
    folder = write_community_folder(tmp_path / "out", outcome, run)
    again = community_outcome(read_community_run(folder.path / SERIES), name="n", seed=1, input_hash="0" * 64)
    names = ("bound_contract_kwh", "bound_pool_kwh", "bound_gap_contract", "bound_gap_pool")
    assert [again.value(name) for name in names] == [outcome.value(name) for name in names]


# tasks


def test_the_bounds_come_first_and_repetitions_count_from_one(small):
    tasks = find_tasks(inputs_of(small, repetitions=3), 7)
    assert [t.number for t in tasks] == [BOUND, 1, 2, 3]
    assert [t.number for t in find_tasks(inputs_of(small, bound=False), 7)] == [1]
    assert {t.seed for t in tasks} == {7}
    assert all(t.flow_minutes == 1 for t in tasks)


def test_what_would_not_fit_is_kept_of_the_first_repetition_alone(small, monkeypatch):
    monkeypatch.setattr(community_work, "FLOWS_KEPT", 2 * 2 * 1440)
    monkeypatch.setattr(community_work, "ANSWERS_KEPT", 6)
    inputs = inputs_of(small, repetitions=4, bound=False)
    assert inputs.grid.minutes == 1440
    tasks = find_tasks(inputs, 7)
    assert [t.flow_minutes for t in tasks] == [1, 1, 0, 0]
    assert [t.most_answers for t in tasks] == [6, 1, 1, 1]
    monkeypatch.setattr(community_work, "FLOWS_KEPT", 1)
    assert [t.flow_minutes for t in find_tasks(inputs, 7)] == [1, 0, 0, 0]


def test_a_repetition_draws_by_seed_and_number_alone():
    neighbourhood = random_neighbourhood(np.random.default_rng(5))
    three = find_tasks(inputs_of(neighbourhood, algorithm="fifty_fifty", repetitions=3, bound=False), 4)
    five = find_tasks(inputs_of(neighbourhood, algorithm="fifty_fifty", repetitions=5, bound=False), 4)
    of_three, of_five = (replace(one_of(tasks, 2).repetition, seconds=0.0) for tasks in (three, five))
    assert same(of_three, of_five)


# findings


def run_of(neighbourhood, bounds=None, repetitions=1, **settings):
    """A run, worked out here."""
    inputs = inputs_of(neighbourhood, bound=False, repetitions=repetitions, **settings)
    results = [work_out(task, Control()) for task in find_tasks(inputs, 1)]
    return CommunityRun(
        neighbourhood,
        inputs.grid,
        inputs.tariff,
        CommunitySetting(inputs.rules),
        np.empty(0, np.int64),
        tuple(r.repetition for r in results),
        {1: results[0].flows},
        bounds,
        neighbourhood.scores,
    )


def two_jobs(**forecast):
    return neighbourhood_of(
        jobs=[
            Job("2", 0, 6 * HOUR_S, 6 * HOUR_S, (1.0,) * 60),
            Job("3", 60, 6 * HOUR_S, 6 * HOUR_S, (2.0,) * 60),
        ],
        producers=[Producer("1")],
        forecasts=[even_forecast(), *([even_forecast(**forecast)] if forecast else [])],
    )


def test_a_run_of_which_nothing_is_to_be_said():
    assert find_run_findings(run_of(two_jobs(), predictions_first=True)) == ()


def test_the_import_limit_by_hand():
    """The second job draws 2 kW from the grid for an hour, the first has the sun."""
    (found,) = find_run_findings(run_of(two_jobs(), predictions_first=True, import_limit_kw=1.25))
    assert (found.rule, found.severity, found.value) == ("community.import_limit", "warning", "2.0 kW")
    assert (
        "more than 1.25 kW in 60 minutes, 0.75 kWh too much, most at 2016-04-10T06:00+00:00" in found.message
    )
    assert found.margin == pytest.approx(0.75)


def test_sun_that_did_not_come_by_hand():
    """Half of the sun of the hour from 6:00 is taken back at 6:30, when the first job has started."""
    n = two_jobs(kw=0.5, issued=int(6.5 * HOUR_S))
    found = find_run_findings(run_of(n, predictions_first=True))
    # the hour before the new forecast's first row (from 5:30 on) gets what the new one says of it: 0.5 kW
    (short,) = [f for f in found if f.rule == "community.sun_short"]
    assert short.margin == pytest.approx(0.5)
    assert "0.5 kWh" in short.message


def test_a_bound_that_is_open():
    bounds = Bounds(Bound(1.0, 1.0, 0.1, 1.0), Bound(0.75, 1.0, 1.0, 1.0))
    (found,) = find_run_findings(run_of(two_jobs(), bounds, predictions_first=True))
    assert (found.rule, found.severity, found.value) == ("community.bound.open", "info", "gap 25 %")
    assert found.margin == pytest.approx(0.25)


def test_what_the_judge_says_is_told_once_for_all_repetitions():
    run = run_of(two_jobs(), predictions_first=True, repetitions=3, algorithm="fifty_fifty")
    broken = Finding("community.judge.window", "error", "job [2]:[washer]:[1]", "starts too late")
    other = replace(broken, where="job [3]:[washer]:[2]")
    second, third = (
        replace(r, findings=f) for r, f in zip(run.repetitions[1:], ((broken,), (broken, other)), strict=True)
    )
    run = replace(run, repetitions=(run.repetitions[0], second, third))
    found = find_run_findings(run)
    assert [(f.rule, f.where, f.message) for f in found] == [
        (broken.rule, broken.where, "in 2 of 3 repetitions, first in repetition 2: starts too late"),
        (other.rule, other.where, "in 1 of 3 repetitions, first in repetition 3: starts too late"),
    ]


def test_answers_that_are_not_listed():
    run = run_of(two_jobs(), predictions_first=True)
    run = replace(run, repetitions=(replace(run.repetitions[0], decisions=None),))
    (found,) = find_run_findings(run)
    assert (found.rule, found.severity) == ("community.answers", "info")
    assert found.message.startswith("2 answers are counted")


# the store


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "sparewatt.db") as opened:
        yield opened


def prices():
    return read_tariff_steps("tariff.csv", small_files()["tariff.csv"], FindingLog())


def test_a_neighbourhood_is_kept_and_read_as_the_same(store, small):
    kept = keep_neighbourhood(store, small, steps=prices())
    assert (kept.name, kept.scores) == ("Lane", {PV: 8.25})
    assert "producer_scores.json" not in store.read_neighbourhood_files(kept.id)
    read, steps, findings = read_kept_neighbourhood(store, kept.id)
    assert findings == ()
    assert same_parts(read, small)
    assert same_parts(steps, prices())
    store.reset_scores(kept.id)
    assert read_kept_neighbourhood(store, kept.id)[0].scores.tolist() == [10.0]


def test_a_kept_neighbourhood_is_replaced(store, small):
    kept = keep_neighbourhood(store, small)
    fresh = replace(small, name="Other lane", scores=np.array([10.0]))
    again = keep_neighbourhood(store, fresh, number=kept.id)
    assert (again.id, again.name, again.scores) == (kept.id, "Other lane", {})
    assert len(store.find_neighbourhoods()) == 1
    with pytest.raises(StoreError, match="no neighbourhood 9"):
        keep_neighbourhood(store, small, number=9)


def test_written_out_run_and_its_scores_taken_back(store, small, tmp_path):
    kept = keep_neighbourhood(store, small, steps=prices())
    files = write_out_neighbourhood(store, kept.id, tmp_path / "out")
    assert tmp_path / "out" / "tariff.csv" in files
    read, _ = read_neighbourhood(tmp_path / "out")
    assert same_parts(read, small)
    (tmp_path / "out" / "producer_scores.json").write_text(json.dumps({PV: -3.5}))
    assert take_scores(store, kept.id, tmp_path / "out") == ()
    assert read_kept_neighbourhood(store, kept.id)[0].scores.tolist() == [-3.5]
    (tmp_path / "out" / "producer_scores.json").write_text("[]")
    (found,) = take_scores(store, kept.id, tmp_path / "out")
    assert found.rule == "community.scores.json"
    assert store.find_neighbourhood(kept.id).scores == {PV: -3.5}


@pytest.mark.parametrize(
    "name", ["../x.csv", "/etc/passwd", "loads/../../x", "notes.txt", "loads/a/b.csv", "loads\\a"]
)
def test_a_kept_file_stays_inside_its_folder(store, tmp_path, name):
    number = store.create_neighbourhood("Lane", {**small_files(), name: "0 0\n"}).id
    read, steps, (found,) = read_kept_neighbourhood(store, number)
    assert (read, steps, found.rule) == (None, None, "community.store.file")
    with pytest.raises(InputError):
        write_out_neighbourhood(store, number, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert take_scores(store, number, tmp_path) == (found,)


def test_a_kept_neighbourhood_that_breaks_rules_is_told(store):
    files = {**small_files(), "loads/wash.csv": "0 5\n"}
    number = store.create_neighbourhood("Lane", files).id
    read, _, findings = read_kept_neighbourhood(store, number)
    assert read is None
    assert "community.curve.start" in {f.rule for f in findings}


# the tasks of rules


def test_every_algorithm_is_worked_out():
    """Each comes to a repetition that the judge finds nothing wrong with."""
    neighbourhood = two_jobs()
    for algorithm in Algorithm:
        tasks = find_tasks(inputs_of(neighbourhood, algorithm=algorithm.value, bound=False), 1)
        repetition = one_of(tasks).repetition
        assert [f for f in repetition.findings if f.severity == "error"] == []
        assert repetition.covered_kwh <= 1.0 + 1e-9
    assert isinstance(tasks[0].rules, MarketRules)
    assert isinstance(tasks[0].tariff, Tariff)
