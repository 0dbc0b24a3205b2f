"""Load of the transformer as duration curves: cases without EVs, and the replays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, INK, drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.kpis import number_text
from sparewatt.results.network_curves import POINTS, duration_curve
from sparewatt.results.network_view import CHARGING_WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.results.network_view import NetworkView

_MOST_NAMED = 8
_IN_ONE_COLUMN = 4
_LINE = 0.075
"""Height of a line of a legend as a share of the panel."""
_RATED = 105.0
"""The rating and some room above it [%]."""


def transformer_picture(view: NetworkView, name: str) -> Picture:
    """Share of time above each load."""
    rating = view.network.transformer.rating_kva
    with drawing():
        figure = new_figure(3.3)
        panels = figure.subplots(1, 2 if view.replays else 1, sharey=True, squeeze=False)[0]
        count = len(view.cases)
        for k, case in enumerate(view.cases):
            label = id_label(case.case.name) if count <= _MOST_NAMED or k in {0, count - 1} else None
            _duration(panels[0], case.series, rating, BLUE, 0.3 + 0.7 * (k + 1) / count, label)
        panels[0].set_title("Cases without EVs (the more, the darker)")
        if view.replays:
            for replay in view.replays:
                words = CHARGING_WORDS[replay.charging]
                _duration(panels[1], replay.series, rating, CHARGING_COLOURS[replay.charging], 1.0, words)
            panels[1].set_title("Replayed steps")
        for axes in panels:
            axes.axhline(100, color=INK, linestyle="--", linewidth=0.9)
            axes.set_xlim(0, 100)
            axes.set_xlabel("share of time [%]")
            light_grid(axes)
        named = max(len(axes.get_legend_handles_labels()[1]) for axes in panels)
        columns = 1 if named <= _IN_ONE_COLUMN else 2
        for axes in panels:
            axes.legend(loc="upper right", ncols=columns)
        panels[0].set_ylabel("load of the transformer [%]")
        lines = -(-named // columns)
        beside = max(_RATED, *(_right_half(axes) for axes in panels))  # what stands below the legend
        top = max(axes.get_ylim()[1] for axes in panels)
        panels[0].set_ylim(0, max(top, beside / (0.94 - _LINE * lines)))
        settle(figure)
    return Picture(
        name,
        "Load of the transformer",
        f"Apparent power over the rating of {number_text(rating)} kVA, from the highest to the lowest, over "
        f"the share of time in which it is reached or exceeded; each curve has {POINTS} points, the peak "
        f"included. Dashed: the rating.",
        figure,
        digits=2,
    )


def _right_half(axes: Axes) -> float:
    """Highest load that is reached or exceeded in half of the time [%]."""
    curves = [np.asarray(line.get_xydata(), dtype=np.float64) for line in axes.lines]
    drawn = [xy for xy in curves if len(xy) > 2]  # noqa: PLR2004 - no straight line
    return max((float(np.interp(50.0, xy[:, 0], xy[:, 1])) for xy in drawn), default=0.0)


def _duration(
    axes: Axes, series: ZonalSeries, rating: float, colour: str, alpha: float, label: str | None
) -> None:
    """One curve."""
    x, y = duration_curve(series.transformer_kva[series.converged])
    axes.plot(x * 100, y / rating * 100, color=colour, alpha=alpha, linewidth=1.5, label=label)
