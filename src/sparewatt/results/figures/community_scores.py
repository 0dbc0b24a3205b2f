"""Scores of the producers over time: who is asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.community_marks import common_legend
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.compared_runs import RUN_LOOKS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    INK,
    SKY,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import set_local_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

MOST_LINES = 8
"""Up to this many producers have a line each."""


def scores_picture(run: CommunityRun, repetition: Repetition, name: str) -> Picture:
    """Scores over time: a line per producer, or ranges where there are many."""
    steps, horizon = repetition.scores, horizon_of(run)
    end_h = run.grid.minutes / 60.0
    x = np.append(steps.time_s / 3600.0, end_h)
    score = np.concatenate([steps.score, steps.score[:, -1:]], axis=1)
    count = len(score)
    with drawing():
        figure = new_figure(2.9)
        axes = figure.subplots()
        if count <= MOST_LINES:
            for row, (colour, style) in zip(range(count), RUN_LOOKS, strict=False):
                width = 1.3 + 1.1 * (count - 1 - row)  # the first ones show beside those that lie on them
                label = id_label(run.neighbourhood.producers.ids[row], 30)
                axes.step(
                    x, score[row], where="post", color=colour, linestyle=style, linewidth=width, label=label
                )
        else:
            _ranges(axes, x, score)
        low, high = float(score.min(initial=0.0)), float(score.max(initial=1.0))
        axes.set_ylim(low - 0.05 * (high - low) - 0.5, high + 0.05 * (high - low) + 0.5)
        axes.set_ylabel("score")
        light_grid(axes)
        set_local_time(axes, horizon, 0, run.grid.minutes)
        common_legend(figure, [axes], 4 if count > MOST_LINES else 3)
        settle(figure)
    ends = {tuple(own) for own in score.tolist()}
    same = " Lines of equal scores lie on each other." if len(ends) < count <= MOST_LINES else ""
    which = "" if count <= MOST_LINES else f" There are {count:,} producers, so ranges are shown."
    return Picture(
        name,
        "Scores of the producers",
        "A producer that takes a job loses a point, one that declines gains one; the lowest score is asked "
        f"first.{which}{same}",
        figure,
        digits=2,
    )


def _ranges(axes: Axes, x: NDArray[np.float64], score: NDArray[np.float64]) -> None:
    """Lowest, highest, quartiles and median of all producers."""
    low, first, median, third, high = np.quantile(score, (0.0, 0.25, 0.5, 0.75, 1.0), axis=0)
    axes.fill_between(x, low, high, step="post", color=SKY, alpha=0.35, linewidth=0, label="all producers")
    axes.fill_between(x, first, third, step="post", color=BLUE, alpha=0.4, linewidth=0, label="half of them")
    axes.step(x, median, where="post", color=INK, linewidth=1.3, label="median")
