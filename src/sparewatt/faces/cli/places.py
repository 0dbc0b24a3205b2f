"""Where things are: store, data folder, folder of a run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.inputs.scenario import Scenario

STORE_FILE = "sparewatt.db"
DATA_FOLDER = "sparewatt-data"


def store_url(db: str | None, scenario: Scenario | None = None) -> str:
    """``--db``, else ``SPAREWATT_DB``, else the database of the tables, else ``sparewatt.db`` here."""
    given = db or os.environ.get("SPAREWATT_DB")
    if given:
        return given
    if scenario is not None and scenario.inputs.tables:
        from sparewatt.inputs.scenario_inputs import is_database_url  # noqa: PLC0415 - only with a scenario

        if is_database_url(scenario.inputs.tables):
            from sparewatt.inputs.depot.database import database_url  # noqa: PLC0415 - only for databases

            return database_url(scenario.inputs.tables, scenario.base_dir)
    return STORE_FILE


def slug(name: str) -> str:
    """A name as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "run"


def data_folder() -> Path:
    """Folder of all runs that were given no other: ``SPAREWATT_DATA``."""
    return Path(os.environ.get("SPAREWATT_DATA") or DATA_FOLDER)


def run_directory(run_id: int, name: str) -> Path:
    """Folder of a run in ``SPAREWATT_DATA``."""
    return data_folder() / f"{run_id}-{slug(name)}"


class OutFolders:
    """Folders below ``--out``: itself for one scenario, one by name for each of several."""

    def __init__(self, out: Path | None, *, several: bool) -> None:
        self._out, self._several = out, several
        self._taken: set[str] = set()

    def of(self, name: str) -> Callable[[int], Path]:
        """Maps the number of a run to its folder, for the next scenario; no two get the same."""
        if self._out is None:
            return lambda run_id: run_directory(run_id, name)
        if not self._several:
            folder = self._out
            return lambda _: folder
        unique, number = slug(name), 1
        while unique in self._taken:
            number += 1
            unique = f"{slug(name)}-{number}"
        self._taken.add(unique)
        inside = self._out / unique
        return lambda _: inside
