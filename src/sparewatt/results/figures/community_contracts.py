"""Contracts as a Gantt chart under what the roofs produced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from sparewatt.model.contract import GRID
from sparewatt.results.figures.community_marks import (
    AT_HOME,
    FED_IN,
    GIVEN,
    STORED,
    power_axis,
    stack_steps,
)
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
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

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.figures.community_window import Window

MOST_ROOFS = 4
"""Houses with producers in the picture."""
WRITTEN = 24
"""Up to this many contracts of a roof the job is written behind each bar."""
MOST_LANES = 30
COVERED = 0.999
"""From this share on a contract counts as covered."""
_HALF = 0.36
_LETTER = 0.0082
"""Width of a letter over that of the picture."""


def contracts_picture(run: CommunityRun, repetition: Repetition, window: Window, name: str) -> Picture:
    """The roofs with the most contracts: what they produced, and under it their contracts as bars."""
    houses, left_out = _busiest(run, repetition, window)
    packed = [_packed(run, repetition, house, window) for house in houses]
    lanes = [max(3, int(lane.max(initial=-1)) + 1) for _, lane, _ in packed]
    heights = [height for count in lanes for height in (1.0, 0.35 + 0.085 * min(count, MOST_LANES))]
    with drawing():
        figure = new_figure(1.2 + 1.15 * sum(heights))
        panels = figure.subplots(
            max(1, len(heights)), 1, sharex=True, squeeze=False, height_ratios=heights or [1.0]
        )[:, 0]
        for place, house in enumerate(houses):
            rows, lane, written = packed[place]
            _production(panels[2 * place], run, repetition, house, window)
            _bars(panels[2 * place + 1], run, repetition, rows, lane, lanes[place], window)
            if written:
                _jobs(panels[2 * place + 1], run, repetition, rows, lane, window)
        set_local_time(panels[-1], horizon_of(run), window.lo, window.hi)
        _legend(figure, run)
        settle(figure)
    why = f" {window.reason}" if window.reason else ""
    return Picture(
        name,
        "Contracts under what the roofs produced",
        f"{period_words(horizon_of(run), window.lo, window.hi)}.{why} Above: what a house produced and what "
        f"became of it; below: its contracts from start to end, one bar each; an orange-red frame: "
        f"the sun did not cover all of it.{left_out}",
        figure,
        digits=2,
    )


def _seen(repetition: Repetition, window: Window) -> NDArray[np.bool_]:
    """Contracts with producers that run in the window and were not cancelled."""
    c = repetition.contracts
    inside = (c.start_s < 60 * window.hi) & (c.end_s > 60 * window.lo)
    return np.asarray(c.is_valid & (c.producer != GRID) & inside, np.bool_)


def _maker(run: CommunityRun, repetition: Repetition) -> NDArray[np.int64]:
    """House of the producer of each contract, ``GRID`` for those with the grid."""
    return np.append(run.neighbourhood.producers.house, GRID)[repetition.contracts.producer]


def _busiest(run: CommunityRun, repetition: Repetition, window: Window) -> tuple[list[int], str]:
    """Houses whose producers supply most by contracts, in the order of the input."""
    c = repetition.contracts
    seen = _seen(repetition, window)
    energy = np.bincount(
        _maker(run, repetition)[seen],
        weights=(c.own_kwh + c.peer_kwh)[seen],
        minlength=len(run.house_ids),
    )
    roofs = np.unique(run.neighbourhood.producers.house)
    roofs = roofs[energy[roofs] > 0.0] if energy.any() else roofs[:1]
    ranked = roofs[np.argsort(-energy[roofs], kind="stable")][:MOST_ROOFS]
    more = f" The {MOST_ROOFS} busiest of {len(roofs):,} roofs are shown." if len(roofs) > MOST_ROOFS else ""
    return sorted(int(house) for house in ranked), more


def _packed(
    run: CommunityRun, repetition: Repetition, house: int, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Contracts of a roof by start, the lane of each, and whether there is room to write their jobs."""
    c = repetition.contracts
    rows = np.flatnonzero(_seen(repetition, window) & (_maker(run, repetition) == house))
    rows = rows[np.argsort(c.start_s[rows], kind="stable")]
    written = len(rows) <= WRITTEN
    lane = np.zeros(len(rows), np.int64)
    free_at: list[float] = []
    letter_s = _LETTER * 60 * (window.hi - window.lo)
    for place, row in enumerate(rows):
        words = id_label(run.neighbourhood.jobs.ids[c.job[row]], 18) if written else ""
        begin, end = float(c.start_s[row]), float(c.end_s[row])
        if _is_before(end, words, window):
            begin -= letter_s * (len(words) + 1)
        else:
            end += letter_s * (len(words) + 1)
        found = next((n for n, free in enumerate(free_at) if free <= begin), len(free_at))
        if found == len(free_at):
            free_at.append(end)
        free_at[found] = end
        lane[place] = found
    return rows, lane, written


