"""The EVs of a network run and their schedules from their Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.results.network_columns import ROW_LIMIT, check_column, indices, names_of, times
from sparewatt.results.network_series import EV_BOUNDS, EV_SCHEDULE
from sparewatt.results.network_state import CAR_NUMBERS
from sparewatt.results.network_view import ZoneEvs
from sparewatt.results.series_files import read_floats, read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


def read_evs(
    directory: Path,
    found: Mapping[str, pa.Table],
    horizon: Horizon,
    rows: Sequence[int],
    zone_ids: tuple[str, ...],
    customer_ids: tuple[str, ...],
) -> tuple[ZoneEvs, ...]:
    """EVs of every zone that has any; any misfit is a ValueError, KeyError or IndexError.

    Parameters
    ----------
    directory, found
        Where the long series are, and the other tables by name.
    horizon
        Of the schedules.
    rows
        Zones with EVs, rising.
    zone_ids, customer_ids
        Names.
    """
    if not rows:
        return ()
    cars, stays = found["evs"], found["ev_sessions"]
    zone = indices(cars, "zone", len(zone_ids))
    indices(cars, "customer", len(customer_ids))
    of_stay = indices(stays, "car", len(cars))
    _rising(zone, "EVs")
    _rising(of_stay, "stays of EVs")
    if list(rows) != sorted(set(zone.tolist())):
        raise ValueError("EVs are in other zones than they should be")
    bounds = read_parquet(directory / f"{EV_BOUNDS}.parquet", ROW_LIMIT)
    check_column(bounds, "zone_id", [zone_ids[z] for z in rows], horizon.periods)
    if (times(bounds, "time", horizon).reshape(len(rows), -1) != np.arange(horizon.periods)).any():
        raise ValueError("bounds of EVs are of other periods")
    shape = (len(rows), horizon.periods)
    bound = {n: read_floats(bounds, n, shape) for n in ("lower_kw", "upper_kw", "asked_kw")}
    schedule = read_parquet(directory / f"{EV_SCHEDULE}.parquet", ROW_LIMIT)
    out, first = [], 0
    for k, z in enumerate(rows):
        own = np.flatnonzero(zone == z)
        mine = cars.slice(int(own[0]), len(own))
        inside = np.flatnonzero((of_stay >= own[0]) & (of_stay <= own[-1]))
        visits = stays.slice(int(inside[0]), len(inside)) if len(inside) else stays.slice(0, 0)
        s = _sessions(mine, visits, of_stay[inside] - int(own[0]), horizon)
        part = schedule.slice(first, s.entries)
        first += s.entries
        if not np.array_equal(times(part, "time", horizon), s.entry_period):
            raise ValueError("schedules and stays of EVs do not agree on times")
        power = {n: read_floats(part, n, (s.entries,)) for n in ("charge_kw", "discharge_kw", "unmanaged_kw")}
        out.append(
            ZoneEvs(
                zone=int(z),
                customer=np.asarray(mine["customer"].to_numpy(), dtype=np.int64),
                lower_kw=bound["lower_kw"][k],
                upper_kw=bound["upper_kw"][k],
                asked_kw=bound["asked_kw"][k],
                optimised=EvSchedule(s, power["charge_kw"], power["discharge_kw"]),
                unmanaged=EvSchedule(s, power["unmanaged_kw"], np.zeros(s.entries)),
            )
        )
    if first != len(schedule):
        raise ValueError("there are schedules without EVs")
    return tuple(out)


def _rising(values: NDArray[np.int64], what: str) -> None:
    """Values never fall."""
    if (np.diff(values) < 0).any():
        raise ValueError(f"{what} are not in order")


def _sessions(cars: pa.Table, stays: pa.Table, car: NDArray[np.int64], horizon: Horizon) -> EvSessions:
    """Cars of one zone with their stays."""
    arrival = indices(stays, "arrival", horizon.periods)
    departure = indices(stays, "departure", horizon.periods + 1)
    if (departure <= arrival).any():
        raise ValueError("a stay ends before it begins")
    numbers: dict[str, Any] = {n: read_floats(cars, n, (len(cars),)) for n in CAR_NUMBERS}
    return EvSessions(
        step_h=horizon.step_h,
        periods=horizon.periods,
        ids=names_of(cars, "ids"),
        **numbers,
        car=car,
        arrival=arrival,
        departure=departure,
        start_kwh=read_floats(stays, "start_kwh", (len(stays),)),
        wanted_kwh=read_floats(stays, "wanted_kwh", (len(stays),)),
    )
