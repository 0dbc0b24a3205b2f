"""Tables of a run as pictures read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.results.run_folder import TABLES
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

_MOST_ROWS = 1_000_000


def table_rows(folder: RunFolder, name: str, *, most: int = _MOST_ROWS) -> list[dict[str, TableCell]]:
    """The rows of a table by column; none where the run has no such table."""
    try:
        page = read_table_page(folder.path / TABLES / f"{name}.csv", 0, most)
    except InputError:
        return []
    return [dict(zip(page.columns, row, strict=True)) for row in page.rows]


def number(cell: TableCell) -> float:
    """A cell as a number; 0 where it is empty."""
    return float(cell) if cell not in {None, ""} else 0.0
