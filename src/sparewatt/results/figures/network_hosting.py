"""Hosting curves: how likely a violation is, by penetration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.kpis import percent_text
from sparewatt.results.network_hosting import Z_95, wilson_interval
from sparewatt.results.network_view import CHARGING_WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sparewatt.results.network_hosting import CaseRisk, HostingResult
    from sparewatt.results.network_view import NetworkView

HOSTING_MARKS = {"optimised": "o", "unmanaged": "s", "none": "^"}
"""Shape of the points by way of charging."""
_MOST_CASES = 12
_TEXT_ROOM = 0.93
"""Share of the width beyond which a number stands left of its line."""


def hosting_picture(view: NetworkView, name: str) -> Picture | None:
    """Probability of a violation with its 95 % interval; nothing where it was not asked for."""
    found = view.hosting
    if found is None:
        return None
    cases = found.without_evs[:_MOST_CASES]
    with drawing():
        figure = new_figure(3.4)
        if len(cases) > 1:
            axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=(2.1, 1))
            _without_evs(beside, cases, found.risk)
        else:
            axes = figure.subplots()
        _curves(axes, found)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        settle(figure)
    drawn = sorted({int(n) for c in found.curves for n in c.samples})
    many = f"{drawn[0]:,}" if len(drawn) == 1 else f"{drawn[0]:,} to {drawn[-1]:,}" if drawn else "0"
    right = (
        " Right: the same without any EV, PV and heat pumps drawn at the shares of every case."
        if len(cases) > 1
        else ""
    )
    return Picture(
        name,
        "Hosting capacity",
        f"{found.what[:1].upper()}{found.what[1:]}. {many} random placements per point, with the 95 % "
        f"interval of the probability. Dotted: the highest penetration up to which the risk is kept."
        f"{right}{_few_words(found)}",
        figure,
    )


def _curves(axes: Axes, found: HostingResult) -> None:
    """Probability over the penetration of EVs, and where it passes the risk."""
    right = max((float(c.penetration[-1]) for c in found.curves), default=1.0) * 100
    for curve in found.curves:
        colour, x = CHARGING_COLOURS[curve.charging], curve.penetration * 100
        low, high = curve.interval
        axes.fill_between(x, low * 100, high * 100, color=colour, alpha=0.2, linewidth=0)
        axes.plot(
            x,
            curve.probability * 100,
            color=colour,
            marker=HOSTING_MARKS[curve.charging],
            markersize=4,
            linewidth=1.5,
            label=f"{CHARGING_WORDS[curve.charging]} charging",
        )
        capacity = curve.capacity(found.risk)
        if capacity is None:
            continue
        axes.axvline(capacity * 100, color=colour, linestyle=":", linewidth=1.3)
        inside = capacity * 100 < _TEXT_ROOM * right
        axes.annotate(
            percent_text(capacity),
            (capacity * 100, found.risk * 100),
            xytext=(4 if inside else -4, 5),
            textcoords="offset points",
            ha="left" if inside else "right",
            fontsize=8.5,
        )
    own = found.own
    if own is not None:
        axes.plot(
            [0.0],
            [own.probability * 100],
            color=CHARGING_COLOURS["none"],
            marker=HOSTING_MARKS["none"],
            markersize=6,
            linestyle="",
            clip_on=False,
            zorder=4,
            label="without EVs",
        )
        axes.set_xlim(left=-2)
    axes.axhline(
        found.risk * 100, color=INK, linestyle="--", linewidth=0.9, label=f"risk {percent_text(found.risk)}"
    )
    axes.set_ylim(-2, 103)
    axes.set_ylabel("samples with a violation [%]")
    axes.set_xlabel("EVs per customer [%]")
    light_grid(axes)


def _without_evs(axes: Axes, cases: tuple[CaseRisk, ...], risk: float) -> None:
    """Probability without EVs by case, with its interval where anything was drawn."""
    chance = np.array([c.probability for c in cases]) * 100
    violating, samples = (np.array([getattr(c, n) for c in cases]) for n in ("violating", "samples"))
    low, high = wilson_interval(violating, samples)
    x = np.arange(len(cases))
    colour = CHARGING_COLOURS["none"]
    several = samples > 1
    axes.vlines(x[several], low[several] * 100, high[several] * 100, color=colour, alpha=0.5, linewidth=4)
    axes.plot(
        x, chance, color=colour, marker=HOSTING_MARKS["none"], markersize=6, linestyle="", clip_on=False
    )
    axes.axhline(risk * 100, color=INK, linestyle="--", linewidth=0.9)
    axes.set_xticks(x, [id_label(c.case) for c in cases], rotation=40, ha="right")
    axes.set_xlim(-0.5, len(cases) - 0.5)
    axes.set_title("Without EVs")
    light_grid(axes)


def _few_words(found: HostingResult) -> str:
    """How many samples without a violation would prove the risk, where a curve has fewer.

    Wilson's upper end of none of n is z²/(n + z²).
    """
    if not 0.0 < found.risk < 1.0:
        return ""
    needed = int(np.ceil(Z_95**2 * (1 - found.risk) / found.risk))
    few = [c for c in found.curves if (c.samples < needed).any()]
    if not few:
        return ""
    words = " and ".join(CHARGING_WORDS[c.charging] for c in few)
    return (
        f" To be 95 % sure of a risk of {percent_text(found.risk)}, at least {needed} samples are needed; "
        f"{words} charging has fewer."
    )
