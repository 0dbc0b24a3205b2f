"""A simulated hub as Parquet files; :mod:`sparewatt.results.cluster_reading` reads them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sparewatt.results.cluster_series import (
    time_column,
    write_long_series,
    write_parquet,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.trace import Trace
    from sparewatt.results.cluster_view import ClusterView


STATE = (
    "visits",
    "power_by_soc",
    "evses",
    "traffic",
    "imbalance_limits",
    "connections",
    "bookings",
    "contracts",
    "contract_schedules",
    "notes",
)
"""Files beside the long series; what they hold is what the simulation worked on, rows counted from 0."""


def write_cluster_series(view: ClusterView, directory: Path) -> None:
    """Write a simulated hub as Parquet (zstd) into ``directory``; each file is whole or not there."""
    write_long_series(view, directory)
    for name, table in _state_tables(view.trace).items():
        write_parquet(iter([table]), directory / f"{name}.parquet")


def _state_tables(t: Trace) -> dict[str, pa.Table]:
    """Everything but the long series."""
    h, contracts, limits = t.system.horizon, t.contracts, t.system.imbalance_limits
    table = t.fleet.power_table
    visits = _columns(t.fleet) | {"fate": t.fate, "waited_h": t.waited_h}
    stays = [np.arange(c.first, c.first + len(c.battery_kw)) for c in contracts]
    return {
        "visits": pa.table(visits),
        "power_by_soc": pa.table(
            {
                "visit": np.repeat(np.arange(len(t.fleet)), np.diff(table.offset)),
                "soc_to": table.soc_to,
                "max_kw": table.max_kw,
            }
        ),
        "evses": pa.table(_columns(t.system.evses)),
        "traffic": pa.table(_columns(t.system.traffic)),
        "imbalance_limits": pa.table(
            {
                "limit": np.repeat(np.arange(len(limits)), h.periods),
                "upper_kw": _joined([limit.upper_kw for limit in limits]),
            }
        ),
        "connections": pa.table(_columns(t.connections)),
        "bookings": pa.table(_columns(t.bookings)),
        "contracts": pa.table(
            {
                name: pa.array([getattr(c, name) for c in contracts], kind)
                for name, kind in (
                    *((n, pa.int64()) for n in ("cluster", "evse", "first", "end")),
                    *((n, pa.float64()) for n in ("arrival_soc", "target_soc", "payment", "gap")),
                )
            }
        ),
        "contract_schedules": pa.table(
            {
                "contract": np.repeat(np.arange(len(contracts)), [len(s) for s in stays]).astype(np.int64),
                "time": time_column(h, _joined(stays).astype(np.int64)),
                **{
                    name: _joined([getattr(c, name) for c in contracts])
                    for name in ("battery_kw", "g2v_per_kwh", "v2g_per_kwh")
                },
            }
        ),
        "notes": pa.table(
            {
                "period": pa.array([n.period for n in t.notes], pa.int64()),
                "kind": pa.array([n.kind for n in t.notes], pa.string()),
                "gap": pa.array([n.gap for n in t.notes], pa.float64()),
            }
        ),
    }


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Arrays one after another; an empty one of none."""
    return np.concatenate(parts) if parts else np.zeros(0)


def _columns(noun: object) -> dict[str, pa.Array]:
    """The arrays of a struct of arrays as columns."""
    out: dict[str, pa.Array] = {}
    for f in fields(noun):  # type: ignore[arg-type]  # called with our dataclasses only
        value = getattr(noun, f.name)
        if isinstance(value, np.ndarray):
            out[f.name] = pa.array(np.ascontiguousarray(value))
        elif isinstance(value, tuple):
            out[f.name] = pa.array(value, pa.string())
    return out
