"""Depot: all vehicles at once as a heat map, their state of charge as a fan, and one vehicle closely."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import (
    chosen_scenario,
    has_scenarios,
    part_files,
    scenario_choice,
)
from sparewatt.faces.web.pictures.fan import fan
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    figure,
    heat,
    moments,
    timed,
    utc_text,
    utc_texts,
    value_axis,
)
from sparewatt.results.buckets import (
    bucket_lowest,
    bucket_means,
    bucket_quantiles,
    periods_between,
    screen_edges,
)

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

_CELLS = 40_000
"""Of a heat map at most."""
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def draw_heat_map(folder: RunFolder, look: Look) -> Figure:
    """Charging power or state of charge of every vehicle."""
    _, windows = chosen_scenario(folder, look)
    h, count = windows.horizon, len(windows.vehicle_ids)
    lo, hi = periods_between(h, look.start, look.end)
    edges = screen_edges(h, lo, hi, max(24, min(look.points // 2, _CELLS // max(1, count))))
    if look.chosen.get("what") == "soc":
        values = 100 * bucket_lowest(windows.fleet("soc", lo, hi), edges)
        title, hover, top = "lowest state of charge [%]", "lowest state of charge <b>%{z:.0f}</b> %", 100.0
    else:
        values = bucket_means(windows.fleet("energy_kwh", lo, hi), edges) / h.step_h
        title, hover = "charging power [kW]", "charging <b>%{z:.3~g}</b> kW"
        top = max(1.0, float(values.max(initial=0.0)))
        values = np.where(values > 0, values, np.nan)  # what does not charge stays empty
    trace = heat(
        values.astype(np.float32),
        utc_texts(h.boundaries_s[edges]),
        windows.vehicle_ids,
        title=title,
        hover=f"vehicle %{{y}}<br>{hover}",
        top=top,
        starts_s=h.boundaries_s[edges[:-1]],
        timezone=h.timezone,
    )
    return figure(
        [trace],
        {
            **timed(h.start, h.end, h.timezone, look),
            "yaxis": {
                "type": "category",
                "autorange": "reversed",
                "automargin": True,
                "title": {"text": "vehicle"},
                "showgrid": False,
            },
        },
    )


def heat_choices(folder: RunFolder) -> tuple[Choice, ...]:
    """The scenario, and what is coloured."""
    what = Choice("what", "Colour", (("power", "Charging power"), ("soc", "State of charge")))
    return (*scenario_choice(folder), what)


def draw_fan(folder: RunFolder, look: Look) -> Figure:
    """Spread of the state of charge over the fleet, at every boundary or over buckets of a long time."""
    _, windows = chosen_scenario(folder, look)
    h = windows.horizon
    lo, hi = periods_between(h, look.start, look.end)
    edges = screen_edges(h, lo, hi, max(60, look.points // 4))
    soc = windows.fleet("soc", lo, hi)
    fine = len(edges) - 1 == hi - lo
    if fine:
        parts, seconds = 100 * np.quantile(soc, QUANTILES, axis=0), h.boundaries_s[lo + 1 : hi + 1]
    else:
        parts = 100 * bucket_quantiles(soc, edges, QUANTILES)
        parts, seconds = np.concatenate([parts, parts[:, -1:]], axis=1), h.boundaries_s[edges]
    shapes = []
    if windows.reserve > 0:
        ends = {"x0": utc_text(h.start), "x1": utc_text(h.end), "y0": 100 * windows.reserve}
        style = {"color": "#8C939C", "width": 1.4, "dash": "dash"}
        shapes = [{"type": "line", **ends, "y1": 100 * windows.reserve, "line": style}]
    bottom = min(0.0, float(parts.min(initial=0.0)))
    return figure(
        fan(moments(seconds, h.timezone), parts, BLUE, unit="%", steps=not fine, of="vehicles"),
        {
            **timed(h.start, h.end, h.timezone, look),
            "yaxis": value_axis("state of charge [%]", range=[bottom * 1.05, 102]),
            "shapes": shapes,
        },
    )


HEAT_MAP = Picture(
    name="heat_map",
    title="All vehicles",
    words="A row for each vehicle, time from left to right. Charging: the lighter, the more power; empty "
    "where nothing is drawn. Over a long time a cell is the mean of its half-hours, or their lowest state of "
    "charge.",
    draw=draw_heat_map,
    choices=heat_choices,
    is_there=has_scenarios,
    height=460,
    behind=partial(part_files, "demand"),
)
FAN = Picture(
    name="fan",
    title="State of charge of the fleet",
    words="The dark band holds the middle half of the vehicles, the lighter ones the middle 80 % and all of "
    "them; the dotted line is the emptiest vehicle. The energy of a route is taken off when the vehicle is "
    "back on its plug.",
    draw=draw_fan,
    choices=scenario_choice,
    is_there=has_scenarios,
    height=320,
    behind=partial(part_files, "demand"),
)
