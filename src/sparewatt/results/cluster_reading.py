"""A simulated hub from its Parquet files: an old run is shown and judged without its inputs."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.model.cluster_system import ClusterSystem, ImbalanceLimit, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.fleet import Fleet
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import Control, OperatingRules, Reservation
from sparewatt.model.power_table import PowerTable
from sparewatt.model.reservation import Contract
from sparewatt.model.trace import NONE, Bookings, BookingState, Connections, Fate, Setting, StepNote, Trace
from sparewatt.results.cluster_series import CLUSTER_POWER, EVSE_POWER, SYSTEM_POWER
from sparewatt.results.cluster_state import STATE
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.series_files import META, read_floats, read_horizon, read_parquet, refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

ROW_LIMIT = 400_000_000
"""More rows than this in one file are refused: a million sessions that change power every 5 minutes
of a stay of a day are 288 million."""


def read_cluster_view(directory: Path) -> ClusterView:
    """The view that :func:`sparewatt.results.cluster_state.write_cluster_series` wrote.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    try:
        return ClusterView(_trace(directory))
    except (KeyError, ValueError, TypeError, OverflowError, IndexError, pa.ArrowException) as error:
        raise refused("series of the hub", f"the files do not fit together: {error}") from None


def _trace(directory: Path) -> Trace:
    """Parts put together; any misfit is a ValueError, KeyError or IndexError."""
    found = {name: read_parquet(directory / f"{name}.parquet", ROW_LIMIT) for name in (*STATE, SYSTEM_POWER)}
    meta = json.loads((found[SYSTEM_POWER].schema.metadata or {})[META])
    horizon = read_horizon(meta["horizon"])
    if len(found[SYSTEM_POWER]) != horizon.periods:
        raise ValueError("the power of the system does not cover the horizon")
    evses = _struct(Evses, found["evses"], {"cluster": len(meta["cluster_ids"])})
    system, cluster_kw = _system(directory, found, meta, horizon, evses)
    visits = found["visits"]
    count = len(visits)
    fleet = _struct(
        Fleet, visits, {"target_cluster": len(system.cluster_ids)}, power_table=_power_table(found, count)
    )
    bookings = _struct(
        Bookings,
        found["bookings"],
        {
            "vehicle": count,
            "evse": len(evses),
            "contract": len(found["contracts"]),
            "state": len(BookingState),
        },
    )
    connections = _struct(
        Connections,
        found["connections"],
        {
            "vehicle": count,
            "evse": len(evses),
            "booking": len(bookings),
            "first": horizon.periods + 1,
            "end": horizon.periods + 1,
        },
    )
    if (connections.first > connections.end).any() or len(np.unique(connections.vehicle)) != len(connections):
        raise ValueError("a connection ends before it begins, or a visit is connected twice")
    fate = _indices(visits, "fate", len(Fate)).astype(np.int8)
    if not np.array_equal(np.sort(connections.vehicle), np.flatnonzero(fate == Fate.ADMITTED)):
        raise ValueError("connections and fates of the visits do not agree")
    notes = found["notes"].to_pylist()
    return Trace(
        system=system,
        fleet=fleet,
        rules=_rules(meta["rules"]),
        connections=connections,
        bookings=bookings,
        contracts=_contracts(found, len(evses), len(system.cluster_ids)),
        setting=_setting(directory, horizon, connections),
        cluster_kw=cluster_kw,
        fate=fate,
        waited_h=read_floats(visits, "waited_h", (count,)),
        notes=tuple(StepNote(int(n["period"]), str(n["kind"]), float(n["gap"])) for n in notes),
    )


def _system(
    directory: Path, found: Mapping[str, pa.Table], meta: Mapping[str, Any], horizon: Horizon, evses: Evses
) -> tuple[ClusterSystem, NDArray[np.float64]]:
    """The system, and the power of its clusters."""
    ids = tuple(str(c) for c in meta["cluster_ids"])
    if len(meta["limits"]) != len(ids) or (np.diff(evses.cluster) < 0).any():
        raise ValueError("clusters, limits and units do not fit together")
    shape = (horizon.periods,)
    kw, limits = np.empty((len(ids), horizon.periods)), []
    path = directory / f"{CLUSTER_POWER}.parquet"
    rows = len(read_parquet(path, ROW_LIMIT, ["time"]))
    if rows != len(ids) * horizon.periods:
        raise ValueError(f"{path.name} holds {rows:,} rows instead of {len(ids) * horizon.periods:,}")
    table = pq.ParquetFile(path)
    for row, (reason, tolerance) in enumerate(meta["limits"]):
        part = table.read_row_group(row, columns=["grid_kw", "lower_kw", "upper_kw"])
        kw[row] = read_floats(part, "grid_kw", shape)
        limits.append(
            Limit(
                _bound(part, "lower_kw", shape),
                _bound(part, "upper_kw", shape),
                str(reason),
                float(tolerance),
            )
        )
    whole, told = found[SYSTEM_POWER], meta["system_limit"]
    pairs = meta["imbalance"]
    upper = read_floats(found["imbalance_limits"], "upper_kw", (len(pairs), horizon.periods))
    if any(not 0 <= int(c) < len(ids) for pair in pairs for c in pair):
        raise ValueError("an imbalance limit names a cluster that is not there")
    system = ClusterSystem(
        horizon=horizon,
        cluster_ids=ids,
        evses=evses,
        limits=tuple(limits),
        price_per_kwh=read_floats(whole, "price_per_kwh", shape),
        traffic=_struct(Traffic, found["traffic"], {}),
        system_limit=None
        if told is None
        else Limit(
            _bound(whole, "lower_kw", shape), _bound(whole, "upper_kw", shape), str(told[0]), float(told[1])
        ),
        imbalance_limits=tuple(
            ImbalanceLimit(int(a), int(b), row) for (a, b), row in zip(pairs, upper, strict=True)
        ),
    )
    return system, kw


