"""Depot: allocations side by side over the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import MODES, mode_name
from sparewatt.faces.web.pictures.depot_days import HATCH
from sparewatt.faces.web.pictures.depot_site import MODE_COLOURS
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import bars, figure, packed, plain

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.run_folder import RunFolder


def draw_allocations(folder: RunFolder, look: Look) -> Figure:
    """A number of every allocation over the whole run, smart beside unmanaged."""
    what, unit = look.chosen.get("what", "cost"), ""
    label = dict(_TOTALS)[what]
    unit = "kW" if what.endswith("_kw") else "kWh" if what.endswith("_kwh") else ""
    data: list[Trace] = []
    for mode in reversed(MODES):
        own = [s for s in folder.outcome().scenarios if s.mode == mode]
        if own:
            name = mode_name(mode)
            values = np.array([float(s.value(what) or 0) for s in own])
            data.append(
                {
                    **bars(
                        [], values, name, MODE_COLOURS[mode], unit=unit, shape=HATCH[mode], orientation="h"
                    ),
                    "x": packed(values),
                    "y": [plain(s.allocation_id) for s in own],
                    "hovertemplate": f"%{{y}}<br>{plain(name)}: <b>%{{x:,.4~g}}</b> {unit}<extra></extra>",
                }
            )
    return figure(
        data,
        {
            "barmode": "group",
            "xaxis": {"title": {"text": f"{label.lower()} [{unit or 'currency'}]"}, "automargin": True},
            "yaxis": {
                "type": "category",
                "automargin": True,
                "autorange": "reversed",
                "title": {"text": "allocation"},
            },
        },
    )


_TOTALS = (
    ("cost", "Electricity cost"),
    ("excess_capacity_cost", "Excess-capacity cost"),
    ("peak_site_kw", "Peak demand of the site"),
    ("energy_delivered_kwh", "Energy delivered"),
    ("energy_unserved_kwh", "Energy unserved"),
    ("breach_kwh", "Energy above the planned limit"),
)


def total_choices(_folder: RunFolder) -> tuple[Choice, ...]:
    """Which number."""
    return (Choice("what", "Number", _TOTALS),)


def has_allocations(folder: RunFolder) -> bool:
    """Whether there are several to lay side by side."""
    return len({s.allocation_id for s in folder.outcome().scenarios}) > 1


ALLOCATIONS = Picture(
    name="allocations",
    title="Allocations side by side",
    words="A number of the whole run for every allocation, smart beside unmanaged (hatched).",
    draw=draw_allocations,
    choices=total_choices,
    is_there=has_allocations,
    is_timed=False,
    height=340,
    behind=lambda _folder: ("tables/scenarios.csv",),
)
