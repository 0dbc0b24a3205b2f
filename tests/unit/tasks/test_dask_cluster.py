"""Tasks over a real Dask cluster of this machine: as in process, whatever happens to its workers."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sparewatt.errors import RunCancelled, SparewattError, StoreError, TaskError
from sparewatt.tasks import Cancel, InProcess, tasks_for
from support import pool_tasks
from support.command_line import clean_environment, run_files, sparewatt, wait_for, write_fleet
from support.dask_runner import HAS_DASK, dask_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.tasks import Tasks

needs_dask = pytest.mark.skipif(not HAS_DASK, reason="Dask, an optional extra, is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with dask_cluster() as address:
        yield address


@pytest.fixture
def tasks(address: str) -> Tasks:
    return tasks_for(1, address)


@needs_dask
def test_results_errors_and_tries_are_as_in_process(tasks: Tasks, tmp_path: Path) -> None:
    done: dict[int, int] = {}
    told: list[tuple[int, float]] = []
    results = tasks.map(
        pool_tasks.square,
        [3, 1, 2, 5],
        on_done=lambda i, r: done.update({i: r}),
        on_progress=lambda i, p: told.append((i, p)),
    )
    assert results == InProcess().map(pool_tasks.square, [3, 1, 2, 5]) == [9, 1, 4, 25]
    assert done == dict(enumerate(results))
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert tasks.map(pool_tasks.square, []) == []
    with pytest.raises(StoreError, match="the database is away: start it again"):
        tasks.map(pool_tasks.store_error, [1, 2])
    items = [(0, str(tmp_path)), (1, str(tmp_path))]
    with pytest.raises(TaskError, match=r"site 7, opt failed 3 times .*KeyError.*no such thing"):
        tasks.map(pool_tasks.bug, items, names=["site 7, BAU", "site 7, opt"], retries=2)
    assert (tmp_path / "tries-1").read_text() == "xxx"


@needs_dask
def test_a_killed_worker_costs_a_try_and_not_the_map(tasks: Tasks, tmp_path: Path) -> None:
    items = [(number, str(tmp_path)) for number in range(4)]
    assert tasks.map(pool_tasks.kill_itself_once, items) == [0, 10, 20, 30]
    assert (tmp_path / "killed").exists()
    with pytest.raises(TaskError, match="its worker was lost"):
        tasks.map(pool_tasks.kill_itself_always, [3], retries=1)
    assert tasks.map(pool_tasks.square, [7]) == [49]  # Dask has put another in its place


@needs_dask
def test_tasks_stop_when_they_are_told_to(tasks: Tasks, tmp_path: Path) -> None:
    cancel, began = Cancel(), time.monotonic()
    places = [str(tmp_path / name) for name in "abc"]

    def stop() -> None:
        wait_for((tmp_path / "a").exists, 30)
        cancel.set()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(RunCancelled, match="after 0 of 3 tasks"):
        tasks.map(pool_tasks.note_pid_and_wait, places, cancel=cancel)
    thread.join()
    assert (tmp_path / "a.stopped").exists()
    assert not (tmp_path / "c").exists()
    assert time.monotonic() - began < 40


@needs_dask
def test_a_run_over_a_cluster_has_the_same_bytes(address: str, tmp_path: Path) -> None:
    write_fleet(tmp_path / "fleet", vehicles=2, days=2, kinds=("vans", "mixed"))
    alone, together = tmp_path / "alone", tmp_path / "together"
    sparewatt("run", "fleet", "--out", alone, "--db", "a.db", "--workers", "1", "--quiet", cwd=tmp_path)
    asked = ("run", "fleet", "--out", together, "--db", "b.db", "--dask", address, "--quiet")
    sparewatt(*asked, cwd=tmp_path, PYTHONPATH=os.pathsep.join(_paths()))
    assert run_files(together) == run_files(alone)
    assert "allocation 1 opt: 2 days planned" in (together / "run.log").read_text(encoding="utf-8")


@needs_dask
def test_what_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparewatt.tasks.dask_client.CONNECT_S", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with pytest.raises(SparewattError, match=rf"No Dask scheduler answers at {address}"):
            tasks_for(1, address).map(pool_tasks.square, [1])


@pytest.mark.skipif(HAS_DASK, reason="Dask is installed")
def test_without_dask_it_is_told_what_to_install() -> None:
    with pytest.raises(SparewattError, match=r"install sparewatt\[dask\]"):
        tasks_for(1, "tcp://127.0.0.1:1").map(pool_tasks.square, [1])


def _paths() -> list[str]:
    """Where the modules of this process are from."""
    import sys  # noqa: PLC0415 - here only

    return [clean_environment()["PYTHONPATH"], *sys.path]
