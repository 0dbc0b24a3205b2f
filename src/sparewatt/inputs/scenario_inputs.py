"""The inputs that each study reads, by the keys of ``[inputs]``: which it needs, which are of others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from sparewatt.finding import Finding
from sparewatt.inputs.scenario_findings import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*://")
_NETWORKS = ("master", "network", "simbench")
_NO_PATHS = ("simbench",)
"""Keys that name no file."""


@dataclass(frozen=True)
class StudyInputs:
    """What a study reads.

    Parameters
    ----------
    keys
        Keys of ``[inputs]``, the one that a person most probably wants first.
    find_gaps
        What is missing or given twice, from the table ``[inputs]``.
    databases
        Whether a path may be the address of a database.
    """

    keys: tuple[str, ...]
    find_gaps: Callable[[dict[str, Any]], Iterator[Finding]]
    databases: bool = False


def is_database_url(source: str) -> bool:
    """Whether an input names a database, not a folder."""
    return _URL.match(source) is not None


def find_input_problems(data: dict[str, Any]) -> list[Finding]:
    """What is wrong with the inputs of a scenario file: gaps, keys of other studies, paths outside."""
    inputs, study = data.get("inputs", {}), data.get("study")
    if study not in BUILT or not isinstance(inputs, dict):
        return []
    reads = READS[study]
    findings = [*reads.find_gaps(inputs), *_find_foreign_keys(inputs, study)]
    remedy = "a file or folder beside the scenario file"
    if reads.databases:
        remedy = "a folder beside the scenario file, or a database URL"
    for key in _PATHS:
        path = inputs.get(key)
        if not isinstance(path, str) or (reads.databases and is_database_url(path)):
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
    return findings


def find_foreign_tables(data: dict[str, Any]) -> list[Finding]:
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
        for other in BUILT
        if study in BUILT and other != study and other in data
    ]


def _find_foreign_keys(inputs: dict[str, Any], study: str) -> list[Finding]:
    """Inputs of one study say nothing to another."""
    own = READS[study].keys
    return [
        Finding(
            "scenario.inputs.foreign",
            "error",
            f"inputs.{key}",
            f"a {study} study does not read {key}",
            _without_password(str(inputs[key])),
            f'{own[0]} = "…", or study = "{next(s for s, r in READS.items() if key in r.keys)}"',
        )
        for key in _EVERY
        if key in inputs and key not in own
    ]


def _find_depot_gap(inputs: dict[str, Any]) -> Iterator[Finding]:
    """A depot needs tables."""
    if inputs.get("tables") is None:
        remedy = "a folder beside the scenario file, or a database URL"
        message = f"tables is not given{_misspelt('tables', inputs)}"
        yield Finding("scenario.missing_key", "error", "inputs.tables", message, remedy=remedy)


def _find_cluster_gaps(inputs: dict[str, Any]) -> Iterator[Finding]:
    """A hub comes from one place, and its fleet too."""
    rule, remedy = (
        "scenario.inputs.hub",
        'workbook = "hub.xlsx", or tables = "tables/" with Fleet.csv, Cluster1.csv and Capacity1.csv',
    )
    hubs = _given(inputs, ("workbook", "tables"))
    if len(hubs) != 1:
        message = f"neither workbook nor tables is given{_misspelt('workbook', inputs)}"
        if hubs:
            message = "workbook and tables are both given"
        yield Finding(rule, "error", "inputs.workbook", message, "", remedy)
    if len(_given(inputs, ("sessions", "diaries"))) > 1:
        message, way = "sessions and diaries are both given", "the fleet comes from one of them"
        yield Finding("scenario.inputs.fleet", "error", "inputs.sessions", message, "", way)
    tables = inputs.get("tables")
    if isinstance(tables, str) and is_database_url(tables):
        message = "a cluster study reads its tables from a folder, not from a database"
        yield Finding(rule, "error", "inputs.tables", message, _without_password(tables), remedy)


def _find_network_gap(inputs: dict[str, Any]) -> Iterator[Finding]:
    """A network comes from one place."""
    given = _given(inputs, _NETWORKS)
    if len(given) == 1:
        return
    message = f"none of master, network and simbench is given{_misspelt('master', inputs)}"
    if given:
        message = f"{' and '.join(given)} are given, a network comes from one of them"
    remedy = 'master = "Master.dss", network = "net.json", or simbench = "1-LV-rural1--0-sw"'
    yield Finding("scenario.inputs.network", "error", "inputs.master", message, "", remedy)


def _find_community_gap(inputs: dict[str, Any]) -> Iterator[Finding]:
    """A neighbourhood needs its folder."""
    if inputs.get("folder") is None:
        message = f"folder is not given{_misspelt('folder', inputs)}"
        remedy = 'folder = "neighbourhood/"'
        yield Finding("scenario.missing_key", "error", "inputs.folder", message, remedy=remedy)


def _given(inputs: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    return [key for key in keys if inputs.get(key) is not None]


def _misspelt(key: str, inputs: dict[str, Any]) -> str:
    """Which unknown key was probably meant, in words."""
    found = nearest(key, [str(k) for k in inputs if k not in _EVERY])
    return f" (is {found} meant to be {key}?)" if found else ""


def _without_password(url: str) -> str:
    return re.sub(r"://[^@/]*@", "://…@", url)


READS = {
    "depot": StudyInputs(("tables",), _find_depot_gap, databases=True),
    "cluster": StudyInputs(("workbook", "tables", "sessions", "diaries"), _find_cluster_gaps),
    "network": StudyInputs(
        (
            *(*_NETWORKS, "profiles", "heat_pump_profiles", "pv_profiles", "temperature"),
            *("diaries", "prices"),
        ),
        _find_network_gap,
    ),
    "community": StudyInputs(("folder",), _find_community_gap),
}
"""What each study of this version reads."""
BUILT = tuple(READS)
"""Studies of this version."""
_EVERY = tuple(dict.fromkeys(key for reads in READS.values() for key in reads.keys))
_PATHS = tuple(key for key in _EVERY if key not in _NO_PATHS)
