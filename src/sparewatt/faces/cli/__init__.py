"""The command line: thin commands over studies, results and the store."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; no traceback ever reaches a person, not even from Ctrl-C while it starts."""
    try:
        from sparewatt.faces.cli.app import run_command_line  # noqa: PLC0415 - takes a moment, and Ctrl-C may come

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        code = 1
    sys.exit(code)


__all__ = ["main"]
