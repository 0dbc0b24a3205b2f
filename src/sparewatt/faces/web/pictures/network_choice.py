"""What is chosen above pictures of networks: a zone, a case, a way of charging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.picture import Choice
from sparewatt.faces.web.pictures.style import BLUE, GREY, ORANGE
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.network_zone_facts import read_zone_rows
from sparewatt.results.run_folder import SERIES, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.faces.web.pictures.picture import Look
    from sparewatt.results.network_grid_state import GridState
    from sparewatt.results.run_folder import RunFolder

CHARGING = {
    "none": ("without EVs", GREY, "dot", ""),
    "optimised": ("optimised charging", BLUE, "solid", ""),
    "unmanaged": ("unmanaged charging", ORANGE, "dash", "/"),
}
"""Words, colour, dash and hatching of each way of charging."""


def grid_of(folder: RunFolder) -> GridState:
    """The network of a run with its cases."""
    return read_grid_state(folder.path / SERIES)


def zone_choice(folder: RunFolder) -> Choice:
    """The zones, those with the least headroom first."""
    rows = sorted(read_zone_rows(folder), key=lambda r: float(r["headroom_kwh_per_day"] or 0.0))
    names = [str(r["zone_id"]) for r in rows]
    words = [f"{n} (least headroom)" if k == 0 and len(names) > 1 else n for k, n in enumerate(names)]
    return Choice("zone", "Zone", tuple(zip(names, words, strict=True)))


def zones_only(folder: RunFolder) -> tuple[Choice, ...]:
    """Nothing but the zone."""
    return (zone_choice(folder),)


def chosen_zone(folder: RunFolder, look: Look) -> str:
    """The zone that was chosen, or the first that can be."""
    return look.chosen.get("zone") or zone_choice(folder).options[0][0]


def taken_case(state: GridState, zone: str) -> str:
    """Name of the case of PV and heat pumps that a zone takes."""
    return state.cases[int(state.taken[state.zones.ids.index(zone)])].name


def has_series(name: str) -> Callable[[RunFolder], bool]:
    """Whether a run has a series."""
    return lambda folder: (folder.path / SERIES / f"{name}.parquet").is_file()


def has_table(name: str) -> Callable[[RunFolder], bool]:
    """Whether a run has a table."""
    return lambda folder: (folder.path / TABLES / f"{name}.csv").is_file()
