"""Routes of uploads: input files in, checked before they are kept."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Path, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from sparewatt.errors import InputError
from sparewatt.faces.api.bodies import FileBody, UploadBody
from sparewatt.faces.api.place import Place, UploadLimits
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.upload_files import clear_old, find_upload, keep_upload, list_files

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from sparewatt.faces.api.place import ApiPlace

router = APIRouter(tags=["inputs"])

UploadId = Annotated[
    str, Path(max_length=64, description="Id of the upload", examples=["5d0c7f5b9a3c4f0f8a6f6a1c0a4b2e11"])
]


def upload_folder(place: ApiPlace, upload_id: str) -> FilePath:
    """The folder of an upload, which is in use by this; a problem where there is none."""
    folder = find_upload(place.uploads, upload_id)
    if folder is None:
        raise ProblemError(404, "There is no such upload; it may be too old. Upload the inputs again.")
    os.utime(folder)
    return folder


def upload_body(folder: FilePath) -> UploadBody:
    """An upload as it is told."""
    return UploadBody(id=folder.name, files=[FileBody(name=n, size=s) for n, s in list_files(folder)])


@router.post("/uploads", status_code=201, form_limits={"max_files": 2 * UploadLimits().files})
async def upload(
    place: Place,
    files: Annotated[
        list[UploadFile],
        File(description="Input files; a name may hold folders: tables/t_client.csv. Or one zip of them."),
    ],
) -> UploadBody:
    """Upload the inputs of a scenario.

    Taken are .csv, .toml, .json, .xml, .dss, .txt, .xlsx, .parquet, or one .zip of them. An upload is thrown
    away when nobody has used it for seven days; runs keep a copy of their own.
    """
    given = [(f.filename or "", f.file) for f in files]

    def keep() -> UploadBody:
        clear_old(place.uploads)
        return upload_body(place.uploads / keep_upload(place.uploads, given, place.limits))

    try:
        return await run_in_threadpool(keep)
    except InputError as error:
        told = "Nothing of the upload was kept: the findings say what is wrong with which file."
        raise ProblemError(422, told, error.findings) from None
    finally:
        for file in files:
            await file.close()


@router.get("/uploads/{upload_id}")
def show_upload(place: Place, upload_id: UploadId) -> UploadBody:
    """The files of an upload."""
    return upload_body(upload_folder(place, upload_id))


@router.delete("/uploads/{upload_id}", status_code=204)
def delete_upload(place: Place, upload_id: UploadId) -> Response:
    """Throw an upload away; runs of it keep their copies."""
    shutil.rmtree(upload_folder(place, upload_id), ignore_errors=True)
    return Response(status_code=204)
