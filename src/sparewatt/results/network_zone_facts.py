"""What is known of one zone of a network run: its numbers, and its headroom over the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.physics.headroom.daily import quantile_by_slot
from sparewatt.results.network_part_reading import read_daily, read_daily_of_all, read_room, read_room_of_all
from sparewatt.results.run_folder import SERIES, TABLES
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.network_grid_state import GridState
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of days that the fan shows."""
_MOST_ZONES = 100_000


@dataclass(frozen=True)
class ZoneFan:
    """Headroom, or footroom, of a zone by local time of day.

    Parameters
    ----------
    hours
        Left edges of the slots of a day, shape (slots,) [h].
    bands_kva
        What it is below on the shares `BANDS` of the days, shape (5, slots) [kVA].
    planned_hours, planned_kva
        What is reached but at the chosen risk: what EVs are planned in, shape (own slots,) [h, kVA].
    """

    hours: NDArray[np.float64]
    bands_kva: NDArray[np.float64]
    planned_hours: NDArray[np.float64]
    planned_kva: NDArray[np.float64]


def read_zone_rows(folder: RunFolder) -> list[dict[str, TableCell]]:
    """The rows of ``zones.csv``, by column."""
    page = read_table_page(folder.path / TABLES / "zones.csv", 0, _MOST_ZONES)
    return [dict(zip(page.columns, row, strict=True)) for row in page.rows]


def read_zone_fan(
    folder: RunFolder, horizon: Horizon, case: str, zone: str, side: str = "headroom"
) -> ZoneFan:
    """Spread of the headroom of a zone over the days of a run.

    Parameters
    ----------
    folder, horizon
        Of the run.
    case, zone
        Which.
    side
        ``"headroom"`` or ``"footroom"``.
    """
    directory, name = folder.path / SERIES, f"{side}_kva"
    values = read_room(directory, case, zone, horizon.periods)[name]
    low = read_daily(directory, case, zone)[name]
    _, slot = clock_slots(horizon)
    slots = slots_of_day(horizon)
    bands = np.stack([quantile_by_slot(values[None], slot, slots, q)[0] for q in BANDS])
    return ZoneFan(np.arange(slots) * 24.0 / slots, bands, np.arange(len(low)) * 24.0 / max(len(low), 1), low)


def read_room_of_taken(
    directory: Path, state: GridState, starts: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Headroom of every zone with the case that it takes [kVA].

    Parameters
    ----------
    directory, state
        Of the run.
    starts
        First periods of days: the least of each of them; left out: by local time of day at the chosen risk.

    Returns
    -------
    Shape (zones, days) or (zones, slots of a day).
    """
    zones = len(state.zones)
    rows = np.zeros((zones, 0))
    for case in np.unique(state.taken).tolist():
        name = state.cases[case].name
        if starts is None:
            cells = read_daily_of_all(directory, name, zones)
        else:
            room = read_room_of_all(directory, name, zones, state.horizon.periods)
            cells = np.minimum.reduceat(room, starts, axis=1)
        rows = cells if not rows.shape[1] else np.where((state.taken == case)[:, None], cells, rows)
    return rows
