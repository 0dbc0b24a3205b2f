"""Route of a neighbourhood's folder as a zip, finished or not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from sparewatt.faces.api.bodies import FAR
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.studies.neighbourhood_transfer import folder_zip

router = APIRouter(tags=["neighbourhoods"])

_ZIP: dict[str, Any] = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/neighbourhoods/{number}/folder.zip", response_class=Response, responses={200: _ZIP})
def write_out(
    place: Place,
    number: Annotated[int, Path(ge=1, lt=FAR, description="Number of the neighbourhood", examples=[1])],
) -> Response:
    """A neighbourhood as a zip of its folder, with prices and scores; one that is not finished too."""
    name, content = folder_zip(place.store, number)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/zip", headers=headers)
