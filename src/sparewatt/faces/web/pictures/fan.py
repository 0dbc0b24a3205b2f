"""Fan: the spread of many over time, as bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.style import VERMILION, faint, line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.style import Moments, Trace

_BANDS = ((0, 6, 0.14, "lowest to highest"), (1, 5, 0.26, "middle 80 %"), (2, 4, 0.45, "middle half"))


def fan(
    at: Moments, quantiles: NDArray[np.float64], colour: str, *, unit: str, of: str, steps: bool = False
) -> list[Trace]:
    """Bands, median and lowest line.

    Parameters
    ----------
    at
        Moments.
    quantiles
        0, 10, 25, 50, 75, 90 and 100 % of ``of`` at each moment, shape (7, moments).
    colour
        Of the bands.
    unit
        Of the values.
    of
        What is spread: ``"vehicles"``.
    steps
        Whether values hold until the next one.
    """
    closed = _closed(quantiles)
    traces: list[Trace] = []
    for low, high, opacity, name in _BANDS:
        below = line(at, closed[low], "", colour, unit=unit, steps=steps, width=0)
        above = line(
            at, closed[high], f"{name} of {of}" if low == 0 else name, colour, unit=unit, steps=steps
        )
        traces += [
            {**below, "showlegend": False, "hoverinfo": "skip", "hovertemplate": None, "legendgroup": name},
            {
                **above,
                "line": {**above["line"], "width": 0},
                "fill": "tonexty",
                "fillcolor": faint(colour, opacity),
                "hoverinfo": "skip",
                "hovertemplate": None,
                "legendgroup": name,
            },
        ]
    traces.append(line(at, quantiles[3], "median", colour, unit=unit, steps=steps, width=2.0))
    traces.append(line(at, quantiles[0], "lowest", VERMILION, unit=unit, steps=steps, width=1.2, dash="dot"))
    return traces


def _closed(quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles whose bands have no width where there is nothing: a fill does not know of gaps."""
    known = np.isfinite(quantiles).all(axis=0)
    if known.all() or not known.any():
        return quantiles
    at = np.arange(quantiles.shape[1])
    middle = np.interp(at, at[known], quantiles[3, known])
    return np.where(known, quantiles, middle)
