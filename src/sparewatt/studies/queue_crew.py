"""The worker processes of the queue: started, listened to, replaced when they die, ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import time
from typing import TYPE_CHECKING

from sparewatt.errors import SparewattError, StoreError
from sparewatt.results.store import Store, is_gone
from sparewatt.studies.queue_worker import QueueEvent, work
from sparewatt.tasks.worker import deaf_children

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from sparewatt.studies.queue_worker import WorkerTask
    from sparewatt.tasks import Cancel

_TICK_S = 0.2
_GRACE_S = 30.0
"""How long workers may take to put back what they work on [s]."""
_AGAIN_S = 0.5
_AGAIN_MOST_S = 10.0
"""Time before a worker that died is replaced, first and at most [s]."""
_MOST_STILLBORN = 10
"""So many workers in a row may die before they are ready."""
_ENDS = frozenset({"done", "failed", "cancelled"})


class _Slot:
    """One worker process at a time."""

    def __init__(self, task: WorkerTask) -> None:
        context = multiprocessing.get_context("spawn")
        self.events, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=work, args=(task, sender), name="sparewatt queue worker")
        with deaf_children():
            self.process.start()
        sender.close()
        self.run: QueueEvent | None = None
        """The run that it took last, while it works on it."""
        self.is_ready = False

    def news(self) -> list[QueueEvent]:
        """What it has told since."""
        found = []
        with contextlib.suppress(EOFError, OSError):
            while self.events.poll():
                found.append(self.events.recv())
        return found

    def close(self) -> None:
        """Forget a process that has ended."""
        self.process.join()
        self.process.close()
        self.events.close()


class Crew:
    """The workers of one call of `queue.work_queue`.

    Parameters
    ----------
    task
        What each is sent; its ``stop`` is the crew's own.
    stop
        Ends the work.
    workers
        How many.
    on_event
        Called with what happens.
    """

    def __init__(
        self,
        task: WorkerTask,
        workers: int,
        stop: Cancel,
        on_event: Callable[[QueueEvent], None] | None,
    ) -> None:
        self._task, self._stop, self._on_event = task, stop, on_event
        self._slots: list[_Slot] = []
        self._missing = workers
        self._ended = 0
        self._stillborn = 0
        self._next_start = 0.0

    def work(self) -> int:
        """Until told to stop, or the queue is empty; how many runs came to an end."""
        try:
            while not self._stop.is_set() and (self._slots or self._missing):
                self._fill()
                self._listen()
        finally:
            self._end()
        return self._ended

    def _fill(self) -> None:
        """Start the workers that are missing."""
        if self._stillborn >= _MOST_STILLBORN:
            raise SparewattError(
                f"{self._stillborn} workers ended before they were ready; see that there is memory for them."
            )
        while self._missing and time.monotonic() >= self._next_start:
            self._slots.append(_Slot(self._task))
            self._missing -= 1

    def _listen(self) -> None:
        """Wait a moment for news."""
        waited: list[Connection | int] = []
        for slot in self._slots:
            waited += [slot.events, slot.process.sentinel]
        if waited:
            multiprocessing.connection.wait(waited, timeout=_TICK_S)
        else:
            time.sleep(_TICK_S)
        for slot in list(self._slots):
            is_over = not slot.process.is_alive()
            for event in slot.news():  # after that look: whatever it told before its end is there
                self._note(slot, event)
            if is_over:
                self._bury(slot)

    def _note(self, slot: _Slot, event: QueueEvent) -> None:
        if event.kind == "ready":
            slot.is_ready, self._stillborn = True, 0
        slot.run = event if event.kind == "taken" else slot.run if event.run_id is None else None
        self._ended += event.kind in _ENDS
        if self._on_event is not None:
            self._on_event(event)

    def _bury(self, slot: _Slot) -> None:
        """A worker ended: because it was to, or it is replaced."""
        self._slots.remove(slot)
        is_killed = slot.process.exitcode != 0
        slot.close()
        is_to_end = self._task.stop.is_set() or self._stop.is_set()
        if is_to_end or (self._task.once and not is_killed):
            return
        self._missing += 1
        self._stillborn += not slot.is_ready
        self._next_start = time.monotonic() + min(_AGAIN_MOST_S, _AGAIN_S * 2**self._stillborn)
        run = slot.run
        event = QueueEvent("worker died", *((run.run_id, run.name) if run is not None else (None, "")))
        if self._on_event is not None:
            self._on_event(event)

    def _end(self) -> None:
        """Let the workers put back what they have, and end them."""
        self._task.stop.set()
        until = time.monotonic() + _GRACE_S
        while self._slots and time.monotonic() < until:
            self._listen()
        for slot in self._slots:
            slot.process.kill()
            slot.process.join()
            for event in slot.news():
                self._note(slot, event)
            slot.close()
            self._put_back(slot)
        self._slots.clear()

    def _put_back(self, slot: _Slot) -> None:
        """Queue the run of a worker again that had to be killed: none of this is the run's fault."""
        if slot.run is None or slot.run.run_id is None:
            return
        with contextlib.suppress(StoreError), Store.open(self._task.store_url, create=False) as store:
            run = store.find_run(slot.run.run_id)
            if run.state == "running" and is_gone(run.owner):
                store.put_back_run(run.id, run.owner)
                self._note(slot, QueueEvent("put back", run.id, run.name))
