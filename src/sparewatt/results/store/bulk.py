"""Bulk writing of demand rows, each database in the way that measured best; see `benchmarks/store.py`.

SQLite: many rows per statement with all values in one flat list. ADBC's driver is as fast, but brings a
second copy of SQLite into the process, and two copies break each other's file locks.
PostgreSQL: binary COPY whose rows are laid out by NumPy. CSV costs twice the time, ADBC has a
connection of its own and so cannot share the transaction of the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.store.core import is_sqlite
from sparewatt.results.store.demand import COLUMNS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sqlalchemy.engine import Connection

    from sparewatt.results.store.demand import Demand

_INTO = f"t_charge_demand (scenario_id, {', '.join(COLUMNS)})"
_WIDTH = 1 + len(COLUMNS)
_ROWS_PER_STATEMENT = 32  # 256 values: within the least limit of SQLite, 999
_SLAB = 64_000  # rows laid out at a time

_EPOCH_2000_US = 946_684_800_000_000
_COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
_COPY_END = b"\xff\xff"


def write_rows(connection: Connection, scenario_id: int, demand: Demand) -> None:
    """Write all rows within the transaction of ``connection``."""
    driver: Any = connection.connection.driver_connection
    if is_sqlite(connection):
        _write_sqlite(driver, scenario_id, demand)
    else:
        with driver.cursor() as cursor, cursor.copy(f"COPY {_INTO} FROM STDIN (FORMAT binary)") as copy:
            copy.write(_COPY_HEAD)
            for data in _binary_rows(scenario_id, demand):
                copy.write(data)
            copy.write(_COPY_END)


def _write_sqlite(driver: Any, scenario_id: int, demand: Demand) -> None:  # noqa: ANN401 - of the driver
    row = f"({', '.join('?' * _WIDTH)})"
    one = f"INSERT INTO {_INTO} VALUES {row}"  # noqa: S608 - constants only
    many = f"INSERT INTO {_INTO} VALUES {', '.join([row] * _ROWS_PER_STATEMENT)}"  # noqa: S608 - as above
    stamp, stamps = demand.local_stamps()
    texts = np.array(stamps, dtype=object)
    vehicles, chargers = np.array(demand.vehicles, dtype=object), np.array(demand.chargers, dtype=object)
    per = _ROWS_PER_STATEMENT * _WIDTH
    for start in range(0, len(demand), _SLAB):
        part = slice(start, start + _SLAB)
        rows = len(demand.vehicle[part])
        flat: list[object] = [scenario_id] * (rows * _WIDTH)
        flat[1::_WIDTH] = vehicles[demand.vehicle[part]].tolist()
        flat[2::_WIDTH] = texts[stamp[part]].tolist()
        flat[6::_WIDTH] = chargers[demand.charger[part]].tolist()
        for position, name in zip((3, 4, 5, 7), NUMBERS, strict=True):
            flat[position::_WIDTH] = demand.numbers[name][part].tolist()
        whole = rows // _ROWS_PER_STATEMENT * per
        driver.executemany(many, (flat[i : i + per] for i in range(0, whole, per)))
        driver.executemany(one, (flat[i : i + _WIDTH] for i in range(whole, rows * _WIDTH, _WIDTH)))


def _binary_rows(scenario_id: int, demand: Demand) -> Iterator[bytes]:
    """Rows in PostgreSQL's binary COPY format: per field its length and its big-endian bytes.

    Rows whose texts have the same lengths have the same layout and are written as one array.
    """
    vehicles = [v.encode() for v in demand.vehicles]
    chargers = [c.encode() for c in demand.chargers]
    long_v, long_c = np.array([len(v) for v in vehicles]), np.array([len(c) for c in chargers])
    bytes_v, bytes_c = np.array(vehicles, dtype=bytes), np.array(chargers, dtype=bytes)
    for start in range(0, len(demand), _SLAB):
        part = slice(start, start + _SLAB)
        vehicle, charger = demand.vehicle[part], demand.charger[part]
        layout = long_v[vehicle] * (long_c.max() + 1) + long_c[charger]
        for key in np.unique(layout):
            rows = np.flatnonzero(layout == key)
            v, c = vehicle[rows], charger[rows]
            out = _blank_rows(len(rows), scenario_id, int(long_v[v[0]]), int(long_c[c[0]]))
            out["allocated_vehicle_id"] = bytes_v[v]
            out["datetime"] = demand.time_us[part][rows] - _EPOCH_2000_US
            if long_c[c[0]]:
                out["charger"] = bytes_c[c]
            for name in NUMBERS:
                out[name] = demand.numbers[name][part][rows]
            yield out.tobytes()


def _blank_rows(rows: int, scenario_id: int, vehicle_bytes: int, charger_bytes: int) -> NDArray[Any]:
    """Rows with everything but their values."""
    sizes = dict.fromkeys(("scenario_id", *COLUMNS), 8)
    sizes |= {"allocated_vehicle_id": vehicle_bytes, "charger": charger_bytes}
    kinds = {
        name: f"S{size}" if name in {"allocated_vehicle_id", "charger"} else ">f8"
        for name, size in sizes.items()
    }
    kinds |= {"scenario_id": ">i8", "datetime": ">i8"}
    fields = [("count", ">i2")]
    for name, size in sizes.items():
        fields.append((f"{name} length", ">i4"))
        if size:
            fields.append((name, kinds[name]))
    head = np.zeros((), dtype=fields)
    head["count"] = len(sizes)
    for name, size in sizes.items():
        head[f"{name} length"] = size
    head["scenario_id"] = scenario_id
    return np.full(rows, head, dtype=head.dtype)
