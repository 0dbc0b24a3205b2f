"""The server as an application, and the workers beside it."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount

from sparewatt.errors import SparewattError
from sparewatt.faces.api import make_api
from sparewatt.faces.web.app import make_web
from sparewatt.studies.queue import work_queue
from sparewatt.studies.submission import submit_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sparewatt.tasks import Cancel

LOG = logging.getLogger(__name__)
_AGAIN_S = 2.0
"""Time before workers that could not start, or lost the store, are tried again [s]."""
_TICK_S = 0.1


def make_server(store_url: str, data: Path, *, token: str | None, begins: bool = False) -> Starlette:
    """The application that `sparewatt serve` serves: pages, and the API at ``/api``; see `make_api`.

    With ``begins`` the process that reads inputs is started at once, not when the first are to be read.
    """
    api = make_api(store_url, data, token=token)
    web = make_web(api, token=token)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if begins:
            api.state.place.reading.begin(import_module, submit_run.__module__)
        yield
        api.state.place.close()

    return Starlette(routes=[Mount("/", app=web)], lifespan=lifespan)


def queue_thread(store_url: str, data: Path, workers: int, stop: Cancel) -> threading.Thread:
    """A thread that works on the queue until ``stop`` is set; each worker is a process of its own.

    What stops the workers is noted in the log, and they are tried again: the server goes on answering.
    """

    def work() -> None:
        while not stop.is_set():
            try:
                work_queue(store_url, data, workers=workers, stop=stop)
            except SparewattError as error:
                LOG.error("the workers stopped: %s", error)  # noqa: TRY400 - for people, without a stack
            except Exception:
                LOG.exception("the workers stopped")
            until = time.monotonic() + _AGAIN_S
            while not stop.is_set() and time.monotonic() < until:
                time.sleep(_TICK_S)

    return threading.Thread(target=work, name="sparewatt queue", daemon=True)
