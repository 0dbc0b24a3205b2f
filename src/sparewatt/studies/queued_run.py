"""One run from the queue, carried on by the process that took it, and watched over meanwhile."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sparewatt.errors import SparewattError, StoreError
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.run_files import SCENARIO_COPY
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.study import study_of
from sparewatt.tasks import Cancel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from sparewatt.results.store import Store, StoredRun

_LOOK_S = 0.4
"""Time between two looks for orders [s]."""
_NOTE_S = 1.0
"""Progress is noted at most this often [s]."""
_ALIVE_S = 5.0
"""It is said at least this often that the run is worked on [s]."""


def carry_on(stored: StoredRun, store_url: str, care: RunCare, *, most_workers: int) -> None:
    """Bring a run that this process took from the queue to its end, after what is kept of it.

    Parameters
    ----------
    stored
        The run, claimed by this process.
    store_url
        The store.
    care
        Is told the progress, and stops the run.
    most_workers
        Processes that the run may take at most.

    Raises
    ------
    RunCancelled
        It was stopped; what is done is kept.
    RunElsewhere
        Another process has it, or a part of it.
    StoreError
        The store is away.
    SparewattError
        The folder is gone or cannot be written, its inputs are not readable, or the run failed.
    """
    directory = Path(stored.directory)
    if not (directory / SCENARIO_COPY).is_file():
        raise SparewattError(
            f"The folder of run {stored.id} is gone, or holds no scenario any more; submit the scenario anew."
        )
    scenario = read_scenario(directory / SCENARIO_COPY)
    study = study_of(scenario)
    workers = min(study.workers(scenario), most_workers)
    place = RunPlace(store_url, lambda _: directory, workers, taken=stored.id)
    study.run(scenario, place, on_start=care.start, on_progress=care.progress, cancel=care.cancel)


class RunCare:
    """Watches over a run while it is worked on: heartbeats, progress, and orders to stop; a context manager.

    Parameters
    ----------
    store
        Where the run is noted.
    run_id, owner
        Which run, and the process that works on it.
    stops
        Any of them stops the run.
    """

    def __init__(self, store: Store, run_id: int, owner: str, stops: Sequence[Cancel]) -> None:
        self.cancel = Cancel()
        """Set when the run is to be stopped."""
        self._store, self._run_id, self._owner, self._stops = store, run_id, owner, stops
        self._shares: list[float] = [0.0]
        self._told: float | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"care for run {run_id}", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._end.set()
        self._thread.join()

    def start(self, number: int, names: tuple[str, ...]) -> None:
        """The run has so many parts."""
        del number
        self._shares = [0.0] * max(1, len(names))

    def progress(self, part: int, share: float) -> None:
        """So much of a part is done [0-1]."""
        self._shares[part] = share

    def _watch(self) -> None:
        noted = heard = time.monotonic()
        while not self._end.wait(_LOOK_S):
            if any(stop.is_set() for stop in self._stops):
                self.cancel.set()
            now, share = time.monotonic(), sum(self._shares) / len(self._shares)
            is_news = share not in {0.0, self._told} and now - noted >= _NOTE_S
            is_time = now - heard >= _ALIVE_S
            try:
                word = self._store.tend_run(
                    self._run_id, self._owner, progress=share if is_news else None, alive=is_time
                )
            except StoreError:
                continue  # whoever works on the run meets it too
            if is_news:
                noted, self._told = now, share
            if is_news or is_time:
                heard = now
            if word != "go on":
                self.cancel.set()
