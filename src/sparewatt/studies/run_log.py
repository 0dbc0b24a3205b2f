"""The log of a run, kept beside its outcome by every process that works on it."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG_FILE = "run.log"

TOLD = {"told": True}
"""``extra`` of a record that the face tells the person itself; only the file keeps it."""

_FORM = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


@contextlib.contextmanager
def kept_log(directory: Path) -> Iterator[None]:
    """Append what the library logs to ``run.log`` in the folder of a run, from info on."""
    directory.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("sparewatt")
    path = str((directory / LOG_FILE).absolute())
    if any(isinstance(h, logging.FileHandler) and h.baseFilename == path for h in logger.handlers):
        yield  # kept already
        return
    handler = logging.FileHandler(directory / LOG_FILE, mode="a", encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORM))
    before = logger.level
    if not before or before > logging.INFO:
        logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
