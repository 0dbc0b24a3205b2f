"""Tasks over the workers of a Dask cluster; a lost worker costs its task one try, not the run."""

from __future__ import annotations

import contextlib
import importlib
import time
from typing import TYPE_CHECKING, Any, Generic
from uuid import uuid4

from sparewatt.fault import RunCancelled
from sparewatt.tasks.control import Cancel
from sparewatt.tasks.dask_client import connected
from sparewatt.tasks.dask_worker import run_on_worker
from sparewatt.tasks.interface import (
    Item,
    Result,
    cancelled_after,
    interrupts_set,
    is_on_purpose,
    task_failed,
    task_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sparewatt.tasks.control import Control

_TICK_S = 0.1
_WORKERS_S = 1.0
"""Time between two looks for workers that came or went [s]."""


class DaskCluster:
    """`Tasks` over the machines of a Dask cluster, one at a time on each worker.

    Workers need this version of Sparewatt, and what the tasks read and write by path or address.

    Parameters
    ----------
    address
        Of the scheduler: ``tcp://host:8786``.
    grace_s
        How long running tasks may take to stop after a cancel [s].
    """

    def __init__(self, address: str, *, grace_s: float = 30.0) -> None:
        self.address, self.grace_s = address, grace_s

    def map(
        self,
        task: Callable[[Item, Control], Result],
        items: Sequence[Item],
        *,
        names: Sequence[str] | None = None,
        on_done: Callable[[int, Result], None] | None = None,
        on_progress: Callable[[int, float], None] | None = None,
        cancel: Cancel | None = None,
        retries: int = 2,
    ) -> list[Result]:
        """See `Tasks.map`."""
        if not items:
            return []
        with connected(self.address) as client:
            one = _Map(client, task, items, retries, names)
            one.on_done, one.on_progress, one.cancel = on_done, on_progress, cancel
            with interrupts_set(one.stop):
                return one.run(self.grace_s)


class _Map(Generic[Item, Result]):
    """One call of `DaskCluster.map`."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - as above
        task: Callable[[Item, Control], Result],
        items: Sequence[Item],
        retries: int,
        names: Sequence[str] | None,
    ) -> None:
        self.client, self.task, self.items = client, task, items
        self.retries, self.names = retries, names
        self.on_done: Callable[[int, Result], None] | None = None
        self.on_progress: Callable[[int, float], None] | None = None
        self.cancel: Cancel | None = None
        self.stop = Cancel()
        self.results: dict[int, Result] = {}
        self.waiting = list(range(len(items)))
        self.tries = [0] * len(items)
        self.running: dict[Any, tuple[int, str]] = {}
        """Futures with the index of their task and the worker that has it."""
        self.name = f"sparewatt-{uuid4().hex}"
        self._event = importlib.import_module("distributed").Event(self.name, client=client)
        self._told: dict[int, float] = {}
        self._shown: dict[int, float] = {}
        self._workers: frozenset[str] = frozenset()
        self._looked = -_WORKERS_S

    def run(self, grace_s: float) -> list[Result]:
        """All results, or the error that ended the map."""
        self.client.subscribe_topic(self.name, self._hear)
        try:
            while self.waiting or self.running:
                self._look_for_cancel()
                self._look_for_workers()
                self._fill()
                self._collect()
                self._show_progress()
        except BaseException:
            self._end(grace_s)
            raise
        finally:
            self.client.unsubscribe_topic(self.name)
        return [self.results[index] for index in range(len(self.items))]

    def _hear(self, event: tuple[Any, Any]) -> None:
        """What a task says of itself; in a thread of Dask."""
        index, share = event[1]
        self._told[index] = share

    def _look_for_cancel(self) -> None:
        if self.stop.is_set() or (self.cancel is not None and self.cancel.is_set()):
            raise cancelled_after(len(self.results), len(self.items))

    def _look_for_workers(self) -> None:
        """Tasks of workers that are gone wait again."""
        now = time.monotonic()
        if now - self._looked < _WORKERS_S:
            return
        self._looked = now
        self._workers = frozenset(self.client.run_on_scheduler(_worker_addresses))
        for future, (index, worker) in list(self.running.items()):
            if worker not in self._workers and not future.done():
                del self.running[future]
                future.cancel(force=True)
                self._count(index, "its worker was lost", None)
                self.waiting.insert(0, index)

    def _fill(self) -> None:
        """Give every worker that has none a task."""
        busy = {worker for _, worker in self.running.values()}
        for worker in sorted(self._workers - busy):
            if not self.waiting:
                return
            index = self.waiting.pop(0)
            future = self.client.submit(
                run_on_worker,
                self.task,
                self.items[index],
                index,
                self.name,
                key=f"{self.name}-{index}-{self.tries[index]}",
                workers=[worker],
                pure=False,
            )
            self.running[future] = (index, worker)

    def _collect(self) -> None:
        """Wait a moment for results; a failed task waits again or ends the map."""
        time.sleep(_TICK_S)
        for future in [future for future in self.running if future.done()]:
            index, _ = self.running.pop(future)
            if future.cancelled():
                error: BaseException | None = RuntimeError("Dask gave it up")
            else:
                error = future.exception()
            if error is None:
                self.results[index] = future.result()
                if self.on_done is not None:
                    self.on_done(index, self.results[index])
            elif is_on_purpose(error):
                if isinstance(error, RunCancelled):
                    self._look_for_cancel()  # then the whole map was cancelled, not this task alone
                raise error
            else:
                self._count(index, f"{type(error).__name__}: {error}", error)
                self.waiting.append(index)

    def _count(self, index: int, why: str, cause: BaseException | None) -> None:
        """One more failed try; an error when it was the last."""
        self.tries[index] += 1
        if self.tries[index] > self.retries:
            name = task_name(self.names, index, len(self.items))
            raise task_failed(name, self.tries[index], why) from cause

    def _show_progress(self) -> None:
        if self.on_progress is None:
            return
        for index, share in list(self._told.items()):
            if share != self._shown.get(index):
                self._shown[index] = share
                self.on_progress(index, share)

    def _end(self, grace_s: float) -> None:
        """Tell running tasks to stop, and wait a while for them."""
        with contextlib.suppress(Exception):  # the scheduler may be what went away
            self._event.set()
            until = time.monotonic() + grace_s
            while time.monotonic() < until and not all(future.done() for future in self.running):
                time.sleep(_TICK_S)
            self.client.cancel(list(self.running), force=True)


def _worker_addresses(dask_scheduler: Any) -> list[str]:  # noqa: ANN401 - as above
    """Addresses of the workers that a scheduler has now; runs there."""
    return list(dask_scheduler.workers)
