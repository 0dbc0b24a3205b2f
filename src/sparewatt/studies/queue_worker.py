"""The inside of a worker process of the queue: it takes a run, carries it on, and takes the next."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sparewatt.errors import RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.queued_run import RunCare, carry_on
from sparewatt.tasks import Cancel
from sparewatt.tasks.worker import begin

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from sparewatt.results.store import StoredRun

LOG = logging.getLogger(__name__)

_IDLE_S = 0.5
"""Time between two looks into an empty queue [s]."""
_AWAY_S = 1.0
_AWAY_MOST_S = 10.0
"""Time between two tries to reach a store that is away, first and at most [s]."""
_ELSEWHERE_S = 3.0
"""How long a run of which another process holds a part is left to that one [s]."""
_TICK_S = 0.1

EventKind = Literal[
    "ready", "taken", "done", "failed", "cancelled", "put back", "worker died", "store away", "store back"
]


@dataclass(frozen=True)
class QueueEvent:
    """Something that happened to a run of the queue, or to those who work on it.

    Parameters
    ----------
    kind
        What: a run was ``taken``, came to be ``done``, ``failed`` or ``cancelled``, or was ``put back`` to be
        carried on later; a worker is ``ready`` or died; the store is away or back.
    run_id, name
        Of the run, where there is one.
    text
        Why, for people.
    """

    kind: EventKind
    run_id: int | None = None
    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class WorkerTask:
    """What a worker process is sent.

    Parameters
    ----------
    store_url
        The store.
    below
        Only runs whose folder's path begins so.
    stop
        Ends the worker; what it works on is put back.
    parent
        Process id of who started it.
    once
        Whether to end when the queue is empty.
    most_workers
        Processes that a run may take at most.
    """

    store_url: str
    below: str
    stop: Cancel
    parent: int
    once: bool
    most_workers: int


def work(task: WorkerTask, events: Connection) -> None:
    """Work until told to stop; the main function of the process. SIGTERM ends it as ``task.stop`` does."""
    begin(task.parent)
    logging.getLogger("sparewatt").addHandler(logging.NullHandler())  # runs keep logs of their own
    ended = Cancel()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    worker = _Worker(task, events, ended)
    worker.tell(QueueEvent("ready"))
    worker.work()


class _Worker:
    """Takes one run at a time."""

    def __init__(self, task: WorkerTask, events: Connection, ended: Cancel) -> None:
        self._task, self._events, self._stops = task, events, (task.stop, ended)
        self._owner = current_owner()
        self._versions = find_versions()
        self._elsewhere: dict[int, float] = {}
        self._store: Store | None = None
        self._away_s = 0.0

    def tell(self, event: QueueEvent) -> None:
        """Tell who started the worker."""
        with contextlib.suppress(OSError):  # it is gone; then so is this process, in a moment
            self._events.send(event)

    def work(self) -> None:
        """One run after the other."""
        while not self._is_stopped():
            try:
                store = self._reached()
                for lost in store.end_lost_runs(self._owner, below=self._task.below):
                    self._tell_of(lost)
                run = store.take_run(
                    self._owner,
                    below=self._task.below,
                    without=self._held_elsewhere(),
                    versions=self._versions,
                )
                if self._away_s:
                    self._away_s = 0.0
                    self.tell(QueueEvent("store back"))
                if run is not None:
                    self.tell(QueueEvent("taken", run.id, run.name))
                    self._carry_on(store, run)
                elif self._task.once and not self._elsewhere:
                    break
                else:
                    self._sleep(_IDLE_S)
            except StoreError as error:
                self._wait_for_store(error)
        if self._store is not None:
            self._store.close()

    def _carry_on(self, store: Store, run: StoredRun) -> None:
        """Bring a run as far as it goes, and see that it is let go of."""
        with RunCare(store, run.id, self._owner, self._stops) as care:
            error = self._try(run, care)
        if isinstance(error, StoreError):
            LOG.warning("run %d: %s", run.id, error)
            store.put_back_run(run.id, self._owner, error=str(error))
        elif isinstance(error, RunElsewhere):
            self._elsewhere[run.id] = time.monotonic() + _ELSEWHERE_S
            store.put_back_run(run.id, self._owner)
        now = store.find_run(run.id)
        if now.state == "running" and now.owner == self._owner:  # it ended before it was begun
            state: Literal["cancelled", "failed"] = (
                "cancelled" if isinstance(error, RunCancelled) else "failed"
            )
            store.leave_run(run.id, self._owner, state, error="" if state == "cancelled" else _words(error))
            now = store.find_run(run.id)
        self._tell_of(now)

    def _try(self, run: StoredRun, care: RunCare) -> Exception | None:
        """Work on a run; what ended it early."""
        try:
            carry_on(run, self._task.store_url, care, most_workers=self._task.most_workers)
        except SparewattError as error:
            return error
        except Exception as error:  # a bug in one run must not take the others with it
            LOG.exception("run %d: a bug of Sparewatt", run.id)
            return error
        return None

    def _tell_of(self, run: StoredRun) -> None:
        if run.state in {"done", "failed", "cancelled"}:
            kind: EventKind = run.state
            self.tell(QueueEvent(kind, run.id, run.name, run.error))
        else:
            self.tell(QueueEvent("put back", run.id, run.name))

    def _reached(self) -> Store:
        if self._store is None:
            self._store = Store.open(self._task.store_url, create=False)
        return self._store

    def _wait_for_store(self, error: StoreError) -> None:
        if not self._away_s:
            self.tell(QueueEvent("store away", text=str(error)))
        self._away_s = min(_AWAY_MOST_S, self._away_s * 2 or _AWAY_S)
        if self._store is not None:
            self._store.close()
            self._store = None
        self._sleep(self._away_s)

    def _held_elsewhere(self) -> tuple[int, ...]:
        """Runs that are left alone for a moment."""
        now = time.monotonic()
        self._elsewhere = {run_id: until for run_id, until in self._elsewhere.items() if until > now}
        return tuple(self._elsewhere)

    def _is_stopped(self) -> bool:
        return any(stop.is_set() for stop in self._stops)

    def _sleep(self, duration_s: float) -> None:
        until = time.monotonic() + duration_s
        while time.monotonic() < until and not self._is_stopped():
            time.sleep(min(_TICK_S, duration_s))


def _words(error: Exception | None) -> str:
    if error is None:
        return "The run ended without an outcome."
    return str(error) if isinstance(error, SparewattError) else f"{type(error).__name__}: {error}"


def begin_task(store_url: str, below: str, stop: Cancel, *, once: bool, workers: int) -> WorkerTask:
    """What a worker of this process is sent, one of ``workers``."""
    cores = os.cpu_count() or 1
    return WorkerTask(store_url, below, stop, os.getpid(), once, max(1, cores // workers))
