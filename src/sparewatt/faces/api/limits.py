"""Routes of limits: what a run offers to other runs."""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from sparewatt.faces.api.bodies import LimitBody, Strict
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.result_bodies import MOST_POINTS, LineBody
from sparewatt.faces.api.run_bodies import find_run
from sparewatt.faces.api.runs import RunId  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.results.limit_file import limit_csv
from sparewatt.results.series_window import read_series_window

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.store import StoredLimit, StoredRun

router = APIRouter(tags=["results"])


class LimitName(Strict):
    """Which limit."""

    name: str = Field(max_length=300, description="What it limits")
    zone: str = Field(default="", max_length=300, description="Its zone")


class LimitQuery(LimitName):
    """Which limit, and which part of it."""

    start: AwareDatetime | None = Field(default=None, description="First moment; left out: of the limit")
    end: AwareDatetime | None = Field(default=None, description="First moment that is out; left out: all")
    points: int = Field(default=1000, ge=2, le=MOST_POINTS, description="Points per bound at most")


@router.get("/runs/{run_id}/limits")
def list_limits(place: Place, run_id: RunId) -> list[LimitBody]:
    """The limits that a run offers to other runs."""
    find_run(place, run_id)
    return [LimitBody(name=limit.name, zone=limit.zone) for limit in place.store.read_limits(run_id)]


@router.get("/runs/{run_id}/limits/window")
def show_limit(place: Place, run_id: RunId, wanted: Annotated[LimitQuery, Query()]) -> list[LineBody]:
    """The bounds of a limit over time [kW]: lower_kw and upper_kw, every minimum and maximum kept."""
    lines = read_series_window(
        _offered_file(place, run_id, wanted),
        ("lower_kw", "upper_kw"),
        start=wanted.start,
        end=wanted.end,
        points=wanted.points,
    )
    return [LineBody(column=w.column, times=list(w.times), values=list(w.values), rows=w.rows) for w in lines]


@router.get(
    "/runs/{run_id}/limits/csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_limit(place: Place, run_id: RunId, wanted: Annotated[LimitName, Query()]) -> Response:
    """A limit as CSV: time (UTC), lower_kw, upper_kw; one row per period of its run."""
    text = limit_csv(_offered_file(place, run_id, wanted))
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"run-{run_id}-limit-{wanted.zone or wanted.name}").strip("-")
    return Response(
        text,
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name[:100]}.csv"'},
    )


def _offered_file(place: ApiPlace, run_id: int, wanted: LimitName) -> FilePath:
    """The file of a limit that a run offers; a problem where it offers none like it."""
    run = find_run(place, run_id)
    offered = place.store.read_limits(run_id)
    limit = next((one for one in offered if (one.name, one.zone) == (wanted.name, wanted.zone)), None)
    path = None if limit is None else _limit_file(run, limit)
    if path is None:
        raise ProblemError(404, f"Run {run_id} offers no such limit.")
    return path


def _limit_file(run: StoredRun, limit: StoredLimit) -> FilePath | None:
    """The file of a limit, inside the folder of its run or beside it, or none."""
    windows = PureWindowsPath(limit.path)
    if PurePosixPath(limit.path).is_absolute() or windows.drive or ".." in windows.parts or not run.directory:
        return None
    folder = FilePath(run.directory)
    found = (folder / limit.path, folder.parent / limit.path)
    return next((path for path in found if path.is_file() and not path.is_symlink()), None)
