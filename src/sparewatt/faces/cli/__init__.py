"""The command line: thin commands over studies, results and the store."""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["main"]

_AGAIN_S = 0.05


def main() -> None:
    """Run the command line; no traceback ever reaches a person, not even from Ctrl-C while it starts."""
    sys.unraisablehook = _interrupt_again
    try:
        from sparewatt.faces.cli.app import run_command_line  # noqa: PLC0415 - takes a moment, and Ctrl-C may come

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        _leave(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; what is left is to end
    if code == 1:  # perhaps a run that was stopped
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End at once: by sys.exit Python would end by the signal where Ctrl-C met `exec` of a string."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads
            stream.flush()
    os._exit(code)


def _interrupt_again(what: UnraisableHookArgs) -> None:
    """Ctrl-C that met a callback of the garbage collector would be lost; it is sent once more."""
    if issubclass(what.exc_type, KeyboardInterrupt):
        again = threading.Timer(_AGAIN_S, _thread.interrupt_main)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(what)
