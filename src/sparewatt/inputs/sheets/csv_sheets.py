"""Sheets as CSV files: one, or those of a folder (``Fleet.csv``, ``Cluster1.csv``, … of a hub)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sparewatt.inputs.sheets.sheet import make_sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet

_SEPARATORS = (",", ";", "\t")
_MAX_BYTES = 2_000_000_000


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
    where = path.name
    try:
        if path.stat().st_size > _MAX_BYTES:
            message = f"is larger than {_MAX_BYTES // 1_000_000_000} GB"
            log.add("cluster.file.size", "error", where, message, "", "fewer rows, or several runs")
            return []
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        log.add("cluster.file.unreadable", "error", where, f"cannot be read: {error.strerror}")
        return []
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        value = repr(error.object[error.start : error.end])
        remedy = 'save it as "CSV UTF-8"'
        log.add("cluster.file.encoding", "error", f"{where}, line {line}", "is not UTF-8 text", value, remedy)
        return []
    header = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=lambda s: (header.count(s), s == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        remedy = "a quotation mark inside a value is doubled, and one that opens is closed"
        place = f"{where}, line {reader.line_num}"
        log.add("cluster.file.form", "error", place, f"is not CSV: {error}", "", remedy)
        return []
