"""A hub's run through the library: what it leaves when it ends, is stopped, or breaks."""

from __future__ import annotations

import pytest

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.inputs.cluster.template import write_cluster_template
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.cluster import run_cluster
from sparewatt.studies.cluster_inputs import find_control
from sparewatt.studies.run_place import RunPlace
from sparewatt.tasks import Cancel


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return write_cluster_template(tmp_path_factory.mktemp("hub"))[0]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sparewatt.results.report.write_report", lambda folder: folder.path
    )  # pictures take long
    return RunPlace(str(tmp_path / "runs.db"), lambda run_id: tmp_path / f"run-{run_id}")


def stored(place, number=1):
    with Store.open(place.store_url, create=False) as store:
        return store.find_run(number)


def test_a_run_to_its_end(template, place, tmp_path):
    begun, shares = [], []
    scenario = read_scenario(template)
    finished = run_cluster(
        scenario,
        place,
        on_start=lambda number, names: begun.append((number, names)),
        on_progress=lambda index, share: shares.append((index, share)),
    )
    assert begun == [(1, ("least_laxity_first",))]
    assert shares[0] == (0, 0.0)
    assert shares[-1] == (0, 1.0)
    assert [s for _, s in shares] == sorted(s for _, s in shares)
    run = stored(place)
    assert (run.study, run.state, run.progress, run.owner) == ("cluster", "done", 1.0, "")
    assert run.directory == str(tmp_path / "run-1")
    assert '"control": "least_laxity_first"' in run.scenario
    assert "depot" not in run.scenario.replace('"study": "cluster"', "")
    assert finished.folder.outcome() == finished.outcome.without_times()
    assert find_control(finished.folder.path) == "least laxity first"
    again = run_cluster(scenario, place, resume=True)
    assert (again.run_id, again.is_old, again.outcome) == (1, True, finished.folder.outcome())


def test_stopped_from_elsewhere_and_carried_on(template, place):
    whole = run_cluster(read_scenario(template, ["cluster.control=milp"]), place).outcome
    scenario, cancel = read_scenario(template, ["cluster.control=milp"]), Cancel()
    with pytest.raises(RunCancelled, match=r"stopped after \d+ of 144 periods; what was simulated is kept"):
        run_cluster(
            scenario, place, cancel=cancel, on_progress=lambda _, s: cancel.set() if s > 0.7 else None
        )
    left = stored(place, 2)
    assert (left.state, left.owner) == ("cancelled", "")
    shares = []
    finished = run_cluster(scenario, place, resume=True, on_progress=lambda _, s: shares.append(s))
    assert finished.run_id == 2
    assert shares[0] == pytest.approx(96 / 144)  # the last mark at which a solver forgets
    assert finished.outcome.without_times() == whole.without_times()


def test_bad_inputs_write_nothing(template, place, tmp_path):
    with pytest.raises(InputError):
        run_cluster(read_scenario(template, ["inputs.workbook=nowhere.xlsx"]), place)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_resume(template, place, tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        run_cluster(read_scenario(template), place, resume=True)
    with Store.open(place.store_url):
        pass
    with pytest.raises(StoreError, match="There is no run of 'Two car parks, one substation' to resume"):
        run_cluster(read_scenario(template), place, resume=True)
    assert not (tmp_path / "run-1").exists()


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (ValueError("not whole"), ValueError, "ValueError: not whole"),
        (
            PermissionError(13, "Permission denied", "/x/soc.parquet"),
            SparewattError,
            "the file soc.parquet cannot",
        ),
        (SparewattError("no room"), SparewattError, "no room"),
    ],
)
def test_what_breaks_is_noted_and_may_be_tried_again(template, place, monkeypatch, error, raised, said):
    def broken(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("sparewatt.studies.cluster_finish.check_trace", broken)
        with pytest.raises(raised):
            run_cluster(read_scenario(template), place)
    failed = stored(place)
    assert (failed.state, failed.owner) == ("failed", "")
    assert said in failed.error
    assert "/x/" not in failed.error
    finished = run_cluster(read_scenario(template), place, resume=True)
    assert (finished.run_id, stored(place).state, stored(place).error) == (1, "done", "")


def test_a_run_that_somebody_took_over_is_left_to_them(template, place):
    def taken(share: float) -> None:
        if share == 1.0:
            with Store.open(place.store_url, create=False) as store:
                assert store.claim_run(1, "elsewhere:1:1", stale_s=-60.0).owner == "elsewhere:1:1"

    with pytest.raises(StoreError, match="it belongs to elsewhere:1:1 now"):
        run_cluster(read_scenario(template), place, on_progress=lambda _, share: taken(share))
    assert (stored(place).state, stored(place).owner) == ("running", "elsewhere:1:1")
    with pytest.raises(RunElsewhere, match="Another process works on run 1"):
        run_cluster(read_scenario(template), place, resume=True)
    assert stored(place).owner != current_owner()
