"""Buses of pandapower: names, buses that switches join, coordinates."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.pandapower_file import PandapowerFile, PpRow


class PpBuses:
    """Buses in service, those joined by a closed switch as one.

    Parameters
    ----------
    file
        The network.
    log
        Where problems are noted.
    """

    def __init__(self, file: PandapowerFile, log: FindingLog) -> None:
        self._file, self._log = file, log
        self._rows = {row.index: row for row in file.rows("bus")}
        self._dead = {row.index for row in file.tables.get("bus", [])} - set(self._rows)
        self._root = {index: index for index in self._rows}
        for switch in file.tables.get("switch", []):
            if switch.text("et") == "b" and switch.flag("closed", default=True):
                self._join(switch)
        names = unique_names(list(self._rows.values()), "bus")
        self._names = dict(zip(self._rows, names, strict=True))

    def _join(self, switch: PpRow) -> None:
        ends = [self._find(switch.bus(c)) for c in ("bus", "element")]
        if None in ends:
            return
        a, b = sorted(e for e in ends if e is not None)
        self._root[b] = a
        if switch.number("z_ohm", 0.0) > 0.0:
            message = "the impedance of a closed switch is left out: its buses count as one"
            where = self._file.where(switch)
            self._log.add("network.pandapower.switch", "warning", where, message, str(switch.values["z_ohm"]))

    def _find(self, index: int) -> int | None:
        if index not in self._root:
            return None
        while self._root[index] != index:
            index = self._root[index]
        return index

    def name(self, row: PpRow, column: str = "bus") -> str | None:
        """Name of the bus that an element stands at; none where that is out of service, or there is none."""
        index = row.bus(column)
        found = self._find(index)
        if found is not None:
            return self._names[found]
        if index not in self._dead:
            message = f"{column} {row.values.get(column)} is no bus of the network"
            where = self._file.where(row)
            self._log.add(
                "network.pandapower.bus",
                "error",
                where,
                message,
                str(row.values.get(column)),
                table=row.table,
            )
        return None

    def kv(self, row: PpRow, column: str = "bus") -> float:
        """Nominal voltage of a bus [kV]."""
        return self._rows[row.bus(column)].number("vn_kv")

    def places(self) -> dict[str, tuple[float, float]]:
        """Coordinates by name, from the column ``geo`` or the table ``bus_geodata``."""
        found: dict[str, tuple[float, float]] = {}
        geodata = {
            row.index: (row.number("x"), row.number("y")) for row in self._file.tables.get("bus_geodata", [])
        }
        for index, row in self._rows.items():
            place = _point(row.values.get("geo")) or geodata.get(index)
            if place is not None and all(math.isfinite(v) for v in place):
                root = self._find(index)
                found.setdefault(self._names[index if root is None else root], place)
        return found


def _point(geo: Any) -> tuple[float, float] | None:  # noqa: ANN401 - any JSON
    """Coordinates of a GeoJSON point, as an object or as text."""
    try:
        value = json.loads(geo) if isinstance(geo, str) else geo
        x, y = value["coordinates"][:2]
        return float(x), float(y)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def unique_names(rows: list[PpRow], kind: str) -> list[str]:
    """Names of elements; where one is missing or stands twice, the kind and index instead."""
    names = [row.text("name") for row in rows]
    count = Counter(names)
    return [
        name if name and count[name] == 1 else f"{kind}_{row.index}"
        for name, row in zip(names, rows, strict=True)
    ]
