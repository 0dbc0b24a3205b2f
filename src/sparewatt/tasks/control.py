"""What a running task may know of the world: whether to stop, and where to say how far it is.

Both live in small files, so that they work in process, across `spawn`, and whoever is killed when:
there is no lock that a dead process could keep.
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from sparewatt.fault import RunCancelled

if TYPE_CHECKING:
    from types import TracebackType

_VALUE = struct.Struct("<d")
_WAITING = -1.0


class Control(Protocol):
    """What every task is given beside its item."""

    def cancelled(self) -> bool:
        """Whether the task should stop at its next safe point."""
        ...

    def check(self) -> None:
        """Raise `RunCancelled` when the task should stop."""
        ...

    def report(self, progress: float) -> None:
        """Say how much of the task is done [0-1]."""
        ...


class Cancel:
    """A flag that is set once and that every process it was sent to can see.

    It may travel inside items: a copy in another process looks at the same file. The process that made
    it removes it at its end.
    """

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="sparewatt-cancel-")
        self._mark = Path(folder, "stop")
        self._tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def set(self) -> None:
        """Ask everyone to stop."""
        self._mark.parent.mkdir(exist_ok=True)  # long runs may outlive what cleans temporary folders
        self._mark.touch()

    def is_set(self) -> bool:
        """Whether someone asked to stop."""
        return self._mark.exists()

    def __getstate__(self) -> Path:
        """Only the place travels; the maker alone removes it."""
        return self._mark

    def __setstate__(self, mark: Path) -> None:
        """A copy that looks at the maker's file."""
        self._mark = mark


class Board:
    """One number per task in a file: -1 not started, else its progress [0-1]; a context manager."""

    def __init__(self, tasks: int) -> None:
        self._folder = tempfile.mkdtemp(prefix="sparewatt-tasks-")
        self.path = Path(self._folder, "progress")
        self.path.write_bytes(_VALUE.pack(_WAITING) * tasks)

    def __enter__(self) -> Self:
        """The board itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def progress(self) -> list[float]:
        """Progress of every task."""
        return [value for (value,) in _VALUE.iter_unpack(self.path.read_bytes())]

    def started(self, index: int) -> bool:
        """Whether task `index` was ever begun in its present try."""
        return self.progress()[index] != _WAITING

    def clear(self, index: int) -> None:
        """Forget that task `index` was begun."""
        _write(self.path, index, _WAITING)


class FileControl:
    """`Control` over a `Board` and flags; it is sent to the worker with the item."""

    def __init__(self, board: Path, index: int, *flags: Cancel) -> None:
        self._board = board
        self._index = index
        self._flags = flags

    def cancelled(self) -> bool:
        """Whether any flag is set."""
        return any(flag.is_set() for flag in self._flags)

    def check(self) -> None:
        """Raise `RunCancelled` when any flag is set."""
        if self.cancelled():
            raise RunCancelled("The run was cancelled.")

    def report(self, progress: float) -> None:
        """Write progress on the board."""
        _write(self._board, self._index, min(max(progress, 0.0), 1.0))


def _write(path: Path, index: int, value: float) -> None:
    """Overwrite one number; a board that is gone means nobody is looking any more."""
    try:
        with path.open("r+b") as file:
            file.seek(index * _VALUE.size)
            file.write(_VALUE.pack(value))
            file.flush()
    except FileNotFoundError:
        if os.path.lexists(path.parent):
            raise
