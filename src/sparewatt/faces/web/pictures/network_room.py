"""Headroom of zones: the fan over the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.style import BLUE, GREY, VERMILION, faint, figure, packed, value_axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.network_zone_facts import ZoneFan

_TICKS = (0, 6, 12, 18, 24)
LAST_TICK: dict[str, Any] = {"margin": {"l": 8, "r": 26, "t": 8, "b": 46, "pad": 2}}
"""Layout with room for half of the last label of an axis, such as 24:00."""


def clock_axis(**more: object) -> dict[str, Any]:
    """A horizontal axis of local time of day, from 0 to 24 h."""
    return {
        "range": [0, 24],
        "tickvals": list(_TICKS),
        "ticktext": [f"{h:02d}:00" for h in _TICKS],
        "title": {"text": "local time", "standoff": 4},
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        **more,
    }


def clock_words(hours: NDArray[np.float64]) -> list[str]:
    """Times of day as people read them."""
    return [f"{int(h):02d}:{round(h % 1 * 60):02d}" for h in hours]


def fan_figure(fan: ZoneFan, side: str) -> Figure:
    """Bands of days, the median, and what is planned in."""
    low, quarter, median, three, high = fan.bands_kva
    data = [
        *day_band(fan.hours, low, high, "5 to 95 % of days", 0.18),
        *day_band(fan.hours, quarter, three, "25 to 75 %", 0.38),
        day_line(fan.hours, median, "median", BLUE, "solid"),
        day_line(fan.planned_hours, fan.planned_kva, "at the chosen risk", VERMILION, "dash"),
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 24],
            "y": [0, 0],
            "line": {"color": GREY, "width": 1},
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    return figure(
        data,
        {
            **LAST_TICK,
            "xaxis": clock_axis(),
            "yaxis": value_axis(f"{side} [kVA]", zero=False),
            "dragmode": False,
            "legend": {"orientation": "h", "x": 0, "y": -0.35, "yanchor": "top", "font": {"size": 11}},
        },
    )


def _stairs(hours: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[list[float], Any]:
    return [*hours.tolist(), 24.0], packed(np.append(values, values[-1:]).astype(np.float64))


def day_line(
    hours: NDArray[np.float64], values: NDArray[np.float64], name: str, colour: str, dash: str
) -> dict[str, Any]:
    """A line over the day that holds until the next slot."""
    x, y = _stairs(hours, values)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "customdata": [*clock_words(hours), "24:00"],
        "line": {"color": colour, "width": 1.6, "dash": dash, "shape": "hv"},
        "hovertemplate": f"%{{customdata}}<br>{name}: <b>%{{y:.1f}}</b> kVA<extra></extra>",
    }


def day_band(
    hours: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    name: str,
    opacity: float,
) -> list[dict[str, Any]]:
    """A band over the day between two such lines."""
    x, below = _stairs(hours, low)
    _, above = _stairs(hours, high)
    common = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "line": {"width": 0, "shape": "hv"},
        "hoverinfo": "skip",
    }
    return [
        {**common, "y": below, "showlegend": False},
        {**common, "y": above, "fill": "tonexty", "fillcolor": faint(BLUE, opacity), "name": name},
    ]
