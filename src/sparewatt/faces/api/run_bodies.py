"""Runs as the API tells them, and the files of those that are done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, StoreMissing
from sparewatt.faces.api.bodies import RunBody
from sparewatt.faces.api.clean import clean_text
from sparewatt.faces.api.problems import ProblemError
from sparewatt.results.run_folder import RunFolder

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.store import StoredRun


def run_body(run: StoredRun) -> RunBody:
    """A run without what concerns this machine."""
    hidden = [Path(run.directory)] if run.directory else []
    return RunBody(
        id=run.id,
        study=run.study,
        name=run.name,
        state=run.state,
        progress=run.progress,
        created=run.created,
        started=run.started,
        ended=run.ended,
        error=clean_text(run.error, hidden),
        input_hash=run.input_hash,
        seed=run.seed,
        versions=dict(run.versions),
    )


def find_run(place: ApiPlace, run_id: int) -> StoredRun:
    """A run by its number; a problem where there is none."""
    try:
        run = place.store.find_run(run_id)
    except StoreMissing:
        run = None
    if run is None or run.id != run_id:  # the store takes a number for a name as well
        raise ProblemError(404, f"There is no run {run_id}.")
    return run


def done_folder(place: ApiPlace, run_id: int) -> tuple[StoredRun, RunFolder, Outcome]:
    """A run that is done, its files, and what it came to; a problem where it is not, or they are gone."""
    run = find_run(place, run_id)
    if run.state != "done":
        raise ProblemError(409, f"Run {run.id} is {run.state}, so there is no result yet.")
    folder = RunFolder(Path(run.directory))
    try:
        outcome = folder.outcome()
    except InputError:
        raise ProblemError(410, f"The files of run {run.id} are not there any more; run it again.") from None
    if outcome.input_hash != run.input_hash:
        raise ProblemError(410, f"Another run wrote to the folder of run {run.id}; run it again.")
    return run, folder, outcome
