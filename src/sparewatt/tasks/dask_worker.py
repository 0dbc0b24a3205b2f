"""The inside of a Dask worker: one task, which can say how far it is and see whether to stop."""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

from sparewatt.fault import RunCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.tasks.control import Control
    from sparewatt.tasks.interface import Item, Result

_ASK_S = 0.3
"""Time between two questions to the scheduler, and between two words of progress [s]."""


def sparewatt_version() -> str:
    """The version of Sparewatt where this runs."""
    return str(importlib.import_module("sparewatt").__version__)


def run_on_worker(task: Callable[[Item, Control], Result], item: Item, index: int, name: str) -> Result:
    """One task of the map ``name``."""
    control = DaskControl(index, name)
    control.report(0.0)
    result = task(item, control)
    control.report_last()
    return result


class DaskControl:
    """`Control` over the scheduler of a cluster.

    Parameters
    ----------
    index
        Of the task.
    name
        Of the map: a topic for progress, and an event that is set when all are to stop.
    """

    def __init__(self, index: int, name: str) -> None:
        distributed = importlib.import_module("distributed")
        self._index, self._name = index, name
        self._worker: Any = distributed.get_worker()
        self._event: Any = distributed.Event(name)
        self._asked = self._said = -_ASK_S
        self._stopped = False
        self._share = 0.0

    def cancelled(self) -> bool:
        """Whether the map was told to stop."""
        now = time.monotonic()
        if not self._stopped and now - self._asked >= _ASK_S:
            self._asked, self._stopped = now, bool(self._event.is_set())
        return self._stopped

    def check(self) -> None:
        """Raise `RunCancelled` when the map was told to stop."""
        if self.cancelled():
            raise RunCancelled("The run was cancelled.")

    def report(self, progress: float) -> None:
        """Say how far the task is, now and then."""
        self._share = min(max(progress, 0.0), 1.0)
        now = time.monotonic()
        if now - self._said >= _ASK_S:
            self._said = now
            self.report_last()

    def report_last(self) -> None:
        """Say what was reported last."""
        self._worker.log_event(self._name, (self._index, self._share))
