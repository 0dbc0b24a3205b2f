"""The queue: events, reasons of failure, cancel, stop, workers that cannot be started."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from sparewatt.errors import SparewattError, StoreError
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store
from sparewatt.studies import queue_crew
from sparewatt.studies.queue import cancel_run, requeue_run, work_queue
from sparewatt.studies.submission import submit_run
from sparewatt.tasks import Cancel
from support.command_line import wait_for, write_fleet, write_hub

SLOW_S = 240.0
"""How long to wait for what takes a second on a machine that has nothing else to do."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "sparewatt.db")


def state(url: str, number: int) -> str:
    with Store.open(url) as store:
        return store.find_run(number).state


def test_what_cannot_be_run_fails_with_a_reason_and_the_rest_is_done(tmp_path, url):
    fleet = read_scenario(write_fleet(tmp_path / "in", kinds=("vans",), days=2))
    runs = [submit_run(fleet, url, tmp_path / "data") for _ in range(4)]
    gone, broken, waits, whole = (run.id for run in runs)
    shutil.rmtree(runs[0].directory)
    (Path(runs[1].directory) / "inputs" / "t_client.csv").write_text("nothing\n")
    cancel_run(url, waits)
    other = submit_run(fleet, url, tmp_path / "elsewhere")
    killed = Path(runs[3].directory) / "inputs" / ".t_client.csv.0a1b2c3d.partial"
    killed.touch()  # by a worker that was killed while it wrote
    events = []
    ended = work_queue(url, tmp_path / "data", workers=1, stop=Cancel(), once=True, on_event=events.append)
    assert ended == 3
    kinds = [(event.kind, event.run_id) for event in events]
    expected = [("taken", gone), ("failed", gone), ("taken", broken), ("failed", broken)]
    assert kinds == [("ready", None), *expected, ("taken", whole), ("done", whole)]
    with Store.open(url) as store:
        assert "folder of run 1 is gone" in store.find_run(gone).error
        assert "t_client" in store.find_run(broken).error
        assert str(tmp_path) not in store.find_run(gone).error + store.find_run(broken).error
        assert (store.find_run(waits).state, store.find_run(other.id).state) == ("cancelled", "queued")
        assert store.find_run(whole).state == "done"
    assert not killed.exists()
    log = (Path(runs[3].directory) / "run.log").read_text(encoding="utf-8").splitlines()
    assert len(log) == len(set(log))


def test_a_running_run_is_stopped_queued_again_and_put_back(tmp_path, url):
    hub = read_scenario(write_hub(tmp_path / "in", control="milp", visits=(60, 40), days=6))
    number = submit_run(hub, url, tmp_path / "data").id
    stop, events = Cancel(), []
    thread = threading.Thread(
        target=work_queue,
        args=(url, tmp_path / "data"),
        kwargs={"workers": 1, "stop": stop, "on_event": events.append},
    )
    thread.start()
    try:
        wait_for(lambda: any(event.kind == "taken" for event in events), SLOW_S)
        assert cancel_run(url, number).stop_wanted
        wait_for(lambda: state(url, number) == "cancelled", SLOW_S)
        assert requeue_run(url, number).state == "queued"
        wait_for(lambda: sum(event.kind == "taken" for event in events) > 1, SLOW_S)
    finally:
        stop.set()
        thread.join(SLOW_S)
    assert not thread.is_alive()
    assert state(url, number) in {"queued", "done"}
    last = [event.kind for event in events if event.run_id == number][-1]
    assert last in {"put back", "done"}


def test_a_worker_that_takes_too_long_to_end_is_killed_and_its_run_put_back(tmp_path, url, monkeypatch):
    monkeypatch.setattr(queue_crew, "_GRACE_S", 0.0)
    hub = read_scenario(write_hub(tmp_path / "in", control="milp", visits=(60, 40), days=6))
    number = submit_run(hub, url, tmp_path / "data").id
    stop, events = Cancel(), []

    def note(event: object) -> None:
        events.append(event.kind)
        if event.kind == "taken":
            stop.set()

    assert work_queue(url, tmp_path / "data", workers=1, stop=stop, on_event=note) == 0
    assert events == ["ready", "taken", "put back"]
    assert state(url, number) == "queued"


def test_workers_that_die_at_once_are_given_up(tmp_path, url, monkeypatch):
    monkeypatch.setattr(queue_crew, "_AGAIN_S", 0.0)
    monkeypatch.setattr(queue_crew, "_MOST_STILLBORN", 2)
    monkeypatch.setattr(queue_crew, "work", len)  # a function that takes no such arguments
    stop = Cancel()
    with pytest.raises(SparewattError, match="2 workers ended before they were ready"):
        work_queue(url, tmp_path, workers=1, stop=stop)
    assert not stop.is_set()  # it belongs to whoever asks, who may ask again


def test_a_store_that_is_away_from_the_beginning_is_told(tmp_path):
    with pytest.raises(StoreError):
        work_queue(str(tmp_path / "no" / "s.db"), tmp_path, workers=1, stop=Cancel())
    with pytest.raises(ValueError, match="at least one worker"):
        work_queue(str(tmp_path / "s.db"), tmp_path, workers=0, stop=Cancel())
    with pytest.raises(StoreError):
        cancel_run(str(tmp_path / "s.db"), 1)
