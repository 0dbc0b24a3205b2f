"""The jobs of a neighbourhood, in a grid that asks for the rows in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.neighbourhood_fields import upload_button
from sparewatt.studies.neighbourhood_job_list import NUMBER_FILTERS, TEXT_FILTERS, find_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_job_list import JobRow
    from sparewatt.studies.neighbourhood_sight import Sight

JOBS_GRID = "hood-jobs"
_A_PART, _ROW, _HEAD, _MOST_IN_SIGHT = 100, 36, 100, 14


def jobs_table(sight: Sight) -> Component:
    """The jobs."""
    count = len(sight.jobs)
    buttons = [
        dmc.Button("Add a job", **opener("job"), leftSection=icon("new")),
        dmc.Button("Charge an electric car", **opener("ev-job"), variant="default", leftSection=icon("bolt")),
        upload_button("Import jobs (XML)", "open:jobs-xml", accept=".xml", size="sm"),
    ]
    if not count:
        return dmc.Stack([dmc.Group(buttons, gap="sm"), _no_jobs()], gap="md")
    change, drop = opener("change-job", change=True), opener("drop-jobs")
    buttons += [
        dmc.Button("Change", **change, variant="default", leftSection=icon("edit")),
        dmc.Button("Delete", **drop, variant="default", leftSection=icon("trash")),
        dmc.Button(
            "Delete all found",
            **opener("drop-jobs", found=True),
            variant="default",
            leftSection=icon("trash"),
        ),
    ]
    return dmc.Stack([dmc.Group(buttons, gap="sm"), _jobs_grid(sight)], gap="md")


def job_part(
    sight: Sight, asked: Mapping[str, Any], filters: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], str]:
    """The rows that the grid asks for, and how many there are, in words.

    Parameters
    ----------
    sight
        The neighbourhood.
    asked
        What the grid says: ``startRow``, ``endRow``, ``sortModel``, ``filterModel``.
    filters
        Filters in the place of those.
    """
    found = find_rows(sight.jobs, asked.get("filterModel") or filters, asked.get("sortModel"))
    first = int(asked.get("startRow") or 0)
    rows = [_record(row) for row in found[first : int(asked.get("endRow") or first + _A_PART)]]
    words = f"{len(sight.jobs):,} job{'s' if len(sight.jobs) != 1 else ''}"
    if len(found) < len(sight.jobs):
        words = f"{len(found):,} of {words} found"
    return {"rowData": rows, "rowCount": len(found)}, words


def _record(row: JobRow) -> dict[str, Any]:
    return {"id": f"{row.kind} {row.row}", **row._asdict()}


def _no_jobs() -> Component:
    words = (
        "No jobs yet. A job is a load that may start between an earliest and a latest time, such as a wash. "
        "Add one by hand, or import jobs XML for devices that are in the street."
    )
    return dmc.Paper(dmc.Text(words, className="quiet prose"), withBorder=True, p="xl")


def _columns(sight: Sight) -> list[dict[str, Any]]:
    texts = {
        "filter": "agTextColumnFilter",
        "filterParams": {"filterOptions": list(TEXT_FILTERS)},
        "suppressFloatingFilterButton": True,
    }
    numbers = {"filter": "agNumberColumnFilter", "filterParams": {"filterOptions": list(NUMBER_FILTERS)}}
    shown = [
        ("job", "Job", 165),
        ("house", "House", 80),
        ("device", "Device", 165),
        ("registered", "Registered", 165),
        ("earliest", "Earliest start", 165),
        ("latest", "Latest start", 165),
        *([("ready_by", "Ready by", 165)] if sight.draft.evs else []),
        ("load", "Load", 160),
    ]
    columns: list[dict[str, Any]] = [
        {"field": field, "headerName": words, "minWidth": width, "flex": 1, **texts}
        for field, words, width in shown
    ]
    for field, words in (("energy", "Energy [kWh]"), ("runs", "Runs [min]")):
        columns.append(
            {"field": field, "headerName": words, "type": "rightAligned", "minWidth": 120, **numbers}
        )
    for column in columns:
        column["filterParams"] = {**column["filterParams"], "maxNumConditions": 1, "debounceMs": 250}
    return columns


def _jobs_grid(sight: Sight) -> Component:
    count = len(sight.jobs)
    return dmc.Stack(
        gap=4,
        children=[
            html.Div(
                dag.AgGrid(
                    id=JOBS_GRID,
                    columnDefs=_columns(sight),
                    rowModelType="infinite",
                    defaultColDef={
                        "sortable": True,
                        "resizable": True,
                        "floatingFilter": True,
                        "suppressHeaderMenuButton": True,
                        "suppressHeaderFilterButton": True,
                    },
                    getRowId="params.data.id",
                    className="ag-theme-alpine",
                    dashGridOptions={
                        "rowSelection": {
                            "mode": "multiRow",
                            "headerCheckbox": False,
                            "enableClickSelection": False,
                        },
                        "selectionColumnDef": {"width": 48, "pinned": "left"},
                        "rowHeight": _ROW,
                        "headerHeight": 40,
                        "floatingFiltersHeight": 40,
                        "ensureDomOrder": True,
                        "animateRows": False,
                        "cacheBlockSize": _A_PART,
                        "maxBlocksInCache": 20,
                        "maxConcurrentDatasourceRequests": 1,
                        "infiniteInitialRowCount": min(count, _A_PART),
                        "enableCellTextSelection": True,
                        "localeText": {"noRowsToShow": "No job matches these filters"},
                    },
                    style={"height": _HEAD + _ROW * min(max(count, 2), _MOST_IN_SIGHT), "width": "100%"},
                ),
                role="region",
                **{"aria-label": "Jobs"},
            ),
            dmc.Text(
                [
                    html.Span(id="hood-jobs-told", **{"aria-live": "polite"}),
                    " · Times are UTC. Tick one job to change it, any number to delete them.",
                ],
                className="quiet",
                size="sm",
            ),
        ],
    )
