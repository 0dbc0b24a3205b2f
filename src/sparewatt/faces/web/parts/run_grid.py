"""The grid of a list of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
from dash import html

from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.duration_words import elapsed_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import RunHead

MOST_RUNS = 20_000
"""Older runs are not listed."""
_ROW, _LEAST_ROWS = 40, 8


def run_row(head: RunHead) -> dict[str, Any]:
    """A run as the grid has it; times in seconds."""
    took = None if head.started is None or head.ended is None else elapsed_s(head.started, head.ended)
    return {
        "id": head.id,
        "key": str(head.id),
        "text": f"{head.id} {head.name}",
        "name": head.name,
        "study": head.study,
        "state": head.state,
        "share": head.progress,
        "created": round(head.created.timestamp()),
        "took": took,
        "submitted": head.submitted,
        "stopping": head.stop_wanted,
    }


def run_grid(heads: Sequence[RunHead]) -> Component:
    """The grid with all these runs."""
    height = _ROW * (max(len(heads), _LEAST_ROWS) + 1) + 4
    return html.Div(
        dag.AgGrid(
            id="runs-grid",
            columnDefs=_columns(),
            rowData=[run_row(head) for head in heads],
            getRowId="params.data.key",
            defaultColDef={
                "sortable": True,
                "resizable": True,
                "suppressHeaderMenuButton": True,
                "suppressHeaderFilterButton": True,
            },
            dashGridOptions={
                "rowSelection": {
                    "mode": "multiRow",
                    "checkboxes": True,
                    "headerCheckbox": True,
                    "selectAll": "filtered",
                    "enableClickSelection": False,
                },
                "selectionColumnDef": {"width": 48, "pinned": "left"},
                "rowHeight": _ROW,
                "headerHeight": _ROW,
                "animateRows": False,
                "enableCellTextSelection": True,
                "localeText": {"noRowsToShow": "No runs", "noMatchingRows": "No run matches these filters"},
            },
            className="ag-theme-alpine",
            style={"height": f"min(max(320px, 100vh - 290px), {height}px)", "width": "100%"},
        ),
        role="region",
        **{
            "aria-label": "Runs",
            "aria-description": "Arrow keys go from run to run, Space chooses one, Enter opens it, "
            "Escape leaves the list.",
        },
    )


def _columns() -> list[dict[str, Any]]:
    words = {name: study.title for name, study in STUDY_WORDS.items()}
    return [
        {
            "field": "id",
            "headerName": "No.",
            "width": 76,
            "minWidth": 60,
            "sort": "desc",
            "type": "numericColumn",
        },
        {
            "field": "name",
            "headerName": "Name",
            "flex": 1,
            "minWidth": 160,
            "cellRenderer": "SparewattRunLink",
        },
        {
            "field": "study",
            "headerName": "Study",
            "width": 130,
            "filter": "agTextColumnFilter",
            "cellRenderer": "SparewattWords",
            "cellRendererParams": {"words": words},
        },
        {
            "field": "state",
            "headerName": "State",
            "width": 180,
            "filter": "agTextColumnFilter",
            "cellRenderer": "SparewattRunState",
        },
        {
            "field": "created",
            "headerName": "Created [UTC]",
            "width": 165,
            "valueFormatter": {"function": "sparewattMoment(params.value)"},
        },
        {
            "field": "took",
            "headerName": "Took",
            "width": 110,
            "type": "numericColumn",
            "valueFormatter": {"function": "sparewattSpan(params.value)"},
        },
        {"field": "text", "hide": True, "filter": "agTextColumnFilter"},
    ]
