"""Long native code beside the thread that hears Ctrl-C: a solver may not look up for seconds."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.tasks import Control

    Found = TypeVar("Found")

LOOK_S = 0.1
"""Time between two looks at whether the task is cancelled [s]."""


def work_aside(work: Callable[[], Found], control: Control) -> Found:
    """What ``work`` answers or raises, worked out on a thread of its own.

    Python hands a signal on in its first thread only, and not while native code runs there. Here that thread
    waits, and leaves at once when the task is cancelled. ``work`` is to ask ``control`` as well: it is left
    to itself then, and the process ends when it does.

    Parameters
    ----------
    work
        Pure; its answer does not depend on the thread.
    control
        Of the task.

    Raises
    ------
    RunCancelled
        The task was cancelled.
    """
    found: Future[Found] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - handed on to who waits
            found.set_exception(error)

    threading.Thread(target=run, name="aside").start()
    while True:
        try:
            return found.result(LOOK_S)
        except TimeoutError:
            if found.done():  # the work's own, or it came to an end just now
                return found.result()
            control.check()
