"""Route of the small map of a network run: a picture for lists, which a browser keeps."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from sparewatt import __version__
from sparewatt.errors import InputError
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder, find_run
from sparewatt.faces.api.runs import RunId  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.web.pictures.colours import CYCLE, GREY
from sparewatt.results.kept_drawings import kept_drawing
from sparewatt.results.network_glance import draw_small_map
from sparewatt.results.run_folder import SERIES

router = APIRouter(tags=["results"])
_KIND = "image/svg+xml"


@router.get(
    "/runs/{run_id}/map",
    response_class=Response,
    responses={
        200: {"content": {_KIND: {"schema": {"type": "string"}}}},
        304: {"description": "The caller has it already"},
    },
)
def show_small_map(
    place: Place,
    run_id: RunId,
    if_none_match: Annotated[str, Header(max_length=500, description="ETag of the one that is there")] = "",
) -> Response:
    """The cables of a network run as a small SVG, a colour per feeder; drawn anew only where it changed."""
    run = find_run(place, run_id)
    if run.study != "network":
        raise ProblemError(404, f"Run {run.id} is no network run, so it has no map.")
    version = hashlib.sha256(f"{run.input_hash} {__version__}".encode()).hexdigest()[:32]
    tag = f'"{version}"'
    kept = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if run.state == "done" and tag in if_none_match:
        return Response(status_code=304, headers=kept)

    def draw() -> str:
        _, folder, _ = done_folder(place, run_id)
        return draw_small_map(folder.path / SERIES, CYCLE, GREY)

    try:
        drawn = kept_drawing(place.data / "maps" / f"{run.id}-{version}.svg", draw)
    except InputError:
        raise ProblemError(410, f"The files of run {run.id} are not there any more; run it again.") from None
    return Response(drawn, media_type=_KIND, headers=kept)
