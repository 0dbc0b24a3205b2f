from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparewatt.errors import StoreError
from sparewatt.results.store import Store, current_owner

TESTS = Path(__file__).parents[3]
ME, OTHER = "here:1:1", "elsewhere:4711:1"


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def number(store):
    return store.create_run(study="cluster", name="a").id


def test_a_run_is_claimed_once(store, number):
    claimed = store.claim_run(number, ME)
    assert (claimed.state, claimed.owner, claimed.error) == ("running", ME, "")
    assert claimed.started.utcoffset() is not None  # rule 3
    assert store.claim_run(number, OTHER) is None
    assert store.claim_run(number, ME) is None  # not twice by one process either
    assert store.claim_run(number + 1, ME) is None  # there is none
    assert store.find_run(number).owner == ME


def test_what_is_done_may_be_opened_again_and_what_is_not_stays(store, number):
    store.claim_run(number, ME)
    store.reopen_run(number)
    assert (store.find_run(number).state, store.find_run(number).owner) == ("running", ME)
    store.leave_run(number, ME, "done")
    store.reopen_run(number)
    assert store.find_run(number).state == "queued"
    assert store.claim_run(number, OTHER).owner == OTHER


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_was_left_may_be_claimed_again(store, number, state):
    first = store.claim_run(number, ME)
    store.hold_run(number, ME, progress=0.5, directory="out")
    store.leave_run(number, ME, state, error="because")
    left = store.find_run(number)
    assert (left.state, left.owner, left.error, left.heartbeat) == (state, "", "because", None)
    assert (left.progress, left.directory) == (0.5, "out")
    assert left.ended is not None
    again = store.claim_run(number, OTHER)
    assert (again.owner, again.error, again.ended) == (OTHER, "", None)
    assert again.started == first.started


def test_what_is_done_stays_done(store, number):
    store.claim_run(number, ME)
    store.leave_run(number, ME, "done")
    done = store.find_run(number)
    assert (done.state, done.progress, done.owner) == ("done", 1.0, "")
    assert store.claim_run(number, OTHER, stale_s=0.0) is None


def test_a_stale_heartbeat_loses_the_claim_and_the_late_owner_writes_nothing(store, number):
    store.claim_run(number, OTHER)
    time.sleep(0.05)
    assert store.claim_run(number, ME, stale_s=0.01).owner == ME
    for late in (
        lambda: store.hold_run(number, OTHER, progress=0.9),
        lambda: store.leave_run(number, OTHER, "done"),
    ):
        with pytest.raises(StoreError, match=f"not claimed by {OTHER} any more: it belongs to {ME} now"):
            late()
    assert store.find_run(number).progress == 0.0


def test_a_run_that_somebody_stopped_is_told_to_its_worker(store, number):
    store.claim_run(number, ME)
    store.set_run_state(number, "cancelled")
    with pytest.raises(StoreError, match="it is cancelled now"):
        store.hold_run(number, ME)
    with pytest.raises(StoreError, match="is not there any more"):
        store.hold_run(number + 1, ME)


def test_keep_alive_keeps_a_claim_fresh_and_tells_progress(store, number, monkeypatch):
    monkeypatch.setattr("sparewatt.results.store.run_claims._NOTE_S", 0.1)
    store.claim_run(number, OTHER)
    with store.keep_run_alive(number, OTHER, every_s=0.05) as pulse:
        pulse.tell(0.3)
        assert store.find_run(number).progress == 0.0  # a moment ago
        time.sleep(0.8)
        assert store.claim_run(number, ME, stale_s=0.5) is None
        pulse.tell(0.4)
        assert store.find_run(number).progress == 0.4
    time.sleep(0.6)
    assert store.claim_run(number, ME, stale_s=0.5).owner == ME
    time.sleep(0.1)
    with pytest.raises(StoreError, match="belongs to here"):
        pulse.tell(0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_dead_process_of_this_host_is_known_at_once(store, number):
    code = "from sparewatt.results.store import current_owner; print(current_owner())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert store.claim_run(number, dead.stdout.strip()).owner == dead.stdout.strip()
    assert store.claim_run(number, current_owner()).owner == current_owner()


def test_two_processes_never_both_win(store_url, tmp_path):
    with Store.open(store_url) as store:
        numbers = [store.create_run(study="cluster", name=str(k)).id for k in range(60)]
    outs = [tmp_path / f"{name}.txt" for name in ("a", "b")]
    orders = [",".join(map(str, order)) for order in (numbers, numbers[::-1])]  # they meet in the middle
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "support.store_tasks", "claim_runs", store_url, order, str(out)],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            cwd=tmp_path,
        )
        for order, out in zip(orders, outs, strict=True)
    ]
    until = time.monotonic() + 30
    while not all(out.with_suffix(".ready").exists() for out in outs) and time.monotonic() < until:
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert [process.wait(60) for process in processes] == [0, 0]
    won = [[int(n) for n in out.read_text().split()] for out in outs]
    assert sorted(won[0] + won[1]) == numbers
    assert min(map(len, won)) > 0  # they did race
