"""The run that a scenario begins, or resumes: the newest unfinished one of its name and inputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparewatt.errors import RunElsewhere, SparewattError, StoreError
from sparewatt.inputs.scenario import STUDIES
from sparewatt.inputs.scenario_inputs import is_database_url
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import current_owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import Store, StoredRun

UNFINISHED = ("queued", "running", "failed", "cancelled")
"""States from which a run may be carried on."""


def begin_run(store: Store, scenario: Scenario, digest: str) -> StoredRun:
    """Note a new run of a scenario; ``digest`` is the hash of its inputs."""
    return store.create_run(
        study=scenario.study,
        name=run_name(scenario),
        scenario=stored_scenario_text(scenario),
        input_hash=digest,
        seed=scenario.seed,
        versions=find_versions(),
    )


def run_name(scenario: Scenario) -> str:
    """What a scenario's runs are called: its name, or its folder's."""
    return scenario.name or scenario.base_dir.name


def stored_scenario_text(scenario: Scenario) -> str:
    """The scenario as JSON for the store, without other studies' tables and the password of a database."""
    others = {study for study in STUDIES if study != scenario.study}
    content = scenario.model_dump(mode="json", exclude=others)
    tables = scenario.inputs.tables
    if tables is not None and is_database_url(tables):
        from sparewatt.inputs.depot.database import public_url  # noqa: PLC0415 - only for databases

        content["inputs"]["tables"] = public_url(tables)
    return json.dumps(content, sort_keys=True)


def find_taken(store: Store, number: int, digest: str) -> StoredRun:
    """The run that this process took from the queue; ``digest`` is the hash of the inputs in its folder.

    Raises
    ------
    RunElsewhere
        It is not this process that has it.
    StoreError
        There is no such run.
    SparewattError
        What was queued is not what lies in its folder.
    """
    stored = store.find_run(number)
    if stored.state != "running" or stored.owner != current_owner():
        raise RunElsewhere(f"Run {number} is {stored.state}, and this process does not have it any more.")
    if stored.input_hash != digest:
        raise SparewattError(
            f"The inputs in the folder of run {number} are not those that were queued; submit it anew."
        )
    return stored


def find_unfinished(
    store: Store,
    scenario: Scenario,
    digest: str,
    *,
    is_begun: Callable[[StoredRun], bool] = lambda _: True,
) -> StoredRun:
    """The newest unfinished run of the same name and inputs, else the newest that is done.

    Parameters
    ----------
    store
        Where the runs are.
    scenario, digest
        What to run, and the hash of its inputs.
    is_begun
        Whether there is anything of an unfinished run to carry on.

    Raises
    ------
    StoreError
        There is none, or its inputs have changed since.
    """
    name = run_name(scenario)
    of_name = store.find_runs(study=scenario.study, name=name)
    same = [stored for stored in of_name if stored.input_hash == digest]
    for stored in same:
        if stored.state in UNFINISHED and is_begun(stored):
            return stored
    for stored in same:
        if stored.state == "done":
            return stored
    changed = [s.id for s in of_name if s.state in UNFINISHED and s.input_hash != digest]
    if changed:
        raise StoreError(
            f"Run {changed[0]} of {name!r} is unfinished, but its settings or tables have changed since; "
            "undo the changes to resume it, or run without --resume to begin anew."
        )
    raise StoreError(f"There is no run of {name!r} to resume; run it without --resume.")
