"""When the jobs ran against the sun, by time of day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.results.community_loads import contract_load_kw, earliest_load_kw, met_share
from sparewatt.results.figures.community_marks import common_legend, power_axis
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, INK, SKY, VERMILION, drawing, new_figure, settle
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

DAY_MIN = 1440


class MatchingDay(NamedTuple):
    """Means over the days, by local time of day.

    Parameters
    ----------
    edges_h
        Edges of the points, shape (points + 1,) [h since midnight].
    sun_kw, ran_kw, earliest_kw
        Production, load of the jobs as they ran and at their earliest, shape (points,) [kW].
    """

    edges_h: NDArray[np.float64]
    sun_kw: NDArray[np.float64]
    ran_kw: NDArray[np.float64]
    earliest_kw: NDArray[np.float64]


def matching_day(
    run: CommunityRun,
    sun_kw: NDArray[np.float64],
    ran_kw: NDArray[np.float64],
    earliest_kw: NDArray[np.float64],
) -> MatchingDay:
    """Three lines per minute as means by time of day, in steps of the interval where it divides a day."""
    interval = run.setting.interval_s // 60
    size = interval if DAY_MIN % interval == 0 else 15
    point = _minute_of_day(run) // size
    count = np.bincount(point, minlength=DAY_MIN // size)

    def mean(kw: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.bincount(point, weights=kw, minlength=len(count))
        return np.asarray(total / np.maximum(count, 1), np.float64)

    edges = np.arange(len(count) + 1) * size / 60.0
    return MatchingDay(edges, mean(sun_kw), mean(ran_kw), mean(earliest_kw))


def _minute_of_day(run: CommunityRun) -> NDArray[np.int64]:
    """Local minute of the day of every minute of the run, shape (minutes,)."""
    horizon = horizon_of(run)
    hours = [horizon.local(60 * hour) for hour in range(-(-run.grid.minutes // 60))]
    first = np.array([60 * t.hour + t.minute for t in hours], np.int64)
    minutes = (first[:, None] + np.arange(60)).ravel() % DAY_MIN
    return minutes[: run.grid.minutes].astype(np.int64)


def matching_picture(run: CommunityRun, repetition: Repetition, name: str) -> Picture:
    """Production and load of the jobs by time of day, as they ran and had each started at its earliest."""
    sun = repetition.minutes.production_kw
    ran, earliest = contract_load_kw(run, repetition), earliest_load_kw(run)
    day = matching_day(run, sun, ran, earliest)
    with drawing():
        figure = new_figure(2.9)
        axes = figure.subplots()
        x = day.edges_h
        axes.fill_between(
            x, 0.0, _held(day.sun_kw), step="post", color=SKY, alpha=0.4, linewidth=0, label="produced"
        )
        axes.step(
            x,
            _held(day.earliest_kw),
            where="post",
            color=VERMILION,
            linewidth=1.2,
            linestyle=(0, (4, 1.5)),
            label="jobs, each at its earliest start",
        )
        axes.step(x, _held(day.ran_kw), where="post", color=BLUE, linewidth=1.6, label="jobs as they ran")
        power_axis(axes, float(max(line.max(initial=0.0) for line in day[1:])))
        axes.set_xlim(0.0, 24.0)
        axes.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
        axes.set_xlabel(f"time of day, {run.setting.time_zone}")
        axes.tick_params(axis="x", color=INK)
        common_legend(figure, [axes], 3)
        settle(figure)
    days = run.grid.minutes / DAY_MIN
    over = "" if days <= 1 else f"Means over {number_text(days)} days. "
    return Picture(
        name,
        "When the jobs ran, and when the sun shone",
        f"{over}{_met(met_share(earliest, sun), met_share(ran, sun))}",
        figure,
        digits=2,
    )


def _met(earliest: float | None, ran: float | None) -> str:
    """How much of the jobs' energy meets the sun."""
    if earliest is None or ran is None:
        return "There were no jobs."
    return (
        f"At the earliest starts the sun of all roofs together would meet {number_text(earliest, 'share')} "
        f"of the jobs' energy, as they ran it would meet {number_text(ran, 'share')}."
    )


def _held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with the last one once more, for the right edge of its step."""
    return np.append(values, values[-1])
