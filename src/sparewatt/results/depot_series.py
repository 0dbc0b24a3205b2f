"""The series of one scenario as Parquet files, and back: an old run is shown without its inputs."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.model.depot import Mode
from sparewatt.model.schedule import CHARGER_NAMES, DayReport
from sparewatt.results.depot_demand import DemandSlice, demand_rows
from sparewatt.results.depot_view import DepotView, SessionBars
from sparewatt.results.series_files import (
    META,
    horizon_meta,
    read_floats,
    read_horizon,
    read_parquet,
    refused,
)
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PARTS = ("site", "vehicles", "sessions", "days", "demand")
"""``scenario_<id>_<part>.parquet``; ``demand`` last, so a scenario with all parts was written whole."""

ROW_LIMIT = 60_000_000
"""More rows than this in one file are refused: 500 vehicles for six years of half-hours are 53 million."""

LIMIT = "limit_kw"
"""Column of the site series that is there only where a limit came from another run."""

_SITE_FIELDS = (
    "scenario_id",
    "allocation_id",
    "site_id",
    "mode",
    "asc_kw",
    "asc_margin",
    "utilisation",
    "excess_capacity_price",
    "reserve",
)


def write_depot_series(view: DepotView, directory: Path) -> tuple[Path, ...]:
    """Write one scenario as Parquet (zstd) into ``directory``; each file is whole or not there."""
    paths = []
    for part, table in zip(PARTS, _tables(view), strict=True):
        path = directory / f"scenario_{view.scenario_id}_{part}.parquet"
        with whole_file(path) as partial:
            pq.write_table(table, partial, compression="zstd", row_group_size=1 << 18)
        paths.append(path)
    return tuple(paths)


def view_demand_table(view: DepotView) -> pa.Table:
    """All rows of `t_charge_demand` of a scenario, ordered by vehicle and then by time."""
    shown = view.unserved_kwh if view.magic_fill_kwh is None else view.magic_fill_kwh
    part = DemandSlice(
        0, view.horizon.periods, view.energy_kwh, view.soc, view.charger, view.unserved_kwh, shown
    )
    return demand_rows(view.scenario_id, view.vehicle_ids, view.horizon, part)


def site_table(view: DepotView) -> pa.Table:
    """The site per period: load, room, price, charging, demand, breach."""
    h = view.horizon
    return pa.table(
        {
            "scenario_id": np.full(h.periods, view.scenario_id, dtype=np.int64),
            "datetime": pa.array(h.boundaries_s[:-1] * 1_000_000).cast(pa.timestamp("us", h.timezone)),
            "site_load_kw": view.site_load_kw,
            "free_kw": view.free_kw,
            "price_per_kwh": view.price_per_kwh,
            "charging_kw": view.charging_kw,
            "site_kw": view.site_kw,
            "breach_kw": view.breach_kw,
        }
    )


def _tables(view: DepotView) -> tuple[pa.Table, ...]:
    """The parts of a view in the order of ``PARTS``."""
    h = view.horizon
    meta: dict[str, object] = {name: getattr(view, name) for name in _SITE_FIELDS}
    meta["horizon"] = horizon_meta(h)
    site = site_table(view)
    if view.limit_kw is not None:
        site = site.append_column(LIMIT, pa.array(view.limit_kw))
    site = site.replace_schema_metadata({META: json.dumps(meta, sort_keys=True).encode()})
    vehicles = pa.table(
        {
            "vehicle_id": pa.array(view.vehicle_ids, pa.string()),
            "battery_kwh": view.battery_kwh,
            "initial_soc": np.ascontiguousarray(view.soc[:, 0]),
        }
    )
    bars = view.sessions
    sessions = pa.table({f.name: getattr(bars, f.name) for f in fields(SessionBars)})
    kept = [f.name for f in fields(DayReport) if f.name != "solve_s"]
    days = pa.table({name: [getattr(d, name) for d in view.days] for name in kept}, schema=_DAY_SCHEMA)
    demand = view_demand_table(view)
    if view.magic_fill_kwh is not None:
        demand = demand.append_column("booked_unserved_kwh", pa.array(view.unserved_kwh.ravel()))
    return site, vehicles, sessions, days, demand


_DAY_SCHEMA = pa.schema(
    [
        ("day", pa.int64()),
        ("level", pa.string()),
        ("status", pa.string()),
        ("unserved_kwh", pa.float64()),
        ("breach_kwh", pa.float64()),
        ("delivered_kwh", pa.float64()),
        ("cost", pa.float64()),
        ("gap", pa.float64()),
    ]
)


def find_scenarios(directory: Path) -> tuple[int, ...]:
    """Ids of the scenarios whose series are whole in ``directory``, ascending."""
    ids = []
    for path in directory.glob("scenario_*_demand.parquet"):
        middle = path.name.removeprefix("scenario_").removesuffix("_demand.parquet")
        if middle.isdecimal():
            ids.append(int(middle))
    return tuple(sorted(ids))


def read_depot_series(directory: Path, scenario_id: int, solve_s: Sequence[float] | None = None) -> DepotView:
    """The view that :func:`write_depot_series` wrote.

    Parameters
    ----------
    directory, scenario_id
        Where, and which.
    solve_s
        Solve time per planning day [s]; wall-clock values are kept apart from the series, in
        ``timing.json``. Zero where not given.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    tables = {
        part: read_parquet(directory / f"scenario_{scenario_id}_{part}.parquet", ROW_LIMIT) for part in PARTS
    }
    try:
        return _view(tables, solve_s)
    except (KeyError, ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        raise refused(
            f"series of scenario {scenario_id}", f"the files do not fit together: {error}"
        ) from None


def _view(tables: Mapping[str, pa.Table], solve_s: Sequence[float] | None) -> DepotView:
    """Parts put together; any misfit is a ValueError or KeyError."""
    site, vehicles, demand = tables["site"], tables["vehicles"], tables["demand"]
    meta = json.loads((site.schema.metadata or {})[META])
    horizon = read_horizon(meta["horizon"])
    if meta["mode"] not in get_args(Mode):
        raise ValueError(f"mode {meta['mode']!r} is neither of {', '.join(get_args(Mode))}")
    ids = tuple(str(v) for v in vehicles["vehicle_id"].to_pylist())
    shape, line = (len(ids), horizon.periods), (horizon.periods,)
    soc = np.empty((len(ids), horizon.periods + 1))
    soc[:, 0] = read_floats(vehicles, "initial_soc", (len(ids),))
    soc[:, 1:] = read_floats(demand, "soc", shape)
    kind = pa.compute.index_in(demand["charger"].combine_chunks(), pa.array(CHARGER_NAMES))
    if kind.null_count:
        raise ValueError("charger holds names other than AC and DC")
    filled = "booked_unserved_kwh" in demand.column_names
    shown = read_floats(demand, "unserved_kwh", shape)
    times = solve_s if solve_s is not None and len(solve_s) == len(tables["days"]) else [0.0] * horizon.days
    return DepotView(
        **{name: meta[name] for name in _SITE_FIELDS},
        horizon=horizon,
        site_load_kw=read_floats(site, "site_load_kw", line),
        price_per_kwh=read_floats(site, "price_per_kwh", line),
        vehicle_ids=ids,
        battery_kwh=read_floats(vehicles, "battery_kwh", (len(ids),)),
        energy_kwh=read_floats(demand, "energy_kwh", shape),
        soc=soc,
        charger=np.asarray(kind.to_numpy(zero_copy_only=False), dtype=np.int8).reshape(shape),
        unserved_kwh=read_floats(demand, "booked_unserved_kwh", shape) if filled else shown,
        sessions=_sessions(tables["sessions"], len(ids)),
        days=tuple(
            DayReport(**row, solve_s=float(s))
            for row, s in zip(tables["days"].to_pylist(), times, strict=True)
        ),
        magic_fill_kwh=shown if filled else None,
        limit_kw=read_floats(site, LIMIT, line) if LIMIT in site.column_names else None,
    )


def _sessions(table: pa.Table, vehicles: int) -> SessionBars:
    """The stays, with rows of vehicles that exist."""
    vehicle = np.asarray(table["vehicle"].to_numpy(), dtype=np.int64)
    if len(vehicle) and not (vehicle.min() >= 0 and vehicle.max() < vehicles):
        raise ValueError("a stay names a vehicle that is not there")
    count = (len(vehicle),)
    return SessionBars(
        vehicle=vehicle,
        plug_in_s=np.asarray(table["plug_in_s"].to_numpy(), dtype=np.int64),
        plug_out_s=np.asarray(table["plug_out_s"].to_numpy(), dtype=np.int64),
        charger=np.clip(table["charger"].to_numpy(), 0, len(CHARGER_NAMES) - 1).astype(np.int8),
        energy_kwh=read_floats(table, "energy_kwh", count),
        use_kwh=read_floats(table, "use_kwh", count),
        unserved_kwh=read_floats(table, "unserved_kwh", count),
    )
