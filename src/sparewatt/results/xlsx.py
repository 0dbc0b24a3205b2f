"""Tables as an Excel workbook: numbers stay numbers, text stays text whatever it begins with."""

from __future__ import annotations

import re
import shutil
import zipfile
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from sparewatt.results.tables import FORMULA_STARTS
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sparewatt.results.tables import Cell, Table

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_FIXED_STAMP = b"1980-01-01T00:00:00Z"
_STAMP = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
_LONGEST_TEXT = 32_767
_WIDEST = 42
_PLAIN = re.compile(r"[A-Za-z0-9 _.:,]{0,200}")


def write_xlsx(tables: Iterable[Table], path: Path) -> None:
    """Write one sheet per table, streamed; a text that begins like a formula is stored as quoted text."""
    book = Workbook(write_only=True)
    used: set[str] = set()
    for table in tables:
        sheet = book.create_sheet(_sheet_name(table.name, used))
        sheet.freeze_panes = "A2"
        for column, name in enumerate(table.columns):
            letter = _letter(column)
            sheet.column_dimensions[letter].width = min(_WIDEST, max(11, len(name) + 2))
        sheet.append([_head(sheet, name) for name in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, c) for c in row])
    with whole_file(path) as partial, TemporaryFile() as made:
        book.save(made)
        _write_timeless(made, partial)


def _write_timeless(made: IO[bytes], path: Path) -> None:
    """The same workbook without the time of its writing: same tables, same bytes."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            with source.open(member) as packed, out.open(info, "w", force_zip64=True) as sink:
                if member.filename == "docProps/core.xml":
                    sink.write(_STAMP.sub(_FIXED_STAMP, packed.read()))
                else:
                    shutil.copyfileobj(packed, sink, 1 << 20)


def _letter(column: int) -> str:
    """Letters of a column, 0 = A."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_name(name: str, used: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, no ``[]:*?/\\``, used once."""  # noqa: D301 - one sign
    base = re.sub(r"[\[\]:*?/\\]", "_", name)[:28] or "table"
    chosen, number = base, 2
    while chosen.lower() in used:
        chosen, number = f"{base} {number}", number + 1
    used.add(chosen.lower())
    return chosen


def _head(sheet: Any, name: str) -> Any:  # noqa: ANN401 - openpyxl types sheets loosely
    """A header cell."""
    cell = _text(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:  # noqa: ANN401 - openpyxl types sheets loosely
    """A number as it is, a text as text; most texts need no care."""
    return value if not isinstance(value, str) or _PLAIN.fullmatch(value) else _text(sheet, value)


def _text(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl types sheets loosely
    """A cell that is text, marked as quoted where a spreadsheet could take it for a formula."""
    clean = ILLEGAL_CHARACTERS_RE.sub("�", text)[:_LONGEST_TEXT]
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    if clean.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell
