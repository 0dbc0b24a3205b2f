"""The inside of a worker process: it hears no Ctrl-C and ends with its parent, however that dies."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparewatt.tasks.control import Control
    from sparewatt.tasks.interface import Item, Result

_PR_SET_PDEATHSIG = 1


def begin(parent: int) -> None:
    """Initialise a worker of the process ``parent``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def begin_apart() -> None:
    """Initialise a worker whose first thread of the parent may end long before the parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def run(task: Callable[[Item, Control], Result], item: Item, control: Control) -> Result:
    """One task; the board shows that it was begun."""
    control.report(0.0)
    return task(item, control)


def _end_with_parent() -> None:
    """Wait until the parent is gone, then go at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


@contextlib.contextmanager
def deaf_children() -> Iterator[None]:
    """Children started inside are born with Ctrl-C blocked, so none shows a traceback while it starts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
