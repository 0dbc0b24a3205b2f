"""Traces: lines, areas, bars and spans of time, with units under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.axes import utc_texts
from sparewatt.faces.web.pictures.colours import faint, hatched, plain
from sparewatt.faces.web.pictures.packing import packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.axes import Moments

Trace = dict[str, Any]


def line(
    at: Moments,
    values: Sequence[float] | NDArray[np.floating[Any]],
    name: str,
    colour: str,
    *,
    unit: str,
    steps: bool = True,
    dash: str = "solid",
    width: float = 1.6,
    digits: str = ",.4~g",
    **more: object,
) -> Trace:
    """A line over time; ``steps`` where a value holds until the next one (power, price), not for SoC.

    ``more`` are further settings of the trace.
    """
    own = line_of(at.x, values, name, colour, unit=unit, steps=steps, dash=dash, width=width, digits=digits)
    hover = own["hovertemplate"].replace("%{x}", "%{customdata}")
    return {**own, "customdata": at.words, "hovertemplate": hover, **more}


def line_of(
    x: Sequence[object],
    values: Sequence[float] | NDArray[np.floating[Any]],
    name: str,
    colour: str,
    *,
    unit: str,
    steps: bool = True,
    dash: str = "solid",
    width: float = 1.6,
    digits: str = ",.4~g",
    **more: object,
) -> Trace:
    """A line over anything."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x": list(x),
        "y": packed(np.asarray(values, dtype=np.float64)),
        "line": {"color": colour, "width": width, "dash": dash, **({"shape": "hv"} if steps else {})},
        "hovertemplate": f"%{{x}}<br>{plain(name)}: <b>%{{y:{digits}}}</b> {unit}<extra></extra>",
        **more,
    }


def area(
    at: Moments,
    values: Sequence[float] | NDArray[np.floating[Any]],
    name: str,
    colour: str,
    *,
    group: str = "one",
    **settings: Any,  # noqa: ANN401 - of `line`
) -> Trace:
    """An area that stands on the ones of its group before it."""
    return {
        **line(at, values, name, colour, width=0.8, **settings),
        "stackgroup": group,
        "fillcolor": faint(colour, 0.6),
    }


def bars(
    x: Sequence[object],
    values: Sequence[float] | NDArray[np.float64],
    name: str,
    colour: str,
    *,
    unit: str,
    shape: str = "",
    digits: str = ",.4~g",
    **more: object,
) -> Trace:
    """Upright bars; ``shape`` is a hatching, so that bars of different kinds differ without colour."""
    return {
        "type": "bar",
        "name": plain(name),
        "x": list(x),
        "y": packed(np.asarray(values, dtype=np.float64)),
        "marker": {"color": colour, "line": {"width": 0}, **hatched(shape)},
        "hovertemplate": f"%{{x}}<br>{plain(name)}: <b>%{{y:{digits}}}</b> {unit}<extra></extra>",
        **more,
    }


def lying(
    rows: Sequence[str],
    values: Sequence[float],
    name: str,
    colour: str,
    *,
    unit: str,
    shape: str = "",
    digits: str = ",.4~g",
) -> Trace:
    """Lying bars, one per row, so that long names of rows have room; settings as of `bars`."""
    trace = bars([], values, name, colour, unit=unit, shape=shape)
    hover = f"%{{y}}<br>{plain(name)}: <b>%{{x:{digits}}}</b> {unit}<extra></extra>"
    names = [plain(row) for row in rows]
    return {**trace, "orientation": "h", "x": trace["y"], "y": names, "hovertemplate": hover}


def spans(
    rows: Sequence[object],
    begin_s: NDArray[np.int64],
    end_s: NDArray[np.int64],
    name: str,
    colour: str,
    *,
    words: Sequence[str],
    shape: str = "",
    thick: float = 0.7,
    **more: object,
) -> Trace:
    """Lying bars from time to time, one per row and spell: a Gantt; ``words`` are shown under the pointer."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(name),
        "y": [plain(str(row)) for row in rows],
        "base": utc_texts(begin_s),
        "x": ((end_s - begin_s) * 1000).tolist(),
        "width": thick,
        "marker": {"color": colour, "line": {"width": 0}, **hatched(shape)},
        "customdata": list(words),
        "hovertemplate": "%{customdata}<extra></extra>",
        **more,
    }
