"""Devices of a community side by side: where what they use comes from, what becomes of what they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.community_choice import (
    ALL,
    AT_HOME,
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
from sparewatt.faces.web.pictures.community_houses import names_axis, stacked
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import figure, message, value_axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.community_choice import Kind
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

_MOST_DEVICES = 60
_DEVICE_KINDS = Choice("kind", "Show", (("consumer", "what uses"), ("producer", "what produces")))


def house_or_all(folder: RunFolder) -> Choice:
    """All houses, or one of them."""
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
    x = [_device_name(row) for row in rows]
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
    layout = {"xaxis": names_axis("device (house:device)"), "yaxis": value_axis("energy [kWh]")}
    return figure(stacked(x, layers), layout | {"barmode": "stack"})


def _device_name(row: dict[str, TableCell]) -> str:
    """A device as people call it, and where it is."""
    if row["kind"] == "base_load":
        return f"Base load ({row['house']})"
    return f"{row['name'] or row['device']} ({row['house']}:{row['device']})"


DEVICES = Picture(
    "devices",
    "Devices",
    "Energy of the jobs of every device and of every base load, by where it came from, or what became of "
    "what every roof produced; the sixty with the most energy, the most first.",
    _draw_devices,
    choices=lambda folder: (house_or_all(folder), _DEVICE_KINDS, repetition_choice(folder)),
    is_there=has_table("devices"),
    is_timed=False,
    height=400,
    behind=lambda _folder: ("tables/devices.csv",),
)
