"""Forecasts of tomorrow's headroom: what is told of the tightest zone, and how good and honest it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom_days import find_headroom_days
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
from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text, percent_text
from sparewatt.results.network_tomorrow import tightest_tomorrow, zones_tomorrow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast_scores import ForecastScores
    from sparewatt.decide.rules.forecast_tomorrow import Tomorrow
    from sparewatt.results.network_view import NetworkView

_COLOURS = (GREY, ORANGE, GREEN, BLUE, PURPLE, SKY, VERMILION)
_MARKS = "osD^vP*"
_HOURS = (0, 3, 6, 9, 12, 15, 18, 21, 24)
_LONGEST = 20
_SCORES_IN, _FAN_IN = 3.3, 2.5
"""Heights of the rows [inch]."""


def forecast_picture(view: NetworkView, name: str) -> Picture | None:
    """The day after the run, loss by rule, and share of real values below each level; or nothing."""
    scores, told, zone = view.forecasts, view.tomorrow, tightest_tomorrow(view)
    if scores is None or not scores.days:
        return None
    colours = [_COLOURS[k % len(_COLOURS)] for k in range(len(scores.names))]
    with drawing():
        if told is None or zone is None:
            figure = new_figure(_SCORES_IN)
            left, right = figure.subplots(1, 2)
        else:
            figure = new_figure(_SCORES_IN + _FAN_IN)
            grid = figure.add_gridspec(2, 2, height_ratios=(_FAN_IN, _SCORES_IN))
            left, right = (figure.add_subplot(grid[1, k]) for k in range(2))
            _draw_fan(figure.add_subplot(grid[0, :]), view, told, zone)
        _draw_losses(left, scores, colours)
        _draw_honesty(right, scores, colours)
        figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5)
        settle(figure)
    where = ("Left", "right") if told is None else ("Below left", "right")
    return Picture(
        name,
        "Forecasts of tomorrow's headroom",
        f"{_told_words(view)}Every rule forecast {scores.days} held-out days from the days before them only. "
        f"{where[0]} the mean loss over zones, times of day and levels; {where[1]} how often the real "
        f"headroom was below each level.",
        figure,
        digits=2,
    )


def _draw_fan(axes: Axes, view: NetworkView, told: Tomorrow, zone: int) -> None:
    """Levels of the best rule of one zone over the day, with the last day that is known."""
    rule = 0 if view.forecasts is None else int(view.forecasts.best_of_zones[zone])
    fan, levels = told.headroom_kva[rule, :, zone], told.quantiles
    x = np.arange(fan.shape[1] + 1) * told.step_h
    pairs = len(levels) // 2
    for k in range(pairs):
        low, high = levels[k], levels[-1 - k]
        axes.fill_between(
            x,
            _stairs(fan[k]),
            _stairs(fan[-1 - k]),
            step="post",
            color=BLUE,
            alpha=0.14 + 0.1 * k,
            linewidth=0,
            label=f"{low * 100:g} to {high * 100:g} %",
        )
    half = int(np.abs(np.asarray(levels) - 0.5).argmin())
    axes.plot(x, _stairs(fan[half]), color=INK, linewidth=1.3, drawstyle="steps-post", label="median")
    present = view.cases[0].headroom.headroom_kva[zone : zone + 1]
    days = find_headroom_days(present, np.zeros(view.horizon.periods), view.horizon)
    if len(days) and int(days.day[-1]) == told.day - 1:
        last = _stairs(days.headroom_kva[-1, 0])
        axes.plot(x, last, color=VERMILION, linewidth=1.0, drawstyle="steps-post", label="the day before")
    axes.axhline(0.0, color=INK, linewidth=0.8, linestyle="--")
    axes.set_xlim(0, 24)
    axes.set_xticks(_HOURS, [f"{h:02d}:00" if h < 24 else "" for h in _HOURS])  # noqa: PLR2004 - midnight again
    axes.set_ylabel("headroom [kVA]")
    by = id_label(told.names[rule], _LONGEST)
    axes.set_title(f"Zone {id_label(view.zone_ids[zone])} on {day_name(told.date)} {told.date.year}, by {by}")
    light_grid(axes)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _stairs(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of slots at their edges."""
    return np.append(values, values[-1])


def _draw_losses(axes: Axes, scores: ForecastScores, colours: list[str]) -> None:
    """Mean loss by rule."""
    rows = np.arange(len(scores.names))
    bars = axes.barh(rows, scores.mean_kva, color=colours)
    axes.bar_label(bars, [f"{v:.3g}" for v in scores.mean_kva], padding=2, fontsize=8)
    axes.set_yticks(rows, [id_label(n, _LONGEST) for n in scores.names])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, max(float(scores.mean_kva.max()) * 1.18, 1e-9))
    axes.set_xlabel("mean pinball loss [kVA]")
    axes.set_title("Less is better")


def _draw_honesty(axes: Axes, scores: ForecastScores, colours: list[str]) -> None:
    """Share of real values below each level."""
    level = np.asarray(scores.quantiles) * 100
    axes.plot([0, 100], [0, 100], color=INK, linewidth=0.9, linestyle="--", label="honest")
    for k, rule in enumerate(scores.names):
        axes.plot(
            level,
            scores.share_below[k] * 100,
            color=colours[k],
            marker=_MARKS[k % len(_MARKS)],
            markersize=4,
            linewidth=1.2,
            label=id_label(rule, _LONGEST),
        )
    axes.set_xlabel("level of the forecast [%]")
    axes.set_ylabel("real values below it [%]")
    axes.set_title("On the dashed line is honest")
    light_grid(axes)


def _told_words(view: NetworkView) -> str:
    """What the fan shows, in a sentence or two; nothing where nothing was forecast."""
    told, zone = view.tomorrow, tightest_tomorrow(view)
    if told is None or zone is None:
        return ""
    row = zones_tomorrow(view)[zone]
    saved = (
        f"the best there on the held-out days, with {percent_text(row.skill)} less loss than {told.names[0]}"
        if row.skill > 0.0
        else "which no other rule beats there on the held-out days"
    )
    return (
        f"Above, zone {view.zone_ids[zone]} on the day after the run ({told.date.isoformat()}), the zone "
        f"whose headroom is forecast to fall lowest, in case {view.cases[0].case.name}: by {row.rule}, "
        f"{saved}. At {row.at} the median is {number_text(row.least_kva)} kVA, and with 90 % at least "
        f"{number_text(row.sure_kva)} kVA are left. "
    )