def _bound(table: pa.Table, column: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A bound in kW, infinite allowed; one number for all periods where it never changes."""
    values = np.asarray(table[column].to_numpy(), dtype=np.float64).reshape(shape)
    if np.isnan(values).any():
        raise ValueError(f"{column} holds values that are no numbers")
    constant = len(values) > 0 and bool((values == values[0]).all())
    return np.broadcast_to(values[0], shape) if constant else np.ascontiguousarray(values)


def _struct(noun: Any, table: pa.Table, rows: Mapping[str, int], **more: object) -> Any:  # noqa: ANN401 - any struct of arrays
    """A struct of arrays from its columns.

    Parameters
    ----------
    noun
        The class.
    table
        Its columns.
    rows
        Columns that are rows of something else, and how many of it there are; `NONE` is allowed where
        the class itself allows it.
    more
        Fields that are no columns.
    """
    values = dict(more)
    for f in fields(noun):
        if f.name in more:
            continue
        if f.name == "ids":
            values[f.name] = tuple(str(i) for i in table[f.name].to_pylist())
        elif f.name in rows:
            values[f.name] = _indices(table, f.name, rows[f.name]).astype(_DTYPES[str(f.type)])
        elif "float" in str(f.type):
            values[f.name] = read_floats(table, f.name, (len(table),))
        else:
            values[f.name] = np.asarray(table[f.name].to_numpy(), dtype=_DTYPES[str(f.type)])
    return noun(**values)


_DTYPES: dict[str, Any] = {
    "NDArray[np.int64]": np.int64,
    "NDArray[np.int8]": np.int8,
    "NDArray[np.bool_]": np.bool_,
}
_MAY_BE_NONE = frozenset({"target_cluster", "contract", "booking"})


def _indices(table: pa.Table, column: str, count: int) -> NDArray[np.int64]:
    """A column of rows of something that is there ``count`` times."""
    row = np.asarray(table[column].to_numpy(), dtype=np.int64)
    least = NONE if column in _MAY_BE_NONE else 0
    if len(row) and not (row.min() >= least and row.max() < count):
        raise ValueError(f"{column} names a row that is not there")
    return row


def _power_table(found: Mapping[str, pa.Table], visits: int) -> PowerTable:
    """Power by SoC of the visits."""
    table = found["power_by_soc"]
    visit = _indices(table, "visit", visits)
    if (np.diff(visit) < 0).any():
        raise ValueError("power by SoC is not ordered by visit")
    offset = np.searchsorted(visit, np.arange(visits + 1)).astype(np.int64)
    shape = (len(visit),)
    return PowerTable(offset, read_floats(table, "soc_to", shape), read_floats(table, "max_kw", shape))


def _contracts(found: Mapping[str, pa.Table], evses: int, clusters: int) -> tuple[Contract, ...]:
    """Contracts with their schedules."""
    table, long = found["contracts"], found["contract_schedules"]
    _indices(table, "evse", evses)
    _indices(table, "cluster", clusters)
    offset = np.searchsorted(_indices(long, "contract", len(table)), np.arange(len(table) + 1))
    columns: dict[str, Any] = {
        name: read_floats(long, name, (len(long),)) for name in ("battery_kw", "g2v_per_kwh", "v2g_per_kwh")
    }
    out = []
    for row, told in enumerate(table.to_pylist()):
        own = slice(int(offset[row]), int(offset[row + 1]))
        if told["end"] - told["first"] != own.stop - own.start:
            raise ValueError("a contract and its schedule differ in length")
        out.append(Contract(**told, **{name: column[own] for name, column in columns.items()}))
    return tuple(out)


def _setting(directory: Path, horizon: Horizon, c: Connections) -> Setting:
    """Powers of the connections."""
    path = directory / f"{EVSE_POWER}.parquet"
    table = read_parquet(path, ROW_LIMIT, ["connection", "time", "battery_kw"])
    connection = np.asarray(table["connection"].to_numpy(), dtype=np.int64) - 1
    seconds = np.asarray(table["time"].cast(pa.int64()).to_numpy(), dtype=np.int64) // 1_000_000
    period = (seconds - horizon.start_s) // horizon.step_s
    later = np.diff(connection)
    if len(connection) and (connection[0] < 0 or connection[-1] >= len(c)):
        raise ValueError(f"{path.name} names a connection that is not there")
    if ((later < 0) | ((later == 0) & (np.diff(period) <= 0))).any():
        raise ValueError(f"{path.name} is not in order")
    offset = np.searchsorted(connection, np.arange(len(c) + 1)).astype(np.int64)
    lasting = c.first < c.end
    if (np.diff(offset)[lasting] == 0).any():
        raise ValueError(f"{path.name} misses a connection")
    begins = period[offset[:-1][lasting]] if len(period) else period
    if (begins != c.first[lasting]).any() or (period > c.end[connection]).any():
        raise ValueError(f"{path.name} and the connections do not agree on times")
    return Setting(offset, period, read_floats(table, "battery_kw", (len(table),)))


def _rules(told: Mapping[str, Any]) -> OperatingRules:
    """How the hub was run; words and numbers are checked."""
    rules = OperatingRules(**told)
    if rules.control not in get_args(Control) or rules.reservation not in get_args(Reservation):
        raise ValueError("the rules name a control or reservation that is not known")
    for name, kind in get_type_hints(OperatingRules).items():
        value = getattr(rules, name)
        if kind in {int, float, bool} and not isinstance(value, (int, float)):
            raise TypeError(f"the rule {name} is no number")
    return rules
