"""FinishedRun: a run that came to its end, whatever its study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.results.run_folder import RunFolder

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.store import StoredRun
    from sparewatt.studies.run_place import RunPlace


@dataclass(frozen=True)
class FinishedRun:
    """A run that came to its end.

    Parameters
    ----------
    run_id
        Its number in the store.
    outcome
        What it came to.
    folder
        Its files, the report among them.
    is_old
        It was done before; nothing was planned now.
    """

    run_id: int
    outcome: Outcome
    folder: RunFolder
    is_old: bool = False


def finished_run(stored: StoredRun, place: RunPlace) -> FinishedRun | None:
    """A run that was done before; ``None`` where its files are gone or wanted in another folder."""
    directory = Path(stored.directory)
    if place.named and place.find_folder(stored) != directory:
        return None
    folder = RunFolder(directory)
    try:
        return FinishedRun(stored.id, folder.outcome(), folder, is_old=True)
    except InputError:
        return None
