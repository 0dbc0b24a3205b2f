"""What goes wrong in the middle of a run, in words, and noted in its log and in the store."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.studies.run_log import TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparewatt.results.store import RunState

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


@contextlib.contextmanager
def trouble_in_store(number: int, leave: Callable[[RunState, str], None]) -> Iterator[None]:
    """Let go of a run that ends early, in the state that it is in.

    Where the store itself is away, or the run belongs to another process, it is left alone.

    Parameters
    ----------
    number
        The run.
    leave
        Notes state and error in the store.

    Raises
    ------
    RunCancelled
        Somebody stopped it, with Ctrl-C or otherwise.
    SparewattError
        A file could not be read or written.
    """
    try:
        yield
    except RunCancelled:
        leave("cancelled", "")
        raise
    except KeyboardInterrupt:
        leave("cancelled", "")
        raise RunCancelled("The run was stopped; what was committed stays.") from None
    except (StoreError, RunElsewhere):
        raise
    except OSError as error:
        said = f"Run {number}: {os_error_text(error)}."
        leave("failed", said)
        raise SparewattError(f"{said} What was committed stays.") from error
    except Exception as error:
        said = str(error) if isinstance(error, SparewattError) else f"{type(error).__name__}: {error}"
        leave("failed", said)
        raise
