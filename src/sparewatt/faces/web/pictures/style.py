"""Style: what pictures share; figures carry no colours of text, paper or plot, those follow the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparewatt.faces.web.pictures.axes import (
    Moments,
    count_axis,
    label_count,
    moments,
    seen_between,
    time_axis,
    timed,
    utc_text,
    utc_texts,
    value_axis,
)
from sparewatt.faces.web.pictures.colours import (
    BLUE,
    CYCLE,
    DASHES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SCALE,
    SKY,
    VERMILION,
    YELLOW,
    faint,
    hatched,
    plain,
)
from sparewatt.faces.web.pictures.heat import heat
from sparewatt.faces.web.pictures.packing import packed, unpacked
from sparewatt.faces.web.pictures.traces import Trace, area, bars, line, line_of, lying, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparewatt.faces.web.pictures.picture import Figure

__all__ = [
    "BLUE",
    "CYCLE",
    "DASHES",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "SCALE",
    "SKY",
    "VERMILION",
    "YELLOW",
    "Moments",
    "Trace",
    "area",
    "bars",
    "count_axis",
    "faint",
    "figure",
    "hatched",
    "heat",
    "label_count",
    "line",
    "line_of",
    "lying",
    "message",
    "moments",
    "packed",
    "plain",
    "seen_between",
    "spans",
    "time_axis",
    "timed",
    "unpacked",
    "utc_text",
    "utc_texts",
    "value_axis",
]


def figure(data: Iterable[Trace], layout: dict[str, Any]) -> Figure:
    """A figure in the style of the pages; ``layout`` adds axes and the like.

    Zoom and the lines that somebody switched off stay when it is drawn again.
    """
    base = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 46, "pad": 2},
        "font": {"size": 12},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "dragmode": "zoom",
        "uirevision": "kept",
        "bargap": 0.15,
    }
    return {"data": list(data), "layout": {**base, **layout}}


def message(words: str, layout: dict[str, Any] | None = None) -> Figure:
    """A figure that says why there is nothing to draw; with a ``layout`` one can look closer all the same."""
    note = {"text": words, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    hidden = {"visible": False, "fixedrange": True}
    return figure([], {"xaxis": hidden, "yaxis": hidden, **(layout or {}), "annotations": [note]})
