"""A bundle taken into a store: checked like any input, never executed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

from sparewatt.errors import InputError
from sparewatt.results.bundle import read_bundle
from sparewatt.results.report import write_report

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.store import Store, StoredRun


def import_bundle(bundle: Path, store: Store, data: Path) -> tuple[StoredRun, tuple[Finding, ...]]:
    """Take in a bundle as a run that is done.

    Parameters
    ----------
    bundle
        The zip.
    store
        Where the run is noted, once its files are whole.
    data
        Folder of runs; the run gets a folder of its own below it.

    Returns
    -------
    The run, and findings that are no errors.

    Raises
    ------
    InputError
        All that is wrong with the bundle; nothing is kept.
    """
    data.mkdir(parents=True, exist_ok=True)
    staging = data / f".import-{uuid4().hex[:8]}"
    try:
        folder, findings = read_bundle(bundle, staging)
        if folder is None:
            raise InputError(findings)
        outcome = folder.outcome()
        write_report(folder)
        target = (data / f"import-{uuid4().hex[:12]}").resolve()
        staging.rename(target)
        run = store.create_run(
            study=outcome.study,
            name=outcome.name,
            input_hash=outcome.input_hash,
            seed=outcome.seed,
            versions=outcome.versions,
            directory=str(target),
            state="failed",  # until all is noted: no worker takes it, and a kill leaves nothing half done
        )
        store.write_kpis(run.id, outcome.kpis)
        store.write_findings(run.id, outcome.findings)
        store.set_run_state(run.id, "done")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return store.find_run(run.id), findings
