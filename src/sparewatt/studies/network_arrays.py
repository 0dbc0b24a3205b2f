"""What the pieces of a network run hold, as named arrays and back."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.headroom import FlowLimit
from sparewatt.model.zonal import ZonalSeries
from sparewatt.simulate.network_evs import ZoneResult

if TYPE_CHECKING:
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.studies.pieces import Arrays

_STAYS = ("car", "arrival", "departure", "start_kwh", "wanted_kwh")


def series_arrays(series: ZonalSeries, name: str) -> Arrays:
    """A series under names that begin with ``name``."""
    return {f"{name}.{f.name}": getattr(series, f.name) for f in fields(ZonalSeries)}


def series_of(arrays: Arrays, name: str) -> ZonalSeries:
    """The series of `series_arrays`."""
    return ZonalSeries(*(arrays[f"{name}.{f.name}"] for f in fields(ZonalSeries)))


def limit_arrays(limit: FlowLimit, name: str) -> Arrays:
    """A limit under names that begin with ``name``."""
    return {f"{name}.kva": limit.kva, f"{name}.binding": limit.binding}


def limit_of(arrays: Arrays, name: str) -> FlowLimit:
    """The limit of `limit_arrays`."""
    return FlowLimit(arrays[f"{name}.kva"], arrays[f"{name}.binding"])


def zone_arrays(result: ZoneResult) -> Arrays:
    """What was found for a zone."""
    arrays: Arrays = {"cars": result.cars, "attempts": np.array(result.attempts)}
    if result.optimised is not None and result.unmanaged is not None:
        stays = result.optimised.sessions
        arrays |= {name: getattr(stays, name) for name in _STAYS}
        arrays |= {
            "periods": np.array(stays.periods),
            "charge_kw": result.optimised.charge_kw,
            "discharge_kw": result.optimised.discharge_kw,
            "unmanaged_kw": result.unmanaged.charge_kw,
        }
    return arrays


def zone_result_of(arrays: Arrays, pool: EvSessions) -> ZoneResult:
    """The result of `zone_arrays`; what the cars are comes from the pool."""
    cars, attempts = arrays["cars"], int(arrays["attempts"])
    if "charge_kw" not in arrays:
        return ZoneResult(cars, attempts, None, None)
    stays = replace(
        pool.take(cars),
        periods=int(arrays["periods"]),
        car=arrays["car"],
        arrival=arrays["arrival"],
        departure=arrays["departure"],
        start_kwh=arrays["start_kwh"],
        wanted_kwh=arrays["wanted_kwh"],
    )
    none = np.zeros(stays.entries)
    return ZoneResult(
        cars,
        attempts,
        EvSchedule(stays, arrays["charge_kw"], arrays["discharge_kw"]),
        EvSchedule(stays, arrays["unmanaged_kw"], none),
    )
