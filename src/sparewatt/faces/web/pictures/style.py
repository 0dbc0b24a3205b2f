"""Style: colours that colour-blind people can tell, axes with units, and local time.

Figures carry no colours of text, paper or plot: those follow the page. Positions on time axes are UTC, so
that time runs evenly over a clock change; the labels are local.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.results.clock_ticks import clock_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look

# Okabe & Ito, "Color Universal Design", 2008; as in results.figures.style, which brings matplotlib
BLUE, SKY, ORANGE, VERMILION = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
GREEN, PURPLE, GREY, YELLOW = "#009E73", "#CC79A7", "#8C939C", "#F0E442"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY)
"""Colours of lines without a meaning of their own; with `DASHES` they differ without colour too."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
SCALE = "Cividis"
"""Of heat maps."""

Trace = dict[str, Any]
_POINTS_A_LABEL = 170


def figure(data: Iterable[Trace], layout: dict[str, Any]) -> Figure:
    """A figure in the style of the pages; ``layout`` adds axes and the like.

    Zoom and the lines that somebody switched off stay when it is drawn again.
    """
    base = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 2},
        "font": {"size": 12},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "dragmode": "zoom",
        "uirevision": "kept",
        "bargap": 0.15,
    }
    return {"data": list(data), "layout": {**base, **layout}}


