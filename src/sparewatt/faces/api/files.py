"""Routes of single input files: of an upload, and of a run's own copy, as they were given."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path

from sparewatt.faces.api.bodies import FileBody
from sparewatt.faces.api.file_answer import KINDS, TEXT, WholeFile, binary
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import find_run
from sparewatt.faces.api.runs import RunId  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.upload_files import list_files
from sparewatt.faces.api.uploads import UploadId, upload_folder
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.run_inputs import list_inputs

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.run_inputs import InputFile

router = APIRouter(tags=["inputs"])

_KINDS = (*(KINDS[end] for end in (".csv", ".toml", ".json", ".xml", ".xlsx", ".parquet")), TEXT)

FileName = Annotated[
    str,
    Path(
        max_length=500,
        description="Name as the list has it, with its folders",
        examples=["tables/t_client.csv"],
    ),
]


@router.get("/uploads/{upload_id}/files/{name:path}", response_class=WholeFile, responses=binary(_KINDS))
def download_file(place: Place, upload_id: UploadId, name: FileName) -> WholeFile:
    """One file of an upload, byte for byte as it was sent."""
    folder = upload_folder(place, upload_id)
    if name not in {known for known, _ in list_files(folder)}:
        raise ProblemError(404, "The upload has no such file; GET /uploads/{upload_id} lists its files.")
    path = folder / name
    return WholeFile(path, filename=path.name)


@router.get("/runs/{run_id}/inputs")
def list_run_inputs(place: Place, run_id: RunId) -> list[FileBody]:
    """The run's own copy of its scenario and inputs; empty where it keeps none."""
    return [FileBody(name=file.name, size=file.size) for file in _inputs(place, run_id)]


@router.get("/runs/{run_id}/inputs/{name:path}", response_class=WholeFile, responses=binary(_KINDS))
def download_run_input(place: Place, run_id: RunId, name: FileName) -> WholeFile:
    """One file of the run's own copy of its scenario and inputs."""
    found = next((file for file in _inputs(place, run_id) if file.name == name), None)
    if found is None:
        raise ProblemError(404, f"Run {run_id} keeps no such input; GET /runs/{run_id}/inputs lists them.")
    return WholeFile(found.path, filename=found.path.name)


def _inputs(place: ApiPlace, run_id: int) -> tuple[InputFile, ...]:
    run = find_run(place, run_id)
    return list_inputs(RunFolder(FilePath(run.directory))) if run.directory else ()
