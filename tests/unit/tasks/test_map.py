from __future__ import annotations

import pickle
import threading
import time
from pathlib import Path

import pytest

from sparewatt.errors import RunCancelled, SparewattError, StoreError, TaskError
from sparewatt.tasks import Cancel, InProcess, ProcessPool, Tasks, tasks_for
from support import pool_tasks


@pytest.fixture(params=["in process", "pool"])
def tasks(request) -> Tasks:
    return InProcess() if request.param == "in process" else ProcessPool(2)


def test_results_come_in_the_order_of_the_items_and_every_done_is_told(tasks):
    done: dict[int, int] = {}
    told: list[tuple[int, float]] = []
    results = tasks.map(
        pool_tasks.square,
        [3, 1, 2],
        on_done=lambda i, r: done.update({i: r}),
        on_progress=lambda i, p: told.append((i, p)),
    )
    assert results == [9, 1, 4]
    assert done == {0: 9, 1: 1, 2: 4}
    assert {(0, 1.0), (1, 1.0), (2, 1.0)} <= set(told)


def test_no_items_no_work(tasks):
    assert tasks.map(pool_tasks.square, []) == []


def test_one_worker_works_in_process():
    assert isinstance(tasks_for(1), InProcess)
    assert isinstance(tasks_for(2), ProcessPool)
    with pytest.raises(ValueError, match="at least one worker"):
        ProcessPool(0)


def test_a_slow_first_task_does_not_change_the_order():
    order: list[int] = []
    results = ProcessPool(2).map(pool_tasks.slow_for_early, [0, 1, 2], on_done=lambda i, _: order.append(i))
    assert results == [0, 1, 2]
    assert order[-1] == 0


def test_errors_of_ours_pass_unchanged(tasks):
    with pytest.raises(StoreError, match="the database is away: start it again"):
        tasks.map(pool_tasks.store_error, [1, 2])


def test_other_exceptions_are_tried_again_and_then_name_the_task(tasks, tmp_path):
    items = [(0, str(tmp_path)), (1, str(tmp_path))]
    with pytest.raises(TaskError, match=r"site 7, opt failed 3 times .*KeyError.*no such thing") as caught:
        tasks.map(pool_tasks.bug, items, names=["site 7, BAU", "site 7, opt"], retries=2)
    assert isinstance(caught.value.__cause__, KeyError)
    assert isinstance(caught.value, SparewattError)
    assert (tmp_path / "tries-1").read_text() == "xxx"


def test_a_retry_may_succeed(tasks, tmp_path):
    assert tasks.map(pool_tasks.better_later, [str(tmp_path / "x")], retries=2) == ["xxx"]


def test_a_cancel_set_before_starts_nothing(tasks, tmp_path):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(RunCancelled, match="after 0 of 1 tasks"):
        tasks.map(pool_tasks.note_pid_and_wait, [str(tmp_path / "a")], cancel=cancel)
    assert not (tmp_path / "a").exists()


def test_a_cancel_reaches_running_tasks(tasks, tmp_path):
    cancel = Cancel()

    def when_it_runs() -> None:
        while not (tmp_path / "a").exists():
            time.sleep(0.01)
        cancel.set()

    thread = threading.Thread(target=when_it_runs)
    thread.start()
    with pytest.raises(RunCancelled):
        tasks.map(pool_tasks.note_pid_and_wait, [str(tmp_path / "a"), str(tmp_path / "b")], cancel=cancel)
    thread.join()
    assert (tmp_path / "a.stopped").exists()


def test_a_cancel_travels_and_only_its_maker_removes_it():
    cancel = Cancel()
    copy = pickle.loads(pickle.dumps(cancel))
    assert not copy.is_set()
    cancel.set()
    assert copy.is_set()
    other = Cancel()
    copy = pickle.loads(pickle.dumps(other))
    folder = Path(copy._mark).parent
    del copy
    assert not other.is_set()
    other._tidy()
    assert not folder.exists()
