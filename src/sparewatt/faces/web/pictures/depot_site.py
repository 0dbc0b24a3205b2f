"""Depot: demand of the site under its capacity, smart against unmanaged, with the price over it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import (
    allocation_choice,
    chosen_pair,
    has_scenarios,
    mode_name,
    part_files,
)
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    area,
    faint,
    figure,
    line,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.buckets import (
    bucket_highest,
    bucket_lowest,
    bucket_means,
    day_edges,
    periods_between,
    shared_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Moments, Trace
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.run_folder import RunFolder

MODE_COLOURS = {"BAU": ORANGE, "opt": BLUE}
_SMALL = 1e-6
_FAR = 3.0


def draw_site(folder: RunFolder, look: Look) -> Figure:
    """Other load and charging stacked, what unmanaged charging would have drawn as a line, price above."""
    pair = chosen_pair(folder, look)
    told, main = pair[-1]
    h = main.horizon
    lo, hi = periods_between(h, look.start, look.end)
    sites = {scenario.mode: windows.site(lo, hi) for scenario, windows in pair}
    site = sites[told.mode]
    other = [columns["site_kw"] for mode, columns in sites.items() if mode != told.mode]
    top = max(float(columns["site_kw"].max()) for columns in sites.values())
    if hi - lo > look.points:
        edges = day_edges(h, lo, hi, max(2, look.points // 2))
        data = _long_time(sites, told.mode, moments(h.boundaries_s[edges], h.timezone), edges)
        data += _capacities(h, main.asc_kw, main.planned_kw, top)
        return figure(data, _layout(h, look, "lowest and highest demand [kW]", "mean price<br>[per kWh]"))
    rows = shared_rows([site["site_kw"], site["site_load_kw"], site["charging_kw"], *other], look.points)
    at = moments(h.boundaries_s[np.append(rows + lo, hi)], h.timezone)

    def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The kept rows, the last one once more for its right edge."""
        return np.append(values[rows], values[rows[-1]])

    name = mode_name(told.mode)
    data = [
        area(at, held(site["site_load_kw"]), "other load", GREY, unit="kW"),
        area(at, held(site["charging_kw"]), f"{name} charging", MODE_COLOURS.get(told.mode, BLUE), unit="kW"),
    ]
    for mode, columns in sites.items():
        if mode != told.mode:
            label = f"demand if {mode_name(mode)}"
            data.append(line(at, held(columns["site_kw"]), label, VERMILION, unit="kW", dash="dot"))
    if "limit_kw" in site and (site["limit_kw"] < main.asc_kw).any():
        data.append(line(at, held(site["limit_kw"]), "limit for charging", SKY, unit="kW", dash="dashdot"))
    price = _price_rows(site["price_per_kwh"], look.points // 2)
    price_at = moments(h.boundaries_s[np.append(price + lo, hi)], h.timezone)
    price_kwh = site["price_per_kwh"][np.append(price, hi - lo - 1)]
    above = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    data.append({**line(price_at, price_kwh, "price", PURPLE, unit="per kWh"), **above})
    data += _capacities(h, main.asc_kw, main.planned_kw, top)
    return figure(data, _layout(h, look, "demand [kW]", "price<br>[per kWh]"))


def _layout(h: Horizon, look: Look, demand: str, price: str) -> dict[str, Any]:
    """Demand below, price above."""
    return {
        **timed(h.start, h.end, h.timezone, look, axes=2),
        "yaxis": value_axis(demand, domain=[0, 0.76]),
        "yaxis2": value_axis(price, domain=[0.84, 1], nticks=3, zero=False),
    }


def _long_time(
    sites: Mapping[str, Mapping[str, NDArray[np.float64]]], mode: str, at: Moments, edges: NDArray[np.int64]
) -> list[Trace]:
    """A band from the lowest to the highest demand of each day, and the highest without a plan."""

    def held(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        return np.append(values, values[-1])

    site, colour, name = sites[mode], MODE_COLOURS.get(mode, BLUE), mode_name(mode)
    low, high = bucket_lowest(site["site_kw"], edges), bucket_highest(site["site_kw"], edges)
    data = [
        line(at, held(low), f"{name}: lowest", colour, unit="kW", width=0.8, showlegend=False),
        {
            **line(at, held(high), f"{name}: highest", colour, unit="kW"),
            "fill": "tonexty",
            "fillcolor": faint(colour, 0.35),
        },
    ]
    for other, columns in sites.items():
        if other != mode:
            highest = held(bucket_highest(columns["site_kw"], edges))
            data.append(line(at, highest, f"{mode_name(other)}: highest", VERMILION, unit="kW", dash="dot"))
    load = held(bucket_means(site["site_load_kw"], edges))
    data.append(line(at, load, "other load: mean", GREY, unit="kW", width=2.0))
    price = held(bucket_means(site["price_per_kwh"], edges))
    above = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    return [*data, {**line(at, price, "mean price", PURPLE, unit="per kWh"), **above}]


def _price_rows(price: NDArray[np.float64], points: int) -> NDArray[np.intp]:
    """Rows where the price changes, its ends among them; few where it changes all the time."""
    changes = np.flatnonzero(np.diff(price, prepend=np.nan, append=np.nan)[:-1] != 0)
    return changes if len(changes) <= points else shared_rows([price], points)


def _capacities(h: Horizon, asc_kw: float, planned_kw: float, top: float) -> list[Trace]:
    """Lines of the agreed supply capacity and of what is planned for."""
    lines = [(asc_kw, "agreed supply capacity", GREEN, "solid", 2.2)]
    if abs(planned_kw - asc_kw) > _SMALL * asc_kw:
        lines.append((planned_kw, "planned for", GREEN, "dash", 1.4))
    at = moments(h.boundaries_s[[0, -1]], h.timezone)
    return [
        line(at, [kw, kw], f"{words} {kw:,.4g} kW", colour, unit="kW", dash=dash, width=width)
        for kw, words, colour, dash, width in lines
        if kw <= _FAR * max(top, _SMALL)  # far above everything it would press the rest flat
    ]


SITE = Picture(
    name="site",
    title="Demand of the site under its capacity",
    words="Other load of the site with charging on top of it; the dotted line is what the site would have "
    "drawn without a plan. Charging belongs under the dashed line, the part of the agreed capacity that is "
    "planned for. The price is above. Over many weeks: the lowest and highest of each day. Drag over a time "
    "to see it closer, click twice to see all.",
    draw=draw_site,
    choices=allocation_choice,
    is_there=has_scenarios,
    height=420,
    behind=partial(part_files, "site"),
)
