"""A bundle taken into a store: checked like any input, never executed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from sparewatt.errors import InputError
from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario
from sparewatt.results.bundle import read_bundle
from sparewatt.results.report import write_report
from sparewatt.studies.run_begin import stored_scenario_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import Store, StoredRun

_UNFINISHED = "Its import was broken off; import the bundle again."


def import_bundle(bundle: Path, store: Store, data: Path) -> tuple[StoredRun, tuple[Finding, ...]]:
    """Take in a bundle as a run that is done, in a new folder below ``data``.

    Returns
    -------
    The run, and findings that are no errors.

    Raises
    ------
    InputError
        All that is wrong with the bundle; nothing is kept.
    """
    with unpacked_bundle(bundle, data) as (folder, findings):
        run = keep_unpacked(folder, store, lambda _number, _name: data / f"import-{uuid4().hex[:12]}")
    return run, findings


@contextmanager
def unpacked_bundle(bundle: Path, data: Path) -> Iterator[tuple[RunFolder, tuple[Finding, ...]]]:
    """A bundle unpacked and checked, its report made anew; gone afterwards unless it was kept.

    Raises
    ------
    InputError
        All that is wrong with it; nothing is left of it.
    """
    data.mkdir(parents=True, exist_ok=True)
    staging = data / f".import-{uuid4().hex[:8]}"
    try:
        folder, findings = read_bundle(bundle, staging)
        if folder is None:
            raise InputError(findings)
        write_report(folder)
        yield folder, findings
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def keep_unpacked(folder: RunFolder, store: Store, place: Callable[[int, str], Path]) -> StoredRun:
    """Note an unpacked bundle as a run that is done, and put it where runs are.

    Parameters
    ----------
    folder
        Of `unpacked_bundle`.
    store
        Where the run is noted.
    place
        Its folder, by number and name of the run; not there yet.
    """
    outcome = folder.outcome()
    number = store.create_run(
        study=outcome.study,
        name=outcome.name,
        scenario=_scenario_text(folder),
        input_hash=outcome.input_hash,
        seed=outcome.seed,
        versions=outcome.versions,
        state="failed",  # until all is noted: no worker takes it, and a kill leaves nothing half done
        error=_UNFINISHED,
    ).id
    target = place(number, outcome.name).resolve()
    folder.path.rename(target)
    store.write_kpis(number, outcome.kpis)
    store.write_findings(number, outcome.findings)
    store.set_run_state(number, "done", directory=str(target))
    return store.find_run(number)


def _scenario_text(folder: RunFolder) -> str:
    """The scenario of a bundle as the store keeps it; empty where there is none, or none that is one."""
    try:
        return stored_scenario_text(read_scenario(folder.path / SCENARIO_NAME))
    except InputError:
        return ""
