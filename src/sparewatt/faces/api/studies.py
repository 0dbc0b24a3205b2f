"""Routes of studies: what can be run, checks, and examples that run."""

from __future__ import annotations

import inspect
import tempfile
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Response

from sparewatt.faces.api.bodies import Asked, Checked, RunBody, StudyBody
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import finding_body
from sparewatt.faces.api.run_bodies import run_body
from sparewatt.faces.api.scenarios import read_asked
from sparewatt.finding import has_errors
from sparewatt.inputs.scenario import ScenarioFile, Study
from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario
from sparewatt.inputs.scenario_inputs import READS
from sparewatt.studies.study import STUDIES
from sparewatt.studies.submission import check_submission, submit_run

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.store import StoredRun

router = APIRouter(tags=["studies"])


@router.get("/studies")
def list_studies() -> list[StudyBody]:
    """The studies, with the keys of their inputs and the JSON schema of their settings."""
    return [
        StudyBody(
            name=name,
            what=inspect.getdoc(type(study)) or "",
            inputs=list(READS[name].keys),
            settings=ScenarioFile.model_fields[name].annotation.model_json_schema(),  # type: ignore[union-attr]
        )
        for name, study in STUDIES.items()
    ]


@router.post("/checks")
def check(place: Place, asked: Asked) -> Checked:
    """Check a scenario and its inputs: all findings at once; nothing is run.

    A scenario that has not the form of one is answered with 422 and the findings.
    """
    scenario = read_asked(place, asked)
    findings = place.reading.call(check_submission, scenario, place.store_url)
    return Checked(
        ok=not has_errors(findings), findings=[finding_body(f, scenario.base_dir) for f in findings]
    )


@router.post("/examples/{study}", status_code=202)
def start_example(
    place: Place, study: Annotated[Study, Path(description="Whose example")], response: Response
) -> RunBody:
    """Start the example of a study; its run is answered, and waits for a worker."""
    run = submit_example(place, study)
    response.headers["Location"] = f"runs/{run.id}"
    return run_body(run)


def submit_example(place: ApiPlace, study: str) -> StoredRun:
    """Queue the example of a study."""
    place.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".example-", dir=place.data) as made:
        folder = FilePath(made) / study
        STUDIES[study].write_template(folder)
        scenario = read_scenario(folder / SCENARIO_NAME)
        return place.reading.call(submit_run, scenario, place.store_url, place.data)
