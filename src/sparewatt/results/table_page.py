"""A page of a table in a CSV file: columns of numbers as numbers, filters and order over the whole of it."""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.results.table_query import TableQuery, query_rows

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$"
_TEXTS = r"^(?:.*_)?(?:ids?|name|node|subject|value|where)$"
_BLOCK_BYTES = 16_000_000
"""A row is shorter."""

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
    matching
        Rows of it that were asked for.
    numeric
        Which columns hold numbers.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    total: int
    matching: int
    numeric: tuple[bool, ...]


def read_table_page(path: Path, offset: int, limit: int, query: TableQuery | None = None) -> TablePage:
    """Rows of a table from ``offset`` on, at most ``limit``, of those and in the order that a query asks for.

    A column is one of numbers where every cell of the whole table is a number or empty; ids and names stay
    text, so that their kind does not hang on what a user calls things.

    Raises
    ------
    InputError
        The file is not there, or no table; the query names a column that it has not.
    """
    return page_of(path.name, read_text_table(path), offset, limit, query)


def page_of(name: str, table: pa.Table, offset: int, limit: int, query: TableQuery | None) -> TablePage:
    """A page of a table of texts, as `read_table_page` has it; ``name`` is for what is refused."""
    columns = tuple(table.column_names)
    query = query or TableQuery()
    for wanted in query.columns():
        if wanted not in columns:
            near = difflib.get_close_matches(wanted, columns, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(columns)}"
            raise _refused(name, f"there is no column {wanted}", hint)
    numeric = tuple(_is_numeric(one, table.column(i)) for i, one in enumerate(columns))
    try:
        found = query_rows(table, query, dict(zip(columns, numeric, strict=True)))
    except ValueError:
        words = "a number is compared with a text"
        raise _refused(name, words, "ask a column of numbers for a number") from None
    part = found.slice(offset, limit)
    cells = [
        column.to_pylist() if not is_number else [_number(text) for text in column.to_pylist()]
        for column, is_number in zip(part.columns, numeric, strict=True)
    ]
    return TablePage(columns, tuple(zip(*cells, strict=True)), table.num_rows, found.num_rows, numeric)


def read_text_table(path: Path, *, separator: str = ",", has_header: bool = True) -> pa.Table:
    """A CSV file with all cells as text; empty ones are null, and lines without anything are left out.

    Raises
    ------
    InputError
        The file is not there, or no table.
    """
    wrong: list[str] = []

    def note(row: pacsv.InvalidRow) -> str:
        wrong.append(f"row {row.number} has {row.actual_columns} cells, not {row.expected_columns}")
        return "error"

    try:
        content = path.read_bytes()
        lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
        head = next(csv.reader(lines, delimiter=separator, strict=True), [])
        names = head if has_header else [f"Column {n + 1}" for n in range(len(head))]
        texts = dict.fromkeys(names, pa.string())
        if content.count(b'"') % 2:
            raise _refused(path.name, "a quotation mark is not closed")
        if not head or (has_header and not any(line.strip() for line in lines)):
            return pa.table([pa.array([], pa.string())] * len(names), names=names)
        return pacsv.read_csv(
            pa.BufferReader(content),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK_BYTES,
                column_names=names,
                skip_rows_after_names=1 if has_header else 0,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=texts,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except FileNotFoundError:
        raise _refused(path.name, "there is no such table") from None
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowInvalid) as error:
        words = wrong[0] if wrong else f"not readable as a table ({type(error).__name__})"
        raise _refused(path.name, words) from None


def _is_numeric(name: str, column: pa.ChunkedArray) -> bool:
    if pc.match_substring_regex(pa.array([name]), _TEXTS, ignore_case=True)[0].as_py():
        return False
    return pc.all(pc.match_substring_regex(column, _NUMBER), min_count=0).as_py() is True


def _number(text: str | None) -> TableCell:
    if text is None:
        return None
    return float(text) if any(sign in text for sign in ".eE") else int(text)


def _refused(name: str, message: str, remedy: str = "run it again") -> InputError:
    return InputError([Finding("results.table", "error", name, message, remedy=remedy)])
