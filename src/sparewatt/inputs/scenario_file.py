"""Reading a scenario file: TOML, versioned, unknown keys refused, every problem at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from sparewatt.errors import ScenarioError
from sparewatt.finding import Finding
from sparewatt.inputs.scenario import STUDIES, Scenario, ScenarioFile
from sparewatt.inputs.scenario_findings import find_scenario_problems
from sparewatt.inputs.scenario_inputs import BUILT, find_foreign_tables, find_input_problems
from sparewatt.inputs.scenario_overrides import set_overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

SCENARIO_NAME = "scenario.toml"
"""What a scenario file is called where nobody chose a name."""

_AT = re.compile(r"^(?P<what>.*) \(at (?P<place>line \d+, column \d+|end of document)\)$", re.DOTALL)
_MAX_BYTES = 4_000_000


def read_scenario(path: Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read and validate a scenario file.

    Parameters
    ----------
    path
        The file.
    overrides
        ``key=value`` texts set on top of it, keys dotted: ``depot.horizon_days=2``.

    Raises
    ------
    ScenarioError
        With every problem of the file and the overrides as findings.
    """
    data = _read_toml(Path(path))
    findings = list(set_overrides(data, overrides))
    findings += _find_version_problems(data)
    if findings and findings[-1].rule in {"scenario.version", "scenario.study"}:
        raise ScenarioError(findings)  # judging keys of another form would only confuse
    try:
        file = ScenarioFile.model_validate(data)
    except ValidationError as error:
        findings += find_scenario_problems(error, ScenarioFile)
    findings += find_input_problems(data)
    findings += find_foreign_tables(data)
    if findings:
        raise ScenarioError(findings)
    base_dir = Path(path).absolute().parent
    name = file.name or base_dir.name or file.study
    return Scenario(**{**dict(file), "name": name}, base_dir=base_dir)


def _read_toml(path: Path) -> dict[str, Any]:
    def refuse(message: str, remedy: str, where: str = str(path), value: str = "") -> ScenarioError:
        return ScenarioError([Finding("scenario.file", "error", where, message, value, remedy)])

    if path.is_dir():
        inside = path / SCENARIO_NAME
        hint = f"name the file: {inside}" if inside.exists() else "sparewatt init depot DIR makes one"
        raise refuse("is a folder, not a scenario file", hint)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise refuse("is too large for a scenario file", "name the TOML file, not its tables")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refuse(
            "there is no such file", "check the path, or make one with: sparewatt init depot DIR"
        ) from None
    except UnicodeDecodeError as error:
        raise refuse("is not UTF-8 text", "save it as UTF-8", f"{path}, byte {error.start + 1}") from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}", "check its permissions") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT.match(str(error))
        what, place = (match["what"], match["place"]) if match else (str(error), "")
        line = _line_at(text, place)
        raise refuse(
            f"is not TOML: {what[:1].lower()}{what[1:]}",
            'lines look like key = value, text stands in quotes: name = "Two vans"',
            f"{path}, {place}" if place else str(path),
            line,
        ) from None


def _line_at(text: str, place: str) -> str:
    match = re.match(r"line (\d+)", place)
    lines = text.splitlines()
    return lines[int(match[1]) - 1].strip()[:80] if match and int(match[1]) <= len(lines) else ""


def _find_version_problems(data: dict[str, Any]) -> list[Finding]:
    version = data.get("version")
    known = get_args(ScenarioFile.model_fields["version"].annotation)
    if version is None or (version in known and not isinstance(version, bool)):
        study = data.get("study")
        if study in STUDIES and study not in BUILT:
            return [
                Finding(
                    "scenario.study",
                    "error",
                    "study",
                    f"this version of Sparewatt does not run the study {study}",
                    str(study),
                    f"one of: {', '.join(BUILT)}",
                )
            ]
        return []
    return [
        Finding(
            "scenario.version",
            "error",
            "version",
            "the file is of a version that this Sparewatt does not read",
            str(version),
            f"version = {known[-1]}, or another Sparewatt",
        )
    ]
