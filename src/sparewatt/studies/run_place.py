"""Where a run keeps its results, and that it never takes the place of something else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import SparewattError
from sparewatt.inputs.scenario_text import COPY_MARK, COPY_TABLES
from sparewatt.studies.run_files import SCENARIO_COPY, clear_results

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.results.store import StoredRun


@dataclass(frozen=True)
class RunPlace:
    """Where a run keeps its results.

    Parameters
    ----------
    store_url
        The store.
    directory
        Maps the run's number to its folder.
    workers
        Processes that plan scenarios side by side.
    named
        Whether the user named the folder: then earlier results in it are replaced, and a resumed run
        moves there. Otherwise a new run gets a folder of its own and a resumed one stays in its folder.
    cluster
        Address of a Dask scheduler whose workers are taken instead of processes; empty: none.
    taken
        Number of the run that this process took from the queue, to be carried on in its own folder; without
        it, one is begun or resumed.
    """

    store_url: str
    directory: Callable[[int], Path]
    workers: int = 1
    named: bool = False
    taken: int | None = None
    cluster: str = ""

    def check(self) -> None:
        """See before anything is written that the folder can be written and holds nothing foreign.

        Raises
        ------
        SparewattError
            It cannot, or it does.
        """
        folder = self.directory(0)
        for place in (folder, *folder.absolute().parents):
            if not place.exists():
                continue
            if not place.is_dir():
                raise SparewattError(
                    f"Results cannot go to {folder}: {place} is a file; name another folder."
                )
            effective = os.access in os.supports_effective_ids
            if not os.access(place, os.W_OK | os.X_OK, effective_ids=effective):
                raise SparewattError(
                    f"Results cannot go to {folder}: {place} is read-only for you; allow writing, or name "
                    "another folder."
                )
            break
        if self.named and _is_foreign(folder):
            raise SparewattError(
                f"{folder} holds a scenario of its own, and results would mix with its inputs; name another "
                f"folder, such as {folder / 'results'}."
            )

    def find_folder(self, stored: StoredRun) -> Path:
        """The folder of a run that begins or goes on; made, and empty of the results of others."""
        before = Path(stored.directory) if stored.directory else None
        if not self.named:
            return before if before is not None else _new_folder(self.directory(stored.id).absolute())
        folder = self.directory(stored.id).resolve()
        if folder != before:
            clear_results(folder)
        return folder


def _is_foreign(folder: Path) -> bool:
    """Whether a folder holds a person's scenario or inputs."""
    scenario = folder / SCENARIO_COPY
    if not scenario.exists():
        return (folder / COPY_TABLES).exists()
    try:
        with scenario.open(encoding="utf-8") as file:
            return file.readline().rstrip("\n") != COPY_MARK
    except (OSError, UnicodeDecodeError):
        return True


def _new_folder(wanted: Path) -> Path:
    """``wanted``, or with a number behind where that belongs to a run of another store."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir() or any(folder.iterdir()):
                continue
        return folder
    raise AssertionError
