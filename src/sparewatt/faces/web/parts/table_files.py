"""Tables in files of people as text: read for an editor, and written back as a new file, whole or not at all.

Workbooks are opened by a parser that is not ours: call these in a process of their own.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook

from sparewatt.inputs.sheets.sheet import cell_text
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

MOST_ROWS = 20_000
"""Rows that a browser is given to edit."""
MOST_BYTES = 8_000_000
_SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class FileTable:
    """A table as text.

    Parameters
    ----------
    header
        Names of the columns; empty: the file has none.
    rows
        Text of every cell.
    reason
        Why it is not for editing; empty: it is.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reason: str = ""

    @property
    def first_row(self) -> int:
        """Number of its first row as people count rows of the file."""
        return 2 if self.header else 1


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of a workbook; none where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, keep_links=False)
        names = tuple(s.title for s in book.worksheets)
        book.close()
    except Exception:  # noqa: BLE001 - a broken file leads openpyxl to whatever exception
        return ()
    return names


def read_file_table(path: Path, sheet: str = "") -> FileTable:
    """A CSV file, or one sheet of a workbook."""
    if sheet:
        return _read_sheet(path, sheet)
    if path.stat().st_size > MOST_BYTES:
        return FileTable(
            (), (), "This table is too large to edit here; download it, change it, add it again."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return FileTable((), (), 'This is not UTF-8 text; save it as "CSV UTF-8".')
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True))
    except csv.Error as error:
        return FileTable((), (), f"This is not a table: {error}.")
    while records and not any(records[-1]):
        records.pop()
    return _table([[cell.strip() for cell in record] for record in records])


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
    if sheet:
        _write_sheet(path, sheet, rows)
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
    if len(records) > MOST_ROWS:
        reason = f"It has {len(records):,} rows, more than the {MOST_ROWS:,} that can be edited here."
        return FileTable((), (), reason)
    if not records:
        return FileTable((), (), "This table is empty.")
    first = records[0]
    has_header = all(cell and not _NUMBER.fullmatch(cell) for cell in first)
    width = max(len(record) for record in records)
    body = records[1:] if has_header else records
    if any(len(record) not in (width, 0) for record in body) or (has_header and len(first) != width):
        return FileTable((), (), "Its rows have different numbers of values; mend that in the file itself.")
    rows = tuple(tuple(record) if record else ("",) * width for record in body)
    return FileTable(tuple(first) if has_header else (), rows)


def _read_sheet(path: Path, sheet: str) -> FileTable:
    try:
        values = _open(path, data_only=True)[sheet]
        formulas = _open(path, data_only=False)[sheet]
    except Exception:  # noqa: BLE001 - a broken file leads openpyxl to whatever exception
        return FileTable((), (), "This workbook cannot be read; save it anew.")
    if values.max_row > MOST_ROWS + 1:
        return FileTable((), (), f"This sheet has {values.max_row:,} rows, too many to edit here.")
    records = [[cell_text(cell) for cell in row] for row in values.iter_rows(values_only=True)]
    while records and not any(records[-1]):
        records.pop()
    reason = ""
    if any(cell.data_type == "f" for row in formulas.iter_rows() for cell in row):
        reason = "This sheet holds formulas; edit it in a spreadsheet."
    if not records:
        return FileTable((), (), reason or "This sheet is empty.")
    return FileTable(tuple(records[0]), tuple(tuple(record) for record in records[1:]), reason)


def _open(path: Path, *, data_only: bool) -> Any:  # noqa: ANN401 - openpyxl types books loosely
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(path, data_only=data_only, keep_links=False)


def _write_sheet(path: Path, name: str, rows: list[list[str]]) -> None:
    """Rows below the header; a text that stays what it was keeps the type of its cell."""
    book = _open(path, data_only=False)
    sheet = book[name]
    typed: dict[tuple[int, str], Any] = {}
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            typed[cell.column, cell_text(cell.value)] = (cell.value, cell.number_format)
    last = max(sheet.max_row, len(rows) + 1)
    for n in range(2, last + 1):
        texts = rows[n - 2] if n - 2 < len(rows) else []
        for column in range(1, sheet.max_column + 1):
            text = texts[column - 1] if column - 1 < len(texts) else ""
            cell = sheet.cell(n, column)
            value, form = typed.get((column, text), (_typed(text), None))
            cell.value = value
            if isinstance(value, str) and value.startswith(_FORMULAS):
                cell.data_type, cell.quotePrefix = "s", True
            if form is not None:
                cell.number_format = form
    with whole_file(path) as partial, partial.open("wb") as out:
        book.save(out)


def _typed(text: str) -> str | float | int | bool | datetime | None:
    """A text as the value of a cell: number, moment, or text."""
    text = text.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number
    if _STAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text
