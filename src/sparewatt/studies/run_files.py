"""The files that runs write, by name: what may be taken away from a folder, and nothing else.

A study that writes further files adds their names to the tables at the top.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sparewatt.results import (
    cluster_series,
    cluster_state,
    community_series,
    community_state,
    network_series,
    network_state,
)
from sparewatt.results.run_folder import OUTCOME_FILE, REPORT_FILE, SERIES, TABLES, TIMING_FILE
from sparewatt.studies.kept_work import clear_kept

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SCENARIO_COPY = "scenario.toml"
"""The scenario file of a run, overrides applied."""

_SERIES = (
    r"scenario_\d+_[a-z]+",
    *(*cluster_state.STATE, cluster_series.EVSE_POWER, cluster_series.SOC),
    *(cluster_series.CLUSTER_POWER, cluster_series.SYSTEM_POWER),
    *(*network_state.STATE, *network_series.LONG_TABLES, rf"{network_series.LIMIT_STEM}_\d+"),
    *(*community_state.STATE, community_series.ENERGY, community_series.HOUSE_ENERGY),
)
"""Parquet files in ``series/``, by study."""
_TABLES = (
    *("scenarios", "days", "comparison", "findings"),
    *("vehicles", "connections", "reservations", "clusters", "notes"),
    *("zones", "limits", "violations", "hosting", "customers", "forecasts", "offers"),
    *("contracts", "houses", "devices", "scores", "decisions", "answers", "cancelled", "repetitions"),
)
"""CSV files in ``tables/``, by study."""
_COPIES = (
    r"t_\w+\.csv",
    *(r"hub\.xlsx", r"hub/[^/]+\.csv", r"sessions\.\w+", r"diaries\.\w+", r"diaries/[^/]+\.csv"),
    *(r"zones\.csv", r"(?:network|profiles|heat_pump_profiles|pv_profiles|temperature|prices)\.\w+"),
    r"grid/(?:[^/]+/)*[^/]+\.(?:dss|txt|csv)",
    *(r"neighbourhood/(?:(?:loads|predictions|base_loads)/)?[^/]+\.(?:csv|xml|json)", r"tariff\.csv"),
)
"""Copies in ``inputs/``, by study."""
_COPY_FOLDERS = (
    *("hub", "diaries", "grid"),
    *(f"neighbourhood/{part}" for part in ("loads", "predictions", "base_loads")),
    "neighbourhood",
)
"""Folders in ``inputs/`` that go when they are empty."""

_RESULT = re.compile(rf"{SERIES}/(?:{'|'.join(_SERIES)})\.parquet|{TABLES}/(?:{'|'.join(_TABLES)})\.csv")
_COPY = re.compile(rf"inputs/(?:{'|'.join(_COPIES)})", re.IGNORECASE)
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial")


def clear_results(folder: Path) -> None:
    """Take away the results of an earlier run, and only those."""
    for name in (OUTCOME_FILE, REPORT_FILE, TIMING_FILE):
        (folder / name).unlink(missing_ok=True)
    clear_kept(folder)
    for path in (*folder.glob(f"{SERIES}/*"), *folder.glob(f"{TABLES}/*")):
        name = path.relative_to(folder).as_posix()
        if _RESULT.fullmatch(name) and path.is_file():
            path.unlink()


def clear_inputs(directory: Path, kept: Collection[str]) -> None:
    """Take away copies of inputs that an earlier run left in a folder.

    Parameters
    ----------
    directory
        Folder of a run.
    kept
        Names below the folder that the present run copied.
    """
    for path in directory.glob("inputs/**/*"):
        name = path.relative_to(directory).as_posix()
        if name not in kept and _COPY.fullmatch(name) and path.is_file():
            path.unlink()
    for name in _COPY_FOLDERS:
        folder = directory / "inputs" / name
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def clear_partials(directory: Path, *, untouched_s: float = 0.0) -> None:
    """Take away what a killed process was writing.

    Parameters
    ----------
    directory
        Folder of a run.
    untouched_s
        Only what nobody has written to for so long; 0 where no other process works in the folder [s].
    """
    latest = time.time() - untouched_s
    for path in directory.rglob(".*.partial"):
        if not _PARTIAL.fullmatch(path.name):
            continue
        with suppress(FileNotFoundError):  # whole by now
            if path.is_file() and path.stat().st_mtime <= latest:
                path.unlink()
