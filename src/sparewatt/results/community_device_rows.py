"""The devices of a neighbourhood on the page: where their energy came from or went, what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.community_devices import device_names, device_table
from sparewatt.results.community_rows import CellShown, Rows
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

MOST_DEVICES = 200
"""Rows on the page; all stand in ``tables/devices.csv``."""
_HEADS = {
    "energy_kwh": "Energy [kWh]",
    "own_kwh": "Own house [kWh]",
    "peer_kwh": "Neighbours [kWh]",
    "grid_kwh": "Not from roofs [kWh]",
    "feed_in_kwh": "Fed in [kWh]",
    "stored_kwh": "Stored [kWh]",
    "par": "Peak to average",
    "tariff_cost": "On the tariff",
    "cost": "Shared",
}
_MONEY = frozenset(("tariff_cost", "cost"))
_KINDS = {"base_load": "base load"}


def device_rows(run: CommunityRun, repetition: Repetition, most: int = MOST_DEVICES) -> Rows:
    """Devices by house; where there are too many, those with most energy."""
    names = device_names(run)
    rows = device_table(run, repetition, names).to_pylist()
    size = np.array([-(row["energy_kwh"] or 0.0) for row in rows])
    chosen = np.sort(np.argsort(size, kind="stable")[:most])
    chosen = chosen[np.argsort(names.house[chosen], kind="stable")]
    cells = []
    for place in chosen.tolist():
        row = rows[place]
        kind = _KINDS.get(row["kind"], row["kind"])
        called = kind if row["device"] == row["kind"] else row["name"] or row["device"]
        house = int(names.house[place])
        cells.append(
            (
                CellShown(f"{row['house']}: {called}", f"{house:08d} {called}"),
                CellShown(kind, kind),
                *(_number(row[name], "currency" if name in _MONEY else "") for name in _HEADS),
            )
        )
    head = ("Device", "Kind", *_HEADS.values())
    return Rows(head, tuple(cells), frozenset((0, 1)), len(rows) - len(cells))


def _number(value: float | None, unit: str) -> CellShown:
    return CellShown(number_text(value, unit), -np.inf if value is None else value)
