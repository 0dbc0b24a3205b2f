"""State of charge as a fan: the spread over the fleet at every moment."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, INK, VERMILION, drawing, light_grid, new_figure
from sparewatt.results.figures.time_axis import hours, period_words, set_local_days, set_local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.results.depot_view import DepotView

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_WEEKS_FROM_DAYS = 120
_BANDS = ((0, 6, 0.13, "lowest to highest"), (1, 5, 0.25, "10–90 % of vehicles"), (2, 4, 0.4, "25–75 %"))


def soc_fan_picture(views: Sequence[DepotView], lo: int, hi: int, name: str) -> Picture:
    """Quantiles over vehicles on every boundary of the window, a panel per mode."""
    x = hours(views[0].horizon, lo, hi)
    fans = [np.quantile(v.soc[:, lo : hi + 1], QUANTILES, axis=0) for v in views]
    caption = (
        f"At each half-hour of {period_words(views[0].horizon, lo, hi)}: lowest and highest vehicle, the "
        f"middle 80 % and 50 % of the fleet, and the median. A route's energy is taken off when the vehicle "
        f"is plugged in again."
    )
    return _fan(views, x, fans, (lo, hi), name, "State of charge of the fleet", caption)


def soc_days_picture(views: Sequence[DepotView], name: str) -> Picture:
    """The same for a whole long run: quantiles over all vehicles and half-hours of each day, or week."""
    h = views[0].horizon
    every = 1 if h.days <= _WEEKS_FROM_DAYS else 7
    edges = [*h.day_edges[:-1:every], h.periods]
    x = np.asarray(edges) * h.step_h
    fans = [_quantiles_between(v, edges) for v in views]
    what = "planning day" if every == 1 else "week of planning days"
    caption = (
        f"The whole run of {h.days} days, one value per {what}: the spread over all vehicles and all its "
        f"half-hours. Lowest and highest are true extremes, nothing is smoothed."
    )
    title = f"State of charge, {'day by day' if every == 1 else 'week by week'}"
    return _fan(views, x, fans, (0, h.periods), name, title, caption)


def _quantiles_between(view: DepotView, edges: Sequence[int]) -> NDArray[np.float64]:
    """Quantiles between edges, the last one repeated for its right edge, shape (quantiles, edges)."""
    parts = [np.quantile(view.soc[:, a : b + 1], QUANTILES) for a, b in pairwise(edges)]
    return np.stack([*parts, parts[-1]], axis=1)


def _fan(
    views: Sequence[DepotView],
    x: NDArray[np.float64],
    fans: Sequence[NDArray[np.float64]],
    window: tuple[int, int],
    name: str,
    title: str,
    caption: str,
) -> Picture:
    """Draw the fans, each held until the next value where there is one per day."""
    by_day = len(x) != window[1] - window[0] + 1  # one value per day, held until the next
    with drawing():
        figure = new_figure(1.1 + 1.75 * len(views))
        panels = figure.subplots(len(views), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, view, fan in zip(panels, views, fans, strict=True):
            percent = fan * 100
            for low, high, alpha, label in _BANDS:
                axes.fill_between(
                    x,
                    percent[low],
                    percent[high],
                    step="post" if by_day else None,
                    color=BLUE,
                    alpha=alpha,
                    linewidth=0,
                    label=label,
                )
            style = "steps-post" if by_day else "default"
            axes.plot(x, percent[3], color=INK, linewidth=1.3, drawstyle=style, label="median")
            axes.plot(x, percent[0], color=VERMILION, linewidth=1.0, drawstyle=style, label="lowest vehicle")
            if view.reserve > 0:
                axes.axhline(view.reserve * 100, color=INK, linestyle="--", linewidth=0.9, label="reserve")
            axes.set_ylim(min(0.0, float(percent.min()) * 1.05), 102)
            axes.set_yticks([0, 25, 50, 75, 100])
            axes.set_ylabel("SoC [%]")
            axes.set_title(f"{MODE_WORDS[view.mode].capitalize()} charging")
            light_grid(axes)
        if by_day:
            set_local_days(panels[-1], views[0].horizon)
        else:
            set_local_time(panels[-1], views[0].horizon, *window)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=6, handlelength=1.6)
    return Picture(name, title, caption, figure)
