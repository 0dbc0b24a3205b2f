"""Heartbeats: said in the background again and again while a claim is worked on."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sparewatt.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def keep_beating(name: str, beat: Callable[[], None], every_s: float) -> Iterator[None]:
    """Call ``beat`` every ``every_s`` seconds, in a thread of that name, until the block ends.

    A heartbeat that the store does not take is left to the next write of the block, which reports it.
    """
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(every_s):
            try:
                beat()
            except StoreError:
                continue

    thread = threading.Thread(target=go_on, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
