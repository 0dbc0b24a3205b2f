"""Depot: day by day, hour by hour, and allocation by allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import (
    MODES,
    allocation_choice,
    chosen_pair,
    has_scenarios,
    mode_name,
)
from sparewatt.faces.web.pictures.depot_site import MODE_COLOURS
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    bars,
    faint,
    figure,
    label_count,
    line_of,
    message,
    value_axis,
)
from sparewatt.results.day_profile import day_profile
from sparewatt.results.run_folder import TABLES
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.run_folder import RunFolder

_ROWS = 500_000
_BAR_DAYS = 60
"""More days than this are lines."""
_WHATS = {
    "cost": ("Electricity cost", "cost [currency]", ""),
    "peak_site_kw": ("Peak demand of the site", "peak demand [kW]", "kW"),
    "delivered_kwh": ("Energy delivered", "energy [kWh]", "kWh"),
    "breach_kwh": ("Energy above the planned limit", "energy [kWh]", "kWh"),
    "unserved_kwh": ("Energy unserved", "energy [kWh]", "kWh"),
}
_PROFILES = {"charging_kw": ("Charging", "charging [kW]"), "site_kw": ("Demand of the site", "demand [kW]")}
HATCH = {"BAU": "/", "opt": ""}


def draw_days(folder: RunFolder, look: Look) -> Figure:
    """A number of each planning day, smart beside unmanaged."""
    what = look.chosen.get("what", "cost")
    _, axis, unit = _WHATS[what]
    page = read_table_page(folder.path / TABLES / "days.csv", 0, _ROWS)
    column = {name: k for k, name in enumerate(page.columns)}
    wanted = look.chosen.get("allocation")
    data: list[Trace] = []
    for mode in MODES:
        rows = [
            row
            for row in page.rows
            if str(row[column["allocation_id"]]) == wanted and row[column["mode"]] == mode
        ]
        if rows:
            days = [str(row[column["date"]]) for row in rows]
            values = np.array([float(row[column[what]] or 0) for row in rows])
            name = mode_name(mode)
            if len(days) > _BAR_DAYS:
                dash = "solid" if mode == "opt" else "dot"
                trace = line_of(days, values, name, MODE_COLOURS[mode], unit=unit, dash=dash)
                data.append(
                    {**trace, "hovertemplate": trace["hovertemplate"].replace("%{x}", "%{x|%d.%m.%Y}")}
                )
                continue
            data.append(
                bars(
                    days,
                    values,
                    name,
                    MODE_COLOURS[mode],
                    unit=unit,
                    shape=HATCH[mode],
                    hovertemplate=f"%{{x|%d.%m.%Y}}<br>{name}: <b>%{{y:,.4~g}}</b> {unit}<extra></extra>",
                )
            )
    if not data:
        return message("There are no days of this allocation.")
    return figure(
        data,
        {
            "barmode": "group",
            "xaxis": {
                "type": "date",
                "title": {"text": "planning day"},
                "automargin": True,
                "showgrid": False,
                "tickformatstops": [
                    {"dtickrange": [None, 2419200000], "value": "%-d %b<br>%Y"},
                    {"dtickrange": [2419200000, None], "value": "%b<br>%Y"},
                ],
            },
            "yaxis": value_axis(axis),
        },
    )


def days_choices(folder: RunFolder) -> tuple[Choice, ...]:
    """The allocation, and which number."""
    return (
        *allocation_choice(folder),
        Choice("what", "Number", tuple((name, words[0]) for name, words in _WHATS.items())),
    )


def draw_profile(folder: RunFolder, look: Look) -> Figure:
    """The mean day, and what four days of five lie in."""
    what = look.chosen.get("what", "charging_kw")
    data: list[Trace] = []
    for scenario, windows in reversed(chosen_pair(folder, look)):
        h = windows.horizon
        profile = day_profile(windows.site(0, h.periods)[what], h)
        x = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in profile.minutes.tolist()]
        colour, name = MODE_COLOURS.get(scenario.mode, MODE_COLOURS["opt"]), mode_name(scenario.mode)
        dash = "solid" if scenario.mode == "opt" else "dot"
        band: dict[str, Any] = {"legendgroup": scenario.mode, "hoverinfo": "skip", "hovertemplate": None}
        data += [
            {
                **line_of(x, profile.low, "", colour, unit="kW"),
                **band,
                "showlegend": False,
                "line": {"width": 0, "shape": "hv"},
            },
            {
                **line_of(x, profile.high, f"{name}: four days of five", colour, unit="kW"),
                **band,
                "fill": "tonexty",
                "fillcolor": faint(colour, 0.2),
                "line": {"width": 0, "shape": "hv"},
            },
            line_of(
                x, profile.mean, f"{name}: mean", colour, unit="kW", dash=dash, legendgroup=scenario.mode
            ),
        ]
    return figure(
        data,
        {
            "xaxis": {
                "type": "category",
                "title": {"text": "time of the day, local"},
                "automargin": True,
                "showgrid": False,
                "nticks": label_count(look),
                "tickangle": 0,
            },
            "yaxis": value_axis(_PROFILES[what][1]),
        },
    )


def profile_choices(folder: RunFolder) -> tuple[Choice, ...]:
    """The allocation, and whose power."""
    options = tuple((name, words[0]) for name, words in _PROFILES.items())
    return (*allocation_choice(folder), Choice("what", "Power", options))


DAYS = Picture(
    name="days",
    title="Day by day",
    words="Each planning day on its own, smart beside unmanaged (hatched, or dotted where there are "
    "many). Drag to see fewer days.",
    draw=draw_days,
    choices=days_choices,
    is_there=has_scenarios,
    is_timed=False,
    height=320,
    behind=lambda _folder: ("tables/days.csv",),
)
PROFILE = Picture(
    name="profile",
    title="When the day is busy",
    words="The mean of all days at each time of the day; four days of five lie in the band around it.",
    draw=draw_profile,
    choices=profile_choices,
    is_there=has_scenarios,
    is_timed=False,
    height=320,
)
