"""Routes of runs: ask for one, list, look, follow, cancel, carry on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field

from sparewatt.errors import StoreAway, StoreError, StoreMissing
from sparewatt.faces.api.bodies import FAR, Asked, Page, Paging, RunBody, State, page_of
from sparewatt.faces.api.clean import clean_text
from sparewatt.faces.api.follow import follow_run
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import find_run, run_body
from sparewatt.faces.api.scenarios import read_asked
from sparewatt.inputs.scenario import Study  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.studies.queue import cancel_run, requeue_run
from sparewatt.studies.submission import submit_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.store import StoredRun

router = APIRouter(tags=["runs"])

RunId = Annotated[int, Path(ge=1, lt=FAR, description="Number of the run", examples=[1])]
_ENDED = ("done", "failed", "cancelled")
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["progress", "end"], "description": "What happened"},
        "data": {"type": "string", "description": "The run, as JSON"},
    },
}


class RunFilter(Paging):
    """Which runs."""

    study: Study | None = Field(default=None, description="Of this study", examples=["depot"])
    states: list[State] | None = Field(
        default=None, max_length=5, description="In one of these states", examples=[["queued", "running"]]
    )
    text: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="With this in the name, in any case",
        examples=["vans"],
    )


@router.post("/runs", status_code=202)
def create_run(place: Place, asked: Asked, response: Response) -> RunBody:
    """Ask for a run: checked at once, then it waits for a worker. Findings of severity error refuse it."""
    run = place.reading.call(submit_run, read_asked(place, asked), place.store_url, place.data)
    response.headers["Location"] = f"runs/{run.id}"
    return run_body(run)


@router.get("/runs")
def list_runs(place: Place, wanted: Annotated[RunFilter, Query()]) -> Page[RunBody]:
    """Runs that match everything given, newest first."""
    page = place.store.list_runs(
        study=wanted.study,
        states=wanted.states,
        text=wanted.text,
        limit=wanted.limit,
        offset=wanted.offset,
    )
    return page_of([run_body(run) for run in page.runs], page.count, wanted)


@router.get("/runs/{run_id}")
def show_run(place: Place, run_id: RunId) -> RunBody:
    """One run."""
    return run_body(find_run(place, run_id))


@router.get("/runs/{run_id}/scenario")
def show_scenario(place: Place, run_id: RunId) -> dict[str, Any]:
    """The scenario of a run, as JSON."""
    text = find_run(place, run_id).scenario
    scenario: dict[str, Any] = json.loads(text) if text else {}
    tables = scenario.get("inputs", {}).get("tables")
    if isinstance(tables, str):
        scenario["inputs"]["tables"] = clean_text(tables)
    return scenario


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
)
async def follow(place: Place, run_id: RunId) -> StreamingResponse:
    """Follow a run: server-sent events.

    ``progress`` with the run as JSON, now and whenever it changes; ``end`` with the run when it is done,
    failed or cancelled, after which the stream ends.
    """
    await run_in_threadpool(find_run, place, run_id)
    return StreamingResponse(follow_run(place, run_id), media_type="text/event-stream")


@router.post("/runs/{run_id}/cancel", status_code=202)
def cancel(place: Place, run_id: RunId) -> RunBody:
    """Cancel a run: one that waits at once, one that is worked on within moments; its pieces are kept."""
    run = find_run(place, run_id)
    if run.state in _ENDED:
        raise ProblemError(409, f"Run {run.id} is {run.state} already.")
    return _ordered(place, cancel_run, run_id)


@router.post("/runs/{run_id}/requeue", status_code=202)
def requeue(place: Place, run_id: RunId) -> RunBody:
    """Let a cancelled or failed run wait for a worker again; it goes on after its last piece."""
    run = find_run(place, run_id)
    if run.state not in {"failed", "cancelled"}:
        raise ProblemError(409, f"Run {run.id} is {run.state}; a failed or cancelled run is carried on.")
    return _ordered(place, requeue_run, run_id)


def _ordered(place: ApiPlace, order: Callable[[str, int], StoredRun], run_id: int) -> RunBody:
    """A run after an order to it; a problem where it is not in a state for that, or was begun elsewhere."""
    try:
        return run_body(order(place.store_url, run_id))
    except (StoreAway, StoreMissing):
        raise
    except StoreError as error:
        raise ProblemError(409, str(error)) from None
