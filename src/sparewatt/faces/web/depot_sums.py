"""Sums and small pictures of depot tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.pictures.colours import BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.inputs.depot.outline import DepotOutline

_DAY_H = 24
_MOST_ROUTES = 40
_MOST_LINES = 4
_DASHES = ("solid", "dash", "dot", "dashdot")


def sums(outline: DepotOutline) -> Component:
    """What the tables amount to."""
    energy = list(outline.energy_kwh.values())
    capacity = sum(outline.asc_kw.values())
    mean = sum(energy) / len(energy) if energy else 0.0
    peak = max((kw for line in outline.load_kw.values() for _, kw in line), default=None)
    prices = [p for line in outline.price_per_kwh.values() for _, p in line]
    cards = [
        ("Vehicles", f"{outline.vehicles:,}", f"drive {outline.trips:,} routes"),
        ("Energy per day", f"{mean:,.1f} kWh", f"at most {max(energy):,.1f} kWh" if energy else "no routes"),
        ("Supply capacity", f"{capacity:,.0f} kW", _plural(len(outline.asc_kw), "site")),
        ("Chargers", f"{outline.ac_chargers} AC, {outline.dc_chargers} DC", "of all allocations"),
        ("Other load", "none" if peak is None else f"{peak:,.1f} kW", "highest half-hour on average"),
        (
            "Price",
            f"{min(prices):.3g} to {max(prices):.3g}" if prices else "none",
            "currency/kWh" if prices else "the default price holds",
        ),
    ]
    return dmc.SimpleGrid(
        cols={"base": 2, "sm": 3, "lg": 6},
        spacing="sm",
        children=[
            dmc.Card(
                [
                    dmc.Text(title, size="sm", className="quiet"),
                    dmc.Text(value, fw=650, size="lg", className="numbers"),
                    dmc.Text(more, size="sm", className="quiet"),
                ],
                withBorder=True,
                padding="sm",
            )
            for title, value, more in cards
        ],
    )


def pictures(outline: DepotOutline) -> Component:
    """Routes, load and prices over the hours of a day."""
    shown = []
    if outline.clocks:
        shown.append(_picture("Routes: on the road", _routes(outline), "depot-routes"))
    if outline.load_kw:
        shown.append(
            _picture("Other load of the site, mean [kW]", _lines(outline.load_kw, ORANGE, "kW"), "depot-load")
        )
    if outline.price_per_kwh:
        lines = _lines(outline.price_per_kwh, GREEN, "currency/kWh")
        shown.append(_picture("Price, mean [currency/kWh]", lines, "depot-price"))
    return dmc.SimpleGrid(shown, cols={"base": 1, "md": max(1, len(shown))}, spacing="md")


def _picture(title: str, figure: dict[str, Any], name: str) -> Component:
    return html.Figure(
        [
            html.Figcaption(title, className="quiet"),
            dcc.Graph(
                id=name,
                figure=figure,
                config={"displayModeBar": False, "displaylogo": False},
                style={"height": 190},
            ),
        ],
        className="small-figure",
        role="group",
        **{"aria-label": f"{title}, by hour of the day"},
    )


def _routes(outline: DepotOutline) -> dict[str, Any]:
    clocks = outline.clocks[:_MOST_ROUTES]
    end = max(_DAY_H, *(clock.returns_h for clock in clocks))
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [f"route {clock.route_id}" for clock in clocks],
        "base": [clock.leaves_h for clock in clocks],
        "x": [clock.returns_h - clock.leaves_h for clock in clocks],
        "marker": {"color": BLUE},
        "hovertext": [
            f"Route {c.route_id}: {_clock(c.leaves_h)} to {_clock(c.returns_h)}, driven {c.trips} times"
            for c in clocks
        ],
        "hoverinfo": "text",
    }
    layout = _layout(end)
    layout["yaxis"] = {"autorange": "reversed", "showticklabels": len(clocks) <= 8, "automargin": True}  # noqa: PLR2004 - fit
    return {"data": [bars], "layout": layout}


def _lines(lines: dict[str, tuple[tuple[float, float], ...]], colour: str, unit: str) -> dict[str, Any]:
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [*(hour for hour, _ in line), _DAY_H],
            "y": [*(value for _, value in line), line[-1][1]],  # the last half-hour ends with the day
            "line": {"color": colour, "shape": "hv", "width": 2, "dash": _DASHES[n]},
            "hovertemplate": f"{name}, %{{x}} h: %{{y:.4g}} {unit}<extra></extra>",
        }
        for n, (name, line) in enumerate(list(lines.items())[:_MOST_LINES])
    ]
    layout = _layout(_DAY_H)
    layout |= {"showlegend": len(data) > 1, "yaxis": {"rangemode": "tozero", "automargin": True}}
    return {"data": data, "layout": layout}


def _layout(end_h: float) -> dict[str, Any]:
    return {
        "margin": {"l": 40, "r": 8, "t": 6, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"range": [0, end_h], "dtick": 6, "title": {"text": "hour of the day [h]"}},
        "showlegend": False,
        "bargap": 0.35,
    }


def _clock(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
