"""Headroom of all zones at once: by time of day, and the least of every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.network_choice import chosen_zone, grid_of, taken_case, zones_only
from sparewatt.faces.web.pictures.network_room import clock_words, fan_figure
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import figure, heat
from sparewatt.model.clock import clock_slots
from sparewatt.results.network_zone_facts import read_room_of_taken, read_zone_fan
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

SCALE = [[0.0, "#8C2D00"], [0.25, "#E07B39"], [0.5, "#D9D9D4"], [0.75, "#5AA5CF"], [1.0, "#08426B"]]
"""Too much already, nothing left, more fits."""
_SIDES = Choice("side", "Show", (("headroom", "headroom"), ("footroom", "footroom")))
_BY = Choice("by", "Columns", (("clock", "time of day"), ("day", "days")))


def _draw_fan(folder: RunFolder, look: Look) -> Figure:
    state = grid_of(folder)
    zone = chosen_zone(folder, look)
    side = look.chosen.get("side", "headroom")
    drawn = fan_figure(read_zone_fan(folder, state.horizon, taken_case(state, zone), zone, side), side)
    drawn["layout"]["legend"] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    return drawn


def _draw_map(folder: RunFolder, look: Look) -> Figure:
    state, directory = grid_of(folder), folder.path / SERIES
    zones, h = state.zones.ids, state.horizon
    by_day = look.chosen.get("by", "clock") == "day"
    day, _ = clock_slots(h)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1])
    rows = read_room_of_taken(directory, state, starts if by_day else None)
    span = max(float(np.abs(rows).max(initial=0.0)), 1e-6)
    count = rows.shape[1]
    if by_day:
        x = [f"{h.local(int(s)):%Y-%m-%d}" for s in starts]
        axis: dict[str, object] = {"type": "category", "nticks": 10, "title": {"text": "local day"}}
    else:
        hours = np.arange(count) * 24.0 / max(count, 1)
        x = clock_words(hours)
        every = max(1, count // 8)
        axis = {"type": "category", "tickvals": x[::every], "title": {"text": "local time"}}
    trace = heat(
        rows.astype(np.float32),
        x,
        list(zones),
        title="headroom [kVA]",
        hover="zone %{y}, %{x}<br><b>%{z:.1f}</b> kVA",
        scale=SCALE,
        zmin=-span,
        zmax=span,
    )
    layout = {
        "xaxis": {**axis, "automargin": True, "showgrid": False, "fixedrange": True},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "title": {"text": "zone"},
            "fixedrange": True,
        },
    }
    return figure([trace], layout)


FAN = Picture(
    "headroom_fan",
    "Headroom by time of day",
    "What a zone can still take (headroom) or give back (footroom) at each local time, over the days of the "
    "run, with the case of PV and heat pumps that it takes. The dashed line is kept on all days but the "
    "chosen risk; EVs are planned inside it. Below 0 the zone takes too much already.",
    _draw_fan,
    choices=lambda folder: (*zones_only(folder), _SIDES),
    is_timed=False,
    height=320,
    behind=lambda _folder: ("series/headroom.parquet", "series/daily_profile.parquet"),
)
MAP = Picture(
    "headroom_map",
    "Headroom of every zone",
    "Blue: the zone can take more; brown: it takes too much already. By time of day at the chosen risk, or "
    "the least of every local day.",
    _draw_map,
    choices=lambda _folder: (_BY,),
    is_timed=False,
    height=380,
    behind=lambda _folder: ("series/headroom.parquet", "series/daily_profile.parquet"),
)
