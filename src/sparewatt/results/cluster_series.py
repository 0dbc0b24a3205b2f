"""The long series of a simulated hub as Parquet: power of units and clusters, state of charge.

Times are UTC, left edges of periods. ``evse_power`` and ``soc`` hold a row only where something changes,
so they grow with what happens and not with time; ``cluster_power`` and ``system_power`` hold every period.
Each is written in row groups, one in memory at a time.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.results.series_files import META, horizon_meta
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.cluster_view import ClusterView

UTC_TIME = pa.timestamp("us", "UTC")
CHUNK = 50_000
"""Connections whose rows are in memory at a time."""

EVSE_POWER, SOC, CLUSTER_POWER, SYSTEM_POWER = "evse_power", "soc", "cluster_power", "system_power"


def time_column(horizon: Horizon, boundary: NDArray[np.int64]) -> pa.Array:
    """Boundaries as UTC times; `NONE` (negative) as missing."""
    seconds = horizon.start_s + boundary * horizon.step_s
    return pa.array(seconds * 1_000_000, mask=boundary < 0).cast(UTC_TIME)


def text_column(ids: tuple[str, ...] | pa.Array, row: NDArray[np.int64]) -> pa.Array:
    """Ids of rows; `NONE` (negative) as missing."""
    texts = ids if isinstance(ids, pa.Array) else pa.array(ids, pa.string())
    return texts.take(pa.array(row, mask=row < 0))


def evse_power_tables(view: ClusterView) -> Iterator[pa.Table]:
    """Power of every connection where it changes, ordered by connection, then by time."""
    t, h = view.trace, view.horizon
    names, settings = _Names(view), t.setting
    for rows in _chunks(len(t.connections)):
        part = slice(int(settings.offset[rows.start]), int(settings.offset[rows.stop]))
        count = np.diff(settings.offset[rows.start : rows.stop + 1])
        connection = np.repeat(np.arange(rows.start, rows.stop), count)
        first = settings.period[part]
        until = np.append(first[1:], 0)[: len(first)]
        last = np.cumsum(count)[count > 0] - 1
        until[last] = t.connections.end[rows][count > 0]
        battery = settings.battery_kw[part]
        efficiency = t.system.evses.efficiency[t.connections.evse[connection]]
        yield pa.table(
            {
                "connection": connection + 1,
                "time": time_column(h, first),
                "until": time_column(h, until),
                **names.of(connection),
                "grid_kw": np.where(battery > 0, battery / efficiency, battery * efficiency),
                "battery_kw": battery,
            }
        )


def soc_tables(view: ClusterView) -> Iterator[pa.Table]:
    """State of charge of every connection where its slope changes; a straight line between two rows."""
    names = _Names(view)
    for rows in _chunks(len(view.trace.connections)):
        connection, boundary, soc = view.knots_of(np.arange(rows.start, rows.stop))
        yield pa.table(
            {
                "connection": connection + 1,
                "time": time_column(view.horizon, boundary),
                **names.of(connection),
                "soc": soc,
            }
        )


def cluster_power_tables(view: ClusterView) -> Iterator[pa.Table]:
    """Power and limits of every cluster and period, cluster by cluster."""
    h, system = view.horizon, view.trace.system
    time = time_column(h, np.arange(h.periods))
    for row, name in enumerate(view.cluster_ids):
        limit = system.limits[row]
        yield pa.table(
            {
                "time": time,
                "cluster_id": pa.array([name], pa.string()).take(pa.array(np.zeros(h.periods, np.int64))),
                "grid_kw": view.trace.cluster_kw[row],
                "lower_kw": np.ascontiguousarray(limit.lower_kw),
                "upper_kw": np.ascontiguousarray(limit.upper_kw),
            }
        )


def system_power_table(view: ClusterView) -> pa.Table:
    """Power of all clusters together, its limits and the price; what the system is stands in its metadata."""
    h, t = view.horizon, view.trace
    system, limit = t.system, t.system.system_limit
    open_kw = np.full(h.periods, np.inf)
    meta = {
        "horizon": horizon_meta(h),
        "cluster_ids": list(system.cluster_ids),
        "limits": [[limit.reason, limit.tolerance_kw] for limit in system.limits],
        "system_limit": None if limit is None else [limit.reason, limit.tolerance_kw],
        "imbalance": [[int(i.first), int(i.second)] for i in system.imbalance_limits],
        "rules": asdict(t.rules),
    }
    return pa.table(
        {
            "time": time_column(h, np.arange(h.periods)),
            "grid_kw": t.system_kw,
            "lower_kw": -open_kw if limit is None else np.ascontiguousarray(limit.lower_kw),
            "upper_kw": open_kw if limit is None else np.ascontiguousarray(limit.upper_kw),
            "price_per_kwh": np.ascontiguousarray(system.price_per_kwh),
        }
    ).replace_schema_metadata({META: json.dumps(meta, sort_keys=True).encode()})


def write_parquet(tables: Iterator[pa.Table], path: Path) -> None:
    """Write tables of one form as one file, a row group each, whole or not at all."""
    first = next(tables)
    with whole_file(path) as partial, pq.ParquetWriter(partial, first.schema, compression="zstd") as out:
        out.write_table(first, row_group_size=max(1, len(first)))
        for table in tables:
            out.write_table(table, row_group_size=max(1, len(table)))


def write_long_series(view: ClusterView, directory: Path) -> None:
    """Write ``evse_power``, ``soc``, ``cluster_power`` and ``system_power``."""
    write_parquet(evse_power_tables(view), directory / f"{EVSE_POWER}.parquet")
    write_parquet(soc_tables(view), directory / f"{SOC}.parquet")
    write_parquet(cluster_power_tables(view), directory / f"{CLUSTER_POWER}.parquet")
    write_parquet(iter([system_power_table(view)]), directory / f"{SYSTEM_POWER}.parquet")


def _chunks(count: int) -> Iterator[slice]:
    """Rows in chunks; one empty chunk where there are none, so that a file has its columns."""
    for begin in range(0, max(count, 1), CHUNK):
        yield slice(begin, min(begin + CHUNK, count))


class _Names:
    """Ids of connections, made once."""

    def __init__(self, view: ClusterView) -> None:
        self.view = view
        self.clusters = pa.array(view.cluster_ids, pa.string())
        self.evses = pa.array(view.trace.system.evses.ids, pa.string())
        self.fleet = pa.array(view.trace.fleet.ids, pa.string())

    def of(self, connection: NDArray[np.int64]) -> dict[str, pa.Array]:
        """Columns of ids for rows of connections."""
        c = self.view.trace.connections
        return {
            "cluster_id": text_column(self.clusters, self.view.connection_cluster[connection]),
            "evse_id": text_column(self.evses, c.evse[connection]),
            "ev_id": text_column(self.fleet, c.vehicle[connection]),
        }
