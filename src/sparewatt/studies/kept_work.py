"""What is kept of a run under way, in its folder, so that it can be carried on; gone when it is done."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sparewatt.results.whole_file import whole_file
from sparewatt.studies.checkpoint import CHECKPOINT_FILE, Checkpoint
from sparewatt.studies.pieces import Pieces, clear_pieces

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class KeptWork:
    """State and pieces of a run; a study uses either, or both.

    Parameters
    ----------
    directory
        Folder of the run.
    key
        What the work belongs to: inputs, seed and versions, see `checkpoint_key`.
    """

    directory: Path
    key: bytes

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The state of the run, in one file."""
        return Checkpoint(self.directory / CHECKPOINT_FILE, self.key)

    @cached_property
    def pieces(self) -> Pieces:
        """Parts of the run that are done, each in a file."""
        return Pieces(self.directory, self.key)

    def copy_from(self, before: Path) -> None:
        """Take over what another folder keeps; there it stays, see `clear_kept`."""
        if before == self.directory:
            return
        if (before / CHECKPOINT_FILE).is_file():
            with whole_file(self.directory / CHECKPOINT_FILE) as partial:
                shutil.copyfile(before / CHECKPOINT_FILE, partial)
        self.pieces.copy_from(before)


def clear_kept(directory: Path) -> None:
    """Take away what a folder keeps of a run that is done, or that goes on elsewhere."""
    (directory / CHECKPOINT_FILE).unlink(missing_ok=True)
    clear_pieces(directory)
