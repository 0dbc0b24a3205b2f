"""Tables of a neighbourhood folder as text: event files without a header, our own files with one."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NoReturn, TypeVar

import numpy as np

from sparewatt.inputs.tables.parse import CellError
from sparewatt.inputs.tables.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sparewatt.inputs.finding_log import FindingLog

T = TypeVar("T")


def read_event_table(name: str, text: str, columns: Sequence[str], log: FindingLog) -> RawTable:
    """Lines of an event file, ``;`` between the fields, no header; row 1 is the first line.

    A line with another number of fields is noted and left out; blank lines say nothing.
    """
    fields, rows = [], []
    for row, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        parts = line.split(";")
        if len(parts) != len(columns):
            message = f"the line has {len(parts)} fields, not {len(columns)}"
            remedy = f"fields separated by ; : {'; '.join(columns)}"
            log.add("community.row.fields", "error", f"{name} row {row}", message, line, remedy, table=name)
            continue
        fields.append(parts)
        rows.append(row)
    return _raw(name, columns, fields, rows)


def read_headed_table(
    name: str, text: str, required: Sequence[str], log: FindingLog, optional: Sequence[str] = ()
) -> RawTable | None:
    """A CSV table, ``,`` between the values, names of the columns in row 1; ``None`` where it is not one."""
    known = [*required, *optional]
    remedy = f"columns {', '.join(known)}"
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, [v.strip() for v in record]) for record in reader]
    except csv.Error as error:
        message = f"is not CSV: {error}"
        log.add("community.file.form", "error", f"{name} row {reader.line_num}", message, "", remedy)
        return None
    lines = [(row, record) for row, record in lines if any(record)]
    if not lines:
        log.add("community.file.empty", "error", name, "the file is empty", "", f"{remedy}, or no such file")
        return None
    header = [cell.lower() for cell in lines[0][1]]
    wrong = [c for c in header if c not in known] + sorted({c for c in header if header.count(c) > 1})
    missing = [c for c in required if c not in header]
    for column in wrong:
        message = f"the column {column or '(without a name)'} is not known or named twice"
        log.add("community.column.unknown", "error", f"{name} row 1", message, column, remedy)
    for column in missing:
        message = f"there is no column {column}"
        log.add("community.column.missing", "error", f"{name} row 1", message, column, remedy)
    if wrong or missing:
        return None
    fields, rows = [], []
    for row, record in lines[1:]:
        if len(record) != len(header):
            message = f"the row has {len(record)} values, the header {len(header)} columns"
            value = ",".join(record)
            log.add("community.row.fields", "error", f"{name} row {row}", message, value, remedy, table=name)
            continue
        fields.append(record)
        rows.append(row)
    return _raw(name, header, fields, rows)


def _raw(name: str, columns: Sequence[str], fields: list[list[str]], rows: list[int]) -> RawTable:
    by_column = list(zip(*fields, strict=True)) if fields else [()] * len(columns)
    texts = {c: tuple(t.strip() for t in by_column[n]) for n, c in enumerate(columns)}
    return RawTable(name, texts, np.array(rows, dtype=np.int64))


def read_values(
    table: RawTable, column: str, reader: Callable[[str], T], log: FindingLog, *, wrong: T
) -> list[T]:
    """Values of a column; a cell that is empty or wrong is noted with its row and gives ``wrong``."""
    texts = table.columns[column]
    known: dict[str, T] = {}
    problems: dict[str, CellError] = {}
    for text in set(texts):
        try:
            known[text] = reader(text) if text else _missing()
        except CellError as problem:
            known[text], problems[text] = wrong, problem
    if problems:
        for record, text in enumerate(texts):
            if (error := problems.get(text)) is not None:
                log.at(error.rule, "error", table, record, column, f"{column} {error.message}", error.remedy)
    return [known[text] for text in texts]


def _missing() -> NoReturn:
    raise CellError("community.value.missing", "is empty", "fill it in")
