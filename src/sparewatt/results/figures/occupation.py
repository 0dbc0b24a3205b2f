"""Occupation of the units as a Gantt chart: who is connected when and does what, and who is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from sparewatt.model.trace import BookingState, Fate
from sparewatt.results.cluster_view import COUNTED_KW, TURNED_AWAY
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    VERMILION,
    drawing,
    id_label,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView

MOST_UNITS = 40
"""Units in the picture."""
_WRITTEN = 70
"""Up to this many connections the gain of SoC is written into each bar."""
_OUTLINED = 500
"""Up to this many bookings are outlined."""
_COLUMNS = 500
"""Where there are very many spells, those of a unit are drawn on a grid of this many columns."""
_MANY_SPELLS = 3000
_HALF = 0.36
_AWAY_ROWS = {
    Fate.NO_FREE_EVSE: "no free unit",
    Fate.LEFT_QUEUE: "left the queue",
    Fate.RESERVATION_REFUSED: "refused",
    Fate.NO_OFFER: "no offer",
    Fate.TOO_SHORT: "too short",
    Fate.NO_SHOW: "no-show",
}


def occupation_picture(view: ClusterView, lo: int, hi: int, name: str) -> Picture:
    """Connections as bars on their units, bookings outlined, ticks for those who were not connected."""
    units, total = _busiest(view, lo, hi)
    away = _away(view, lo, hi)
    with drawing():
        strip = 0.16 * len(away)
        body = float(np.clip(0.2 * len(units), 0.8, 7.4))
        figure = new_figure(1.25 + body + (strip + 0.1 if away else 0.0))
        if away:
            axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[body, strip])
        else:
            axes, below = figure.subplots(), None
        handles, gains = _units(axes, view, units, lo, hi)
        _unit_labels(axes, view, units)
        if below is not None:
            _strip(below, away, view)
            axes.tick_params(axis="x", labelbottom=False)
        set_local_time(below if below is not None else axes, view.horizon, lo, hi)
        axes.set_xlim(lo * view.horizon.step_h, hi * view.horizon.step_h)
        figure.legend(handles=handles, loc="outside lower center", ncols=5, handlelength=1.6)
        settle(figure)
    which = (
        f"The {len(units)} units with the longest occupation of {total:,}"
        if total > len(units)
        else "All units"
    )
    written = " The number in a bar is the change of SoC in percentage points." if gains else ""
    ticks = " Ticks below: vehicles that were not connected, by reason." if away else ""
    return Picture(
        name,
        "Occupation of the units",
        f"{which}, {period_words(view.horizon, lo, hi)}. Light: connected; blue: charging; orange and "
        f"hatched: V2G; outlines: bookings, dotted where they were given free or moved.{written}{ticks}",
        figure,
        digits=2,
    )


def _busiest(view: ClusterView, lo: int, hi: int) -> tuple[NDArray[np.int64], int]:
    """Units with the longest occupation in the window, in the order of the input; how many there are."""
    t = view.trace
    count = len(t.system.evses)
    if count <= MOST_UNITS:
        return np.arange(count), count
    rows = t.connected(lo, hi)
    c = t.connections
    held = np.minimum(c.end[rows], hi) - np.maximum(c.first[rows], lo)
    time = np.bincount(c.evse[rows], held, minlength=count)
    return np.sort(np.argsort(-time, kind="stable")[:MOST_UNITS]), count


def _units(
    axes: Axes, view: ClusterView, units: NDArray[np.int64], lo: int, hi: int
) -> tuple[list[Any], bool]:
    """Bars and outlines; legend handles, and whether gains are written."""
    t, step = view.trace, view.horizon.step_h
    c = t.connections
    line = np.full(len(t.system.evses), -1, dtype=np.int64)
    line[units] = np.arange(len(units))
    rows = t.connected(lo, hi)
    rows = rows[line[c.evse[rows]] >= 0]
    stays = np.column_stack([line[c.evse[rows]], np.maximum(c.first[rows], lo), np.minimum(c.end[rows], hi)])
    _bars(axes, stays, step, facecolor=GREY, alpha=0.35, linewidth=0)
    spells = view.spells(lo, hi)
    at = line[c.evse[spells.connection]]
    handles: list[Any] = [Patch(facecolor=GREY, alpha=0.35, label="connected")]
    for sign, colour, label, hatch in ((1, BLUE, "charging", ""), (-1, ORANGE, "V2G", "////")):
        on = (at >= 0) & (sign * spells.battery_kw > COUNTED_KW)
        bars = _merged(np.column_stack([at[on], spells.first[on], spells.end[on]]))
        if len(bars) > _MANY_SPELLS:
            bars = _gridded(bars, lo, hi)
        if len(bars) or sign > 0:
            edge = "white" if hatch else "none"
            _bars(axes, bars, step, facecolor=colour, edgecolor=edge, hatch=hatch, linewidth=0)
            handles.append(Patch(facecolor=colour, edgecolor=edge, hatch=hatch, label=label))
    handles += _bookings(axes, view, line, lo, hi)
    gains = 0 < len(rows) <= _WRITTEN
    if gains:
        _gains(axes, view, rows, stays)
    return handles, gains


def _merged(bars: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bars of a row that touch as one; rows are unit, first, end."""
    if not len(bars):
        return bars
    bars = bars[np.lexsort((bars[:, 1], bars[:, 0]))]
    new = np.ones(len(bars), dtype=np.bool_)
    new[1:] = (bars[1:, 0] != bars[:-1, 0]) | (bars[1:, 1] != bars[:-1, 2])
    begin = np.flatnonzero(new)
    ends = np.append(begin[1:], len(bars)) - 1
    return np.column_stack([bars[begin, 0], bars[begin, 1], bars[ends, 2]])


