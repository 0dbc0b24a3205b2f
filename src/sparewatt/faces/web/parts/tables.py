"""Tables of runs as grids that filter, sort and scroll inside themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
from dash import html

from sparewatt.results.column_words import column_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.results.table_page import TablePage

_MOST_HEIGHT = 620
_ROW, _HEAD = 34, 92
_MOMENTS = frozenset({"start", "agreed_at", "cancelled_at", "time"})
"""Columns that hold seconds since 1970 where they hold numbers."""


def table_grid(grid: str | dict[str, Any], page: TablePage, label: str) -> Component:
    """A grid of a part of a table.

    Parameters
    ----------
    grid
        Id of the grid.
    page
        The part.
    label
        What the table is called; for screen readers.
    """
    names = [f"c{i}" for i in range(len(page.columns))]  # a dot in a name would mean a path
    rows = [dict(zip(names, row, strict=True)) for row in page.rows]
    return html.Div(
        dag.AgGrid(
            id=grid,
            columnDefs=[
                _column(name, title, [row[i] for row in page.rows])
                for i, (name, title) in enumerate(zip(names, page.columns, strict=True))
            ],
            rowData=rows,
            defaultColDef={
                "sortable": True,
                "resizable": True,
                "filter": True,
                "floatingFilter": True,
                "suppressHeaderMenuButton": True,
                "suppressFloatingFilterButton": False,
                "minWidth": 90,
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
        role="region",
        **{"aria-label": label},
    )


def _column(name: str, title: str, cells: Sequence[Any]) -> dict[str, Any]:
    told = [cell for cell in cells if cell is not None]
    is_number = bool(told) and all(isinstance(cell, (int, float)) for cell in told)
    column: dict[str, Any] = {"field": name, "headerName": column_head(title), "headerTooltip": title}
    if is_number and title in _MOMENTS:
        column |= {
            "valueFormatter": {"function": "sparewattMoment(params.value)"},
            "headerName": f"{column_head(title)} [UTC]",
        }
    elif is_number:
        column |= {
            "type": "rightAligned",
            "filter": "agNumberColumnFilter",
            "valueFormatter": {"function": "sparewattNumber(params.value)"},
        }
    return column
