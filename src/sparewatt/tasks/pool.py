"""Tasks over processes of this machine; a killed worker costs its task one try, not the run."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Generic

from sparewatt.fault import RunCancelled
from sparewatt.tasks import worker
from sparewatt.tasks.control import Board, Cancel, Control, FileControl
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

_TICK_S = 0.1
_ALONE_AFTER = 2  # crashes after which a task runs alone, so that the one to blame is known


class ProcessPool:
    """`Tasks` over ``workers`` spawned processes.

    When a worker is killed the pool is built anew and the unfinished tasks are sent again. A task
    that was running in two crashes runs alone from then on: if it crashes alone it is the culprit.

    Parameters
    ----------
    workers
        Number of processes.
    grace_s
        How long running tasks may take to stop after a cancel before their processes are ended [s].
    """

    def __init__(self, workers: int, *, grace_s: float = 30.0) -> None:
        if workers < 1:
            msg = f"a pool needs at least one worker, not {workers}"
            raise ValueError(msg)
        self.workers = workers
        self.grace_s = grace_s

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
        with Board(len(items)) as board:
            one = _Map(self, task, items, board, retries, names)
            one.on_done, one.on_progress, one.cancel = on_done, on_progress, cancel
            with interrupts_set(one.stop):
                return one.run()


class _Map(Generic[Item, Result]):
    """One call of `ProcessPool.map`."""

    def __init__(
        self,
        pool: ProcessPool,
        task: Callable[[Item, Control], Result],
        items: Sequence[Item],
        board: Board,
        retries: int,
        names: Sequence[str] | None,
    ) -> None:
        self.pool, self.task, self.items, self.board = pool, task, items, board
        self.retries, self.names = retries, names
        self.on_done: Callable[[int, Result], None] | None = None
        self.on_progress: Callable[[int, float], None] | None = None
        self.cancel: Cancel | None = None
        self.stop = Cancel()
        self.results: dict[int, Result] = {}
        self.waiting = list(range(len(items)))
        self.tries = [0] * len(items)
        self.shown = [-1.0] * len(items)
        self.executor: ProcessPoolExecutor | None = None
        self.running: dict[Future[Result], int] = {}

    def run(self) -> list[Result]:
        """All results, or the error that ended the map."""
        try:
            while self.waiting or self.running:
                self._look_for_cancel()
                try:
                    self._fill()
                    self._collect()
                except BrokenProcessPool:
                    self._rebuild()
                self._show_progress()
        except BaseException:
            self._end(grace_s=self.pool.grace_s)
            raise
        self._end(grace_s=None)
        return [self.results[index] for index in range(len(self.items))]

    def _look_for_cancel(self) -> None:
        if self.stop.is_set() or (self.cancel is not None and self.cancel.is_set()):
            raise cancelled_after(len(self.results), len(self.items))

    def _fill(self) -> None:
        """Keep every worker busy, with one task in store each; suspects run alone."""
        if self.executor is None:
            self.executor = ProcessPoolExecutor(
                min(self.pool.workers, len(self.items)),
                mp_context=multiprocessing.get_context("spawn"),
                initializer=worker.begin,
                initargs=(os.getpid(),),
            )
        while self.waiting and len(self.running) < 2 * self.pool.workers:
            alone = any(self.tries[i] >= _ALONE_AFTER for i in (self.waiting[0], *self.running.values()))
            if alone and self.running:
                return
            index = self.waiting[0]
            flags = (self.stop, *([self.cancel] if self.cancel is not None else []))
            control = FileControl(self.board.path, index, *flags)
            with worker.deaf_children():
                future = self.executor.submit(worker.run, self.task, self.items[index], control)
            self.running[future] = self.waiting.pop(0)

    def _collect(self) -> None:
        """Wait a moment for results; a failed task goes back to the queue or ends the map."""
        done, _ = wait(self.running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        broken = False
        for future in done:
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                broken = True
                continue
            index = self.running.pop(future)
            if error is None:
                self._keep(index, future.result())
            elif is_on_purpose(error):
                if isinstance(error, RunCancelled):
                    self._look_for_cancel()  # then the whole map was cancelled, not this task alone
                raise error
            else:
                self._count(index, f"{type(error).__name__}: {error}", error)
                self.board.clear(index)
                self.waiting.append(index)
        if broken or self._has_dead_worker():
            raise BrokenProcessPool

    def _has_dead_worker(self) -> bool:
        """Whether a process of the pool is gone.

        The executor's own thread watches only the processes that it knew when it last began to wait,
        so it may miss the death of the one started last until another task ends.
        """
        processes = self.executor._processes if self.executor is not None else None  # noqa: SLF001
        if not processes:
            return False
        return bool(multiprocessing.connection.wait([p.sentinel for p in processes.values()], timeout=0))

    def _keep(self, index: int, result: Result) -> None:
        """A finished task."""
        self.results[index] = result
        if self.on_done is not None:
            self.on_done(index, result)

    def _rebuild(self) -> None:
        """After a killed worker: keep what is done, count a try for what was running, start over."""
        self._end(grace_s=None)
        lost = []
        for future, index in self.running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._keep(index, future.result())
            else:
                lost.append(index)
        self.running.clear()
        progress = self.board.progress()
        for index in lost:
            if progress[index] >= 0.0:
                self._count(index, "its worker process was killed", None)
                self.board.clear(index)
        self.waiting = lost + self.waiting
        self.waiting.sort(key=lambda i: (self.tries[i] >= _ALONE_AFTER, i))

    def _count(self, index: int, why: str, cause: BaseException | None) -> None:
        """One more failed try; an error when it was the last."""
        self.tries[index] += 1
        if self.tries[index] > self.retries:
            raise task_failed(
                task_name(self.names, index, len(self.items)), self.tries[index], why
            ) from cause

    def _show_progress(self) -> None:
        if self.on_progress is None:
            return
        for index, value in enumerate(self.board.progress()):
            if value >= 0.0 and value != self.shown[index]:
                self.shown[index] = value
                self.on_progress(index, value)

    def _end(self, *, grace_s: float | None) -> None:
        """End the pool; with a grace, running tasks are first told to stop and given that long."""
        executor, self.executor = self.executor, None
        if executor is None:
            return
        processes = list((executor._processes or {}).values())  # noqa: SLF001 - 3.14 has kill_workers for this
        executor.shutdown(wait=False, cancel_futures=True)
        try:
            if grace_s is not None:
                self.stop.set()
                until = time.monotonic() + grace_s
                while time.monotonic() < until and any(p.is_alive() for p in processes):
                    time.sleep(_TICK_S / 4)
        finally:
            if grace_s is not None:
                for process in processes:
                    with contextlib.suppress(ValueError):  # ended and closed meanwhile
                        process.kill()
            executor.shutdown(wait=True)