def _gridded(bars: NDArray[np.int64], lo: int, hi: int) -> NDArray[np.int64]:
    """Bars on a grid of columns: a column is on where it is on for half of its time."""
    width = max(1, -(-(hi - lo) // _COLUMNS))
    columns = -(-(hi - lo) // width)
    rows = int(bars[:, 0].max()) + 1
    time = np.zeros((rows, hi - lo + 1))
    np.add.at(time, (bars[:, 0], bars[:, 1] - lo), 1.0)
    np.add.at(time, (bars[:, 0], bars[:, 2] - lo), -1.0)
    on = np.cumsum(time, axis=1)[:, :-1]
    on = np.pad(on, ((0, 0), (0, columns * width - (hi - lo))))
    cells = on.reshape(rows, columns, width).mean(axis=2) >= 0.5  # noqa: PLR2004 - half
    row, column = np.nonzero(cells)
    first = lo + column * width
    return _merged(np.column_stack([row, first, np.minimum(first + width, hi)]))


def _bookings(axes: Axes, view: ClusterView, line: NDArray[np.int64], lo: int, hi: int) -> list[Any]:
    """Outlines of bookings."""
    t, step = view.trace, view.horizon.step_h
    b = t.bookings
    seen = np.flatnonzero((line[b.evse] >= 0) & (b.first < hi) & (b.end > lo))
    if not 0 < len(seen) <= _OUTLINED:
        return []
    given_up = np.isin(b.state[seen], (BookingState.MOVED, BookingState.RELEASED, BookingState.CANCELLED))
    handles = []
    for rows, style, label in (
        (seen[~given_up], "-", "booked"),
        (seen[given_up], (0, (1, 1.2)), "booked, given free"),
    ):
        if not len(rows):
            continue
        bars = np.column_stack(
            [line[b.evse[rows]], np.maximum(b.first[rows], lo), np.minimum(b.end[rows], hi)]
        )
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": INK, "linewidth": 0.7, "linestyle": style}
        _bars(axes, bars, step, half=_HALF + 0.06, **look)
        handles.append(Patch(**look, label=label))
    return handles


def _gains(axes: Axes, view: ClusterView, rows: NDArray[np.int64], stays: NDArray[np.int64]) -> None:
    """The change of SoC in each bar that is wide enough."""
    c, step = view.trace.connections, view.horizon.step_h
    span = step * (stays[:, 2].max() - stays[:, 1].min())
    for k, (row, first, end) in zip(rows, stays, strict=True):
        gain = round(100 * float(c.soc_last[k] - c.soc_first[k]))
        if (end - first) * step > 0.045 * span:
            axes.text(
                (first + end) / 2 * step,
                row,
                f"{'+' if gain > 0 else '−' if gain < 0 else ''}{abs(gain)}",
                ha="center",
                va="center",
                fontsize=6.5,
                color="#ffffff",
                bbox={"facecolor": "#1a1f26", "alpha": 0.55, "linewidth": 0, "pad": 0.9},
            )


def _bars(axes: Axes, bars: NDArray[np.int64], step_h: float, half: float = _HALF, **look: object) -> None:
    """All bars (row, first, end) as one path, which keeps the file small."""
    if not len(bars):
        return
    row, begin, end = bars[:, 0].astype(np.float64), bars[:, 1] * step_h, bars[:, 2] * step_h
    low, high = row - half, row + half
    corners = np.stack(
        [np.column_stack(p) for p in ((begin, low), (end, low), (end, high), (begin, high), (begin, low))],
        axis=1,
    )
    codes = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(corners.reshape(-1, 2), codes * len(bars)), **look))


def _unit_labels(axes: Axes, view: ClusterView, units: NDArray[np.int64]) -> None:
    """Unit ids down the side, with the cluster where there are several."""
    evses = view.trace.system.evses
    several = len(view.cluster_ids) > 1
    labels = [
        f"{id_label(view.cluster_ids[int(evses.cluster[u])], 9)}/{id_label(evses.ids[u], 9)}"
        if several
        else id_label(evses.ids[u])
        for u in units
    ]
    axes.set_yticks(range(len(units)), labels)
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.set_ylim(len(units) - 0.5, -0.5)
    axes.set_ylabel("unit")


def _away(view: ClusterView, lo: int, hi: int) -> list[tuple[str, NDArray[np.float64]]]:
    """Reason and times [h since the start] of vehicles that were not connected in the window."""
    t, h = view.trace, view.horizon
    fleet = t.fleet
    out = []
    for fate, label in _AWAY_ROWS.items():
        rows = np.flatnonzero(t.fate == fate)
        when = fleet.real_arrival_s[rows]
        if fate in {Fate.RESERVATION_REFUSED, Fate.NO_OFFER}:
            when = fleet.reservation_s[rows]
        when = np.where(when >= 0, when, fleet.declared_arrival_s[rows])
        hours = (np.maximum(when, h.start_s) - h.start_s) / 3600
        inside = hours[(hours >= lo * h.step_h) & (hours < hi * h.step_h)]
        if len(inside):
            out.append((f"{label} ({len(inside):,})", inside))
    return out


def _strip(axes: Axes, away: list[tuple[str, NDArray[np.float64]]], view: ClusterView) -> None:
    """Ticks by reason."""
    away_words = tuple(_AWAY_ROWS[f] for f in TURNED_AWAY)
    for row, (label, hours) in enumerate(away):
        lost = label.startswith(away_words)
        thin = np.unique(np.round(hours / view.horizon.step_h)) * view.horizon.step_h
        axes.add_line(
            Line2D(
                np.repeat(thin, 3),
                np.tile([row - 0.36, row + 0.36, np.nan], len(thin)),
                color=VERMILION if lost else INK,
                linewidth=1.3,
            )
        )
    axes.set_yticks(range(len(away)), [label for label, _ in away])
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.set_ylim(len(away) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
