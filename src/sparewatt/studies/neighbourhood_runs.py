"""Runs of a neighbourhood of the store: one for each algorithm that is chosen, checked first."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sparewatt.errors import InputError, ScenarioError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.kept_mark import read_kept_mark
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.scenario import Scenario, ScenarioFile
from sparewatt.inputs.scenario_findings import find_scenario_problems
from sparewatt.results.store import Store
from sparewatt.studies.community_inputs import COPY_FOLDER
from sparewatt.studies.community_store import mark_of, write_out_neighbourhood
from sparewatt.studies.submission import check_submission, submit_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.finding import Finding
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.store import StoredNeighbourhood, StoredRun

FOLDER = "neighbourhood"
_LOOKED_AT = 400
"""Runs of the study that are looked at for those of one neighbourhood, the newest first."""


@dataclass(frozen=True)
class NeighbourhoodRun:
    """A run of a neighbourhood.

    Parameters
    ----------
    run
        The run.
    algorithm
        Who decided.
    settings
        Its settings that are not left at their defaults.
    kpis
        By name; empty where it is not done.
    """

    run: StoredRun
    algorithm: str
    settings: Mapping[str, Any]
    kpis: Mapping[str, Kpi]


def community_scenario(
    name: str, algorithm: str, seed: object, settings: Mapping[str, object], base_dir: Path
) -> Scenario:
    """The scenario of a run of the neighbourhood that lies in ``base_dir``.

    Raises
    ------
    ScenarioError
        A setting is wrong, with a finding for each.
    """
    content = {
        "version": 1,
        "study": "community",
        "name": f"{name} · {algorithm}"[:200],
        "seed": seed,
        "inputs": {"folder": FOLDER},
        "community": {**settings, "algorithm": algorithm},
    }
    try:
        return Scenario(**dict(ScenarioFile.model_validate(content)), base_dir=base_dir)
    except ValidationError as error:
        raise ScenarioError(find_scenario_problems(error, ScenarioFile)) from None


def check_runs(
    store_url: str, number: int, algorithms: Sequence[str], seed: object, settings: Mapping[str, object]
) -> tuple[Finding, ...]:
    """All findings of runs that are asked for, errors first, each once; nothing is queued.

    Raises
    ------
    StoreError
        There is no such neighbourhood, or the store is away.
    """
    found: dict[Finding, None] = {}
    with tempfile.TemporaryDirectory(prefix="sparewatt-check-") as inside:
        try:
            name = _write_out(store_url, number, Path(inside))
            for algorithm in algorithms:
                scenario = community_scenario(name, algorithm, seed, settings, Path(inside))
                found |= dict.fromkeys(check_submission(scenario, store_url))
        except InputError as error:
            found |= dict.fromkeys(error.findings)
    return sorted_findings(found)


def submit_runs(
    store_url: str,
    data: Path,
    number: int,
    algorithms: Sequence[str],
    seed: object,
    settings: Mapping[str, object],
) -> list[int]:
    """Queue a run for each algorithm; their numbers.

    All are judged before the first is queued.

    Raises
    ------
    InputError
        The inputs or the settings break rules; nothing was queued.
    StoreError
        There is no such neighbourhood, or the store is away.
    """
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".neighbourhood-", dir=data) as inside:
        name = _write_out(store_url, number, Path(inside))
        scenarios = [community_scenario(name, one, seed, settings, Path(inside)) for one in algorithms]
        for scenario in scenarios[1:]:  # the first is judged when it is queued, before anything else is
            findings = check_submission(scenario, store_url)
            if any(f.severity == "error" for f in findings):
                raise InputError(findings)
        return [submit_run(scenario, store_url, data).id for scenario in scenarios]


def neighbourhood_runs(store: Store, kept: StoredNeighbourhood, most: int = 50) -> list[NeighbourhoodRun]:
    """Runs of a neighbourhood, the newest first."""
    found = []
    for run in store.list_runs(study="community", limit=_LOOKED_AT).runs:
        folder = Path(run.directory) / COPY_FOLDER
        if not run.directory or read_kept_mark(FolderFiles(folder, FindingLog()), FindingLog()) != mark_of(
            kept
        ):
            continue
        kpis = {kpi.name: kpi for kpi in store.read_kpis(run.id)} if run.state == "done" else {}
        settings = _settings(run.scenario)
        found.append(NeighbourhoodRun(run, str(settings.get("algorithm", "greedy")), settings, kpis))
        if len(found) == most:
            break
    return found


def _settings(scenario: str) -> dict[str, Any]:
    """The settings that the scenario of a run gives, as the store has it."""
    try:
        content = json.loads(scenario)
        settings = content["community"]
        return {**settings, "seed": content.get("seed", 0)} if isinstance(settings, dict) else {}
    except (ValueError, KeyError, TypeError):
        return {}


def _write_out(store_url: str, number: int, folder: Path) -> str:
    """Write a neighbourhood of the store into a folder; its name."""
    with Store.open(store_url, create=False) as store:
        write_out_neighbourhood(store, number, folder / FOLDER)
        return store.find_neighbourhood(number).name
