"""Houses of a community side by side; many of them by rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import (
    AT_HOME,
    BATTERY,
    FED_IN,
    GIVEN,
    GRID,
    OWN,
    PEER,
    STORED,
    chosen_repetition,
    facts_of,
    has_table,
    numbers,
    repetition_choice,
    rows_of,
)
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREY,
    ORANGE,
    bars,
    figure,
    plain,
    value_axis,
)

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

_HOUSES = Choice(
    "what",
    "Show",
    (
        ("used", "used"),
        ("made", "produced"),
        ("cost", "cost"),
        ("share", "self-sufficiency"),
        ("par", "peak to average"),
    ),
)


MANY = 60
"""Houses that stand side by side at most."""
_WHICH = Choice(
    "which",
    "Houses",
    (
        ("most", f"the {MANY} with the most"),
        ("least", f"the {MANY} with the least"),
        ("ranked", "all, ranked"),
    ),
)
_SIZES = {
    "used": "load_kwh",
    "made": "production_kwh",
    "cost": "cost",
    "share": "self_sufficiency",
    "par": "par_consumption",
}
_SIZE_WORDS = {
    "used": "what they used",
    "made": "what they produced",
    "cost": "what they pay",
    "share": "how much of their load the sun covered",
    "par": "peak to average of their consumption",
}


def names_axis(axis: str) -> dict[str, Any]:
    """Horizontal axis of names."""
    return {"type": "category", "title": {"text": axis}, "automargin": True}


def _draw_houses(folder: RunFolder, look: Look) -> Figure:
    rows = rows_of(folder, "houses", chosen_repetition(folder, look))
    what = look.chosen.get("what", "used")
    which = look.chosen.get("which", "most") if len(rows) > MANY else ""
    if which:
        size = numbers(rows, _SIZES[what])
        order = np.argsort(-size if which != "least" else size, kind="stable")
        rows = [rows[k] for k in order[: len(rows) if which == "ranked" else MANY]]
    x = [str(r["house"]) for r in rows]
    title, data, mode = _HOUSE_BARS[what](x, rows)
    if which == "ranked":
        words = {"title": {"text": f"houses, ranked by {_SIZE_WORDS[what]}"}, "automargin": True}
        ranked = [_as_line(trace, is_stacked=mode == "stack") for trace in data]
        return figure(ranked, {"xaxis": words, "yaxis": value_axis(title)})
    return figure(data, {"xaxis": names_axis("house"), "yaxis": value_axis(title), "barmode": mode})


def _as_line(trace: dict[str, Any], *, is_stacked: bool) -> dict[str, Any]:
    """Bars as a line over the ranks of their houses, filled where they stand on each other."""
    colour = trace["marker"]["color"]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": trace["name"],
        "x": list(range(1, len(trace["x"]) + 1)),
        "y": trace["y"],
        "text": [f"house {plain(house)}" for house in trace["x"]],
        "line": {"shape": "hvh", "width": 0.5 if is_stacked else 1.6, "color": colour},
        "hovertemplate": trace["hovertemplate"].replace("%{x}", "%{text}, rank %{x}"),
    }
    return line | ({"stackgroup": "houses", "fillcolor": colour} if is_stacked else {})


def _house_choices(folder: RunFolder) -> tuple[Choice, ...]:
    many = (_WHICH,) if len(facts_of(folder).house_ids) > MANY else ()
    return (_HOUSES, *many, repetition_choice(folder))


def _used(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    discharge = numbers(rows, "discharge_kwh")
    layers = (
        (OWN, np.maximum(numbers(rows, "own_kwh") - discharge, 0.0)),
        (PEER, numbers(rows, "peer_kwh")),
        (BATTERY, discharge),
        (GRID, numbers(rows, "grid_kwh")),
    )
    return "used [kWh]", stacked(x, layers), "stack"


def _made(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    direct = np.maximum(numbers(rows, "own_kwh") - numbers(rows, "discharge_kwh"), 0.0)
    layers = (
        (AT_HOME, direct),
        (GIVEN, numbers(rows, "given_kwh")),
        (STORED, numbers(rows, "charge_kwh")),
        (FED_IN, numbers(rows, "feed_in_kwh")),
    )
    return "produced [kWh]", stacked(x, layers), "stack"


def _cost(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    data = [
        bars(x, numbers(rows, "tariff_cost"), "with nothing shared", GREY, unit="currency", digits=",.2f"),
        bars(x, numbers(rows, "cost"), "as shared", BLUE, unit="currency", shape="/", digits=",.2f"),
    ]
    return "cost [currency]", data, "group"


def _share(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    data = [
        bars(x, numbers(rows, "self_sufficiency") * 100, "load covered by the sun", BLUE, unit="%"),
        bars(x, numbers(rows, "self_consumption") * 100, "sun used or shared", ORANGE, unit="%", shape="/"),
    ]
    return "share [%]", data, "group"


def _par(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    data = [
        bars(x, numbers(rows, "par_consumption"), "consumption", BLUE, unit="times the mean"),
        bars(x, numbers(rows, "par_production"), "production", ORANGE, unit="times the mean", shape="/"),
    ]
    return "peak to average [-]", data, "group"


_HOUSE_BARS = {"used": _used, "made": _made, "cost": _cost, "share": _share, "par": _par}


def stacked(x: list[str], layers: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - kinds with their numbers
    """Bars on each other, those that are nothing left out."""
    return [
        bars(x, values, kind.words, kind.colour, unit="kWh", shape=kind.shape)
        for kind, values in layers
        if values.any()
    ]


HOUSES = Picture(
    "houses",
    "All households side by side",
    "What every house used and where it came from, what became of its production, what it pays with and "
    "without sharing, and how much of its load the sun covered. Of many, sixty are shown, or all by rank.",
    _draw_houses,
    choices=_house_choices,
    is_there=has_table("houses"),
    is_timed=False,
    behind=lambda _folder: ("tables/houses.csv",),
)
