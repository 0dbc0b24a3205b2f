"""Tables of runs as grids that filter, sort and scroll inside themselves; long ones keep their rows here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
from dash import html

from sparewatt.faces.web.parts.table_rows import far_grid, rows_words
from sparewatt.results.column_words import column_head
from sparewatt.results.table_page import page_of, read_text_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.faces.web.page import Component
    from sparewatt.results.table_page import TableCell, TablePage

MOST_ROWS = 5000
"""Rows of tables that are sent to the browser whole."""
_LOOKED_AT = 200
_WIDEST = 260
_MOST_HEIGHT = 620
_ROW, _HEAD = 34, 92
_MOMENTS = frozenset({"start", "agreed_at", "cancelled_at", "time"})
"""Columns that hold seconds since 1970 where they hold numbers."""


def run_grid(grid: Mapping[str, Any], path: Path, label: str) -> Component:
    """A grid of all of a CSV file.

    Parameters
    ----------
    grid
        Id of the grid, of a kind that `run_tables.register_run_tables` knows.
    path
        The file.
    label
        What the table is called; for screen readers.

    Raises
    ------
    InputError
        It is no table.
    """
    table = read_text_table(path)
    if table.num_rows <= MOST_ROWS:
        return near_grid(grid, page_of(path.name, table, 0, MOST_ROWS, None), label)
    page = page_of(path.name, table, 0, _LOOKED_AT, None)
    columns = [{**column, "flex": 1} for column in _columns(page)]
    return far_grid(grid, columns, page.total, label, {"cellDataType": False})


def near_grid(grid: Mapping[str, Any], page: TablePage, label: str) -> Component:
    """A grid of a page of a table, whose rows are all in the browser; parameters as of `run_grid`."""
    rows = [{f"c{i}": cell for i, cell in enumerate(row)} for row in page.rows]
    return html.Div(
        [
            html.Div(_rows_words(page), className="quiet numbers"),
            dag.AgGrid(
                id={**grid, "type": f"{grid['type']}-near"},
                columnDefs=_columns(page),
                rowData=rows,
                defaultColDef={
                    "sortable": True,
                    "resizable": True,
                    "filter": True,
                    "floatingFilter": True,
                    "suppressHeaderMenuButton": True,
                    "suppressFloatingFilterButton": False,
                    "minWidth": 90,
                    "cellDataType": False,  # dates are texts here, and filtered as such
                },
                columnSize="autoSize",
                dashGridOptions={
                    "rowHeight": _ROW,
                    "headerHeight": 40,
                    "floatingFiltersHeight": 40,
                    "animateRows": False,
                    "enableCellTextSelection": True,
                    "tooltipShowDelay": 300,
                    "localeText": {"noRowsToShow": "No rows", "noMatchingRows": "No rows match the filters"},
                },
                className="ag-theme-alpine",
                style={"height": min(_MOST_HEIGHT, _HEAD + max(3, len(rows)) * _ROW), "width": "100%"},
            ),
        ],
        role="region",
        **{"aria-label": label},
    )


def _rows_words(page: TablePage) -> str:
    more = page.total - len(page.rows)
    words = rows_words(page.total, page.total)
    return f"{words}; {more:,} of them are not shown" if more > 0 else words


def _columns(page: TablePage) -> list[dict[str, Any]]:
    """Columns of a grid, a dot in whose names would mean a path."""
    columns = []
    for i, (title, is_number) in enumerate(zip(page.columns, page.numeric, strict=True)):
        is_number = is_number and any(row[i] is not None for row in page.rows)  # noqa: PLW2901 - of this one
        column: dict[str, Any] = {
            "field": f"c{i}",
            "headerName": column_head(title),
            "headerTooltip": title,
            "minWidth": _width(column_head(title), [row[i] for row in page.rows[:_LOOKED_AT]]),
        }
        if is_number and title in _MOMENTS:
            column |= {
                "valueFormatter": {"function": "sparewattMoment(params.value)"},
                "headerName": f"{column_head(title)} [UTC]",
                "minWidth": 160,
            }
        elif is_number:
            column |= {
                "type": "rightAligned",
                "filter": "agNumberColumnFilter",
                "valueFormatter": {"function": "sparewattNumber(params.value)"},
            }
        columns.append(column)
    return columns


def _width(head: str, cells: Sequence[TableCell]) -> int:
    """Width at which a head in one line, and most cells below it, can be read [px]."""
    texts = (f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in cells if cell is not None)
    longest = max((len(text) for text in texts), default=0)
    return min(_WIDEST, max(110, 8 * longest + 34, 8 * len(head) + 52))
