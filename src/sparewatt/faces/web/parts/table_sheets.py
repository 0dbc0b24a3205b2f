"""Sheets of workbooks as text, and back; to be called in a process of its own."""

from __future__ import annotations

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
    is_part
        Whether the file has more rows than these.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reason: str = ""
    is_part: bool = False

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


def read_sheet(path: Path, sheet: str) -> FileTable:
    """One sheet of a workbook as text."""
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


def write_sheet(path: Path, name: str, rows: list[list[str]]) -> None:
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
