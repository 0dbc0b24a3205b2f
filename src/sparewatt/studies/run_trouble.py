"""What goes wrong in the middle of a run, in words, and noted in its log."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, SparewattError
from sparewatt.studies.run_log import TOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = logging.getLogger(__name__)


def os_error_text(error: OSError) -> str:
    """What the system refused, in words, without the place of the file on this machine."""
    name = f" {Path(str(error.filename)).name}" if error.filename is not None else ""
    return f"the file{name} cannot be read or written: {error.strerror or type(error).__name__}"


@contextlib.contextmanager
def trouble_in_log(number: int) -> Iterator[None]:
    """Note in the log why a run ends early.

    Inputs were read well before the run began, so an `InputError` in the middle means that something
    went away; it passes on as a `SparewattError`, since nothing of it is a person's slip.
    """
    try:
        yield
    except InputError as error:
        LOG.error("run %d: %s", number, error, extra=TOLD)  # noqa: TRY400 - expected, without a traceback
        raise SparewattError(f"What was readable before is not any more: {error}") from None
    except SparewattError as error:
        LOG.error("run %d: %s", number, error, extra=TOLD)  # noqa: TRY400 - expected, without a traceback
        raise
    except OSError as error:
        LOG.error("run %d: %s", number, os_error_text(error), extra=TOLD)  # noqa: TRY400 - as above
        raise
