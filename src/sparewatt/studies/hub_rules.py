"""Control rules compared: a run of a hub again under other rules, with all else as it was."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding, has_errors
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.operating_rules import CONTROLS
from sparewatt.results.control_words import CONTROL_WORDS
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.run_inputs import list_inputs
from sparewatt.results.setting_differences import read_settings
from sparewatt.results.store import Store
from sparewatt.studies.run_files import SCENARIO_COPY
from sparewatt.studies.submission import check_submission, submit_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.operating_rules import Control
    from sparewatt.results.store import StoredRun

_LOOKED_AT = 400
"""Runs of hubs that are looked at for those of the same inputs, the newest first."""
_KEY = "cluster.control"
_ORDER = ("done", "running", "queued", "failed", "cancelled")


def find_rule_runs(store: Store, run: StoredRun) -> dict[Control, StoredRun]:
    """The run of each rule with the inputs, seed and all other settings of a run, in the order of the rules.

    Of several runs of a rule the run itself, else one that is done, else one that goes on, else the newest.
    Rules without a run are not in it; nothing is where the run keeps no copy of its inputs.
    """
    settings, mine = read_settings(RunFolder(Path(run.directory))), Path(run.directory)
    control = settings.pop(_KEY, "")
    if not run.directory or control not in CONTROLS:
        return {}
    found: dict[str, StoredRun] = {control: run}
    ranks = {control: -1}
    for other in store.list_runs(study="cluster", limit=_LOOKED_AT).runs:
        if not other.directory or other.id == run.id or other.seed != run.seed:
            continue
        told = read_settings(RunFolder(Path(other.directory)))
        rule, rank = told.pop(_KEY, ""), _ORDER.index(other.state)
        if rule not in CONTROLS or rank >= ranks.get(rule, len(_ORDER)) or not _is_same(settings, told):
            continue
        if _has_same_inputs(mine, Path(other.directory)):
            found[rule], ranks[rule] = other, rank
    return {rule: found[rule] for rule in CONTROLS if rule in found}


def submit_rules(store_url: str, data: Path, number: int, controls: Sequence[str]) -> list[int]:
    """Queue a run of the hub of run ``number`` under each of some rules; their numbers.

    Inputs, seed, bookings and all other settings are those of that run. All are judged before the first is
    queued.

    Raises
    ------
    InputError
        The run keeps no copy of its inputs, or they are not readable any more; nothing was queued.
    StoreError
        There is no such run, or the store is away.
    """
    with Store.open(store_url, create=False) as store:
        run = store.find_run(number)
    scenarios = [_under(run, control) for control in controls]
    for scenario in scenarios:
        findings = check_submission(scenario, store_url)
        if has_errors(findings):
            raise InputError([f for f in findings if f.severity == "error"])
    return [submit_run(scenario, store_url, data).id for scenario in scenarios]


def _under(run: StoredRun, control: str) -> Scenario:
    """The scenario of a run with another rule, from the copy in its folder."""
    path = Path(run.directory) / SCENARIO_COPY
    if not run.directory or run.study != "cluster" or not path.is_file():
        message, remedy = "keeps no copy of its inputs", "begin a new study with the inputs themselves"
        raise InputError([Finding("cluster.rules.inputs", "error", f"run {run.id}", message, "", remedy)])
    scenario = read_scenario(path, [f"{_KEY}={control}"])
    name = f"{_plain_name(run.name)} · {CONTROL_WORDS[scenario.cluster.control].label}"
    return scenario.model_copy(update={"name": name[:200]})


def _plain_name(name: str) -> str:
    """The name of a run without the rule that stands behind it."""
    head, _, tail = name.rpartition(" · ")
    return head if head and tail in {words.label for words in CONTROL_WORDS.values()} else name


def _is_same(settings: Mapping[str, str], told: Mapping[str, str]) -> bool:
    """Whether settings are the same; ``latest`` in limits became a number when a run was queued."""
    if settings.keys() != told.keys():
        return False
    open_runs = {
        key
        for key in settings
        if key.startswith("limits.") and key.endswith(".run")
        if not (settings[key].isdecimal() and told[key].isdecimal())
    }
    return all(settings[key] == told[key] for key in settings.keys() - open_runs)


def _has_same_inputs(mine: Path, other: Path) -> bool:
    """Whether two runs keep the same input files, byte by byte; the scenario file aside."""
    one, two = (
        {file.name: file for file in list_inputs(RunFolder(path)) if file.name != SCENARIO_COPY}
        for path in (mine, other)
    )
    return one.keys() == two.keys() and all(
        file.size == two[name].size and filecmp.cmp(file.path, two[name].path, shallow=False)
        for name, file in one.items()
    )
