"""Several runs of neighbourhoods side by side: what they came to, and the sun that they used over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sparewatt.results.community_kpi_meanings import COMMUNITY_KPIS
from sparewatt.results.figures.cluster_window import kept
from sparewatt.results.figures.community_marks import PRODUCED, common_legend, power_axis, step_line
from sparewatt.results.figures.community_window import Window, horizon_of, whole_window
from sparewatt.results.figures.compared_runs import (
    INSIDE,
    MOST_RUNS,
    NARROW,
    RUN_LOOKS,
    beside_bar,
    name_rows,
)
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    INK,
    drawing,
    id_label,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.outcome import Outcome

_BARS = {
    "covered_kwh": "Covered by contracts [kWh]",
    "share_of_best_contract": "Share of the best possible",
    "cost": "Cost of all houses",
    "saved": "Saved by sharing",
    "self_sufficiency": "Self-sufficiency",
    "par_consumption": "Peak to average of the load",
    "cancelled": "Contracts cancelled",
    "houses_worse_off": "Houses worse off",
}
"""KPIs that have bars, in order, with the head of each; the processor time comes last."""


class _Bars(NamedTuple):
    """One small chart: a value, its deviation and its text for every run."""

    title: str
    values: tuple[float | None, ...]
    deviations: tuple[float | None, ...]
    texts: tuple[str, ...]


def compared_pictures(
    outcomes: Sequence[Outcome],
    runs: Sequence[CommunityRun],
    names: Sequence[str],
    seconds: Sequence[float],
) -> tuple[Picture, ...]:
    """The pictures of a comparison.

    Parameters
    ----------
    outcomes, runs, names
        The runs; the first `MOST_RUNS` are drawn.
    seconds
        Processor time of each, 0 where it is not known [s].
    """
    pictures = [kpis_picture(outcomes, names, seconds, "kpis")]
    if can_overlay(runs[:MOST_RUNS]):
        pictures.insert(0, sun_picture(runs, names, "sun"))
    return tuple(pictures)


def can_overlay(runs: Sequence[CommunityRun]) -> bool:
    """Whether runs cover the same minutes, so that their curves can lie over each other."""
    first = runs[0].grid
    return all((r.grid.origin_s, r.grid.minutes) == (first.origin_s, first.minutes) for r in runs)


def sun_picture(runs: Sequence[CommunityRun], names: Sequence[str], name: str) -> Picture:
    """Sun used at home and by neighbours, and what was bought, over each other."""
    window = whole_window(runs[0])
    horizon = horizon_of(runs[0])
    shown = list(zip(runs[:MOST_RUNS], names, RUN_LOOKS, strict=False))
    suns = [_mean_line(run, "production_kw", window) for run, _, _ in shown]
    same_sun = all(np.allclose(sun, suns[0], atol=1e-6) for sun in suns)
    with drawing():
        figure = new_figure(5.0)
        panels = figure.subplots(2, 1, sharex=True)
        for axes, fields, title in (
            (panels[0], ("own_kw", "peer_kw"), "Used from roofs and home batteries"),
            (panels[1], ("grid_kw",), "Bought from the grid"),
        ):
            top = 0.0
            if same_sun and axes is panels[0]:
                top = step_line(axes, window.edges_h, suns[0], PRODUCED)
            for run, label, (colour, style) in shown:
                line = np.sum([_mean_line(run, field, window) for field in fields], axis=0)
                top = max(
                    top, _line(axes, window, line, id_label(label, NARROW), color=colour, linestyle=style)
                )
            power_axis(axes, top)
            axes.set_title(title)
        set_local_time(panels[1], horizon, window.lo, window.hi)
        common_legend(figure, list(panels), 3)
        settle(figure)
    some = f" The first {MOST_RUNS} runs are drawn." if len(runs) > MOST_RUNS else ""
    several = any(len(run.repetitions) > 1 for run, _, _ in shown)
    means = " Means over the repetitions of a run." if several else ""
    return Picture(
        name,
        "Energy of the runs over each other",
        f"All houses together, mean power in {window.words}, "
        f"{period_words(horizon, window.lo, window.hi)}.{means}{some}",
        figure,
        digits=2,
    )


def _mean_line(run: CommunityRun, field: str, window: Window) -> NDArray[np.float64]:
    """A flow as points of the window, mean over the repetitions."""
    lines = [window.mean(getattr(r.minutes, field)) for r in run.repetitions]
    return np.asarray(np.mean(lines, axis=0), np.float64)


def _line(
    axes: Axes,
    window: Window,
    values: NDArray[np.float64],
    label: str,
    **look: Any,  # noqa: ANN401 - what matplotlib takes
) -> float:
    """A line of steps; its highest value."""
    held = np.append(values, values[-1])
    axes.step(*kept(window.edges_h, held), where="post", linewidth=1.4, label=label, **look)
    return float(values.max(initial=0.0))


def kpis_picture(
    outcomes: Sequence[Outcome], names: Sequence[str], seconds: Sequence[float], name: str
) -> Picture:
    """Small bars per KPI, a bar per run, with the deviation over its repetitions."""
    outcomes, names = outcomes[:MOST_RUNS], names[:MOST_RUNS]
    charts = [_kpi_bars(outcomes, kpi) for kpi in _BARS if any(o.value(kpi) for o in outcomes)]
    times = seconds[:MOST_RUNS]
    if any(times):
        texts = tuple(f"{number_text(s)} s" if s else "–" for s in times)
        charts.append(_Bars("Processor time", tuple(times), (None,) * len(times), texts))
    rows = max(1, -(-len(charts) // 2))
    with drawing():
        figure = new_figure(0.7 + rows * (0.5 + 0.2 * len(outcomes)))
        figure.set_layout_engine("constrained", rect=INSIDE)
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes, chart in zip(panels, charts, strict=False):
            _chart(axes, chart, names)
        for axes in panels[len(charts) :]:
            axes.set_axis_off()
        settle(figure)
    spread = any((o.value("repetitions") or 1) > 1 for o in outcomes)
    return Picture(
        name,
        "What the runs came to",
        "One small chart per KPI with its own scale, a bar per run; what is 0 in every run is left out."
        + (" Lines: the standard deviation over the repetitions." if spread else ""),
        figure,
    )


def _kpi_bars(outcomes: Sequence[Outcome], kpi: str) -> _Bars:
    """One KPI of every run."""
    unit = COMMUNITY_KPIS[kpi].unit
    values, deviations = ([o.value(name) for o in outcomes] for name in (kpi, f"{kpi}_sd"))
    texts = tuple(number_text(value, unit) for value in values)
    return _Bars(_BARS[kpi], tuple(values), tuple(deviations), texts)


def _chart(axes: Axes, chart: _Bars, names: Sequence[str]) -> None:
    """One small chart."""
    for row, ((colour, _), value, deviation, text) in enumerate(
        zip(RUN_LOOKS, chart.values, chart.deviations, chart.texts, strict=False)
    ):
        length = float(value or 0.0)
        axes.barh(row, length, 0.72, color=colour)
        spread = float(deviation or 0.0)
        if spread:
            axes.errorbar(length, row, xerr=spread, color=INK, capsize=2, linewidth=1.0)
        beside_bar(axes, length + spread, row, text)
    axes.set_title(chart.title)
    name_rows(axes, names)
    low, high = (bound(0.0, *ends) for bound, ends in ((min, _ends(chart, -1.0)), (max, _ends(chart, 1.0))))
    span = max(high - low, 1e-9)
    axes.set_xlim(low - (0.04 * span if low < 0.0 else 0.0), high + 0.3 * span)
    if low < 0.0:
        axes.axvline(0.0, color=INK, linewidth=0.7)
        axes.spines["left"].set_visible(False)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _ends(chart: _Bars, sign: float) -> list[float]:
    """Ends of the bars with their deviations, to the right or to the left."""
    pairs = zip(chart.values, chart.deviations, strict=True)
    return [float(value or 0.0) + sign * float(deviation or 0.0) for value, deviation in pairs]