def message(words: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    note = {"text": words, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    hidden = {"visible": False, "fixedrange": True}
    return figure([], {"annotations": [note], "xaxis": hidden, "yaxis": hidden})


def time_axis(
    start: datetime, end: datetime, timezone: str, look: Look, *, title: str = "", **more: object
) -> dict[str, Any]:
    """A horizontal axis of time over the whole of a run, labelled for what is looked at.

    Parameters
    ----------
    start, end
        First and last moment of the run, tz-aware; what a double click shows.
    timezone
        IANA name of the zone of the labels.
    look
        What is asked: its window and its points, which say how wide the picture is.
    title
        Of the axis; the zone where left out.
    more
        Further settings of the axis.
    """
    seen = (look.start or start, look.end or end)
    ticks = clock_ticks(
        max(seen[0], start), min(seen[1], end), timezone, max(3, look.points // _POINTS_A_LABEL)
    )
    several = any(tick.day for tick in ticks)
    return {
        "type": "date",
        "range": [utc_text(start), utc_text(end)],
        "tickmode": "array",
        "tickvals": [utc_text(tick.time) for tick in ticks],
        "ticktext": [f"{tick.label}<br>{tick.day}" if several else tick.label for tick in ticks],
        "tickangle": 0,
        "title": {"text": title or f"local time, {timezone}", "standoff": 4},
        "automargin": True,
        "ticks": "outside",
        "ticklen": 4,
        "showgrid": False,
        "zeroline": False,
        **more,
    }


def timed(
    start: datetime,
    end: datetime,
    timezone: str,
    look: Look,
    *,
    axes: int = 1,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The part of a layout that makes a picture one of time; ``settings`` as of `time_axis`.

    With several ``axes`` panels stand one above the other and move together; the lowest, which is the
    first, has the labels.
    """
    axis = time_axis(start, end, timezone, look, **settings)
    other = {**axis, "showticklabels": False, "ticks": "", "title": {"text": ""}, "matches": "x"}
    others = {f"xaxis{k}": {**other, "anchor": f"y{k}"} for k in range(2, axes + 1)}
    return {"xaxis": axis, **others, "meta": {"whole": axis["range"]}}


def value_axis(title: str, *, zero: bool = True, **more: object) -> dict[str, Any]:
    """A vertical axis of values; ``title`` with the unit, as in ``"power [kW]"``.

    It holds still while somebody zooms into time, and follows what is shown then.
    """
    return {
        "title": {"text": title, "standoff": 6},
        "automargin": True,
        "fixedrange": True,
        "rangemode": "tozero" if zero else "normal",
        "zeroline": zero,
        "separatethousands": True,
        **more,
    }


def utc_text(moment: datetime) -> str:
    """A position on a time axis."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def utc_texts(seconds: NDArray[np.int64] | Sequence[int]) -> list[str]:
    """Positions on a time axis, from seconds since the epoch."""
    found: list[str] = np.datetime_as_string(np.asarray(seconds, dtype="datetime64[s]"), unit="s").tolist()
    return found


class Moments(NamedTuple):
    """Moments that lines of a picture share: positions, and words under the pointer.

    Parameters
    ----------
    x
        Positions on the axis.
    words
        What the clock on the wall shows.
    """

    x: list[str]
    words: list[str]


def moments(times: Sequence[datetime] | NDArray[np.int64], timezone: str) -> Moments:
    """Moments from datetimes, or from seconds since the epoch."""
    seconds = np.asarray(
        [int(t.timestamp()) if isinstance(t, datetime) else int(t) for t in times], dtype=np.int64
    )
    zone = ZoneInfo(timezone)
    return Moments(
        utc_texts(seconds), [f"{datetime.fromtimestamp(s, zone):%d.%m.%Y %H:%M}" for s in seconds.tolist()]
    )


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
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": at.x,
        "y": packed(np.asarray(values, dtype=np.float64)),
        "customdata": at.words,
        "line": {"color": colour, "width": width, "dash": dash, **({"shape": "hv"} if steps else {})},
        "hovertemplate": f"%{{customdata}}<br>{plain(name)}: <b>%{{y:{digits}}}</b> {unit}<extra></extra>",
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
        "name": name,
        "x": list(x),
        "y": packed(np.asarray(values, dtype=np.float64)),
        "marker": {"color": colour, "line": {"width": 0}, **hatched(shape)},
        "hovertemplate": f"%{{x}}<br>{plain(name)}: <b>%{{y:{digits}}}</b> {unit}<extra></extra>",
        **more,
    }


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
        "name": name,
        "y": list(rows),
        "base": utc_texts(begin_s),
        "x": ((end_s - begin_s) * 1000).tolist(),
        "width": thick,
        "marker": {"color": colour, "line": {"width": 0}, **hatched(shape)},
        "customdata": list(words),
        "hovertemplate": "%{customdata}<extra></extra>",
        **more,
    }


def heat(
    values: NDArray[np.floating[Any] | np.unsignedinteger[Any]],
    x: Sequence[str],
    rows: Sequence[object],
    *,
    title: str,
    hover: str,
    top: float | None = None,
    scale: str | list[list[object]] = SCALE,
    **more: object,
) -> Trace:
    """Rows x columns as colours; ``title`` with the unit stands at the scale, ``hover`` names the numbers."""
    return {
        "type": "heatmap",
        "z": packed(values),
        "x": list(x),
        "y": list(rows),
        "colorscale": scale,
        "zmin": 0,
        **({} if top is None else {"zmax": top}),
        "colorbar": {
            "title": {"text": title, "side": "top"},
            "orientation": "h",
            "thickness": 10,
            "len": 0.6,
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "outlinewidth": 0,
        },
        "hovertemplate": f"{hover}<extra></extra>",
        "hoverongaps": False,
        **more,
    }


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Numbers as Plotly reads them fastest: their bytes."""
    kinds = {"f8": "f8", "f4": "f4", "u1": "u1", "u2": "u2", "i4": "i4", "i2": "i2", "i1": "i1"}
    kind = kinds[values.dtype.str[1:]]
    text = base64.b64encode(np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()).decode()
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {"dtype": kind, "bdata": text, **shape}


def unpacked(values: object) -> NDArray[Any]:
    """The numbers of `packed`, or of a list."""
    if not isinstance(values, dict):
        return np.asarray(values)
    found = np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}")
    return found.reshape([int(n) for n in values["shape"].split(",")]) if "shape" in values else found


def hatched(shape: str) -> dict[str, Any]:
    """A hatching of bars; nothing where there is none."""
    return {"pattern": {"shape": shape, "fillmode": "overlay", "size": 6, "solidity": 0.25}} if shape else {}


def faint(colour: str, opacity: float) -> str:
    """A colour that lets through what is behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def plain(text: str) -> str:
    """A user's text without what Plotly takes for markup or a template."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
