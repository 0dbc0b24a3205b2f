"""Routes of exports and bundles: a run as files to take along, and back."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from sparewatt.errors import InputError
from sparewatt.faces.api.bodies import RunBody
from sparewatt.faces.api.file_answer import KINDS, WholeFile, binary
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import FindingBody, ProblemError, finding_body
from sparewatt.faces.api.run_bodies import done_folder, run_body
from sparewatt.faces.api.runs import RunId  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.bundle_runs import import_bundle
from sparewatt.results.bundle import write_bundle
from sparewatt.results.export import export_run
from sparewatt.results.run_folder import REPORT_FILE

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.run_folder import RunFolder

router = APIRouter(tags=["export"])

Form = Literal["csv", "xlsx", "parquet", "html", "bundle"]
REPORT_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox allow-scripts"
}
"""A report is one self-contained page; it runs as a page of nobody, without this server's rights."""


class Imported(BaseModel):
    """A bundle that was taken in."""

    run: RunBody = Field(description="The run, done")
    findings: list[FindingBody] = Field(description="What was found in the bundle; no errors")


@router.get(
    "/runs/{run_id}/report",
    response_class=WholeFile,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def show_report(place: Place, run_id: RunId) -> WholeFile:
    """The report of a run: one self-contained page with its pictures."""
    _, folder, _ = done_folder(place, run_id)
    path = folder.path / REPORT_FILE
    if not path.is_file():
        raise ProblemError(404, f"Run {run_id} has no report; export it to html.")
    return WholeFile(path, headers=REPORT_HEADERS)


@router.get(
    "/runs/{run_id}/export",
    response_class=WholeFile,
    responses=binary(KINDS[end] for end in (".zip", ".xlsx", ".html")),
)
def export(
    place: Place,
    run_id: RunId,
    to: Annotated[Form, Query(description="csv and parquet: a zip of tables; bundle: a zip to import again")],
) -> WholeFile:
    """A run as a file: tables, workbook, page, or a bundle with scenario, inputs, outcome and series."""
    _, folder, _ = done_folder(place, run_id)
    place.data.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".export-", dir=place.data))
    try:
        path = _write(folder, to, made, f"sparewatt-run-{run_id}")
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    clear = BackgroundTask(shutil.rmtree, made, ignore_errors=True)
    headers = REPORT_HEADERS if to == "html" else None
    return WholeFile(path, filename=path.name, background=clear, headers=headers)


@router.post("/bundles", status_code=201)
async def import_bundle_file(
    place: Place, bundle: Annotated[UploadFile, File(description="A bundle of an export")]
) -> Imported:
    """Take in a bundle that a colleague exported: checked like any input, never executed."""
    try:
        return await run_in_threadpool(_import, place, bundle)
    except InputError as error:
        told = "The bundle was not taken in, and nothing of it was kept: the findings say why."
        raise ProblemError(422, told, error.findings) from None
    finally:
        await bundle.close()


def _import(place: ApiPlace, bundle: UploadFile) -> Imported:
    place.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=place.data) as made:
        path = Path(made, "bundle.zip")
        with path.open("wb") as out:
            shutil.copyfileobj(bundle.file, out)
        run, findings = import_bundle(path, place.store, place.data)
    return Imported(run=run_body(run), findings=[finding_body(f) for f in findings])


def _write(folder: RunFolder, to: Form, made: Path, stem: str) -> Path:
    """The file of an export."""
    if to == "bundle":
        scenario, inputs = folder.path / "scenario.toml", folder.path / "inputs"
        return write_bundle(
            folder,
            made / f"{stem}.zip",
            scenario=scenario if scenario.is_file() else None,
            inputs=inputs if inputs.is_dir() else None,
        )
    if to in {"xlsx", "html"}:
        return export_run(folder, to, made / f"{stem}.{to}")[0]
    target = made / f"{stem}-{to}.zip"
    stored = zipfile.ZIP_STORED if to == "parquet" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", stored) as out:
        for path in export_run(folder, to, made / to):
            out.write(path, path.name)
    return target
