"""The queue of runs: worked on by processes that survive each other, and ordered about by number."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sparewatt.results.store import Store
from sparewatt.studies.queue_crew import Crew
from sparewatt.studies.queue_worker import QueueEvent, begin_task
from sparewatt.tasks import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.results.store import StoredRun

__all__ = ["QueueEvent", "cancel_run", "requeue_run", "work_queue"]


def work_queue(
    store_url: str,
    data: Path,
    *,
    workers: int,
    stop: Cancel,
    once: bool = False,
    on_event: Callable[[QueueEvent], None] | None = None,
) -> int:
    """Work on the runs of the queue, ``workers`` of them side by side, until told to stop.

    Each worker is a process of its own, which ends with this one however that ends. It takes the oldest run
    that was submitted with the same ``data`` and that nobody works on, carries it on after what is kept of
    it, and takes the next. A worker that dies is replaced, and its run is taken over. When the store is away
    they wait for it.

    Parameters
    ----------
    store_url
        The store; it is made where there is none.
    data
        Folder that the folders of runs lie in.
    workers
        Runs that are worked on side by side.
    stop
        Ends the work: what is being worked on is kept and queued again.
    once
        Whether to end when the queue is empty.
    on_event
        Called in this thread with what happens.

    Returns
    -------
    int
        How many runs came to an end: done, failed or cancelled.

    Raises
    ------
    StoreError
        The store is away from the beginning.
    SparewattError
        Workers cannot be started.
    """
    if workers < 1:
        msg = f"a queue needs at least one worker, not {workers}"
        raise ValueError(msg)
    store_url = _address(store_url)
    below = f"{data.resolve()}{os.sep}"
    task = begin_task(store_url, below, Cancel(), once=once, workers=workers)
    return Crew(task, workers, stop, on_event).work()


def cancel_run(store_url: str, run_id: int) -> StoredRun:
    """Cancel a run: at once where it waits, else its worker is asked to stop (``stop_wanted``).

    A run that is stopped keeps its pieces and becomes ``cancelled`` within seconds; `requeue_run` has it
    carried on. A run that is cancelled already stays so.

    Raises
    ------
    StoreError
        The store is away, there is no such run, it has ended, or it was begun by ``sparewatt run``.
    """
    with Store.open(store_url, create=False) as store:
        return store.stop_run(run_id)


def requeue_run(store_url: str, run_id: int) -> StoredRun:
    """Queue a run again that failed or was cancelled; it goes on after what is kept of it.

    Raises
    ------
    StoreError
        The store is away, there is no such run, it is done or goes on, or it was begun by ``sparewatt run``.
    """
    with Store.open(store_url, create=False) as store:
        return store.requeue_run(run_id)


def _address(store_url: str) -> str:
    """The whole address of a store that answers."""
    with Store.open(store_url) as store:
        return store.address
