"""Tasks for the tests of `sparewatt.tasks`; workers import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import StoreError
from sparewatt.tasks import ProcessPool

if TYPE_CHECKING:
    from sparewatt.tasks import Control


def square(item: int, control: Control) -> int:
    control.report(1.0)
    return item * item


def slow_for_early(item: int, control: Control) -> int:
    del control
    time.sleep(0.3 if item == 0 else 0.0)
    return item


def store_error(item: int, control: Control) -> int:
    if item == 1:
        raise StoreError("the database is away: start it again")
    while not control.cancelled():
        time.sleep(0.01)
    control.check()
    return item


def bug(item: tuple[int, str], control: Control) -> int:
    """Notes every try in a file, and fails on item 1."""
    del control
    number, folder = item
    with Path(folder, f"tries-{number}").open("a") as file:
        file.write("x")
    if number == 1:
        raise KeyError("no such thing")
    return number


def better_later(item: str, control: Control) -> str:
    """Fails until it was tried twice."""
    del control
    path = Path(item)
    path.write_text((path.read_text() if path.exists() else "") + "x")
    if len(path.read_text()) < 3:
        raise OSError("not yet")
    return path.read_text()


def kill_itself_once(item: tuple[int, str], control: Control) -> int:
    """The first try of item 2 is killed as the kernel would when memory runs out."""
    del control
    number, folder = item
    mark = Path(folder, "killed")
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


def kill_itself_always(item: int, control: Control) -> int:
    control.report(0.5)
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return item


def note_pid_and_wait(item: str, control: Control) -> str:
    """Writes its process id and then polls the control, for at most a minute."""
    Path(item).with_suffix(".tmp").write_text(str(os.getpid()))
    Path(item).with_suffix(".tmp").rename(item)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if control.cancelled():
            Path(item).with_suffix(".stopped").touch()
        control.check()
        time.sleep(0.02)
    return item


def note_pid_and_ignore(item: str, control: Control) -> str:
    """Writes its process id and hears nothing."""
    del control
    Path(item).with_suffix(".tmp").write_text(str(os.getpid()))
    Path(item).with_suffix(".tmp").rename(item)
    time.sleep(60)
    return item


def run_pool(folder: str, kind: str) -> None:
    """What a parent process runs: a pool of two that waits."""
    task = {"polite": note_pid_and_wait, "rude": note_pid_and_ignore}[kind]
    ProcessPool(2, grace_s=20.0).map(task, [f"{folder}/a", f"{folder}/b"])
