"""Histograms of generated visits beside the shares that they were drawn by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, INK, ORANGE, SKY, drawing, light_grid, new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from sparewatt.model.histogram import Histogram

_TITLES = {
    "arrival": "Arrival",
    "departure": "Departure",
    "stay": "Stay",
    "arrival_soc": "State of charge on arrival",
    "departure_soc": "State of charge wanted",
    "energy": "Energy wanted",
    "battery": "Battery",
}
_AXES = {"h": "h", "0-1": "0–1", "kWh": "kWh"}
_COLOURS = {"weekday": BLUE, "weekend": ORANGE, "all": BLUE}
_ROW_IN, _COLUMNS = 2.1, 2
_HOURS, _DAY_H = (0, 6, 12, 18, 24), 24


def fleet_histogram_picture(histograms: Sequence[Histogram], name: str, what: str = "the visits") -> Picture:
    """One panel per quantity: shares as steps, given probabilities as points.

    Parameters
    ----------
    histograms
        Of one fleet; those of one quantity share a panel.
    name
        Name of the picture.
    what
        Whose histograms, as words of the caption.
    """
    quantities = list(dict.fromkeys(h.quantity for h in histograms))
    rows = -(-len(quantities) // _COLUMNS)
    with drawing():
        figure = new_figure(_ROW_IN * rows + 0.3)
        panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for axes in panels[len(quantities) :]:
            axes.set_axis_off()
        for axes, quantity in zip(panels, quantities, strict=False):
            _draw(axes, [h for h in histograms if h.quantity == quantity])
    counted = [h for h in histograms if h.quantity == "stay"] or list(histograms[:1])
    visits = sum(int(h.counts.sum()) for h in counted)
    caption = (
        f"Shares of {what} ({visits:,} in all) in each bin; arrivals and departures apart for Monday to "
        f"Friday and for weekends. Points show the probabilities that they were drawn by, where given."
    )
    return Picture(name, "Histograms of the visits", caption, figure)


def _draw(axes: Axes, histograms: Sequence[Histogram]) -> None:
    """One quantity, its groups over each other."""
    first = histograms[0]
    shown = [h for h in histograms if h.counts.any()]
    for h in shown:
        colour, single = _COLOURS[h.group], h.group == "all"
        edges = np.append(h.lower, h.upper[-1])
        whole = np.array_equal(h.lower[1:], h.upper[:-1])
        if whole and single:
            axes.stairs(100 * h.shares, edges, fill=True, color=SKY, alpha=0.6)
            axes.stairs(100 * h.shares, edges, color=colour, linewidth=1)
        elif whole:
            axes.stairs(100 * h.shares, edges, color=colour, linewidth=1.3, label=h.group)
        else:
            label = None if single else h.group
            width = h.upper - h.lower
            axes.bar(h.lower, 100 * h.shares, width, align="edge", color=colour, alpha=0.45, label=label)
        if h.expected is not None:
            label = "given" if h is shown[-1] else None
            middle = (h.lower + h.upper) / 2
            axes.plot(middle, 100 * h.expected, "o", color=INK, markersize=2.2, label=label)
    axes.set_title(_TITLES.get(first.quantity, first.quantity))
    axes.set_xlabel(f"[{_AXES.get(first.unit, first.unit)}]", loc="right", labelpad=1)
    axes.set_ylabel("visits [%]")
    if first.unit == "h":
        axes.set_xlim(0, _DAY_H)
        axes.set_xticks(_HOURS)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", handlelength=1.2)
    light_grid(axes)
