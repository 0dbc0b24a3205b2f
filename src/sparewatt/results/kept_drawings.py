"""Drawings that were made once and are kept as files, so that nobody waits for them twice."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG = logging.getLogger(__name__)
MOST = 500
"""Drawings that a folder keeps; beyond, those that were made first go."""


def kept_drawing(path: Path, draw: Callable[[], str], most: int = MOST) -> str:
    """A drawing from its file, or drawn now and kept there.

    Two who ask at once may both draw; each file is whole. Where nothing can be written it is drawn each time.

    Parameters
    ----------
    path
        Its file, in a folder of such files only; whatever changes the drawing must change the name.
    draw
        Draws it.
    most
        Files that the folder keeps.
    """
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")
    drawn = draw()
    try:
        write_whole_text(path, drawn)
        _forget(path.parent, path.suffix, most)
    except OSError:
        LOG.warning("a drawing cannot be kept", exc_info=True)
    return drawn


def _forget(folder: Path, suffix: str, most: int) -> None:
    """Remove what is too much; somebody else may be doing the same."""
    found = []
    for path in folder.glob(f"*{suffix}"):
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(found)[: max(0, len(found) - most)]:
        path.unlink(missing_ok=True)
