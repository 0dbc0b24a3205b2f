"""Calls in a process of their own: what crashes there, or never ends, costs one answer and not the caller."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from sparewatt.fault import TaskError
from sparewatt.tasks import worker

if TYPE_CHECKING:
    from collections.abc import Callable

Wanted = ParamSpec("Wanted")
Found = TypeVar("Found")

_TRIES = 2


class Apart:
    """One spawned process that answers calls one after the other, made when it is first asked.

    For a server: files of strangers go through parsers that are not ours, some of them native code that is
    not made for threads. Here they meet one thread, and nothing that they break is the server.

    Parameters
    ----------
    limit_s
        How long a call may take, waiting for others included [s].
    """

    def __init__(self, limit_s: float = 600.0) -> None:
        self.limit_s = limit_s
        self._executor: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def call(self, function: Callable[Wanted, Found], *given: Wanted.args, **named: Wanted.kwargs) -> Found:
        """What ``function`` answers or raises; it and what it is given must be picklable.

        Raises
        ------
        TaskError
            The process died twice over this call, or the call took longer than it may.
        """
        for _ in range(_TRIES):
            executor, future = self._send(function, *given, **named)
            try:
                return future.result(self.limit_s)
            except (BrokenProcessPool, CancelledError):  # perhaps over the call of another: once more
                self._forget(executor)
            except TimeoutError:
                if future.done():  # the call's own
                    raise
                self._forget(executor)
                msg = f"It was given up after {self.limit_s:g} s."
                raise TaskError(msg) from None
        msg = "The process that worked on it ended in a crash, twice: these inputs break a parser."
        raise TaskError(msg)

    def begin(self, function: Callable[Wanted, object], *given: Wanted.args, **named: Wanted.kwargs) -> None:
        """Start the process with a call that nobody waits for, so that the next finds it ready."""
        self._send(function, *given, **named)

    def close(self) -> None:
        """End the process; what it works on is lost."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            _end(executor)

    def _send(
        self, function: Callable[Wanted, Found], *given: Wanted.args, **named: Wanted.kwargs
    ) -> tuple[ProcessPoolExecutor, Future[Found]]:
        """Hand the call to the process, or to a new one where that is gone."""
        with self._lock, worker.deaf_children():
            if self._executor is not None:
                try:
                    return self._executor, self._executor.submit(function, *given, **named)
                except BrokenProcessPool:
                    _end(self._executor)
            self._executor = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=worker.begin_apart
            )
            return self._executor, self._executor.submit(function, *given, **named)

    def _forget(self, executor: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._executor is executor:
                self._executor = None
            _end(executor)


def _end(executor: ProcessPoolExecutor) -> None:
    for process in list((executor._processes or {}).values()):  # noqa: SLF001 - there is no other way to it
        process.kill()
    executor.shutdown(wait=True, cancel_futures=True)
