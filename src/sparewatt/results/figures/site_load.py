"""Site load under the agreed supply capacity, with the price over it; and the daily peaks of a whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREY,
    INK,
    MODE_COLOURS,
    PURPLE,
    VERMILION,
    drawing,
    light_grid,
    new_figure,
)
from sparewatt.results.figures.time_axis import hours, period_words, set_local_days, set_local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.depot_view import DepotView

_MARKED_DAYS = 70
"""Up to this many days each day gets a marker."""


def site_load_picture(views: Sequence[DepotView], lo: int, hi: int, name: str) -> Picture:
    """Site load and charging stacked under the capacity line, a panel per mode, price on top.

    Parameters
    ----------
    views
        Scenarios of one allocation.
    lo, hi
        First and end boundary of the window.
    name
        Name of the picture.
    """
    first = views[0]
    with drawing():
        figure = new_figure(1.5 + 2.15 * len(views))
        panels = figure.subplots(
            1 + len(views), 1, sharex=True, squeeze=False, height_ratios=[0.5] + [1.0] * len(views)
        )[:, 0]
        x = hours(first.horizon, lo, hi)
        _price(panels[0], first, x, lo, hi)
        top = max(first.asc_kw, *(float(v.site_kw[lo:hi].max()) for v in views)) * 1.12
        for axes, view in zip(panels[1:], views, strict=True):
            _stack(axes, view, x, lo, hi)
            axes.set_ylim(min(0.0, float(view.site_load_kw[lo:hi].min())), top)
        set_local_time(panels[-1], first.horizon, lo, hi)
        handles, labels = panels[1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=5, handlelength=1.6)
    return Picture(
        name,
        "Site load under the agreed supply capacity",
        f"Other site load and charging, stacked, half-hour means in full detail for "
        f"{period_words(first.horizon, lo, hi)}; the price is drawn above. Dashed: the limit planned "
        f"for ({first.utilisation * 100:.0f} % of the capacity{_limited(first)}). Orange-red and "
        f"hatched: charging above that limit.",
        figure,
    )


def _limited(view: DepotView) -> str:
    """Words for a limit that came from another run."""
    return "" if view.limit_kw is None else ", and where it is less the limit taken from another run"


def _planned_kw(view: DepotView, lo: int, hi: int) -> NDArray[np.float64]:
    """The site demand that is planned for at most, on the boundaries of the window [kW]."""
    planned = np.full(hi - lo, view.utilisation * view.asc_kw)
    if view.limit_kw is not None:
        planned = np.minimum(planned, view.site_load_kw[lo:hi] + np.maximum(0.0, view.limit_kw[lo:hi]))
    return np.append(planned, planned[-1])


def _price(axes: Axes, view: DepotView, x: NDArray[np.float64], lo: int, hi: int) -> None:
    """The price as steps."""
    price = view.price_per_kwh[lo:hi]
    axes.step(x, np.append(price, price[-1]), where="post", color=PURPLE, linewidth=1.4)
    axes.set_ylim(min(0.0, float(price.min()) * 1.1), max(float(price.max()) * 1.12, 1e-9))
    axes.set_ylabel("price\n[1/kWh]")
    axes.set_title("Electricity price [currency per kWh]")
    light_grid(axes)


def _stack(axes: Axes, view: DepotView, x: NDArray[np.float64], lo: int, hi: int) -> None:
    """One mode: load, charging within the limit, charging above it, and the lines."""
    load = view.site_load_kw[lo:hi]
    within = np.minimum(view.charging_kw[lo:hi], view.free_kw[lo:hi])
    edges = [np.append(v, v[-1]) for v in (load, load + within, view.site_kw[lo:hi])]
    above = np.append(view.breach_kw[lo:hi] > 0, view.breach_kw[hi - 1] > 0)
    axes.fill_between(x, edges[0], step="post", color=GREY, alpha=0.55, linewidth=0, label="other site load")
    axes.fill_between(x, edges[0], edges[1], step="post", color=BLUE, linewidth=0, label="charging")
    axes.fill_between(
        x,
        edges[1],
        np.where(above, edges[2], edges[1]),
        step="post",
        facecolor=VERMILION,
        edgecolor="white",
        hatch="////",
        linewidth=0,
        label="charging above the limit",
    )
    axes.axhline(view.asc_kw, color=INK, linewidth=1.6, label="agreed supply capacity")
    planned = _planned_kw(view, lo, hi)
    axes.step(x, planned, where="post", color=INK, linewidth=1.0, linestyle="--", label="planned limit")
    axes.set_ylabel("power [kW]")
    axes.set_title(f"{MODE_WORDS[view.mode].capitalize()} charging")
    light_grid(axes)


def daily_peak_picture(views: Sequence[DepotView], name: str) -> Picture:
    """Highest half-hour of every planning day of the run, a line per mode, under the capacity line."""
    first = views[0]
    h = first.horizon
    middle = (np.asarray(h.day_edges[:-1]) + np.asarray(h.day_edges[1:])) / 2 * h.step_h
    with drawing():
        figure = new_figure(2.9)
        axes = figure.subplots()
        few = h.days <= _MARKED_DAYS
        for view in views:
            smart = view.mode == "opt"
            axes.plot(
                middle,
                view.day_peak_kw,
                color=MODE_COLOURS[view.mode],
                linewidth=1.5 if few else 0.9,
                linestyle="-" if smart or not few else (0, (5, 1.5)),
                marker=("o" if smart else "s") if few else None,
                markersize=3.5,
                label=f"{MODE_WORDS[view.mode]} charging",
            )
        axes.axhline(first.asc_kw, color=INK, linewidth=1.6, label="agreed supply capacity")
        axes.axhline(
            first.asc_kw * first.utilisation, color=INK, linewidth=1.0, linestyle="--", label="planned limit"
        )
        axes.set_ylim(0, max(first.asc_kw, *(float(v.day_peak_kw.max()) for v in views)) * 1.1)
        axes.set_ylabel("daily peak [kW]")
        set_local_days(axes, h)
        light_grid(axes)
        figure.legend(loc="outside lower center", ncols=4, handlelength=2.2)
    days = "day" if h.days == 1 else "days"
    return Picture(
        name,
        "Peak site demand, day by day",
        f"The highest half-hour of site demand on each of the {h.days} planning {days} of the run; "
        f"nothing left out.",
        figure,
    )
