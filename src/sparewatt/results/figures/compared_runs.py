"""What pictures of several runs share: a look per run, a row per run, bars with their numbers beside."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sparewatt.results.figures.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, VERMILION, id_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

MOST_RUNS = 8
"""Runs that can still be told apart in one picture."""
RUN_LOOKS: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"),
    (ORANGE, "-"),
    (GREEN, (0, (5, 1.5))),
    (PURPLE, "-"),
    (SKY, (0, (5, 1.5))),
    (VERMILION, "-"),
    (GREY, "-"),
    (INK, (0, (1, 1.2))),
)
"""Colour and dashes of each run."""
INSIDE = (0.02, 0.0, 0.98, 1.0)
"""Room at the left for names in a wider font than ours (left, bottom, width, height)."""
LONG_NAME = 22
"""Letters of a line of a name."""
NARROW = 40
"""Letters of a name in a legend."""


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """A row per run, the first on top."""
    axes.set_yticks(range(len(names)), [_in_lines(n) for n in names])
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _in_lines(name: str) -> str:
    """A name over two lines at most."""
    first, *rest = wrap(id_label(name, 2 * LONG_NAME), LONG_NAME) or [""]
    return "\n".join([first, id_label(" ".join(rest), LONG_NAME)]) if rest else first


def beside_bar(axes: Axes, value: float, at: float, text: str) -> None:
    """The number of a bar at its end."""
    axes.annotate(text, (max(value, 0.0), at), (4, 0), textcoords="offset points", va="center", fontsize=8)


def bare_bars(axes: Axes) -> None:
    """Bars with their numbers beside need no scale."""
    axes.margins(x=0.2)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
