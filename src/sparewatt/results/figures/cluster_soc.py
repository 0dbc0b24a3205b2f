"""State of charge of the vehicles at a hub: a line each for few, a fan and the departures for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.cluster_view import COUNTED_KWH
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView

FEW = 12
"""Up to this many connections each has a line."""
_SAMPLES = 240
_MOST_DOTS = 1500
_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_BANDS = ((0, 6, 0.13, "lowest to highest"), (1, 5, 0.25, "10–90 % of vehicles"), (2, 4, 0.4, "25–75 %"))
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
_MARKS: dict[str, Any] = {"linestyle": "none", "markersize": 5}


def cluster_soc_picture(view: ClusterView, lo: int, hi: int, name: str) -> Picture:
    """SoC of connected vehicles in a window."""
    rows = view.trace.connected(lo, hi)
    if len(rows) <= FEW:
        return _lines(view, rows, lo, hi, name)
    return _fan(view, rows, lo, hi, name)


def _lines(view: ClusterView, rows: NDArray[np.int64], lo: int, hi: int, name: str) -> Picture:
    """A line per vehicle, its target as a mark at the declared departure."""
    t, h = view.trace, view.horizon
    with drawing():
        figure = new_figure(3.6)
        axes = figure.subplots()
        connection, boundary, soc = view.knots_of(rows)
        marks = []
        for n, k in enumerate(rows):
            own = connection == k
            x, y = boundary[own] * h.step_h, soc[own] * 100
            colour = _COLOURS[n % len(_COLOURS)]
            style = "-" if n < len(_COLOURS) else (0, (4, 1.5))
            vehicle = int(t.connections.vehicle[k])
            axes.plot(x, y, color=colour, linewidth=1.6, linestyle=style)
            marks.append((float(x[-1]), float(y[-1]), t.fleet.ids[vehicle], colour))
            wanted = 100 * float(t.fleet.target_soc[vehicle])
            due = (t.fleet.declared_departure_s[vehicle] - h.start_s) / 3600
            short = h.step_h * lo <= due <= h.step_h * hi
            if short:
                axes.plot([due], [wanted], marker="v", color=colour, markerfacecolor="none", **_MARKS)
        _names(axes, marks, hi * h.step_h)
        _finish(axes, view, lo, hi)
        if not len(rows):
            axes.text(0.5, 0.5, "nobody was connected", transform=axes.transAxes, ha="center", color=INK)
        else:
            axes.plot(
                [], [], marker="v", color=INK, markerfacecolor="none", label="target at departure", **_MARKS
            )
            figure.legend(loc="outside lower center")
        settle(figure)
    return Picture(
        name,
        "State of charge, vehicle by vehicle",
        f"Every vehicle connected in {period_words(h, lo, hi)}, from connecting to leaving; a falling line "
        f"is V2G. Hollow triangles: the target at the declared departure.",
        figure,
    )


def _names(axes: Axes, marks: list[tuple[float, float, str, str]], right: float) -> None:
    """Names behind the ends of the lines, moved apart where ends meet."""
    taken: list[tuple[float, float]] = []
    span = max(right, 1e-9)
    for x, y, text, colour in sorted(marks, key=lambda m: (m[0], -m[1])):
        level = y
        while any(abs(level - other) < 4.0 and abs(x - at) < 0.06 * span for at, other in taken):  # noqa: PLR2004 - a line of text
            level -= 4.0
        taken.append((x, level))
        axes.annotate(
            id_label(text),
            (x, level),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=colour,
            annotation_clip=False,
        )


def _fan(view: ClusterView, rows: NDArray[np.int64], lo: int, hi: int, name: str) -> Picture:
    """Quantiles over the connected vehicles, and below them every departure."""
    h = view.horizon
    at, fan = soc_quantiles(view, rows, lo, hi)
    with drawing():
        figure = new_figure(4.9)
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.0, 0.8])
        x, percent = at * h.step_h, fan * 100
        for low, high, alpha, label in _BANDS:
            axes.fill_between(
                x, percent[low], percent[high], color=BLUE, alpha=alpha, linewidth=0, label=label
            )
        axes.plot(x, percent[3], color=INK, linewidth=1.3, label="median")
        axes.set_title("Connected vehicles")
        shown, total = _departures(below, view, rows, lo, hi)
        below.set_title("Vehicles when they left")
        for panel in (axes, below):
            panel.set_ylim(-3, 103)
            panel.set_yticks([0, 25, 50, 75, 100])
            panel.set_ylabel("SoC [%]")
            light_grid(panel)
        set_local_time(below, h, lo, hi)
        handles = [*axes.get_legend_handles_labels()[0], *below.get_legend_handles_labels()[0]]
        labels = [*axes.get_legend_handles_labels()[1], *below.get_legend_handles_labels()[1]]
        figure.legend(handles, labels, loc="outside lower center", ncols=4, handlelength=1.6)
        settle(figure)
    some = f" {shown:,} of {total:,} departures, evenly chosen, are drawn." if shown < total else ""
    return Picture(
        name,
        "State of charge",
        f"The {len(rows):,} vehicles connected in {period_words(h, lo, hi)}. Above: the spread over those "
        f"connected at each moment; below: SoC at departure, with a triangle where the target "
        f"was missed.{some}",
        figure,
        digits=2,
    )


def _departures(axes: Axes, view: ClusterView, rows: NDArray[np.int64], lo: int, hi: int) -> tuple[int, int]:
    """Dots for vehicles that left in the window; how many are drawn, and how many there are."""
    c, h = view.trace.connections, view.horizon
    left = rows[~c.still_connected[rows] & (c.end[rows] > lo) & (c.end[rows] <= hi)]
    step = max(1, -(-len(left) // _MOST_DOTS))
    drawn = left[::step]
    short = np.nan_to_num(view.short_of_target_kwh[c.vehicle[drawn]]) > COUNTED_KWH
    for which, colour, marker, label in (
        (drawn[~short], BLUE, "o", "left at target"),
        (drawn[short], VERMILION, "v", "left short"),
    ):
        axes.plot(
            c.end[which] * h.step_h,
            c.soc_last[which] * 100,
            marker=marker,
            color=colour,
            markersize=4.0,
            linestyle="none",
            alpha=0.75,
            markeredgewidth=0,
            label=label,
        )
    return len(drawn), len(left)


def soc_quantiles(
    view: ClusterView, rows: NDArray[np.int64], lo: int, hi: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Boundaries and quantiles of SoC over the vehicles connected there, NaN where there are none.

    Shapes (samples,) and (quantiles, samples).
    """
    step = max(1, -(-(hi - lo) // _SAMPLES))
    at = np.unique(np.append(np.arange(lo, hi + 1, step), hi))
    c = view.trace.connections
    connection, boundary, soc = view.knots_of(rows)
    place = np.searchsorted(rows, connection)
    span = view.horizon.periods + 2
    first = np.searchsorted(at, c.first[rows])
    count = np.maximum(np.searchsorted(at, c.end[rows], side="right") - first, 0)
    own = np.repeat(np.arange(len(rows)), count)
    sample = np.repeat(first - np.concatenate([[0], np.cumsum(count)])[:-1], count) + np.arange(count.sum())
    value = np.interp(own * span + at[sample], place * span + boundary, soc)
    order = np.argsort(sample, kind="stable")
    edges = np.searchsorted(sample[order], np.arange(len(at) + 1))
    fan = np.full((len(_QUANTILES), len(at)), np.nan)
    for s in range(len(at)):
        there = value[order[edges[s] : edges[s + 1]]]
        if len(there):
            fan[:, s] = np.quantile(there, _QUANTILES)
    return at, fan


def _finish(axes: Axes, view: ClusterView, lo: int, hi: int) -> None:
    """Scales and grid."""
    axes.set_ylim(-3, 103)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel("SoC [%]")
    light_grid(axes)
    set_local_time(axes, view.horizon, lo, hi)
