"""Sheet: the records of one sheet or CSV file as they were found, each with the row a person sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog


class Unsolved(str):
    """A formula that was stored without its result; the text is the formula."""

    __slots__ = ()


Cell = str | float | int | bool | datetime | date | time | timedelta | None
"""What a cell holds; empty text is ``None``."""

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Sheet:
    """Records of one sheet.

    Parameters
    ----------
    name
        As it is written in the workbook, or the file's name without ``.csv``.
    columns
        Cells per column by :func:`column_key` of its header, each of one length.
    headers
        Headers as written, by the same keys.
    rows
        Row of each record: the header is row 1.
    typed
        Whether cells have types (workbook); in CSV files everything is text.
    """

    name: str
    columns: Mapping[str, Sequence[Cell]]
    headers: Mapping[str, str]
    rows: NDArray[np.int64]
    typed: bool

    def __len__(self) -> int:
        """Number of records."""
        return len(self.rows)

    def where(self, record: int, column: str = "") -> str:
        """The place of a record, and of one column in it."""
        place = f"{self.name} row {self.rows[record]}"
        return f"{place}, column {self.headers.get(column_key(column), column)}" if column else place

    def cell(self, column: str, record: int) -> Cell:
        """One cell; ``None`` where the sheet has no such column."""
        cells = self.columns.get(column_key(column))
        return None if cells is None else cells[record]


def column_key(header: str) -> str:
    """A header without regard to case and spaces: ``" Real  Arrival SOC"`` is ``"real arrival soc"``."""
    return _SPACES.sub(" ", header.strip()).casefold()


def cell_text(cell: Cell) -> str:
    """A cell as a person sees it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - exact integers
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds" if cell.microsecond == 0 else "milliseconds")
    return str(cell).strip()


def make_sheet(
    name: str, records: Iterable[Sequence[Cell]], log: FindingLog, *, typed: bool, place: str = ""
) -> Sheet:
    """A sheet from its rows, the header first; empty rows are left out.

    Parameters
    ----------
    name, typed
        As of :class:`Sheet`.
    records
        Every row from row 1 on, of any length.
    log
        Where headers that stand twice and values without a header are noted.
    place
        What findings name; empty: the name.
    """
    place = place or name
    every = iter(records)
    header = [cell_text(_clean(c)) for c in next(every, ())]
    width = len(header)
    while header and not header[-1]:
        header.pop()
    first_of: dict[str, int] = {}
    for n, text in enumerate(header):
        key = column_key(text)
        if text and first_of.setdefault(key, n) != n:
            message = f"two columns are called {text}"
            remedy = "keep one of them, or rename the other"
            log.add("cluster.column.twice", "error", f"{place} row 1", message, text, remedy, table=name)
    wanted = list(first_of.values())
    rows: list[int] = []
    kept: list[list[Cell]] = []
    for row, record in enumerate(every, start=2):
        cells = [_clean(c) for c in record]
        if not any(c is not None for c in cells):
            continue
        if not typed and not _fits(cells, len(header), width):
            message = f"the row has {len(cells)} values, the header {width} columns"
            remedy = "one value per column; a value that holds the separator stands in quotation marks"
            text = ",".join(cell_text(c) for c in cells)
            log.add("cluster.sheet.ragged", "error", f"{place} row {row}", message, text, remedy, table=name)
            continue
        cells += [None] * (len(header) - len(cells))
        if not any(cells[n] is not None for n in wanted):
            continue  # a note beside the table
        rows.append(row)
        kept.append([cells[n] for n in wanted])
    columns = list(zip(*kept, strict=True)) if kept else [()] * len(wanted)
    return Sheet(
        name,
        dict(zip(first_of, columns, strict=True)),
        {key: header[n] for key, n in first_of.items()},
        np.array(rows, dtype=np.int64),
        typed,
    )


def _fits(cells: Sequence[Cell], named: int, width: int) -> bool:
    """Whether a row of a CSV file has one value per column; separators without values may follow."""
    return len(cells) >= min(named, width) and not any(c is not None for c in cells[named:])


def _clean(cell: Cell) -> Cell:
    if isinstance(cell, str) and not isinstance(cell, Unsolved):
        return cell.strip() or None
    return cell
