"""Submitting a scenario to the queue: checked, copied into a folder of its own, then noted, in that order."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

from sparewatt.errors import InputError, SparewattError, StoreError
from sparewatt.finding import sorted_findings
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import Store
from sparewatt.studies.run_begin import run_name, stored_scenario_text
from sparewatt.studies.run_trouble import os_error_text
from sparewatt.studies.submitted_inputs import read_submitted

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import StoredRun
    from sparewatt.studies.submitted_inputs import SubmittedInputs


def submit_run(scenario: Scenario, store_url: str, data: Path) -> StoredRun:
    """Queue a scenario for the workers of `sparewatt.studies.queue.work_queue`.

    Scenario file and inputs are copied, so that the run is repeatable whatever becomes of the originals.
    The run is noted last, in one transaction: killed before, there is nothing but a folder that nobody
    asks for; after, a whole queued run.

    Parameters
    ----------
    scenario
        A validated scenario.
    store_url
        The store; it is made where there is none.
    data
        Folder that the folders of runs lie in; workers are given the same.

    Returns
    -------
    StoredRun
        In the state ``queued``.

    Raises
    ------
    InputError
        The inputs break rules; all findings, nothing was written.
    StoreError
        The store is away; nothing was queued.
    SparewattError
        The folder cannot be written, or an input went away meanwhile; nothing was queued.
    """
    scenario = _with_settled_limits(scenario, store_url)
    inputs, findings = read_submitted(scenario, store_url)
    if inputs is None:
        raise InputError(sorted_findings(findings))
    name = run_name(scenario)
    directory = data.resolve() / f"{_slug(name)}-{uuid4().hex[:12]}"
    with Store.open(store_url) as store:
        _copy_into(directory, inputs)
        return store.submit_run(  # whatever it raises, it may have been noted: the folder stays
            study=scenario.study,
            name=name,
            scenario=stored_scenario_text(scenario),
            input_hash=inputs.digest,
            seed=scenario.seed,
            versions=find_versions(),
            directory=str(directory),
            scenarios=inputs.scenarios,
        )


def _copy_into(directory: Path, inputs: SubmittedInputs) -> None:
    """Copy scenario file and inputs into a new folder, or leave none."""
    try:
        directory.mkdir(parents=True)
        inputs.copy(directory)
    except BaseException as error:
        shutil.rmtree(directory, ignore_errors=True)
        if isinstance(error, OSError):
            raise SparewattError(f"The run was not queued: {os_error_text(error)}.") from error
        if isinstance(error, InputError):
            raise SparewattError(f"What was readable before is not any more: {error}") from None
        raise


def check_submission(scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
    """All findings that `submit_run` would have, errors first; nothing is written."""
    return sorted_findings(read_submitted(scenario, store_url)[1])


def _with_settled_limits(scenario: Scenario, store_url: str) -> Scenario:
    """The scenario with its limits taken from runs by number: ``latest`` is the latest of now."""
    if not scenario.limits:
        return scenario
    try:
        with Store.open(store_url, create=False) as store:
            settled = {
                key: source.model_copy(update={"run": str(store.find_run(source.run).id)})
                for key, source in scenario.limits.items()
            }
    except StoreError:
        return scenario  # told with all other findings
    return scenario.model_copy(update={"limits": settled})


def _slug(name: str) -> str:
    """A name as part of a folder's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "run"
