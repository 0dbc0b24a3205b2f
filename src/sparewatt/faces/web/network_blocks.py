"""What the map of a network asks for: blocks of moments, the strip over time, the numbers of a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.network_plan import pack_steps
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.faces.web.pictures.style import (
    BLUE,
    ORANGE,
    VERMILION,
    figure,
    line,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.run_folder import SERIES
from sparewatt.results.series_window import kept_rows
from sparewatt.studies.network_steps import block_periods, shown_periods, solve_steps
from sparewatt.studies.network_strip import find_strip

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.network_grid_state import GridState
    from sparewatt.results.run_folder import RunFolder

_POINTS, _LABELLED = 1200, 510


def network_folder(place: ApiPlace, run_id: object) -> RunFolder:
    """The files of a run of the network study that is done; a problem where it is none."""
    if isinstance(run_id, str) and run_id.isdecimal() and len(run_id) < 16:  # noqa: PLR2004 - no such number
        run_id = int(run_id)
    if not isinstance(run_id, int):
        raise ProblemError(404, "There is no such run.")
    run, folder, _ = done_folder(place, run_id)
    if run.study != "network":
        raise ProblemError(404, f"Run {run.id} is no network run, so it has no map.")
    return folder


def asked_block(place: ApiPlace, wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - of a browser
    """A block of moments that the map asks for, solved apart from this process."""
    if not isinstance(wanted, dict) or not isinstance(wanted.get("first"), int):
        raise ProblemError(422, "No moment was asked for.")
    folder, shown = network_folder(place, wanted.get("run")), str(wanted.get("shown"))
    state = read_grid_state(folder.path / SERIES)
    first, most = wanted["first"], block_periods(state)
    steps = place.reading.call(solve_steps, folder.path, shown, first, first + most)
    return pack_steps(steps, shown)


def strip_figure(folder: RunFolder, state: GridState, shown: str) -> tuple[Figure, int]:
    """Lowest voltage and transformer over the moments, and the worst of them."""
    if not len(shown_periods(state, shown)):
        raise ProblemError(404, "Nothing was replayed in this run.")
    strip = find_strip(folder.path, state, shown)
    base, zone = state.network.base_v, state.horizon.timezone
    low, load = (kept_rows(np.nan_to_num(v), _POINTS) for v in (strip.lowest_pu, strip.transformer_loading))
    times = (int(strip.times_s[0]), int(strip.times_s[-1]) + state.horizon.step_s)
    start, end = (datetime.fromtimestamp(t, UTC) for t in times)
    layout = timed(start, end, zone, Look(points=_LABELLED), title=f"local time, {zone}: press to go there")
    data = [
        line(
            moments(strip.times_s[low], zone),
            strip.lowest_pu[low] * base,
            "lowest voltage",
            BLUE,
            unit="V",
            digits=".1f",
        ),
        line(
            moments(strip.times_s[load], zone),
            strip.transformer_loading[load] * 100,
            "transformer",
            ORANGE,
            unit="%",
            dash="dot",
            digits=".0f",
            yaxis="y2",
        ),
        {
            **line(
                moments(np.array(times), zone),
                np.full(2, state.floor_pu * base),
                "statutory floor",
                VERMILION,
                unit="V",
                dash="dash",
                steps=False,
                width=1.2,
            ),
            "hoverinfo": "skip",
        },
    ]
    return (
        figure(
            data,
            layout
            | {
                "yaxis": value_axis("lowest [V]", zero=False, nticks=4),
                "yaxis2": value_axis(
                    "transformer [%]", overlaying="y", side="right", showgrid=False, nticks=4, tickmode="auto"
                ),
                "dragmode": False,
                "hovermode": "x",
                "uirevision": shown,
            },
        ),
        strip.worst,
    )
