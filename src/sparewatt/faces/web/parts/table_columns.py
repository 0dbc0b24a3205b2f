"""Columns of the grid that a table is edited in: words, units, widths, and marks of findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.parts.table_sheets import FileTable
    from sparewatt.faces.web.parts.table_words import ColumnWords

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_NUMBERS = {
    "type": "rightAligned",
    "filter": "agNumberColumnFilter",
    "comparator": {"function": "sparewattInOrder(valueA, valueB)"},
}
"""Of columns whose cells are texts that are numbers."""
_WIDEST_PX = 260
_LOOKED_AT = 200


def table_columns(table: FileTable, words: Sequence[ColumnWords]) -> list[dict[str, Any]]:
    """Columns for AG Grid: the row of the file, then ``c0``, ``c1``, …; findings of a cell are ``_m0``, ….

    Parameters
    ----------
    table
        What is edited.
    words
        Of every column.
    """
    columns: list[dict[str, Any]] = [
        {
            "field": "r",
            "headerName": "Row",
            "editable": False,
            "width": 76,
            "pinned": "left",
            "cellClass": "quiet numbers",
            "suppressMovable": True,
            "filter": False,
            "floatingFilter": False,
        }
    ]
    for i, one in enumerate(words):
        named = table.header[i] if table.header else ""
        column: dict[str, Any] = {
            "field": f"c{i}",
            "headerName": f"{one.title} [{one.unit}]" if one.unit else one.title,
            "headerTooltip": ". ".join(t for t in (one.help, f"Column {named}" if named else "") if t),
            "tooltipField": f"_m{i}",
            "cellClassRules": {"cell-wrong": f"params.data._m{i}"},
            "minWidth": column_width(one.title, [row[i] for row in table.rows[:_LOOKED_AT]]),
            "flex": 1,
        }
        if any(row[i] for row in table.rows) and all(
            _NUMBER.fullmatch(row[i]) or not row[i] for row in table.rows
        ):
            column |= _NUMBERS | {"filterValueGetter": {"function": f"sparewattValue(params.data.c{i})"}}
        columns.append(column)
    return columns


def column_width(title: str, cells: Sequence[str]) -> int:
    """Width at which most cells of a column can be read [px]."""
    longest = max((len(cell) for cell in cells), default=0)
    word = max((len(part) for part in title.split()), default=0)
    return min(_WIDEST_PX, max(96, 8 * longest + 34, 9 * word + 44))
