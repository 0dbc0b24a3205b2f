"""`sparewatt serve` in a process of its own, to be killed: small steps, and no pictures in reports.

``python -m support.serve_runner STORE DATA WORKERS PORT``; spawned workers import this module as well.
"""

from __future__ import annotations

import os
import sys

import support.queue_runner  # noqa: F401 - small steps

if __name__ == "__main__":
    from sparewatt.faces.cli import main

    url, data, workers, port = sys.argv[1:]
    os.environ["SPAREWATT_DATA"] = data
    sys.argv = ["sparewatt", "serve", "--db", url, "--workers", workers, "--port", port]
    main()
