"""Pictures of a neighbourhood that is edited: its day at a glance, and single curves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import dcc

from sparewatt.faces.web.pictures.graph import OFFLINE
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    YELLOW,
    area,
    figure,
    line,
    moments,
    plain,
    spans,
    timed,
    value_axis,
)
from sparewatt.studies.neighbourhood_curves import mean_kw
from sparewatt.studies.neighbourhood_jobs import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.inputs.community.curve_text import Points
    from sparewatt.studies.neighbourhood_timeline import JobSpan, Timeline

MOST_JOBS = 40
"""Jobs that are drawn as bars, each in a row of its own; more of them are drawn as load alone."""
GRAPH = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": [*OFFLINE, "select2d", "lasso2d"],
}
"""Settings of graphs on these pages."""
_SUN_PX, _BAR_PX = 220, 24
_ZONE = "UTC"


def graph(drawn: Figure) -> Component:
    """A figure on the page, as high as it says."""
    style = {"height": drawn["layout"]["height"]}
    return dcc.Graph(figure=drawn, config=GRAPH, responsive=True, style=style)


def timeline_figure(timeline: Timeline) -> Figure:
    """The sun that is expected beside the load; under it when each job may run, unless there are many."""
    jobs = timeline.jobs if len(timeline.jobs) <= MOST_JOBS else ()
    start, end = (datetime.fromtimestamp(int(t), UTC) for t in (timeline.edges_s[0], timeline.edges_s[-1]))
    upper = {"xaxis": "x2", "yaxis": "y2"} if jobs else {}
    layout = timed(start, end, _ZONE, Look(points=900), axes=2 if jobs else 1, title="UTC")
    power = value_axis("power [kW]")
    if jobs:
        below = _BAR_PX * len(jobs) / (_SUN_PX + _BAR_PX * len(jobs))
        layout |= {"yaxis2": {**power, "domain": [below + 0.06, 1], "anchor": "x2"}, "barmode": "overlay"}
        layout["yaxis"] = {
            "domain": [0, below],
            "autorange": "reversed",
            "type": "category",
            "automargin": True,
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": [job.job_id for job in jobs],
            "ticktext": [_row_label(job) for job in jobs],
        }
    else:
        layout["yaxis"] = power
    return figure(
        [*_powers(timeline, upper), *_windows(jobs)],
        {**layout, "height": _SUN_PX + 60 + _BAR_PX * len(jobs)},
    )


def _powers(timeline: Timeline, axes: dict[str, str]) -> list[dict[str, Any]]:
    """Sun, base load, and jobs."""
    at, traces = moments(timeline.edges_s, _ZONE), []
    if timeline.sun_kw:
        sun = np.sum([np.append(kw, kw[-1]) for kw in timeline.sun_kw.values()], axis=0)
        yellow = area(at, sun, "Sun, as the forecasts expect", YELLOW, unit="kW") | axes
        traces.append(yellow | {"line": {"color": ORANGE, "width": 1.4, "shape": "hv"}})
    if timeline.base_kw.any():
        base = np.append(timeline.base_kw, timeline.base_kw[-1])
        traces.append(line(at, base, "Base load", GREY, unit="kW", dash="dash") | axes)
    if timeline.jobs:
        asked = np.append(timeline.asked_kw, timeline.asked_kw[-1])
        traces.append(line(at, asked, "Jobs, as early as they may", VERMILION, unit="kW") | axes)
    return traces


def _row_label(job: JobSpan) -> str:
    return plain(f"{job.label}, house {job.house}" if job.house else job.job_id)


def _windows(jobs: Sequence[JobSpan]) -> list[dict[str, Any]]:
    """Two bars a job: from its earliest start to its latest end, and how long it runs."""
    if not jobs:
        return []
    rows = [job.job_id for job in jobs]
    words = [
        f"{plain(job.label)}: {job.energy_kwh:.3g} kWh<br>may start {moment(job.earliest_s)} to "
        f"{moment(job.latest_s)}<br>known from {moment(job.registered_s)}"
        for job in jobs
    ]
    earliest = np.array([job.earliest_s for job in jobs], np.int64)
    ends = np.array([job.end_s for job in jobs], np.int64)
    takes = np.array([job.duration_s for job in jobs], np.int64)
    fixed = np.flatnonzero(takes)  # a car that is charged chooses how long
    return [
        spans(rows, earliest, ends, "May run", "#9CB8CC", words=words, thick=0.72),
        spans(
            [rows[n] for n in fixed],
            earliest[fixed],
            (earliest + takes)[fixed],
            "As long as it runs",
            BLUE,
            words=[words[n] for n in fixed],
            thick=0.32,
        ),
    ]


def curve_figure(points: Points, *, is_profile: bool) -> Figure:
    """Mean power of one curve between its points."""
    time_s, power_kw = mean_kw(points)
    axis = value_axis("power [kW]")
    if is_profile:
        minutes = (time_s / 60).tolist()
        trace = {
            "type": "scatter",
            "mode": "lines",
            "x": minutes,
            "y": power_kw.tolist(),
            "line": {"shape": "hv", "color": BLUE, "width": 1.6},
            "fill": "tozeroy",
            "hovertemplate": "%{x:.4~g} min: <b>%{y:.4~g}</b> kW<extra></extra>",
        }
        x_axis = {"title": {"text": "since the start [min]"}, "automargin": True, "rangemode": "tozero"}
        return figure([trace], {"xaxis": x_axis, "yaxis": axis, "height": 240, "showlegend": False})
    at = moments(time_s, _ZONE)
    start, end = (datetime.fromtimestamp(int(t), UTC) for t in (time_s[0], time_s[-1]))
    trace = line(at, power_kw, "power", ORANGE, unit="kW", fill="tozeroy")
    layout = timed(start, end, _ZONE, Look(points=900), title="UTC")
    return figure([trace], {**layout, "yaxis": axis, "height": 240, "showlegend": False})
