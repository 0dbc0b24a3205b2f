"""The one interface of work over many cores or machines: a map of pure, repeatable tasks."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

from sparewatt.fault import RunCancelled, SparewattError, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from sparewatt.tasks.control import Cancel, Control

Item = TypeVar("Item")
Result = TypeVar("Result")


class Tasks(Protocol):
    """Runs one function over many items; in process, over processes, or over machines.

    The function and its items must be picklable and the function repeatable: after a crash it runs
    again on the same item. It is called as ``task(item, control)``.
    """

    def map(
        self,
        task: Callable[[Item, Control], Result],
        items: Sequence[Item],
        *,
        names: Sequence[str] | None = None,
        on_done: Callable[[int, Result], None] | None = None,
        on_progress: Callable[[int, float], None] | None = None,
        cancel: Cancel | None = None,
        retries: int = 2,
    ) -> list[Result]:
        """Results of ``task`` over ``items``, in the order of the items.

        Parameters
        ----------
        task
            Function at the top of a module.
        items
            What it is called with, one call each.
        names
            What to call the tasks in messages.
        on_done, on_progress
            Called in the calling thread: ``(index, result)`` as tasks finish, in whatever order,
            and ``(index, progress)`` with what ``control.report`` said [0-1].
        cancel
            Set from anywhere, it ends the map: running tasks see it through their control, no new
            ones start.
        retries
            How often a task is tried again after an exception or a killed worker.

        Raises
        ------
        SparewattError
            Unchanged, as a task raised it; the other tasks are told to stop.
        TaskError
            A task failed on every try; the message names it and its cause is attached.
        RunCancelled
            ``cancel`` was set, or Ctrl-C was pressed, before all tasks were done.
        """
        ...


def task_name(names: Sequence[str] | None, index: int, count: int) -> str:
    """Name of a task in messages; never its item, which may hold the address of a database."""
    return names[index] if names is not None else f"task {index + 1} of {count}"


def task_failed(name: str, tries: int, why: str) -> TaskError:
    """The error of a task that failed on every try."""
    times = f"{tries} times" if tries > 1 else "once"
    return TaskError(
        f"{name} failed {times} and was given up: {why}. What was committed stays; "
        "carry on with --resume when the cause is gone."
    )


def is_on_purpose(error: BaseException) -> bool:
    """Whether an exception is to pass unchanged: ours, and the ways of Python to end a program."""
    return isinstance(error, SparewattError) or not isinstance(error, Exception)


def cancelled_after(done: int, count: int) -> RunCancelled:
    """The state of a map that was cancelled."""
    return RunCancelled(f"The run was cancelled after {done} of {count} tasks; what was committed stays.")


@contextlib.contextmanager
def interrupts_set(flag: Cancel) -> Iterator[None]:
    """Ctrl-C sets ``flag``; pressed again, it is a KeyboardInterrupt at once.

    Only the main thread may change signal handlers, and only the default one is replaced: a caller
    with a handler of their own keeps it.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        flag.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
