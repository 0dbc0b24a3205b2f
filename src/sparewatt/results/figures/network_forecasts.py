"""Scores of forecasts of tomorrow's headroom: how far off, and how honest their levels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREEN,
    GREY,
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

if TYPE_CHECKING:
    from sparewatt.results.network_view import NetworkView

_COLOURS = (GREY, ORANGE, GREEN, BLUE, PURPLE, SKY, VERMILION)
_MARKS = "osD^vP*"


def forecast_picture(view: NetworkView, name: str) -> Picture | None:
    """Loss by rule, and share of real values below each level; nothing where nothing was scored."""
    scores = view.forecasts
    if scores is None or not scores.days:
        return None
    colours = [_COLOURS[k % len(_COLOURS)] for k in range(len(scores.names))]
    with drawing():
        figure = new_figure(3.3)
        left, right = figure.subplots(1, 2)
        rows = np.arange(len(scores.names))
        bars = left.barh(rows, scores.mean_kva, color=colours)
        left.bar_label(bars, [f"{v:.3g}" for v in scores.mean_kva], padding=2, fontsize=8)
        left.set_yticks(rows, [id_label(n, 20) for n in scores.names])
        left.tick_params(axis="y", length=0)
        left.invert_yaxis()
        left.set_xlim(0, max(float(scores.mean_kva.max()) * 1.18, 1e-9))
        left.set_xlabel("mean pinball loss [kVA]")
        left.set_title("Less is better")
        level = np.asarray(scores.quantiles) * 100
        right.plot([0, 100], [0, 100], color=INK, linewidth=0.9, linestyle="--", label="honest")
        for k, rule in enumerate(scores.names):
            right.plot(
                level,
                scores.share_below[k] * 100,
                color=colours[k],
                marker=_MARKS[k % len(_MARKS)],
                markersize=4,
                linewidth=1.2,
                label=id_label(rule, 20),
            )
        right.set_xlabel("level of the forecast [%]")
        right.set_ylabel("real values below it [%]")
        right.set_title("On the dashed line is honest")
        light_grid(right)
        figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5)
        settle(figure)
    return Picture(
        name,
        "Forecasts of tomorrow's headroom",
        f"Every rule forecast {scores.days} held-out days from the days before them only. Left the mean loss "
        f"over zones, times of day and levels; right how often the real headroom was below each level.",
        figure,
    )
