"""Tasks one after the other in the calling process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.fault import RunCancelled
from sparewatt.tasks.control import Cancel, Control
from sparewatt.tasks.interface import (
    Item,
    Result,
    cancelled_after,
    interrupts_set,
    is_on_purpose,
    task_failed,
    task_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _DirectControl:
    """`Control` that calls back at once."""

    def __init__(
        self, index: int, on_progress: Callable[[int, float], None] | None, flags: tuple[Cancel, ...]
    ) -> None:
        self._index = index
        self._on_progress = on_progress
        self._flags = flags

    def cancelled(self) -> bool:
        return any(flag.is_set() for flag in self._flags)

    def check(self) -> None:
        if self.cancelled():
            raise RunCancelled("The run was cancelled.")

    def report(self, progress: float) -> None:
        if self._on_progress is not None:
            self._on_progress(self._index, min(max(progress, 0.0), 1.0))


class InProcess:
    """`Tasks` in the calling process, in the order of the items."""

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
        """See `Tasks.map`."""
        interrupt = Cancel()
        flags = (interrupt, *([cancel] if cancel is not None else []))
        results: list[Result] = []
        with interrupts_set(interrupt):
            for index, item in enumerate(items):
                control = _DirectControl(index, on_progress, flags)
                if control.cancelled():
                    raise cancelled_after(index, len(items))
                name = task_name(names, index, len(items))
                try:
                    results.append(_attempt(task, item, control, name, retries))
                except RunCancelled:
                    if control.cancelled():
                        raise cancelled_after(index, len(items)) from None
                    raise
                if on_done is not None:
                    on_done(index, results[-1])
        return results


def _attempt(
    task: Callable[[Item, Control], Result], item: Item, control: Control, name: str, retries: int
) -> Result:
    """One task, tried at most ``retries + 1`` times."""
    for tries in range(1, retries + 2):
        try:
            return task(item, control)
        except Exception as error:
            if is_on_purpose(error):
                raise
            if tries > retries:
                raise task_failed(name, tries, f"{type(error).__name__}: {error}") from error
    raise AssertionError
