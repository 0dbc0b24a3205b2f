"""Hosting curves: how likely a violation is, by penetration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, light_grid, new_figure, settle
from sparewatt.results.kpis import percent_text
from sparewatt.results.network_view import CHARGING_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.network_view import Hosting, NetworkView

_Z = 1.959964
"""Two-sided 95 % of a normal distribution."""
_MARKS = {"optimised": "o", "unmanaged": "s", "none": "^"}


def hosting_picture(view: NetworkView, name: str) -> Picture | None:
    """Probability of a violation with its 95 % interval; nothing where it was not asked for."""
    found = view.hosting
    if found is None:
        return None
    with drawing():
        figure = new_figure(3.2)
        axes = figure.subplots()
        for curve in found.curves:
            colour, x = CHARGING_COLOURS[curve.charging], curve.penetration * 100
            low, high = wilson_interval(curve)
            axes.fill_between(x, low * 100, high * 100, color=colour, alpha=0.2, linewidth=0)
            axes.plot(
                x,
                curve.probability * 100,
                color=colour,
                marker=_MARKS[curve.charging],
                markersize=4,
                linewidth=1.5,
                label=f"{CHARGING_WORDS[curve.charging]} charging",
            )
            capacity = curve.capacity(found.risk)
            if capacity is not None:
                axes.axvline(capacity * 100, color=colour, linestyle=":", linewidth=1.3)
                axes.annotate(
                    percent_text(capacity),
                    (capacity * 100, found.risk * 100),
                    xytext=(4, 5),
                    textcoords="offset points",
                    fontsize=8.5,
                )
        axes.axhline(
            found.risk * 100,
            color=INK,
            linestyle="--",
            linewidth=0.9,
            label=f"risk {percent_text(found.risk)}",
        )
        axes.set_ylim(-2, 103)
        axes.set_ylabel("samples with a violation [%]")
        axes.set_xlabel("penetration [%]")
        light_grid(axes)
        figure.legend(loc="outside lower center", ncols=3)
        settle(figure)
    drawn = sorted({int(n) for c in found.curves for n in c.samples})
    many = f"{drawn[0]:,}" if len(drawn) == 1 else f"{drawn[0]:,} to {drawn[-1]:,}" if drawn else "0"
    return Picture(
        name,
        "Hosting capacity",
        f"{found.what[:1].upper()}{found.what[1:]}. {many} random placements per point, with the 95 % "
        f"interval of the probability. Dotted: the highest penetration up to which the risk is kept.",
        figure,
    )


def wilson_interval(curve: Hosting) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % interval of the probability; 0 to 1 where nothing was drawn.

    (p + z²/2n ± z·√(p·(1-p)/n + z²/4n²)) / (1 + z²/n)
    """
    n = np.maximum(curve.samples, 1).astype(np.float64)
    p = curve.probability
    middle, scale = p + _Z**2 / (2 * n), 1 + _Z**2 / n
    half = _Z * np.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    drawn = curve.samples > 0
    low = np.where(drawn, np.maximum((middle - half) / scale, 0.0), 0.0)
    return low, np.where(drawn, np.minimum((middle + half) / scale, 1.0), 1.0)
