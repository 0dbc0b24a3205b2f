"""RunWatch: whoever asked for a run is told of its begin and progress, and may stop it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.tasks import Cancel


@dataclass(frozen=True)
class RunWatch:
    """The calls that came with a run; each may be missing.

    Parameters
    ----------
    on_start
        Called once with the run's number and the names of its parts.
    on_progress
        Called with the index of a part and the share of it that is done [0-1].
    cancel
        Stops the run after what is being worked on.
    """

    on_start: Callable[[int, tuple[str, ...]], None] | None = None
    on_progress: Callable[[int, float], None] | None = None
    cancel: Cancel | None = None

    def started(self, number: int, names: tuple[str, ...]) -> None:
        """The run began."""
        if self.on_start is not None:
            self.on_start(number, names)

    def progress(self, part: int, share: float) -> None:
        """So much of a part is done."""
        if self.on_progress is not None:
            self.on_progress(part, share)

    def is_cancelled(self) -> bool:
        """Whether the run is to be stopped."""
        return self.cancel is not None and self.cancel.is_set()
