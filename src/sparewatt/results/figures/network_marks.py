"""Marks of network pictures: many dots or lines as one path each, so that a page of them stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sparewatt.results.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from numpy.typing import NDArray

    from sparewatt.results.network_view import Charging, NetworkView

FEEDER_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, GREY)
PHASE_MARKS = ("o", "s", "^")
CHARGING_COLOURS: dict[Charging, str] = {"none": GREY, "optimised": BLUE, "unmanaged": ORANGE}
LEVELS = 24
"""Colours of one map."""

VOLTAGE_MAP = LinearSegmentedColormap.from_list(
    "voltage", [(0.0, "#8C2D00"), (0.5, "#E69F00"), (0.5, "#7DB8D8"), (1.0, "#0B4F80")]
)
"""Below the floor, above it."""
LOADING_MAP = LinearSegmentedColormap.from_list(
    "loading", [(0.0, "#A3B3C2"), (0.5, "#0B5C94"), (0.5, "#E69F00"), (1.0, "#8C2D00")]
)
"""Within the rating, above it."""
ROOM_MAP = LinearSegmentedColormap.from_list("room", ["#8C2D00", "#E07B39", "#D9D9D4", "#5AA5CF", "#08426B"])
"""Negative, nothing, positive."""

_DOT = 1e-3


def draw_lines(
    axes: Axes,
    ends: NDArray[np.float64],
    colour: object,
    width: float,
    *,
    alpha: float = 1.0,
    zorder: float = 1.0,
) -> None:
    """Straight lines as one path.

    Parameters
    ----------
    axes
        Where.
    ends
        Shape (lines, 2, 2): both ends, x and y.
    colour, width, alpha, zorder
        How, the width in points.
    """
    if not len(ends):
        return
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=np.uint8), len(ends))
    path = Path(ends.reshape(-1, 2), codes)
    axes.add_patch(
        PathPatch(
            path,
            facecolor="none",
            edgecolor=colour,
            linewidth=width,
            alpha=alpha,
            capstyle="round",
            joinstyle="round",
            snap=False,
            zorder=zorder,
        )
    )


def draw_dots(
    axes: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    colour: str,
    size: float,
    *,
    alpha: float = 1.0,
) -> None:
    """Dots as one path: lines of no length with round ends, ``size`` points wide."""
    at = np.stack([x, y], axis=1)
    span = max(float(np.ptp(x)) if len(x) else 0.0, 1.0)
    draw_lines(
        axes, np.stack([at, at + np.array([span * _DOT, 0.0])], axis=1), colour, size, alpha=alpha, zorder=2.0
    )


def draw_coloured_lines(
    axes: Axes,
    ends: NDArray[np.float64],
    values: NDArray[np.float64],
    colours: LinearSegmentedColormap,
    norm: Normalize,
    width: tuple[float, float],
    *,
    low_on_top: bool = False,
) -> None:
    """Lines coloured and widened by a value, one path per colour, the most important ones on top.

    Parameters
    ----------
    axes, ends
        See :func:`draw_lines`.
    values
        One per line.
    colours, norm
        The scale.
    width
        Of the least and the greatest importance [points].
    low_on_top
        Whether low values are the important ones.
    """
    share = np.clip(np.asarray(norm(values), dtype=np.float64), 0.0, 1.0)
    level = np.minimum((share * LEVELS).astype(np.int64), LEVELS - 1)
    for k in range(LEVELS):
        rank = LEVELS - 1 - k if low_on_top else k
        weight = rank / (LEVELS - 1)
        draw_lines(
            axes,
            ends[level == k],
            colours((k + 0.5) / LEVELS),
            width[0] + (width[1] - width[0]) * weight,
            zorder=2.0 + weight,
        )


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], across: int, down: int) -> NDArray[np.int64]:
    """Rows of one point per cell of a grid, so that the shape of a cloud stays and its density does not.

    Parameters
    ----------
    x, y
        Points.
    across, down
        Cells of the grid.
    """
    cell = _cell(x, across) * down + _cell(y, down)
    _, first = np.unique(cell, return_index=True)
    return np.sort(np.concatenate([first, _extremes(y)])) if len(y) else first


def _cell(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    span = float(np.ptp(values)) or 1.0
    cell = ((values - values.min()) / span * count).astype(np.int64)
    return np.asarray(np.minimum(cell, count - 1))


def _extremes(y: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.array([y.argmin(), y.argmax()], dtype=np.int64)


def tightest_zones(view: NetworkView, most: int) -> list[int]:
    """Rows of the zones with the least headroom energy, in the order of the network."""
    order = np.lexsort((np.arange(len(view.zones)), view.finds.energy_kwh))
    return sorted(order[:most].tolist())


def shown_words(view: NetworkView, shown: int) -> str:
    """Which zones are drawn where not all are."""
    if shown >= len(view.zones):
        return ""
    return f" Shown are the {shown} of {len(view.zones)} zones with the least headroom."
