"""Routes of neighbourhoods: kept in the store with the scores of their producers, and taken out to be run."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Response

from sparewatt.errors import InputError
from sparewatt.faces.api import neighbourhood_scores, neighbourhood_zip
from sparewatt.faces.api.bodies import (
    FAR,
    NeighbourhoodAsked,
    NeighbourhoodBody,
    Page,
    Pages,
    UploadBody,
    page_of,
)
from sparewatt.faces.api.clean import clean_finding
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.upload_files import new_upload
from sparewatt.faces.api.uploads import upload_body, upload_folder
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.tariff import TARIFF, read_tariff_steps
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.studies.community_store import keep_neighbourhood, write_out_neighbourhood

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.store import StoredNeighbourhood

router = APIRouter(tags=["neighbourhoods"])
router.include_router(neighbourhood_zip.router)
router.include_router(neighbourhood_scores.router)

Number = Annotated[int, Path(ge=1, lt=FAR, description="Number of the neighbourhood", examples=[1])]
FOLDER = "neighbourhood"
"""Folder of a neighbourhood in the upload that it is taken out to."""


@router.get("/neighbourhoods")
def list_neighbourhoods(place: Place, paging: Pages) -> Page[NeighbourhoodBody]:
    """The neighbourhoods that are kept, the one that was changed last first."""
    found = place.store.find_neighbourhoods()
    part = found[paging.offset : paging.offset + paging.limit]
    return page_of([_body(one) for one in part], len(found), paging)


@router.post("/neighbourhoods", status_code=201)
def keep(place: Place, asked: NeighbourhoodAsked) -> NeighbourhoodBody:
    """Keep the neighbourhood of an upload, with its scores; it is read and judged whole before."""
    return _keep(place, asked, None)


@router.get("/neighbourhoods/{number}")
def show_neighbourhood(place: Place, number: Number) -> NeighbourhoodBody:
    """One neighbourhood, with the scores of its producers."""
    return _body(place.store.find_neighbourhood(number))


@router.put("/neighbourhoods/{number}")
def replace_neighbourhood(place: Place, number: Number, asked: NeighbourhoodAsked) -> NeighbourhoodBody:
    """Put the neighbourhood of an upload, with its scores, in the place of one that is kept."""
    place.store.find_neighbourhood(number)
    return _keep(place, asked, number)


@router.delete("/neighbourhoods/{number}", status_code=204)
def delete_neighbourhood(place: Place, number: Number) -> Response:
    """Throw a neighbourhood away; its runs stay."""
    place.store.delete_neighbourhood(number)
    return Response(status_code=204)


@router.post("/neighbourhoods/{number}/load", status_code=201)
def load_neighbourhood(place: Place, number: Number) -> UploadBody:
    """Take a neighbourhood out as an upload, in its folder ``neighbourhood``, to be run or changed."""
    place.store.find_neighbourhood(number)
    store = place.store
    upload = new_upload(place.uploads, lambda new: write_out_neighbourhood(store, number, new / FOLDER))
    return upload_body(place.uploads / upload)


def _keep(place: ApiPlace, asked: NeighbourhoodAsked, number: int | None) -> NeighbourhoodBody:
    """Read a neighbourhood of an upload and keep it; an InputError where it is none."""
    name = " ".join("".join(c if c.isprintable() else " " for c in asked.name).split())
    if not name:
        raise ProblemError(422, "The neighbourhood has no name; give it one.")
    upload = upload_folder(place, asked.inputs)
    folder = _inside(upload, asked.folder)
    neighbourhood, findings = read_neighbourhood(folder)
    log = FindingLog()
    steps = None
    if (folder / TARIFF).is_file():
        text = FolderFiles(folder, log).read(TARIFF)
        steps = None if text is None else read_tariff_steps(TARIFF, text, log)
    if neighbourhood is None or log.errors:
        raise InputError([clean_finding(f, (upload,)) for f in (*findings, *log.findings())])
    named = replace(neighbourhood, name=name)
    return _body(keep_neighbourhood(place.store, named, steps=steps, number=number))


def _inside(upload: FilePath, folder: str) -> FilePath:
    """A folder of an upload."""
    parts = PurePosixPath(folder).parts
    if not any(p in {"..", "/"} or "\\" in p or "\0" in p for p in parts):
        path = upload.joinpath(*parts)
        with contextlib.suppress(OSError):  # a name that is too long
            if path.is_dir():
                return path
    raise ProblemError(422, "The upload has no such folder.")


def _body(kept: StoredNeighbourhood) -> NeighbourhoodBody:
    return NeighbourhoodBody(
        id=kept.id, name=kept.name, scores=dict(kept.scores), created=kept.created, changed=kept.changed
    )
