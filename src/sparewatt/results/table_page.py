"""A page of a run's table: its CSV file read a part at a time, columns of numbers as numbers."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_TEXTS = re.compile(r"(?:.*_)?(?:ids?|name|subject|value|where)", re.IGNORECASE)
_LONGEST_CELL = 1_000_000

TableCell = str | int | float | None


@dataclass(frozen=True)
class TablePage:
    """A part of a table.

    Parameters
    ----------
    columns
        Names of the columns.
    rows
        The part: one list per row; ``None`` where a cell is empty.
    total
        Rows of the whole table.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    total: int


def read_table_page(path: Path, offset: int, limit: int) -> TablePage:
    """Rows of a table from ``offset`` on, at most ``limit``.

    A column is one of numbers where every cell of the whole table is a number or empty; ids and names stay
    text, so that their kind does not hang on what a user calls things.

    Raises
    ------
    InputError
        The file is not there, or no table.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            csv.field_size_limit(_LONGEST_CELL)
            reader = csv.reader(file, strict=True)
            columns = tuple(next(reader, []))
            numeric = [not _TEXTS.fullmatch(name) for name in columns]
            kept: list[list[str]] = []
            total = 0
            for row in reader:
                if len(row) != len(columns):
                    raise _refused(path, f"row {total + 2} has {len(row)} cells, not {len(columns)}")
                for i, cell in enumerate(row):
                    if numeric[i] and cell and not _NUMBER.fullmatch(cell):
                        numeric[i] = False
                if offset <= total < offset + limit:
                    kept.append(row)
                total += 1
    except FileNotFoundError:
        raise _refused(path, "there is no such table") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(path, f"not readable as a table ({type(error).__name__})") from None
    rows = tuple(tuple(map(_cell, row, numeric)) for row in kept)
    return TablePage(columns, rows, total)


def _cell(text: str, numeric: bool) -> TableCell:  # noqa: FBT001 - of its column
    if not text:
        return None
    if not numeric:
        return text
    return float(text) if any(sign in text for sign in ".eE") else int(text)


def _refused(path: Path, message: str) -> InputError:
    return InputError([Finding("results.table", "error", path.name, message, remedy="run it again")])
