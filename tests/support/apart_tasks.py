"""Calls for the tests of `sparewatt.tasks.Apart`; its process imports them by name."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path


def process_id(*_given: object) -> int:
    return os.getpid()


def refuse(what: str) -> None:
    raise InputError([Finding("depot.x", "error", what, "is wrong", "7", "8")])


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(30)


def crash_once(mark: Path) -> str:
    if not mark.exists():
        mark.write_text("was here")
        crash()
    return "second time"


def wait_for(seconds: float) -> None:
    time.sleep(seconds)


def time_out() -> None:
    raise TimeoutError("of its own")
