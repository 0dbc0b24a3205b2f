"""Depot: one vehicle closely, smart and unmanaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import chosen_pair, has_scenarios, mode_name, vehicle_choice
from sparewatt.faces.web.pictures.depot_site import MODE_COLOURS
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import BLUE, figure, line, message, moments, timed, value_axis
from sparewatt.results.buckets import bucket_lowest, bucket_means, day_edges, periods_between

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.run_folder import RunFolder


def draw_vehicle(folder: RunFolder, look: Look) -> Figure:
    """State of charge and charging power of one vehicle, smart and unmanaged."""
    wanted, _, vehicle = look.chosen.get("vehicle", "").partition("\n")
    pair = chosen_pair(folder, look, wanted)
    traces: list[Trace] = []
    h = pair[-1][1].horizon
    lo, hi = periods_between(h, look.start, look.end)
    is_long, edges = hi - lo > look.points, day_edges(h, lo, hi, max(2, look.points // 2))
    for scenario, windows in reversed(pair):
        if vehicle not in windows.vehicle_ids:
            continue
        row, colour = windows.vehicle_ids.index(vehicle), MODE_COLOURS.get(scenario.mode, BLUE)
        soc = 100 * windows.vehicle("soc", row)[lo:hi]
        kw = windows.vehicle("energy_kwh", row)[lo:hi] / h.step_h
        name, dash = mode_name(scenario.mode), "solid" if scenario.mode == "opt" else "dot"
        if is_long:
            starts = ends = moments(h.boundaries_s[edges[:-1]], h.timezone)
            soc, kw = np.asarray(bucket_lowest(soc, edges)), bucket_means(kw, edges)
        else:
            ends = moments(h.boundaries_s[lo + 1 : hi + 1], h.timezone)
            starts = moments(h.boundaries_s[lo:hi], h.timezone)
        traces += [
            line(starts, kw, name, colour, unit="kW", dash=dash, legendgroup=scenario.mode),
            {
                **line(ends, soc, name, colour, unit="%", dash=dash, steps=is_long),
                "legendgroup": scenario.mode,
                "xaxis": "x2",
                "yaxis": "y2",
                "showlegend": False,
            },
        ]
    if not traces:
        return message("This vehicle is not in this allocation.")
    return figure(
        traces,
        {
            **timed(h.start, h.end, h.timezone, look, axes=2),
            "yaxis": value_axis("mean charging [kW]" if is_long else "charging [kW]", domain=[0, 0.4]),
            "yaxis2": value_axis("lowest charge [%]" if is_long else "state of charge [%]", domain=[0.5, 1]),
        },
    )


VEHICLE = Picture(
    name="vehicle",
    title="One vehicle",
    words="State of charge above, charging power below: solid as planned, dotted if it charged unmanaged. "
    "Over many weeks: the lowest charge and the mean power of each day.",
    draw=draw_vehicle,
    choices=vehicle_choice,
    is_there=has_scenarios,
    height=400,
)
