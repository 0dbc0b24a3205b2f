"""Reading a scenario file: TOML, versioned, unknown keys refused, every problem at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from sparewatt.errors import ScenarioError
from sparewatt.finding import Finding
from sparewatt.inputs.scenario import STUDIES, Scenario, ScenarioFile
from sparewatt.inputs.scenario_findings import find_scenario_problems, nearest
from sparewatt.inputs.scenario_overrides import set_overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

SCENARIO_NAME = "scenario.toml"
"""What a scenario file is called where nobody chose a name."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
_AT = re.compile(r"^(?P<what>.*) \(at (?P<place>line \d+, column \d+|end of document)\)$", re.DOTALL)
_BUILT = ("depot", "cluster", "network")
_MAX_BYTES = 4_000_000
_PATHS = (
    *("tables", "workbook", "sessions", "diaries", "master", "network", "profiles", "heat_pump_profiles"),
    *("pv_profiles", "temperature", "prices"),
)
_NETWORKS = ("master", "network", "simbench")
_READ = {
    "depot": ("tables",),
    "cluster": ("workbook", "tables", "sessions", "diaries"),
    "network": (
        *(*_NETWORKS, "profiles", "heat_pump_profiles", "pv_profiles", "temperature"),
        *("diaries", "prices"),
    ),
}
"""Inputs that each study reads."""
_OTHERS = tuple(dict.fromkeys(key for keys in _READ.values() for key in keys))


def is_database_url(source: str) -> bool:
    """Whether an input names a database, not a folder."""
    return _URL.match(source) is not None


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
    findings += _find_input_problems(data)
    findings += _find_foreign_tables(data)
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
        if study in STUDIES and study not in _BUILT:
            return [
                Finding(
                    "scenario.study",
                    "error",
                    "study",
                    f"this version of Sparewatt does not run the study {study}",
                    str(study),
                    f"one of: {', '.join(_BUILT)}",
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


def _find_input_problems(data: dict[str, Any]) -> list[Finding]:
    inputs, study = data.get("inputs", {}), data.get("study")
    if study not in _BUILT or not isinstance(inputs, dict):
        return []
    findings: list[Finding | None] = []
    if study == "depot":
        findings = [_find_depot_gap(inputs)]
    elif study == "cluster":
        findings = _find_cluster_problems(inputs)
    else:
        findings = [_find_network_gap(inputs)]
    findings += _find_foreign_keys(inputs, str(study))
    remedy = "a file or folder beside the scenario file"
    if study == "depot":
        remedy = "a folder beside the scenario file, or a database URL"
    for key in _PATHS:
        path = inputs.get(key)
        if not isinstance(path, str) or (study == "depot" and is_database_url(path)):
            continue
        outside = (
            PurePosixPath(path).is_absolute()
            or bool(PureWindowsPath(path).drive)
            or ".." in PureWindowsPath(path).parts
        )
        if outside:
            findings.append(
                Finding(
                    "scenario.path",
                    "error",
                    f"inputs.{key}",
                    "the path leaves the folder of the scenario file",
                    path,
                    f"{remedy}; paths stay inside the folder of the scenario file",
                )
            )
    return [f for f in findings if f is not None]


def _find_foreign_tables(data: dict[str, Any]) -> list[Finding]:
    """Settings of one study say nothing to another, and nothing is ignored silently."""
    study = data.get("study")
    return [
        Finding(
            "scenario.foreign_table",
            "error",
            other,
            f"a {study} study does not read the settings of the {other} study",
            f"[{other}]",
            f'settings in [{study}], or study = "{other}"',
        )
        for other in _BUILT
        if study in _BUILT and other != study and other in data
    ]


def _find_depot_gap(inputs: dict[str, Any]) -> Finding | None:
    """A depot needs tables."""
    if inputs.get("tables") is not None:
        return None
    misspelt = nearest("tables", [str(k) for k in inputs if k not in _OTHERS])
    hint = f" (is {misspelt} meant to be tables?)" if misspelt else ""
    remedy = "a folder beside the scenario file, or a database URL"
    message = f"tables is not given{hint}"
    return Finding("scenario.missing_key", "error", "inputs.tables", message, remedy=remedy)


def _find_foreign_keys(inputs: dict[str, Any], study: str) -> list[Finding]:
    """Inputs of one study say nothing to another."""
    own = _READ[study]
    return [
        Finding(
            "scenario.inputs.foreign",
            "error",
            f"inputs.{key}",
            f"a {study} study does not read {key}",
            _without_password(str(inputs[key])),
            f'{own[0]} = "…", or study = "{next(s for s, keys in _READ.items() if key in keys)}"',
        )
        for key in _OTHERS
        if key in inputs and key not in own
    ]


def _find_network_gap(inputs: dict[str, Any]) -> Finding | None:
    """A network comes from one place."""
    given = [key for key in _NETWORKS if inputs.get(key) is not None]
    if len(given) == 1:
        return None
    misspelt = nearest("master", [str(k) for k in inputs if k not in _OTHERS])
    hint = f" (is {misspelt} meant to be master?)" if misspelt else ""
    message = f"none of master, network and simbench is given{hint}"
    if given:
        message = f"{' and '.join(given)} are given, a network comes from one of them"
    remedy = 'master = "Master.dss", network = "net.json", or simbench = "1-LV-rural1--0-sw"'
    return Finding("scenario.inputs.network", "error", "inputs.master", message, "", remedy)


def _find_cluster_problems(inputs: dict[str, Any]) -> list[Finding | None]:
    """A hub comes from one place, and its fleet too."""
    findings: list[Finding | None] = []
    hubs = [k for k in ("workbook", "tables") if inputs.get(k) is not None]
    remedy = 'workbook = "hub.xlsx", or tables = "tables/" with Fleet.csv, Cluster1.csv and Capacity1.csv'
    if len(hubs) != 1:
        misspelt = nearest("workbook", [str(k) for k in inputs if k not in _OTHERS])
        hint = f" (is {misspelt} meant to be workbook?)" if misspelt else ""
        message = (
            "workbook and tables are both given" if hubs else f"neither workbook nor tables is given{hint}"
        )
        findings.append(Finding("scenario.inputs.hub", "error", "inputs.workbook", message, "", remedy))
    if inputs.get("sessions") is not None and inputs.get("diaries") is not None:
        message, way = "sessions and diaries are both given", "the fleet comes from one of them"
        findings.append(Finding("scenario.inputs.fleet", "error", "inputs.sessions", message, "", way))
    tables = inputs.get("tables")
    if isinstance(tables, str) and is_database_url(tables):
        message = "a cluster study reads its tables from a folder, not from a database"
        findings.append(
            Finding(
                "scenario.inputs.hub", "error", "inputs.tables", message, _without_password(tables), remedy
            )
        )
    return findings


def _without_password(url: str) -> str:
    return re.sub(r"://[^@/]*@", "://…@", url)
