"""Killed workers, killed parents, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparewatt.errors import TaskError
from sparewatt.tasks import ProcessPool
from support import pool_tasks

TESTS = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_killed_worker_costs_nothing_but_a_try(tmp_path):
    done: list[int] = []
    items = [(i, str(tmp_path)) for i in range(6)]
    results = ProcessPool(2).map(pool_tasks.kill_itself_once, items, on_done=lambda i, _: done.append(i))
    assert results == [0, 10, 20, 30, 40, 50]
    assert (tmp_path / "killed").exists()
    assert sorted(done) == [0, 1, 2, 3, 4, 5]  # each once


def test_a_task_that_always_dies_is_the_one_that_is_named():
    with pytest.raises(TaskError, match=r"task 4 of 6 failed 4 times .*worker process was killed"):
        ProcessPool(2).map(pool_tasks.kill_itself_always, range(6), retries=3)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_worker_killed_from_outside_is_replaced(tmp_path, name):
    parent = start_parent(tmp_path, "polite")
    try:
        assert wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
        first = int((tmp_path / name).read_text())
        os.kill(first, signal.SIGKILL)
        # Both workers, so also the one started last, whose death the executor's thread may not see.
        assert wait_for(lambda: (tmp_path / name).read_text() != str(first), seconds=45.0)
        second = int((tmp_path / name).read_text())
        assert alive(second)
    finally:
        parent.kill()
        parent.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kind", ["polite", "rude"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent_however_it_dies(tmp_path, kind, how):
    parent = start_parent(tmp_path, kind)
    assert wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    workers = [int((tmp_path / name).read_text()) for name in ("a", "b")]
    assert all(alive(pid) for pid in workers)
    parent.send_signal(how)
    parent.communicate()
    assert wait_for(lambda: not any(alive(pid) for pid in workers), 5.0)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_is_heard_by_the_parent_only_and_stops_tasks_at_a_safe_point(tmp_path):
    parent = start_parent(tmp_path, "polite")
    assert wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    workers = [int((tmp_path / name).read_text()) for name in ("a", "b")]
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to parent and workers
    _, error = parent.communicate(timeout=20)
    assert (tmp_path / "a.stopped").exists()
    assert (tmp_path / "b.stopped").exists()
    assert error.count("Traceback") == 1, error  # the parent's own, none of a worker
    assert "RunCancelled: The run was cancelled after 0 of 2 tasks" in error
    assert not any(alive(pid) for pid in workers)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_twice_ends_tasks_that_do_not_listen(tmp_path):
    parent = start_parent(tmp_path, "rude")
    assert wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    workers = [int((tmp_path / name).read_text()) for name in ("a", "b")]
    os.killpg(parent.pid, signal.SIGINT)
    time.sleep(0.5)
    assert parent.poll() is None
    os.killpg(parent.pid, signal.SIGINT)
    parent.communicate(timeout=10)
    assert not any(alive(pid) for pid in workers)


def start_parent(folder: Path, kind: str) -> subprocess.Popen[str]:
    """A process of its own group that runs a pool."""
    code = f"from support.pool_tasks import run_pool; run_pool({str(folder)!r}, {kind!r})"
    script = folder / "parent.py"
    script.write_text(f"if __name__ == '__main__':\n    {code}\n")
    return subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
