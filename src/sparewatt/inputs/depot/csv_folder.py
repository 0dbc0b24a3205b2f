"""CsvFolder: one ``<table>.csv`` per table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.csv_records import CsvRules, read_csv_records
from sparewatt.inputs.tables.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.inputs.depot.schema import TableForm
    from sparewatt.inputs.finding_log import FindingLog

_RULES = CsvRules("depot.file.unreadable", "depot.file.encoding", "depot.file.form", "depot.file.unreadable")


class CsvFolder:
    """Tables as CSV files: UTF-8 with or without a mark, any line ends, separated by ``,``, ``;`` or tab."""

    def __init__(self, folder: Path) -> None:
        self.place = f"the folder {folder.name}"
        self._paths = {p.name.lower(): p for p in sorted(folder.iterdir(), reverse=True) if p.is_file()}
        self._folder = folder.resolve()
        self._tables: dict[str, RawTable | None] = {}

    def find_columns(self, table: str, log: FindingLog) -> tuple[str, ...] | None:
        """Names of the columns in lower case; none where the file is broken, ``None`` without a file."""
        found = self._table(table, log)
        return None if found is None else tuple(found.columns)

    def read(
        self,
        form: TableForm,
        columns: Sequence[str],
        log: FindingLog,
        only: tuple[str, frozenset[str]] | None,  # noqa: ARG002 - a file is read whole
    ) -> RawTable:
        """Records with these columns."""
        found = self._table(form.name, log)
        if found is None:  # the file went away after its columns were read
            return RawTable(form.name, dict.fromkeys(columns, ()), np.zeros(0, dtype=np.int64))
        return RawTable(form.name, {c: found.columns[c] for c in columns}, found.rows)

    def first_rows(self, table: str, column: str, log: FindingLog) -> dict[str, int]:
        """Each text of a column with the first row that holds it."""
        found = self._table(table, log)
        if found is None:
            return {}
        texts, rows = found.columns[column], found.rows.tolist()
        return dict(zip(reversed(texts), reversed(rows), strict=True))

    def _table(self, name: str, log: FindingLog) -> RawTable | None:
        if name not in self._tables:
            path = self._paths.get(f"{name}.csv".lower())
            inside = path is not None and path.resolve().is_relative_to(self._folder)
            self._tables[name] = _read_csv(path, name, log) if path is not None and inside else None
        return self._tables[name]


def _read_csv(path: Path, name: str, log: FindingLog) -> RawTable:
    lines = read_csv_records(path, _RULES, log)
    if lines is None:
        return _empty(name)
    records = [record for _, record in lines]
    if not records or not any(cell.strip() for cell in records[0]):
        is_blank = not any(cell.strip() for record in records for cell in record)
        log.add(
            "depot.file.empty",
            "error",
            f"{path.name}, row 1",
            "the file is empty" if is_blank else "row 1 holds no column names",
            remedy="the first row holds the column names",
        )
        return _empty(name)
    return _table(path.name, name, records, log)


def _table(where: str, name: str, records: list[list[str]], log: FindingLog) -> RawTable:
    header = [cell.strip().lower() for cell in records[0]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    for column in sorted({c for c in header if c and header.count(c) > 1}):
        log.add(
            "depot.column.twice",
            "error",
            f"{where}, row 1",
            f"two columns are called {column}",
            column,
            "keep one of them, or rename the other",
        )
    rows, kept = [], []
    for row, record in enumerate(records[1:], start=2):
        if len(record) != width:
            if not any(cell.strip() for cell in record[width:]) and len(record) > width:
                record = record[:width]  # noqa: PLW2901 - separators without values at the end
            elif not any(cell.strip() for cell in record):
                continue
            else:
                log.add(
                    "depot.file.ragged",
                    "error",
                    f"{name} row {row}",
                    f"the row has {len(record)} values, the header {width} columns",
                    ",".join(record),
                    "one value per column; a value that holds the separator stands in quotation marks",
                    table=name,
                )
                continue
        rows.append(row)
        kept.append(record)
    columns = list(zip(*kept, strict=True)) if kept else [()] * width
    blank = [i for i, row in enumerate(kept) if not "".join(row).strip()]
    by_name: dict[str, Sequence[str]] = {}
    for column, texts in zip(header, columns, strict=True):
        by_name.setdefault(column, texts)
    table = RawTable(name, by_name, np.array(rows, dtype=np.int64))
    return table.take(np.delete(np.arange(len(rows)), blank)) if blank else table


def _empty(name: str) -> RawTable:
    """What a file holds that cannot be read: a table without columns."""
    return RawTable(name, {}, np.zeros(0, dtype=np.int64))
