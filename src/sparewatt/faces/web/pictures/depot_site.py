"""Depot: demand of the site under its capacity, smart against unmanaged, with the price over it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

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
    figure,
    line,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.buckets import periods_between, shared_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
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
    rows = shared_rows([site["site_kw"], site["site_load_kw"], site["charging_kw"], *other], look.points)
    at = moments(h.boundaries_s[np.append(rows + lo, hi)], h.timezone)

    def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The kept rows, the last one once more for its right edge."""
        return np.append(values[rows], values[rows[-1]])

    name = mode_name(told.mode)
    data: list[Trace] = [
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
    top = max(float(columns["site_kw"].max()) for columns in sites.values())
    data += _capacities(h, main.asc_kw, main.planned_kw, top)
    return figure(
        data,
        {
            **timed(h.start, h.end, h.timezone, look, axes=2),
            "yaxis": value_axis("demand [kW]", domain=[0, 0.76]),
            "yaxis2": value_axis("price<br>[per kWh]", domain=[0.84, 1], nticks=3, zero=False),
        },
    )


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
    "planned for. The price is above. Drag over a time to see it closer, click twice to see all.",
    draw=draw_site,
    choices=allocation_choice,
    is_there=has_scenarios,
    height=420,
    behind=partial(part_files, "site"),
)
