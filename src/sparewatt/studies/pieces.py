"""Pieces: finished parts of a run, each in one file of its folder, whole or not there."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.whole_file import whole_file
from sparewatt.studies.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PIECES = "pieces"
"""Folder of the pieces, in the folder of the run."""
_FILE = re.compile(r"[a-z0-9_-]+\.bin")

Arrays = dict[str, "NDArray[Any]"]


@dataclass(frozen=True)
class Pieces:
    """What is done of a run.

    Parameters
    ----------
    directory
        Folder of the run.
    key
        What the pieces belong to: inputs, seed and versions, see `checkpoint_key`.
    """

    directory: Path
    key: bytes

    def read(self, name: str) -> Arrays | None:
        """The arrays of a piece, or ``None`` where it is not done, damaged, or of other inputs."""
        content = self._file(name).read()
        if content is None:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    def keep(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep a piece that is done."""

        def content() -> bytes:
            out = io.BytesIO()
            np.savez(out, allow_pickle=False, **arrays)
            return out.getvalue()

        self._file(name).keep(content, now=True)

    def copy_from(self, before: Path) -> None:
        """Take over what is done from another folder."""
        old = before / PIECES
        if before == self.directory or not old.is_dir():
            return
        for path in sorted(old.iterdir()):
            if _FILE.fullmatch(path.name) and path.is_file():
                with whole_file(self.directory / PIECES / path.name) as partial:
                    shutil.copyfile(path, partial)

    def _file(self, name: str) -> Checkpoint:
        return Checkpoint(self.directory / PIECES / f"{name}.bin", self.key)


def clear_pieces(directory: Path) -> None:
    """Take away the pieces in the folder of a run, and only those."""
    folder = directory / PIECES
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _FILE.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
