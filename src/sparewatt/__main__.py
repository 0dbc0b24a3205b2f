"""The command ``sparewatt``, also as ``python -m sparewatt``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it in peace."""
    try:
        from sparewatt.faces.cli import main as run  # noqa: PLC0415 - takes a moment, and Ctrl-C may come
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        os._exit(1)
    run()


if __name__ == "__main__":
    main()
