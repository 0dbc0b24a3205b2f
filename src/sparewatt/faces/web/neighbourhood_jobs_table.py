"""The jobs of a neighbourhood, in a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
import dash_mantine_components as dmc

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener, stamp_words
from sparewatt.faces.web.neighbourhood_fields import upload_button
from sparewatt.faces.web.neighbourhood_job_forms import job_row
from sparewatt.inputs.community.names import read_job_id
from sparewatt.studies.neighbourhood_timeline import job_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft

JOBS_GRID = "hood-jobs"
_A_PAGE = 50


def jobs_table(draft: Draft) -> Component:
    """The jobs."""
    rows = _job_records(draft)
    buttons = [
        dmc.Button("Add a job", id=opener("job"), leftSection=icon("new")),
        dmc.Button(
            "Charge an electric car", id=opener("ev-job"), variant="default", leftSection=icon("bolt")
        ),
        upload_button("Import jobs (XML)", "jobs", accept=".xml", size="sm"),
        *(
            [
                dmc.Button(
                    "Change",
                    id=opener("change-job", change=True),
                    variant="default",
                    leftSection=icon("edit"),
                ),
                dmc.Button("Delete", id=opener("drop-jobs"), variant="default", leftSection=icon("trash")),
            ]
            if rows
            else []
        ),
    ]
    return dmc.Stack([dmc.Group(buttons, gap="sm"), _jobs_grid(rows) if rows else _no_jobs()], gap="md")


def _no_jobs() -> Component:
    words = (
        "No jobs yet. A job is a load that may start between an earliest and a latest time, such as a wash. "
        "Add one by hand, or import jobs XML for devices that are in the street."
    )
    return dmc.Paper(dmc.Text(words, className="quiet prose"), withBorder=True, p="xl")


def _jobs_grid(rows: list[dict[str, Any]]) -> Component:
    columns = [
        {
            "field": "job",
            "headerName": "Job",
            "minWidth": 150,
        },
        {"field": "house", "headerName": "House", "width": 95},
        {"field": "device", "headerName": "Device", "minWidth": 140},
        {"field": "registered", "headerName": "Registered", "minWidth": 145},
        {"field": "earliest", "headerName": "Earliest start", "minWidth": 145},
        {"field": "latest", "headerName": "Latest start", "minWidth": 145},
        *([{"field": "ready_by", "headerName": "Ready by"}] if any(row["ready_by"] for row in rows) else []),
        {"field": "load", "headerName": "Load", "minWidth": 150},
        {"field": "energy", "headerName": "Energy [kWh]", "type": "rightAligned", "width": 125},
        {"field": "runs", "headerName": "Runs [min]", "type": "rightAligned", "width": 115},
    ]
    return dmc.Stack(
        gap=4,
        children=[
            dag.AgGrid(
                id=JOBS_GRID,
                rowData=rows,
                columnDefs=columns,
                defaultColDef={
                    "sortable": True,
                    "filter": True,
                    "resizable": True,
                    "suppressHeaderMenuButton": True,
                },
                getRowId="params.data.id",
                className="ag-theme-alpine",
                dashGridOptions={
                    "rowSelection": {"mode": "multiRow", "enableClickSelection": False},
                    "rowHeight": 36,
                    "ensureDomOrder": True,
                    "pagination": len(rows) > _A_PAGE,
                    "paginationPageSize": _A_PAGE,
                    "domLayout": "autoHeight" if len(rows) <= 12 else "normal",  # noqa: PLR2004 - rows in sight
                    "animateRows": False,
                },
                columnSize="autoSize",
                style={"height": None} if len(rows) <= 12 else {"height": 520},  # noqa: PLR2004 - as above
            ),
            dmc.Text(
                "Times are UTC. Tick one job to change it, or any number to delete them.",
                className="quiet",
                size="sm",
            ),
        ],
    )


def _job_records(draft: Draft) -> list[dict[str, Any]]:
    """Jobs as rows of the grid, in the order of their tables."""
    names = {(d.house, d.device_id): d.name for d in draft.devices}
    spans = {span.job_id: span for span in job_spans(draft)}

    def record(kind: str, row: int, name: str, times: Sequence[str], load: str) -> dict[str, Any]:
        place, span = read_job_id(name), spans.get(name)
        house, device = ("", "") if place is None else (place.house, place.device)
        return {
            "id": f"{kind} {row}",
            **job_row(kind, row),
            "job": name,
            "house": house,
            "device": names.get((house, device)) or device,
            "registered": times[0],
            "earliest": times[1],
            "latest": times[2] if kind == "job" else "",
            "ready_by": "" if kind == "job" else times[2],
            "load": load,
            "energy": None if span is None else round(span.energy_kwh, 3),
            "runs": None if span is None or kind == "ev" else round(span.duration_s / 60, 1),
        }

    rows = []
    for n, job in enumerate(draft.jobs):
        times = [stamp_words(one) for one in (job.registered, job.earliest, job.latest)]
        rows.append(record("job", n, job.job_id, times, job.file))
    for n, ev in enumerate(draft.evs):
        times = [stamp_words(ev.registered), stamp_words(ev.earliest), stamp_words(ev.ready_by)]
        rows.append(record("ev", n, ev.job_id, times, f"{_kw(ev.min_w)} to {_kw(ev.max_w)} kW"))
    return rows


def _kw(watts: str) -> str:
    return watts if not watts.replace(".", "", 1).isdecimal() else f"{float(watts) / 1000:g}"
