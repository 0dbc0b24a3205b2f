"""Houses and devices of a community side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import (
    ALL,
    AT_HOME,
    BATTERY,
    FED_IN,
    GIVEN,
    GRID,
    OWN,
    PEER,
    STORED,
    chosen_repetition,
    has_table,
    house_choice,
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
    message,
    value_axis,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.community_choice import Kind
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


def _names(axis: str) -> dict[str, Any]:
    return {"type": "category", "title": {"text": axis}, "automargin": True}


def _draw_houses(folder: RunFolder, look: Look) -> Figure:
    rows = rows_of(folder, "houses", chosen_repetition(folder, look))
    x = [str(r["house"]) for r in rows]
    what = look.chosen.get("what", "used")
    title, data, mode = _HOUSE_BARS[what](x, rows)
    return figure(data, {"xaxis": _names("house"), "yaxis": value_axis(title), "barmode": mode})


def _used(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    discharge = numbers(rows, "discharge_kwh")
    layers = (
        (OWN, np.maximum(numbers(rows, "own_kwh") - discharge, 0.0)),
        (PEER, numbers(rows, "peer_kwh")),
        (BATTERY, discharge),
        (GRID, numbers(rows, "grid_kwh")),
    )
    return "used [kWh]", _stack(x, layers), "stack"


def _made(x: list[str], rows: list[dict[str, TableCell]]) -> tuple[str, list[dict[str, Any]], str]:
    direct = np.maximum(numbers(rows, "own_kwh") - numbers(rows, "discharge_kwh"), 0.0)
    layers = (
        (AT_HOME, direct),
        (GIVEN, numbers(rows, "given_kwh")),
        (STORED, numbers(rows, "charge_kwh")),
        (FED_IN, numbers(rows, "feed_in_kwh")),
    )
    return "produced [kWh]", _stack(x, layers), "stack"


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


def _stack(x: list[str], layers: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - kinds with their numbers
    return [
        bars(x, values, kind.words, kind.colour, unit="kWh", shape=kind.shape)
        for kind, values in layers
        if values.any()
    ]


def _house_or_all(folder: RunFolder) -> Choice:
    houses = house_choice(folder)
    return Choice("house", "House", ((ALL, "all houses"), *houses.options))


def _draw_devices(folder: RunFolder, look: Look) -> Figure:
    rows = rows_of(folder, "devices", chosen_repetition(folder, look))
    house, kind = look.chosen.get("house", ALL), look.chosen.get("kind", "consumer")
    kinds = {"consumer", "base_load"} if kind == "consumer" else {kind}
    rows = [r for r in rows if r["kind"] in kinds and (house == ALL or str(r["house"]) == house)]
    rows.sort(key=lambda r: -float(r["energy_kwh"] or 0.0))
    rows = rows[:_MOST_DEVICES]
    if not rows:
        what = "uses" if kind == "consumer" else "produces"
        return message(f"No device of this house {what} energy.")
    x = [f"{r['name'] or r['device']} ({r['house']}:{r['device']})" for r in rows]
    layers: tuple[tuple[Kind, NDArray[np.float64]], ...]
    if kind == "consumer":
        layers = (
            (OWN, numbers(rows, "own_kwh")),
            (PEER, numbers(rows, "peer_kwh")),
            (GRID, numbers(rows, "grid_kwh")),
        )
    else:
        layers = (
            (AT_HOME, numbers(rows, "own_kwh")),
            (GIVEN, numbers(rows, "peer_kwh")),
            (STORED, numbers(rows, "stored_kwh")),
            (FED_IN, numbers(rows, "feed_in_kwh")),
        )
    layout = {"xaxis": _names("device (house:device)"), "yaxis": value_axis("energy [kWh]")}
    return figure(_stack(x, layers), layout | {"barmode": "stack"})


_MOST_DEVICES = 60
_DEVICE_KINDS = Choice("kind", "Show", (("consumer", "what uses"), ("producer", "what produces")))


HOUSES = Picture(
    "houses",
    "All households side by side",
    "What every house used and where it came from, what became of its production, what it pays with and "
    "without sharing, and how much of its load the sun covered.",
    _draw_houses,
    choices=lambda folder: (_HOUSES, repetition_choice(folder)),
    is_there=has_table("houses"),
    is_timed=False,
    behind=lambda _folder: ("tables/houses.csv",),
)
DEVICES = Picture(
    "devices",
    "Devices",
    "Energy of the jobs of every device and of every base load, by where it came from, or what became of "
    "what every roof produced; the sixty with the most energy, the most first.",
    _draw_devices,
    choices=lambda folder: (_house_or_all(folder), _DEVICE_KINDS, repetition_choice(folder)),
    is_there=has_table("devices"),
    is_timed=False,
    height=400,
    behind=lambda _folder: ("tables/devices.csv",),
)
