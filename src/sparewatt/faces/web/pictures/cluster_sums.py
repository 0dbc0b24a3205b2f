"""Hubs side by side: bars of the numbers that matter, a chart for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILION,
    figure,
    lying,
    message,
    plain,
)
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder

_TEXT = 0.25
"""Room for text beside bars, as a part of the longest."""
_BAR, _HEAD, _ROOM = 24, 46, 40
"""Heights of a bar, of what stands above each chart, and around all of them [px]."""


class _Sum(NamedTuple):
    """A number of a run that is shown as bars: KPIs that are piled up."""

    title: str
    unit: str
    kpis: tuple[tuple[str, str, str, str], ...]


_SUMS = (
    _Sum(
        "Charged, and missing to the targets [kWh]",
        "kWh",
        (
            ("g2v_kwh", "charged", BLUE, ""),
            ("short_of_target_kwh", "missing to the targets", ORANGE, "/"),
        ),
    ),
    _Sum("Missing to the contracts [kWh]", "kWh", (("short_of_contract_kwh", "missing", ORANGE, "x"),)),
    _Sum("Vehicles turned away", "vehicles", (("turned_away", "turned away", VERMILION, "/"),)),
    _Sum("Highest power [kW]", "kW", (("peak_kw", "highest power", BLUE, ""),)),
    _Sum(
        "Beyond the limits and their tolerance [kWh]",
        "kWh",
        (
            ("over_limit_kwh", "above the upper limit", VERMILION, "x"),
            ("under_limit_kwh", "missing to the lower limit", PURPLE, "."),
        ),
    ),
    _Sum("Given back by vehicles, V2G [kWh]", "kWh", (("v2g_kwh", "given back", GREEN, "\\"),)),
    _Sum("Energy cost [currency]", "currency", (("energy_cost", "energy cost", PURPLE, ""),)),
)


def draw_sums(runs: Runs, _folder: RunFolder, _look: Look) -> Figure:
    """A chart for each number that is not zero in all runs."""
    names, outcomes = [name for name, _ in runs], [folder.outcome() for _, folder in runs]
    shown = _shown(outcomes)
    if not shown:
        return message("All of these numbers are zero.")
    share = 1.0 / len(shown)
    head = share * _HEAD / (_HEAD + _BAR * len(runs))
    data: list[Trace] = []
    layout: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    for k, one in enumerate(shown):
        number = "" if k == 0 else str(k + 1)
        top = 1.0 - k * share
        place = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        sums = [[float(outcome.value(kpi[0]) or 0.0) for kpi in one.kpis] for outcome in outcomes]
        for n, (_, words, colour, shape) in enumerate(one.kpis):
            own = [values[n] for values in sums]
            data.append({**lying(names, own, words, colour, unit=one.unit, shape=shape), **place})
        data.append({**_ends(names, [_told(one, outcome) for outcome in outcomes], sums), **place})
        layout |= _axes(number, top - share, top - head, [sum(values) for values in sums])
        notes.append(
            {
                "text": f"<b>{one.title}</b>",
                "showarrow": False,
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "xanchor": "left",
                "y": top - head,
                "yanchor": "bottom",
            }
        )
    return figure(
        data, {**layout, "annotations": notes, "barmode": "stack", "bargap": 0.25, "showlegend": False}
    )


def sums_height(runs: Runs) -> int:
    """Height of the picture [px]."""
    charts = max(1, len(_shown([folder.outcome() for _, folder in runs])))
    return _ROOM + charts * (_HEAD + _BAR * len(runs))


def _shown(outcomes: Sequence[Outcome]) -> list[_Sum]:
    return [one for one in _SUMS if any(o.value(kpi[0]) for o in outcomes for kpi in one.kpis)]


def _told(one: _Sum, outcome: Outcome) -> str:
    """What stands at the end of a bar."""
    values = [outcome.value(kpi[0]) for kpi in one.kpis]
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


def _axes(number: str, bottom: float, top: float, ends: Sequence[float]) -> dict[str, Any]:
    """The axes of one chart, between two heights of the picture, with room for text beside the bars."""
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = _TEXT * (high - low)
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
