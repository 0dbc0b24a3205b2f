"""A run followed as server-sent events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from sparewatt.errors import StoreError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import find_run, run_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sparewatt.faces.api.place import ApiPlace

POLL_S = 0.4
_ALIVE_POLLS = 25
"""A comment keeps a silent stream alive after so many looks."""

_ENDED = frozenset({"done", "failed", "cancelled"})


async def follow_run(place: ApiPlace, run_id: int) -> AsyncIterator[str]:
    """Events of a run until it ends, or nobody listens.

    A store that is away for a while is waited for; a run that is gone ends the stream.
    """
    told, silent = "", 0
    while True:
        try:
            body = run_body(await run_in_threadpool(find_run, place, run_id))
        except StoreError:
            body = None
        except ProblemError:
            return
        silent += 1
        if body is not None:
            text = body.model_dump_json()
            if body.state in _ENDED:
                yield f"event: end\ndata: {text}\n\n"
                return
            if text != told:
                yield f"event: progress\ndata: {text}\n\n"
                told, silent = text, 0
        if silent >= _ALIVE_POLLS:
            yield ": still there\n\n"
            silent = 0
        await asyncio.sleep(POLL_S)
