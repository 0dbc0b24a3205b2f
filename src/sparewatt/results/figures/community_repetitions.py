"""Repetitions against each other, and the run against the best possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from sparewatt.results.community_kpi_meanings import COMMUNITY_KPIS
from sparewatt.results.community_kpis import deviation_of, mean_of, repetition_values
from sparewatt.results.figures.community_marks import row_labels
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILION,
    drawing,
    new_figure,
    settle,
)
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sparewatt.results.community_view import CommunityRun

SHOWN = ("covered_kwh", "self_sufficiency", "cost", "par_consumption")
"""KPIs of the picture of repetitions."""
_SPREAD = 0.26
_GOLDEN = 0.6180339887
"""Multiples of it, less their whole part, lie evenly between 0 and 1."""


def repetitions_picture(run: CommunityRun, chosen: int, name: str) -> Picture:
    """A dot per repetition, mean and standard deviation beside them.

    Parameters
    ----------
    run
        At least two repetitions.
    chosen
        Number of the repetition that the page shows in detail.
    name
        Name of the picture.
    """
    each = [repetition_values(run, r) for r in run.repetitions]
    numbers = [r.number for r in run.repetitions]
    with drawing():
        figure = new_figure(3.6)
        panels = figure.subplots(2, 2).ravel()
        for axes, kpi in zip(panels, SHOWN, strict=True):
            values = [v[kpi] for v in each]
            known = [(n, float(v)) for n, v in zip(numbers, values, strict=True) if v is not None]
            meaning = COMMUNITY_KPIS[kpi]
            unit = {"share": " [%]", "kWh": " [kWh]", "currency": " [currency]"}.get(meaning.unit, "")
            factor = 100.0 if meaning.unit == "share" else 1.0
            axes.set_title(f"{meaning.label}{unit}")
            _dots(axes, [(n, factor * v) for n, v in known], chosen)
            mean, deviation = mean_of(values), deviation_of(values)
            if mean is not None and deviation is not None:
                axes.errorbar(
                    factor * mean,
                    -0.42,
                    xerr=factor * deviation,
                    fmt="D",
                    color=INK,
                    markersize=4.5,
                    capsize=3,
                    linewidth=1.2,
                )
                axes.annotate(
                    f"{number_text(factor * mean)} ± {number_text(factor * deviation)}",
                    (factor * mean, -0.42),
                    (0, -8),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    fontsize=8,
                )
            axes.set_ylim(-0.85, 0.45)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.margins(x=0.14)
            axes.xaxis.set_major_locator(MaxNLocator(5))
        settle(figure)
    return Picture(
        name,
        "How far the repetitions differ",
        f"A dot for each of {len(each):,} repetitions, the diamond their mean with the standard deviation; "
        f"orange: repetition {chosen}, which this page shows.",
        figure,
    )


def _dots(axes: Axes, known: list[tuple[int, float]], chosen: int) -> None:
    """Dots, spread so that they do not hide each other, in an order that repeats."""
    number, value = np.array(known, np.float64).reshape(-1, 2).T
    height = _SPREAD * (2.0 * ((number * _GOLDEN) % 1.0) - 1.0) + 0.1
    rest = number != chosen
    axes.scatter(value[rest], height[rest], s=22, color=BLUE, linewidth=0, alpha=0.7)
    axes.scatter(value[~rest], height[~rest], s=44, color=ORANGE, edgecolor=INK, linewidth=0.8, zorder=3)


def best_picture(run: CommunityRun, name: str) -> Picture:
    """What was covered beside the most that could have been; the run must have its bounds."""
    bounds = run.bounds
    assert bounds is not None  # noqa: S101 - as the docstring says
    covered = [r.covered_kwh for r in run.repetitions]
    whole = [r.whole_kwh for r in run.repetitions]
    mean = sum(covered) / len(covered)
    asked = float(run.repetitions[0].contracts.energy_kwh[run.repetitions[0].contracts.is_valid].sum())
    production = float(run.repetitions[0].houses.production_kwh.sum())
    rows = [
        ("asked for\nby jobs", asked, asked, GREY),
        ("at most, all sun\nin one pool", max(bounds.pool.best_kwh, *covered), bounds.pool.upper_kwh, SKY),
        ("at most, by\ncontracts", max(bounds.contract.best_kwh, *whole), bounds.contract.upper_kwh, SKY),
        ("covered in\nthis run", mean, mean, BLUE),
    ]
    top = max(row[2] for row in rows)
    with drawing():
        figure = new_figure(2.3)
        axes = figure.subplots()
        for line, (_, known, most, colour) in enumerate(rows):
            axes.barh(line, known, 0.62, color=colour)
            if most > known * (1.0 + 1e-6):
                axes.barh(
                    line, most - known, 0.62, left=known, facecolor="none", edgecolor=colour, hatch="////"
                )
            end = max(most, *covered) if line == len(rows) - 1 else most
            axes.annotate(
                _range_text(known, most),
                (end, line),
                (5, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        if len(covered) > 1:
            axes.scatter(covered, np.full(len(covered), 3.0), s=14, color=VERMILION, zorder=3)
        row_labels(axes, [row[0] for row in rows])
        axes.set_xlim(0.0, 1.28 * max(top, 1e-9))
        axes.set_xlabel("energy [kWh]")
        settle(figure)
    dots = " Dots: the repetitions." if len(covered) > 1 else ""
    open_words = (
        " Hatched: not known; nothing was found that covers more than the solid part, and more than the "
        "whole is proven to be impossible."
        if max(bounds.pool.gap, bounds.contract.gap) > 1e-6  # noqa: PLR2004 - as Bound.status
        else ""
    )
    parts = (
        " By contracts whole jobs count; of further jobs parts were covered."
        if max(c - w for c, w in zip(covered, whole, strict=True)) > 1e-6  # noqa: PLR2004 - rounding
        else ""
    )
    return Picture(
        name,
        "How near the best possible",
        f"The roofs produced {number_text(production)} kWh. At most: what a plan could have covered that "
        f"had known every job and all the sun from the start.{parts}{open_words}{dots}",
        figure,
    )


def _range_text(known: float, most: float) -> str:
    """One number, or from what is known to what is proven."""
    if number_text(known) == number_text(most):
        return number_text(most)
    return f"{number_text(known)} to {number_text(most)}"
