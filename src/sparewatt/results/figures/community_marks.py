"""Marks that the pictures of communities share: colours of where energy comes from and goes to, stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.patches import Patch

from sparewatt.results.figures.cluster_window import kept
from sparewatt.results.figures.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, light_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MOST_HOUSES = 40
"""Houses in a picture of all of them."""


class Look(NamedTuple):
    """How one part of a stack looks.

    Parameters
    ----------
    label
        What it is, for the legend.
    style
        What matplotlib takes.
    """

    label: str
    style: dict[str, Any]


OWN = Look("own roof", {"facecolor": BLUE})
PEER = Look("neighbours", {"facecolor": ORANGE, "edgecolor": "white", "hatch": "////"})
FROM_GRID = Look("grid", {"facecolor": GREY})
AT_HOME = Look("used at home", {"facecolor": BLUE})
GIVEN = Look("given to neighbours", {"facecolor": ORANGE, "edgecolor": "white", "hatch": "////"})
OWN_BATTERY = Look("own battery", {"facecolor": PURPLE, "edgecolor": "white", "hatch": "\\\\\\\\"})
STORED = Look("into the battery", {"facecolor": PURPLE, "edgecolor": "white", "hatch": "\\\\\\\\"})
FED_IN = Look("fed into the grid", {"facecolor": SKY, "alpha": 0.45})
PRODUCED = Look("produced", {"color": INK, "linewidth": 1.2})
BATTERY = Look("stored in batteries", {"color": GREEN, "linewidth": 1.3})

_NOISE_KW = 1e-9


def stack_steps(
    axes: Axes, x: NDArray[np.float64], layers: Sequence[tuple[Look, NDArray[np.float64]]]
) -> float:
    """Areas of steps on top of each other, empty ones left out; the highest sum.

    Parameters
    ----------
    axes
        Where.
    x
        Edges of the points, shape (points + 1,).
    layers
        Looks and values >= 0, from the bottom to the top, shape (points,).
    """
    below = np.zeros(len(x))
    for look, values in layers:
        if float(values.max(initial=0.0)) <= _NOISE_KW:
            continue
        above = below + np.append(values, values[-1])
        at, bottom, top = kept(x, below, above)
        axes.fill_between(at, bottom, top, step="post", linewidth=0, label=look.label, **look.style)
        below = above
    return float(below.max(initial=0.0))


def step_line(axes: Axes, x: NDArray[np.float64], values: NDArray[np.float64], look: Look) -> float:
    """A line of steps; its highest value."""
    axes.step(*kept(x, np.append(values, values[-1])), where="post", label=look.label, **look.style)
    return float(values.max(initial=0.0))


def stack_bars(
    axes: Axes, layers: Sequence[tuple[Look, NDArray[np.float64]]], half: float = 0.36
) -> NDArray[np.float64]:
    """Horizontal bars on top of each other, a row per value from 0 on; their ends."""
    left = np.zeros(len(layers[0][1]))
    for look, values in layers:
        if float(values.max(initial=0.0)) > _NOISE_KW:
            rows = np.arange(len(values))
            axes.barh(rows, values, 2 * half, left=left, linewidth=0, label=look.label, **look.style)
        left = left + values
    return left


def row_labels(axes: Axes, labels: Sequence[str]) -> None:
    """Names down the side, the first on top."""
    axes.set_yticks(range(len(labels)), list(labels))
    axes.tick_params(axis="y", length=0, labelsize=7.5 if len(labels) <= 25 else 6.5)  # noqa: PLR2004 - many rows
    axes.set_ylim(len(labels) - 0.5, -0.5)


def power_axis(axes: Axes, top: float, what: str = "power") -> None:
    """From 0 to a little above ``top`` [kW]."""
    axes.set_ylim(0.0, 1.06 * top if top > _NOISE_KW else 1.0)
    axes.set_ylabel(f"{what} [kW]")
    light_grid(axes)


def common_legend(figure: Figure, panels: Sequence[Axes], columns: int = 4) -> None:
    """One legend below all panels, each label once."""
    found: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if found:
        figure.legend(
            list(found.values()), list(found), loc="outside lower center", ncols=columns, handlelength=1.6
        )


def flow_legend(figure: Figure, *, is_stored: bool, is_made: bool = True) -> None:
    """What the colours mean in pictures that show both what is used and, where any is, what is produced."""
    looks = (
        *((("own roof", OWN),) if is_made else ()),
        ("neighbours", PEER),
        ("grid", FROM_GRID),
        *((("own battery", STORED),) if is_stored else ()),
        *((("fed into the grid", FED_IN),) if is_made else ()),
    )
    handles = [Patch(**look.style, linewidth=0, label=label) for label, look in looks]
    figure.legend(handles=handles, loc="outside lower center", ncols=5, handlelength=1.6)


def house_rows(weight: NDArray[np.float64], most: int = MOST_HOUSES) -> tuple[NDArray[np.int64], str]:
    """Rows of the houses with the largest weight, in the order of the input; words on those left out."""
    if len(weight) <= most:
        return np.arange(len(weight)), ""
    rows = np.sort(np.argsort(-weight, kind="stable")[:most])
    return rows, f" The {most} largest of {len(weight):,} houses are shown."
