"""Heat: rows x columns as colours that colour-blind people can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparewatt.faces.web.pictures.axes import moments
from sparewatt.faces.web.pictures.colours import SCALE, plain
from sparewatt.faces.web.pictures.packing import packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.traces import Trace


def heat(
    values: NDArray[np.floating[Any] | np.unsignedinteger[Any]],
    x: Sequence[str],
    rows: Sequence[object],
    *,
    title: str,
    hover: str,
    top: float | None = None,
    scale: str | list[list[object]] = SCALE,
    starts_s: NDArray[np.int64] | None = None,
    timezone: str = "UTC",
    **more: object,
) -> Trace:
    """Rows x columns as colours.

    Parameters
    ----------
    values
        Shape (rows, columns); what is no number stays empty.
    x
        Position of each column, or its edges: one more.
    rows
        Name of each row.
    title
        At the scale of colours, with the unit.
    hover
        What is said under the pointer: ``"vehicle %{y}<br>%{z} kW"``.
    top
        Value of the last colour; the highest where left out.
    scale
        Colours.
    starts_s
        Where columns are times: their beginnings, so that the local time is said [s since the epoch].
    timezone
        Of these.
    more
        Further settings of the trace.
    """
    if starts_s is not None:
        words = moments(starts_s, timezone).words
        more["customdata"] = [words] * len(values)  # a list: in rows of bytes Plotly finds no value
        hover = f"%{{customdata}}<br>{hover}"
    return {
        "type": "heatmap",
        "z": packed(values),
        "x": list(x),
        "y": [plain(str(row)) for row in rows],
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
