"""The life of a run with toy steps: what stands in the store and in the folder whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.scenario import Scenario
from sparewatt.results.outcome import Outcome, write_outcome
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.store import Store
from sparewatt.studies.checkpoint import CHECKPOINT_FILE
from sparewatt.studies.run_life import live_run
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.run_watch import RunWatch
from sparewatt.tasks import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable

DIGEST = "ab" * 32
NOTE = Finding("depot.note", "info", "somewhere", "said of the inputs")


@dataclass
class Counting:
    """Counts to four; the count is kept after each."""

    meets: Callable[[int], None] = lambda _: None
    counted: list[int] = field(default_factory=list)

    def names(self, stored):
        return (f"{stored.name} itself",)

    def facts(self, run):
        return f"{run.workers} fingers"

    def copy_inputs(self, directory):
        (directory / "copied").write_text("inputs")

    def work(self, run):
        kept = run.kept.checkpoint
        begin = int(kept.read() or b"0")
        for n in range(begin + 1, 5):
            self.meets(n)
            self.counted.append(n)
            kept.keep(str(n).encode, now=True)
            run.tell(n / 4)
            if run.is_stopped() and n < 4:
                raise RunCancelled("asked to stop")
        return sum(range(1, 5))

    def finish(self, run, result, work_s):
        assert result == 10
        assert work_s >= 0
        outcome = Outcome("depot", run.stored.name, 3, {}, DIGEST, "normal", (), run.findings)
        write_outcome(outcome, run.directory / "outcome.json")
        return outcome, RunFolder(run.directory)


@pytest.fixture
def scenario(tmp_path):
    return Scenario(version=1, study="depot", name="count", seed=3, base_dir=tmp_path)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)
    return RunPlace(str(tmp_path / "runs.db"), lambda number: tmp_path / f"run-{number}", workers=2)


def live(steps, scenario, place, *, resume=False, digest=DIGEST, **watch):
    return live_run(steps, scenario, digest, (NOTE,), place, RunWatch(**watch), resume=resume)


def stored(place, number=1):
    with Store.open(place.store_url, create=False) as store:
        return store.find_run(number), store.read_findings(number)


def raising(error, at=3):
    def meets(n):
        if n == at:
            raise error

    return meets


def test_to_its_end(scenario, place, tmp_path):
    told = []
    finished = live(
        Counting(), scenario, place, on_start=lambda *a: told.append(a), on_progress=lambda *a: told.append(a)
    )
    assert told == [(1, ("count itself",)), (0, 0.25), (0, 0.5), (0, 0.75), (0, 1.0)]
    run, findings = stored(place)
    assert (run.study, run.name, run.state, run.owner, run.progress) == ("depot", "count", "done", "", 1.0)
    assert (run.input_hash, run.seed, run.directory) == (DIGEST, 3, str(tmp_path / "run-1"))
    assert findings == (NOTE,)
    assert finished.folder.path == tmp_path / "run-1"
    assert sorted(p.name for p in (tmp_path / "run-1").iterdir()) == ["copied", "outcome.json", "run.log"]
    log = (tmp_path / "run-1" / "run.log").read_text()
    assert "run 1 of 'count': 2 fingers, seed 3" in log
    assert str(NOTE) in log
    again = Counting()
    assert live(again, scenario, place, resume=True).is_old
    assert again.counted == []


@pytest.mark.parametrize(
    ("error", "raised", "state", "said"),
    [
        (KeyboardInterrupt(), RunCancelled, "cancelled", ""),
        (RunCancelled("enough"), RunCancelled, "cancelled", ""),
        (SparewattError("no room"), SparewattError, "failed", "no room"),
        (ValueError("odd"), ValueError, "failed", "ValueError: odd"),
        (OSError(28, "No space left", "/x/y.bin"), SparewattError, "failed", "the file y.bin cannot be"),
        (InputError([NOTE]), SparewattError, "failed", "What was readable before is not any more"),
    ],
)
def test_let_go_and_carried_on(scenario, place, error, raised, state, said):
    with pytest.raises(raised):
        live(Counting(raising(error)), scenario, place)
    run, _ = stored(place)
    assert (run.state, run.owner) == (state, "")
    assert said in run.error
    assert "/x/" not in run.error
    steps = Counting()
    assert live(steps, scenario, place, resume=True).run_id == 1
    assert steps.counted == [3, 4]
    assert stored(place)[0].state == "done"


@pytest.mark.parametrize("error", [StoreError("away"), RunElsewhere("elsewhere")])
def test_what_the_store_says_is_left_as_it_is(scenario, place, error):
    with pytest.raises(type(error)):
        live(Counting(raising(error)), scenario, place)
    assert stored(place)[0].state == "running"


def test_asked_to_stop(scenario, place):
    cancel, steps = Cancel(), Counting()
    with pytest.raises(RunCancelled, match="asked to stop"):
        live(
            steps, scenario, place, cancel=cancel, on_progress=lambda _, s: cancel.set() if s > 0.4 else None
        )
    assert steps.counted == [1, 2]
    assert stored(place)[0].state == "cancelled"


def test_carried_on_in_another_folder(scenario, place, tmp_path):
    with pytest.raises(RunCancelled):
        live(Counting(raising(RunCancelled(""))), scenario, place)
    assert (tmp_path / "run-1" / CHECKPOINT_FILE).exists()
    steps, other = Counting(), RunPlace(place.store_url, lambda _: tmp_path / "other", named=True)
    assert live(steps, scenario, other, resume=True).folder.path == tmp_path / "other"
    assert steps.counted == [3, 4]
    assert not list(tmp_path.rglob(CHECKPOINT_FILE))


def test_changed_inputs_are_not_carried_on(scenario, place):
    with pytest.raises(RunCancelled):
        live(Counting(raising(RunCancelled(""))), scenario, place)
    with pytest.raises(StoreError, match="changed since"):
        live(Counting(), scenario, place, resume=True, digest="cd" * 32)


def test_one_that_another_process_works_on(scenario, place):
    with pytest.raises(RunCancelled):
        live(Counting(raising(RunCancelled(""))), scenario, place)
    with Store.open(place.store_url) as store:
        store.claim_run(1, "elsewhere:1:1")
    with pytest.raises(RunElsewhere, match="Another process works on run 1"):
        live(Counting(), scenario, place, resume=True)


def test_done_but_its_files_are_gone(scenario, place, tmp_path):
    live(Counting(), scenario, place)
    (tmp_path / "run-1" / "outcome.json").unlink()
    steps = Counting()
    assert not live(steps, scenario, place, resume=True).is_old
    assert steps.counted == [1, 2, 3, 4]
    assert stored(place)[0].state == "done"
