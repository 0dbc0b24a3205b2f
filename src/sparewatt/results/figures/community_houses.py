"""All houses side by side: where what they used came from, where what they produced went, what they pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.community_kpis import is_worse_off
from sparewatt.results.figures.community_marks import (
    AT_HOME,
    FED_IN,
    FROM_GRID,
    GIVEN,
    OWN,
    OWN_BATTERY,
    PEER,
    STORED,
    common_legend,
    flow_legend,
    house_rows,
    row_labels,
    stack_bars,
)
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREY,
    INK,
    VERMILION,
    drawing,
    id_label,
    new_figure,
    settle,
)
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

SHARING_WORDS = {
    "none": "no sharing rule",
    "mid_market_rate": "mid-market rate",
    "supply_demand_ratio": "supply and demand ratio",
    "bill_sharing": "shared bill",
}
"""Sharing rules as people read them."""


def houses_picture(run: CommunityRun, repetition: Repetition, name: str) -> Picture:
    """Every house as two stacked bars."""
    h = repetition.houses
    rows, left_out = house_rows(h.load_kwh + h.production_kwh)
    direct = np.maximum(h.own_kwh - h.discharge_kwh, 0.0)
    used = [
        (OWN, direct[rows]),
        (PEER, h.peer_in_kwh[rows]),
        (OWN_BATTERY, h.discharge_kwh[rows]),
        (FROM_GRID, h.grid_kwh[rows]),
    ]
    made = [
        (AT_HOME, direct[rows]),
        (GIVEN, h.peer_out_kwh[rows]),
        (STORED, h.charge_kwh[rows]),
        (FED_IN, h.feed_in_kwh[rows]),
    ]
    with drawing():
        figure = new_figure(1.5 + 0.19 * max(len(rows), 4))
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, layers, title in ((left, used, "Used [kWh]"), (right, made, "Produced [kWh]")):
            ends = stack_bars(axes, layers)
            _written(axes, ends)
            axes.set_title(title)
            axes.grid(visible=True, axis="x", color=INK, alpha=0.13, linewidth=0.6)
            axes.set_axisbelow(True)
        row_labels(left, [id_label(run.house_ids[r], 12) for r in rows])
        left.set_ylabel("house")
        right.tick_params(axis="y", length=0)
        flow_legend(figure, is_stored=bool(h.charge_kwh[rows].any()))
        settle(figure)
    return Picture(
        name,
        "Every house: where its energy came from and went to",
        f"Energy over the whole run. Left: what a house used, by where it came from; right: what its roof "
        f"produced, by where it went.{left_out}",
        figure,
    )


def _written(axes: Axes, ends: NDArray[np.float64]) -> None:
    """The length of each bar behind its end."""
    for row, end in enumerate(ends):
        if end > 0.0:
            text = axes.annotate(
                number_text(float(end)),
                (float(end), row),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=6.5,
                color=INK,
            )
            text.set_in_layout(False)
    axes.set_xlim(0.0, 1.16 * max(float(ends.max(initial=0.0)), 1e-9))


def bills_picture(run: CommunityRun, repetition: Repetition, name: str) -> Picture:
    """What every house pays on the tariff and with the sharing rule."""
    h = repetition.houses
    rows, left_out = house_rows(np.abs(h.tariff_cost - h.shared_cost))
    worse = is_worse_off(h)[rows]
    tariff, shared = h.tariff_cost[rows], h.shared_cost[rows]
    lines = np.arange(len(rows))
    with drawing():
        figure = new_figure(1.4 + 0.19 * max(len(rows), 4))
        axes = figure.subplots()
        for which, colour in ((~worse, GREY), (worse, VERMILION)):
            axes.hlines(lines[which], tariff[which], shared[which], color=colour, linewidth=2.2)
        axes.scatter(tariff, lines, s=26, facecolor="white", edgecolor=GREY, linewidth=1.3, label="tariff")
        axes.scatter(
            shared[~worse],
            lines[~worse],
            s=30,
            color=BLUE,
            label=SHARING_WORDS[run.setting.sharing],
            zorder=3,
        )
        if worse.any():
            axes.scatter(
                shared[worse],
                lines[worse],
                s=34,
                color=VERMILION,
                marker="D",
                label="pays more than on the tariff",
                zorder=3,
            )
        axes.axvline(0.0, color=INK, linewidth=0.7)
        axes.grid(visible=True, axis="x", color=INK, alpha=0.13, linewidth=0.6)
        axes.set_axisbelow(True)
        row_labels(axes, [id_label(run.house_ids[r], 12) for r in rows])
        axes.set_ylabel("house")
        axes.set_xlabel("cost of the whole run [currency]; below 0 the house earns")
        common_legend(figure, [axes], 3)
        settle(figure)
    return Picture(
        name,
        "What every house pays, on the tariff and shared",
        f"Circles: each house alone on the tariff, buying what its own roof does not give. Filled: with the "
        f"{SHARING_WORDS[run.setting.sharing]}. The line between is what sharing changes.{left_out}",
        figure,
    )
