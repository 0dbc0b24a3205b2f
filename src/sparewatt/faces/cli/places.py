"""Where things are: store, data folder, folder of a run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.inputs.depot.database import database_url
from sparewatt.inputs.scenario_file import is_database_url

if TYPE_CHECKING:
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import StoredRun

STORE_FILE = "sparewatt.db"
DATA_FOLDER = "sparewatt-data"


def store_url(db: str | None, scenario: Scenario | None = None) -> str:
    """``--db``, else ``SPAREWATT_DB``, else the database of the tables, else ``sparewatt.db`` here."""
    given = db or os.environ.get("SPAREWATT_DB")
    if given:
        return given
    if scenario is not None and scenario.inputs.tables and is_database_url(scenario.inputs.tables):
        return database_url(scenario.inputs.tables, scenario.base_dir)
    return STORE_FILE


def slug(name: str) -> str:
    """A name as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "run"


def run_directory(run_id: int, name: str) -> Path:
    """Folder of a run in ``SPAREWATT_DATA``."""
    return Path(os.environ.get("SPAREWATT_DATA") or DATA_FOLDER) / f"{run_id}-{slug(name)}"


def folder_of(run: StoredRun) -> Path:
    """Folder that holds the files of a stored run."""
    return Path(run.directory)
