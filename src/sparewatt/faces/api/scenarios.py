"""A scenario as callers give it, in JSON or as the scenario.toml of their upload: read, and kept inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sparewatt.errors import ScenarioError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.finding import Finding
from sparewatt.inputs.scenario import Scenario, ScenarioFile
from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario
from sparewatt.inputs.scenario_findings import find_scenario_problems
from sparewatt.inputs.scenario_inputs import find_foreign_tables, find_input_problems, is_database_url

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.faces.api.bodies import Asked
    from sparewatt.faces.api.place import ApiPlace


def read_asked(place: ApiPlace, asked: Asked) -> Scenario:
    """The scenario that a caller wants checked or run.

    Raises
    ------
    ScenarioError
        Every problem of it.
    ProblemError
        There is no such upload.
    """
    parsed = None if asked.scenario is None else _validated(asked.scenario)
    folder = upload_folder(place, asked.inputs)
    if asked.scenario is None or parsed is None:
        scenario = read_scenario(folder / SCENARIO_NAME, asked.overrides)
    else:
        scenario = _placed(asked.scenario, parsed, folder)
        if asked.overrides:
            remedy = "the key in the scenario itself"
            message = "overrides are for scenario.toml of an upload"
            raise ScenarioError(
                [Finding("api.scenario.overrides", "error", "overrides", message, "", remedy)]
            )
    if scenario.inputs.tables is not None and is_database_url(scenario.inputs.tables):
        message = "a scenario of the API reads no database, since the server would open it for anybody"
        remedy = "upload the tables, or run it by the command line"
        raise ScenarioError([Finding("api.scenario.database", "error", "inputs.tables", message, "", remedy)])
    if "\0" in scenario.name:
        message, remedy = "holds a character that no name has", "letters, digits and signs"
        raise ScenarioError([Finding("api.scenario.name", "error", "name", message, "", remedy)])
    if not scenario.name or scenario.name == folder.name:
        scenario = scenario.model_copy(update={"name": f"My {scenario.study}"})
    return scenario


def _validated(given: dict[str, Any]) -> ScenarioFile:
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message, remedy = "holds half of a character", "whole characters of Unicode"
        raise ScenarioError(
            [Finding("api.scenario.text", "error", "scenario", message, "", remedy)]
        ) from None
    try:
        return ScenarioFile.model_validate(given)
    except ValidationError as error:
        raise ScenarioError(find_scenario_problems(error, ScenarioFile)) from None


def _placed(given: dict[str, Any], parsed: ScenarioFile, folder: Path) -> Scenario:
    """The scenario beside its inputs."""
    findings = [*find_input_problems(given), *find_foreign_tables(given)]
    if findings:
        raise ScenarioError(findings)
    return Scenario(**dict(parsed), base_dir=folder)
