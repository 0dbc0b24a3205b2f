"""Bars of neighbourhoods side by side: where what they used came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.style import BLUE, GREY, ORANGE, figure, value_axis
from sparewatt.faces.web.pictures.traces import bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.outcome import Outcome

_SOURCES = (
    ("own_kwh", "own roof and battery", ORANGE, ""),
    ("peer_kwh", "neighbours", BLUE, "/"),
    ("grid_kwh", "grid", GREY, "."),
)


def source_bars(names: Sequence[str], outcomes: Sequence[Outcome]) -> Figure:
    """A bar for each run, piled up of own, neighbours' and grid energy."""
    data = [
        bars(names, [float(o.value(kpi) or 0.0) for o in outcomes], words, colour, unit="kWh", shape=shape)
        for kpi, words, colour, shape in _SOURCES
    ]
    layout = {"barmode": "stack", "bargap": 0.4, "xaxis": {"automargin": True, "type": "category"}}
    return figure(data, {**layout, "yaxis": value_axis("energy used [kWh]")})
