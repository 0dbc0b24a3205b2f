"""Sheets as CSV files: one, or those of a folder (``Fleet.csv``, ``Cluster1.csv``, … of a hub)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.csv_records import CsvRules, read_csv_records
from sparewatt.inputs.sheets.sheet import make_sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet

_RULES = CsvRules(
    "cluster.file.unreadable", "cluster.file.encoding", "cluster.file.form", "cluster.file.size"
)


def read_csv_sheets(folder: Path, wanted: Callable[[str], bool], log: FindingLog) -> dict[str, Sheet]:
    """The wanted sheets of a folder by name; the others come without records.

    Parameters
    ----------
    folder
        Folder of files ``<sheet>.csv``: UTF-8, separated by ``,``, ``;`` or tab.
    wanted, log
        As for :func:`sparewatt.inputs.sheets.workbook.read_workbook`.
    """
    inside = folder.resolve()
    sheets = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".csv" or not path.is_file() or not path.resolve().is_relative_to(inside):
            continue
        records = _read_records(path, log) if wanted(path.stem) else []
        sheets[path.stem] = make_sheet(path.stem, records, log, typed=False)
    return sheets


def read_csv_sheet(path: Path, log: FindingLog) -> Sheet:
    """One CSV file."""
    return make_sheet(path.stem, _read_records(path, log), log, typed=False)


def _read_records(path: Path, log: FindingLog) -> list[list[str]]:
    return [record for _, record in read_csv_records(path, _RULES, log) or ()]