def _is_before(end_s: float, words: str, window: Window) -> bool:
    """Whether there is no room for words behind the end of a bar."""
    return end_s / 60.0 + _LETTER * (window.hi - window.lo) * len(words) > window.hi


def _production(axes: Axes, run: CommunityRun, repetition: Repetition, house: int, window: Window) -> None:
    """What a house produced and what became of it."""
    flows = run.flows[repetition.number]
    parts = [
        (AT_HOME, np.maximum(flows.own_kw[house] - flows.discharge_kw[house], 0.0)),
        (GIVEN, flows.peer_out_kw[house]),
        (STORED, flows.charge_kw[house]),
        (FED_IN, flows.feed_in_kw[house]),
    ]
    layers = [(look, window.mean_of_steps(flows, kw)) for look, kw in parts]
    power_axis(axes, stack_steps(axes, window.edges_h, layers), "produced")
    axes.set_title(f"Roof of house {id_label(run.house_ids[house], 30)}")


def _bars(
    axes: Axes,
    run: CommunityRun,
    repetition: Repetition,
    rows: NDArray[np.int64],
    lane: NDArray[np.int64],
    lanes: int,
    window: Window,
) -> None:
    """The contracts of one roof."""
    c = repetition.contracts
    home = run.neighbourhood.jobs.house[c.job[rows]] == _maker(run, repetition)[rows]
    short = (c.own_kwh + c.peer_kwh)[rows] < COVERED * c.energy_kwh[rows]
    least_h = 0.0025 * (window.hi - window.lo) / 60.0
    begin = np.maximum(c.start_s[rows] / 3600.0, window.lo / 60.0)
    end = np.minimum(np.maximum(c.end_s[rows] / 3600.0, begin + least_h), window.hi / 60.0)
    for which, colour in ((home, BLUE), (~home, ORANGE)):
        _paint(axes, begin[which], end[which], lane[which], facecolor=colour, linewidth=0)
    _paint(axes, begin[short], end[short], lane[short], facecolor="none", edgecolor=VERMILION, linewidth=1.4)
    axes.set_ylim(lanes - 0.5, -0.6)
    if not len(rows):
        axes.text(0.5, 0.5, "no contract in this time", transform=axes.transAxes, ha="center", va="center")
    axes.set_yticks([])
    axes.set_ylabel("contracts")
    axes.spines["left"].set_visible(False)


def _paint(
    axes: Axes,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    lane: NDArray[np.int64],
    **look: Any,  # noqa: ANN401 - what matplotlib takes
) -> None:
    """All bars as one path, which keeps the file small."""
    if not len(begin):
        return
    low, high = lane - _HALF, lane + _HALF
    corners = np.stack(
        [np.column_stack(p) for p in ((begin, low), (end, low), (end, high), (begin, high), (begin, low))],
        axis=1,
    )
    codes = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(corners.reshape(-1, 2), codes * len(begin)), **look))


def _jobs(
    axes: Axes,
    run: CommunityRun,
    repetition: Repetition,
    rows: NDArray[np.int64],
    lane: NDArray[np.int64],
    window: Window,
) -> None:
    """The job behind the end of each bar, before its start where there is no room."""
    c = repetition.contracts
    for row, line in zip(rows, lane, strict=True):
        words = id_label(run.neighbourhood.jobs.ids[c.job[row]], 18)
        fits = not _is_before(float(c.end_s[row]), words, window)
        at = c.end_s[row] / 3600.0 if fits else max(float(c.start_s[row]) / 3600.0, window.lo / 60.0)
        text = axes.annotate(
            words,
            (at, float(line)),
            (3 if fits else -3, 0),
            textcoords="offset points",
            ha="left" if fits else "right",
            va="center",
            fontsize=6,
            color=INK,
        )
        text.set_in_layout(False)


def _legend(figure: Any, run: CommunityRun) -> None:  # noqa: ANN401 - a figure
    """What the colours mean, in both kinds of panel."""
    handles = [
        Patch(**AT_HOME.style, label="for the own house"),
        Patch(**GIVEN.style, label="for neighbours"),
        *([Patch(**STORED.style, label=STORED.label)] if len(run.neighbourhood.batteries) else []),
        Patch(**FED_IN.style, label=FED_IN.label),
        Patch(facecolor="none", edgecolor=VERMILION, linewidth=1.4, label="not covered in full"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=5, handlelength=1.6)
