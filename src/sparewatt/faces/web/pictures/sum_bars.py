"""Sum bars: numbers of runs, or of ways to charge, as lying bars in small charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sparewatt.faces.web.pictures.style import figure, lying, message, plain
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace

_NARROW = 1100
"""Pictures for fewer points than this are narrow."""
_BAR, _HEAD, _ROOM = 24, 46, 40
"""Heights of a bar, of what stands above each chart, and around all of them [px]."""


class SumChart(NamedTuple):
    """A number that is shown as bars.

    Parameters
    ----------
    title
        With the unit.
    unit
        Of its KPIs, which are piled up.
    kpis
        Name, words, colour and hatching of each.
    """

    title: str
    unit: str
    kpis: tuple[tuple[str, str, str, str], ...]


class Valued(Protocol):
    """What has KPIs: an outcome, or one of its scenarios."""

    def value(self, name: str) -> float | int | None:
        """A KPI by its name; ``None`` where it has none."""


def sum_bars(charts: Sequence[SumChart], named: Sequence[tuple[str, Valued]], look: Look) -> Figure:
    """A chart for each number that is not zero in all.

    Parameters
    ----------
    charts
        What is shown.
    named
        Names of the bars, and what their values are of.
    look
        Says how wide the picture is.
    """
    names, valued = [name for name, _ in named], [one for _, one in named]
    shown = _shown(charts, valued)
    if not shown:
        return message("All of these numbers are zero.")
    share, narrow = 1.0 / len(shown), look.points < _NARROW
    head = share * _HEAD / (_HEAD + _BAR * len(named))
    data: list[Trace] = []
    layout: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    for k, one in enumerate(shown):
        number = "" if k == 0 else str(k + 1)
        top = 1.0 - k * share
        place = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        sums = [[float(of.value(kpi[0]) or 0.0) for kpi in one.kpis] for of in valued]
        for n, (_, words, colour, shape) in enumerate(one.kpis):
            own = [values[n] for values in sums]
            data.append({**lying(names, own, words, colour, unit=one.unit, shape=shape), **place})
        data.append({**_ends(names, [_told(one, of) for of in valued], sums), **place})
        text = 0.6 if narrow else 0.25
        layout |= _axes(number, top - share, top - head, [sum(values) for values in sums], text)
        notes.append(_title(one, top - head, narrow=narrow))
    return figure(
        data, {**layout, "annotations": notes, "barmode": "stack", "bargap": 0.25, "showlegend": False}
    )


def sum_height(charts: Sequence[SumChart], valued: Sequence[Valued]) -> int:
    """Height of the picture [px]."""
    return _ROOM + max(1, len(_shown(charts, valued))) * (_HEAD + _BAR * len(valued))


def _shown(charts: Sequence[SumChart], valued: Sequence[Valued]) -> list[SumChart]:
    return [one for one in charts if any(of.value(kpi[0]) for of in valued for kpi in one.kpis)]


def _title(one: SumChart, bottom: float, *, narrow: bool) -> dict[str, Any]:
    """What stands above a chart; where names leave no room left of it, it ends at the right."""
    return {
        "text": f"<b>{one.title}</b>",
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 1 if narrow else 0,
        "xanchor": "right" if narrow else "left",
        "y": bottom,
        "yanchor": "bottom",
    }


def _told(one: SumChart, of: Valued) -> str:
    """What stands at the end of a bar."""
    values = [of.value(kpi[0]) for kpi in one.kpis]
    return " + ".join(number_text(value, one.unit) for k, value in enumerate(values) if value or k == 0)


def _ends(names: Sequence[str], texts: Sequence[str], sums: Sequence[Sequence[float]]) -> Trace:
    """Text at the ends of bars."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [max(0.0, sum(values)) for values in sums],
        "y": [plain(name) for name in names],
        "text": [f" {text}" for text in texts],
        "textposition": "middle right",
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _axes(number: str, bottom: float, top: float, ends: Sequence[float], text: float) -> dict[str, Any]:
    """The axes of one chart between two heights of the picture; ``text``: room beside the longest bar."""
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = text * (high - low)
    return {
        f"xaxis{number}": {
            "anchor": f"y{number}",
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "fixedrange": True,
            "range": [low, high + room],
        },
        f"yaxis{number}": {
            "anchor": f"x{number}",
            "domain": [max(0.0, bottom), top],
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
        },
    }
