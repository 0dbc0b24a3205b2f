"""Style: colours that colour-blind people can tell, one font, and a lock: matplotlib is not thread-safe."""

from __future__ import annotations

import threading
import unicodedata
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

# Okabe & Ito, "Color Universal Design", 2008
BLUE, SKY, ORANGE, VERMILION = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
GREEN, PURPLE, GREY = "#009E73", "#CC79A7", "#8C939C"

INK = "#010203"
"""Text and lines; an SVG writes it as ``currentColor``, so it follows the page into the dark."""

MODE_COLOURS = {"BAU": ORANGE, "opt": BLUE}

WIDTH_IN = 8.0
"""Width of every picture [inch]."""

_LOCK = threading.RLock()
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sparewatt",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "hatch.linewidth": 0.6,
    "legend.edgecolor": "none",
    "legend.facecolor": "none",
    "legend.fontsize": 8.5,
    "legend.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with our settings and nobody else's: one picture at a time in a process."""
    with _LOCK, mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # ids in any script
        yield


def new_figure(height_in: float) -> Figure:
    """An empty figure of our width that no global state knows."""
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Figure) -> None:
    """Lay a finished figure out once and for all, its panels at round places.

    The solver behind the layout leaves rounding noise that differs from run to run and would show in
    the bytes.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(x, 6) for x in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def light_grid(axes: Axes) -> None:
    """Horizontal lines that guide the eye behind the data."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="y", color=INK, alpha=0.13, linewidth=0.6)


def id_label(text: str, longest: int = 14) -> str:
    """A user's id as a label: no control characters, not too long."""
    clean = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c for c in text)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
