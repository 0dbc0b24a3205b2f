"""Inputs of the cluster study: hub, fleet and limits, checked together; and their copy beside the outcome."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.finding import has_errors, sorted_findings
from sparewatt.inputs.cluster import schema
from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.model.operating_rules import CONTROLS
from sparewatt.studies.run_files import SCENARIO_COPY
from sparewatt.studies.run_inputs import write_copies

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.inputs.cluster.read import ClusterInputs
    from sparewatt.inputs.scenario import Scenario


def check_cluster(scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
    """All findings of the inputs of a scenario; nothing is run and nothing is written.

    Parameters
    ----------
    scenario
        What to check.
    store_url
        Where the runs are whose limits the scenario takes.
    """
    return read_hub(scenario, store_url)[1]


def read_hub(scenario: Scenario, store_url: str) -> tuple[ClusterInputs | None, tuple[Finding, ...]]:
    """What a scenario asks for, with the limits of other runs, and all findings, errors first.

    The inputs are ``None`` where any finding is an error.
    """
    given = scenario.inputs
    sources = ClusterSources(given.workbook, given.tables, given.sessions, given.diaries)
    inputs, findings = read_cluster(sources, scenario.cluster, scenario.base_dir)
    if inputs is not None and scenario.limits:
        from sparewatt.studies.cluster_limits import with_cluster_limits  # noqa: PLC0415 - opens the store, rarely

        system, more = with_cluster_limits(inputs.system, scenario.limits, store_url)
        inputs, findings = replace(inputs, system=system), sorted_findings([*findings, *more])
    return (None if has_errors(findings) else inputs), findings


COPY_HUB = "inputs/hub"
"""Name of the hub's copy beside the outcome: a workbook, or a folder of tables."""


def copy_cluster_inputs(scenario: Scenario, directory: Path) -> None:
    """Keep scenario file and inputs of a run beside its outcome, for whoever wants to run it again."""
    given, base = scenario.inputs, scenario.base_dir
    files: list[tuple[Path, str]] = []
    sources: dict[str, str] = {}
    if given.workbook is not None:
        sources["workbook"] = f"{COPY_HUB}.xlsx"
        files.append((base / given.workbook, sources["workbook"]))
    if given.tables is not None:
        sources["tables"] = f"{COPY_HUB}/"
        tables = [p for p in sorted((base / given.tables).iterdir()) if _is_sheet(p)]
        files += [(path, f"{COPY_HUB}/{path.stem}.csv") for path in tables]
    for key, source in (("sessions", given.sessions), ("diaries", given.diaries)):
        if source is not None:
            sources[key] = f"inputs/{key}{Path(source).suffix.lower()}"
            files.append((base / source, sources[key]))
    write_copies(scenario, directory, sources, files)


def _is_sheet(path: Path) -> bool:
    """Whether a file of the folder is read."""
    return path.suffix.lower() == ".csv" and path.is_file() and schema.sheet_kind(path.stem)[0] != ""


def find_control(directory: Path) -> str:
    """The control rule of a run, from the copy of its scenario; empty where that is not readable."""
    try:
        content = tomllib.loads((directory / SCENARIO_COPY).read_text(encoding="utf-8"))
        control = content["cluster"]["control"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return control.replace("_", " ") if control in CONTROLS else ""
