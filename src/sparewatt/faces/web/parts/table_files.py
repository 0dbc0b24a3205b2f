"""Tables in files of people as text: read for an editor, and written back as a new file, whole or not at all.

Workbooks are opened by a parser that is not ours: call these in a process of their own.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.faces.web.parts.table_sheets import MOST_ROWS, FileTable, read_sheet, write_sheet
from sparewatt.results.table_page import read_text_table
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 8_000_000
SHOWN_ROWS = 500
"""Rows of a larger table that tell what is in it."""
ROW_NUMBER = "row of the file"
"""Name of the column that `read_whole_table` puts first."""
_SHOWN_BYTES = 1_000_000
_LARGE = "Look at it here, change it elsewhere, and add it again."
_TOO_LARGE = f"This table is too large to be edited here. {_LARGE}"
_SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_file_table(path: Path, sheet: str = "") -> FileTable:
    """A CSV file, or one sheet of a workbook."""
    if sheet:
        return read_sheet(path, sheet)
    is_large = path.stat().st_size > MOST_BYTES
    with path.open("rb") as file:
        content = file.read(_SHOWN_BYTES) if is_large else file.read()
    try:
        text = (content.rpartition(b"\n")[0] if is_large else content).decode("utf-8-sig")
    except UnicodeDecodeError:
        return FileTable((), (), 'This is not UTF-8 text; save it as "CSV UTF-8".')
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True))
    except csv.Error as error:
        return FileTable((), (), f"This is not a table: {error}.")
    while records and not any(records[-1]):
        records.pop()
    found = _table([[cell.strip() for cell in record] for record in records])
    if not is_large or not found.rows:
        return found
    return replace(found, rows=found.rows[:SHOWN_ROWS], reason=_TOO_LARGE, is_part=True)


def read_whole_table(path: Path) -> pa.Table:
    """All rows of a CSV file as text, before them the number of each in the file.

    Raises
    ------
    InputError
        It is no table.
    """
    with path.open("rb") as file:
        start = file.read(_SHOWN_BYTES).rpartition(b"\n")[0].decode("utf-8-sig", "replace")
    separator = _separator(start)
    first = next(csv.reader(io.StringIO(start, newline=""), delimiter=separator), [])
    has_header = _is_header(first)
    table = read_text_table(path, separator=separator, has_header=has_header)
    numbers = pa.array(np.arange(table.num_rows) + (2 if has_header else 1))
    return table.add_column(0, ROW_NUMBER, numbers.cast(pa.string()))


def _is_header(first: list[str]) -> bool:
    return all(cell.strip() and not _NUMBER.fullmatch(cell.strip()) for cell in first)


def write_file_table(path: Path, sheet: str, rows: list[list[str]]) -> None:
    """Write the rows of a table back, in the form that the file has.

    Raises
    ------
    ValueError
        In words: the file is another by now, and these rows do not fit it.
    """
    now = read_file_table(path, sheet)
    width = len(now.header) or max((len(row) for row in now.rows), default=0)
    if now.reason or len(rows) > MOST_ROWS or any(len(row) != width for row in rows):
        msg = now.reason or "The file has other columns by now, or too many rows; load the page anew."
        raise ValueError(msg)
    rows = [[str(cell).replace("\0", "") for cell in row] for row in rows]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if sheet:
        write_sheet(path, sheet, rows)
        return
    text = path.read_bytes().decode("utf-8-sig")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_separator(text), lineterminator="\n")
    if now.header:
        writer.writerow(now.header)
    writer.writerows(rows)
    with whole_file(path) as partial:
        partial.write_text(out.getvalue(), encoding="utf-8", newline="")


def _separator(text: str) -> str:
    line = text.lstrip().partition("\n")[0]
    found = max(_SEPARATORS, key=lambda s: (line.count(s), s == ","))
    return " " if not line.count(found) and " " in line.strip() else found


def _table(records: list[list[str]]) -> FileTable:
    if not records:
        return FileTable((), (), "This table is empty.")
    first = records[0]
    has_header = _is_header(first)
    width = max(len(record) for record in records)
    body = records[1:] if has_header else records
    if any(len(record) not in (width, 0) for record in body) or (has_header and len(first) != width):
        return FileTable((), (), "Its rows have different numbers of values; mend that in the file itself.")
    rows = tuple(tuple(record) if record else ("",) * width for record in body)
    if len(rows) > MOST_ROWS:
        reason = f"It has {len(rows):,} rows, and up to {MOST_ROWS:,} can be edited here. {_LARGE}"
        return FileTable(tuple(first) if has_header else (), rows[:SHOWN_ROWS], reason, is_part=True)
    return FileTable(tuple(first) if has_header else (), rows)
