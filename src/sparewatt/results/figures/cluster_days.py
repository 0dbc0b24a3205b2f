"""A long run of a hub day by day: energy, highest power, and what became of the visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.trace import Fate
from sparewatt.results.cluster_view import TURNED_AWAY
from sparewatt.results.figures.cluster_window import visits_per_day
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREY,
    INK,
    SKY,
    VERMILION,
    drawing,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.local_days import day_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView

_MARKED_DAYS = 70
_MOST_LABELS = 9


def cluster_days_picture(view: ClusterView, name: str) -> Picture:
    """Bars per local day."""
    h = view.horizon
    edges = day_starts(h)
    kw = view.trace.system_kw
    energy = np.add.reduceat(kw, edges[:-1]) * h.step_h
    peak = np.maximum.reduceat(kw, edges[:-1])
    x, width = edges[:-1] * h.step_h, np.diff(edges) * h.step_h
    few = len(x) <= _MARKED_DAYS
    kinds = (
        ("connected", BLUE, "", (Fate.ADMITTED,)),
        ("turned away", VERMILION, "////" if few else "", TURNED_AWAY),
        ("no-show", GREY, "", (Fate.NO_SHOW,)),
    )
    with drawing():
        figure = new_figure(4.6)
        top, middle, below = figure.subplots(3, 1, sharex=True)
        top.bar(x, energy, width * 0.88, align="edge", color=SKY)
        top.set_title("Net consumption per day [kWh]")
        middle.plot(x + width / 2, peak, color=INK, linewidth=1.2, marker="o" if few else None, markersize=3)
        middle.set_ylim(min(0.0, float(peak.min()) * 1.1), max(float(peak.max()) * 1.12, 1e-3))
        middle.set_title("Highest power per day, all clusters together [kW]")
        base: NDArray[np.float64] = np.zeros(len(x))
        for label, colour, hatch, fates in kinds:
            count = visits_per_day(view, edges, tuple(int(f) for f in fates))
            if count.any():
                edge = "white" if hatch else "none"
                below.bar(
                    x,
                    count,
                    width * 0.88,
                    bottom=base,
                    align="edge",
                    color=colour,
                    edgecolor=edge,
                    linewidth=0,
                    hatch=hatch,
                    label=label,
                )
                base = base + count
        below.set_title("Visits by day of arrival")
        for panel in (top, middle, below):
            light_grid(panel)
            panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        set_local_time(below, h, 0, h.periods)
        ticks = list(zip(below.get_xticks(), below.get_xticklabels(), strict=True))
        thinned = ticks[:: -(-len(ticks) // _MOST_LABELS)] if ticks else []
        below.set_xticks([x for x, _ in thinned], [label.get_text() for _, label in thinned])
        if below.get_legend_handles_labels()[0]:
            figure.legend(loc="outside lower center", ncols=3)
        settle(figure)
    return Picture(
        name,
        "The whole run, day by day",
        f"Every local day of {period_words(h, 0, h.periods)}; the first and the last may be cut.",
        figure,
    )
