"""Repetitions of a community run beside each other, and beside the best possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import facts_of, numbers
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.run_tables import table_rows
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    figure,
    hatched,
    line_of,
    plain,
    value_axis,
)
from sparewatt.results.community_kpi_meanings import COMMUNITY_KPIS

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

_KPIS = ("covered_kwh", "self_sufficiency", "self_consumption", "cost", "par_consumption", "par_production")
_UNITS = {"share": "%", "kWh": "kWh", "currency": "currency"}


def _draw_repetitions(folder: RunFolder, look: Look) -> Figure:
    rows = table_rows(folder, "repetitions")
    kpi = look.chosen.get("kpi", _KPIS[0])
    meaning = COMMUNITY_KPIS[kpi]
    factor = 100.0 if meaning.unit == "share" else 1.0
    unit, label = _UNITS.get(meaning.unit, meaning.unit), plain(meaning.label)
    known = [r for r in rows if r[kpi] is not None]
    x, y = [int(r["repetition"] or 0) for r in known], numbers(known, kpi) * factor
    mean = float(y.mean()) if len(y) else 0.0
    deviation = float(y.std(ddof=1)) if len(y) > 1 else 0.0
    ends = [min(x, default=1) - 0.5, max(x, default=1) + 0.5]
    band = {"type": "scatter", "mode": "lines", "x": ends, "line": {"width": 0}, "hoverinfo": "skip"}
    data: list[dict[str, Any]] = [
        {**band, "y": [mean - deviation] * 2, "showlegend": False},
        {
            **band,
            "y": [mean + deviation] * 2,
            "fill": "tonexty",
            "fillcolor": "rgba(140,147,156,0.25)",
            "name": f"mean ± standard deviation: {mean:,.4g} ± {deviation:,.3g} {unit}",
        },
        line_of(ends, np.full(2, mean), "mean", GREY, unit=unit, steps=False, dash="dash"),
        line_of(
            x,
            y,
            meaning.label,
            BLUE,
            unit=unit,
            steps=False,
            mode="markers",
            marker={"size": 9, "color": BLUE},
            hovertemplate=f"repetition %{{x}}<br>{label}: <b>%{{y:,.4~g}}</b> {unit}<extra></extra>",
        ),
    ]
    title = f"{meaning.label} [{unit}]"
    axis = {"title": {"text": "repetition"}, "automargin": True, "nticks": 12, "range": ends}
    return figure(data, {"xaxis": axis, "yaxis": value_axis(title, zero=False)})


def _kpi_choice(_folder: RunFolder) -> tuple[Choice, ...]:
    return (Choice("kpi", "Show", tuple((k, COMMUNITY_KPIS[k].label) for k in _KPIS)),)


def _draw_best(folder: RunFolder, _look: Look) -> Figure:
    facts, covered = facts_of(folder), numbers(table_rows(folder, "repetitions"), "covered_kwh")
    mean, many = float(covered.mean()) if len(covered) else 0.0, len(covered) > 1
    told = [("covered, mean" if many else "covered", mean, BLUE, "")]
    for kwh, words, colour, shape in (
        (facts.contract_kwh, "most by contracts", ORANGE, "/"),
        (facts.pool_kwh, "most in one pool", VERMILION, "."),
    ):
        if kwh is not None:
            told.append((words, kwh, colour, shape))
    most = max(kwh for _, kwh, _, _ in told)
    data = []
    for words, kwh, colour, shape in told:
        own: dict[str, Any] = {
            "type": "bar",
            "orientation": "h",
            "name": words,
            "y": [words],
            "x": [kwh],
            "marker": {"color": colour, **hatched(shape)},
            "hovertemplate": f"{words}: <b>%{{x:,.2f}}</b> kWh<extra></extra>",
            "showlegend": False,
        }
        if many and words.startswith("covered"):
            own["error_x"] = {"type": "data", "array": [float(covered.std(ddof=1))], "color": GREY}
        data.append(own)
    rows = {
        "type": "category",
        "autorange": "reversed",
        "automargin": True,
        "fixedrange": True,
        "tickvals": [words for words, _, _, _ in told],
        "ticktext": [
            f"{words}<br>{kwh:,.2f} kWh" + (f", {kwh / most:.0%}" if most > 0 else "")
            for words, kwh, _, _ in told
        ],
    }
    axis = {"title": {"text": "energy of jobs [kWh]"}, "automargin": True, "rangemode": "tozero"}
    return figure(data, {"xaxis": axis, "yaxis": rows})


REPETITIONS = Picture(
    "repetitions",
    "All repetitions",
    "A dot for each repetition; the grey band is their mean with the standard deviation.",
    _draw_repetitions,
    choices=_kpi_choice,
    is_there=lambda folder: len(facts_of(folder).repetitions) > 1,
    is_timed=False,
    height=320,
    behind=lambda _folder: ("tables/repetitions.csv",),
)
BEST = Picture(
    "best",
    "Beside the best possible",
    "Energy of jobs that the sun covered, beside the most that any plan could have covered: by contracts, "
    "where a job has one producer, and in one pool, where it may have several. Shares are of the pool.",
    _draw_best,
    is_there=lambda folder: facts_of(folder).pool_kwh is not None,
    is_timed=False,
    height=220,
    behind=lambda _folder: ("tables/repetitions.csv",),
)
