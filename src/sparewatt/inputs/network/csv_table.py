"""Tables of a network study as CSV: text by column, with the row that a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.inputs.csv_records import CsvRules, read_csv_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog

_FILE = "network.table.file"
_RULES = CsvRules(_FILE, _FILE, _FILE, _FILE, most_mb=200, line=" row")


@dataclass(frozen=True)
class CsvTable:
    """A table as text.

    Parameters
    ----------
    name
        Of the file.
    columns
        Names in lower case.
    records
        Values of each record, one per column.
    rows
        Row of each record in the file; the header is row 1.
    """

    name: str
    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    rows: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """Values of a column; empty texts where there is none."""
        if name not in self.columns:
            return [""] * len(self.records)
        at = self.columns.index(name)
        return [record[at].strip() for record in self.records]

    def where(self, record: int, column: str = "") -> str:
        """The place of a record."""
        place = f"{self.name} row {self.rows[record]}"
        return f"{place}, column {column}" if column else place


def read_csv_table(path: Path, log: FindingLog) -> CsvTable | None:
    """A CSV file (UTF-8; ``,``, ``;`` or tab); ``None`` where it cannot be read, which is noted."""
    lines = read_csv_records(path, _RULES, log)
    if lines is None:
        return None
    said = [(row, record) for row, record in lines if any(cell.strip() for cell in record)]
    return _table(path.name, said, log)


def _table(name: str, lines: Sequence[tuple[int, Sequence[str]]], log: FindingLog) -> CsvTable | None:
    if not lines:
        log.add(
            "network.table.file", "error", name, "the file is empty", "", "the first row names the columns"
        )
        return None
    columns = tuple(cell.strip().lower() for cell in lines[0][1])
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice:
        message = f"columns are named twice: {', '.join(twice)}"
        log.add("network.table.columns", "error", f"{name} row 1", message, twice[0], "one name each")
        return None
    records, rows = [], []
    for row, record in lines[1:]:
        if len(record) != len(columns):
            message = f"the row has {len(record)} values, the header {len(columns)} columns"
            log.add(
                "network.table.ragged", "error", f"{name} row {row}", message, ",".join(record), table=name
            )
            continue
        records.append(tuple(record))
        rows.append(row)
    return CsvTable(name, columns, tuple(records), tuple(rows))


def check_csv_columns(
    table: CsvTable, required: Sequence[str], known: Sequence[str], log: FindingLog
) -> bool:
    """Required columns are there and unknown ones are refused; whether so."""
    before = log.errors
    for column in required:
        if column not in table.columns:
            message = f"there is no column {column}"
            log.add(
                "network.table.columns",
                "error",
                f"{table.name} row 1",
                message,
                column,
                f"columns {', '.join(known)}",
            )
    for column in table.columns:
        if column not in known:
            message = f"column {column or '(without a name)'} is not known"
            log.add(
                "network.table.columns",
                "error",
                f"{table.name} row 1",
                message,
                column,
                f"columns {', '.join(known)}",
            )
    return log.errors == before
