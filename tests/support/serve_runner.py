"""`sparewatt serve` in a process of its own, to be killed: small steps, and no pictures in reports.

``python -m support.serve_runner STORE DATA WORKERS PORT [bare]``; spawned workers import this module as
well. ``bare``: with the API alone, since the pages take most of the time that a server needs to start.
"""

from __future__ import annotations

import os
import sys
import types

import support.queue_runner  # noqa: F401 - small steps


def put_pages_aside() -> None:
    """Let the server have no pages."""
    from starlette.applications import Starlette  # noqa: PLC0415 - in the first process only
    from starlette.routing import Mount  # noqa: PLC0415 - as above

    web = types.ModuleType("sparewatt.faces.web.app")
    web.make_web = lambda api, token: Starlette(routes=[Mount("/api", app=api)])
    sys.modules["sparewatt.faces.web.app"] = web


if __name__ == "__main__":
    from sparewatt.faces.cli import main

    url, data, workers, port, *bare = sys.argv[1:]
    if bare:
        put_pages_aside()
    os.environ["SPAREWATT_DATA"] = data
    sys.argv = ["sparewatt", "serve", "--db", url, "--workers", workers, "--port", port]
    main()
