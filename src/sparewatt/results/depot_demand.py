"""Rows of `t_charge_demand`: vehicle x period, of one planning day or of all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.model.schedule import CHARGER_NAMES, NO_CHARGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.model.schedule import DepotSchedule


ROUNDING = 1e-12


@dataclass(frozen=True)
class DemandSlice:
    """A range of periods of one schedule, vehicles x periods.

    Parameters
    ----------
    first, end
        Periods ``first..end-1``.
    energy_kwh
        Meter-side energy, shape (vehicles, end - first) [kWh].
    soc
        State of charge on the boundaries, shape (vehicles, end - first + 1) [0-1].
    charger
        Charger kind, shape (vehicles, end - first).
    booked_kwh
        Unserved energy in the period of the plug-in, same shape [kWh].
    unserved_kwh
        Unserved energy as the table shows it: booked, or spread by ``magic_fill`` [kWh].
    """

    first: int
    end: int
    energy_kwh: NDArray[np.float64]
    soc: NDArray[np.float64]
    charger: NDArray[np.int8]
    booked_kwh: NDArray[np.float64]
    unserved_kwh: NDArray[np.float64]


def demand_slice(
    schedule: DepotSchedule,
    day: int | None,
    *,
    magic_fill: bool = False,
    start_soc: NDArray[np.float64] | None = None,
) -> DemandSlice:
    """Periods of planning day ``day`` (``None``: of all days) as arrays; see :func:`demand_table`."""
    depot = schedule.depot
    stays, vehicles = depot.sessions, len(depot.vehicles)
    edges = np.asarray(depot.horizon.day_edges)
    lo, hi = (0, depot.horizon.periods) if day is None else (int(edges[day]), int(edges[day + 1]))
    width = hi - lo

    session, period, entry = _entries(schedule, lo, hi)
    cell = stays.vehicle[session] * width + period - lo
    shape = (vehicles, width)
    energy = _sums(cell, schedule.energy_kwh[entry], shape)
    charger = np.full(vehicles * width, NO_CHARGER, dtype=np.int8)
    charger[cell] = schedule.charger[session]
    plugged = np.zeros(vehicles * width, dtype=bool)
    plugged[cell] = stays.fraction[entry] > 0

    book = schedule.booking_period
    here = np.flatnonzero((book >= lo) & (book < hi))
    cell = stays.vehicle[here] * width + book[here] - lo
    use = _sums(cell, stays.use_kwh[here], shape)
    booked = _sums(cell, schedule.unserved_kwh[here], shape)

    change = depot.efficiency * energy - use + booked
    soc = np.empty((vehicles, width + 1))
    soc[:, 0] = _soc_before(schedule, lo) if start_soc is None else start_soc
    inner = [0, width] if day is not None else edges.tolist()
    for a, b in pairwise(inner):  # day by day, so that a day alone gives the same bytes
        rise = np.cumsum(change[:, a:b], axis=1) / depot.vehicles.battery_kwh[:, None]
        soc[:, a + 1 : b + 1] = _without_rounding(soc[:, a : a + 1] + rise)
    unserved = _spread(booked, plugged.reshape(shape), inner) if magic_fill else booked
    return DemandSlice(lo, hi, energy, soc, charger.reshape(shape), booked, unserved)


def _without_rounding(soc: NDArray[np.float64]) -> NDArray[np.float64]:
    """A state of charge that misses 0 or 1 by rounding alone is 0 or 1; a real miss stays to be seen."""
    inside = np.clip(soc, 0.0, 1.0)
    return np.where(np.abs(soc - inside) < ROUNDING, inside, soc)


def _sums(
    cell: NDArray[np.int64], values: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Values summed into flat cells of an array."""
    sums = np.bincount(cell, values, minlength=shape[0] * shape[1])
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def _entries(
    schedule: DepotSchedule, lo: int, hi: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Session, period and index of every session entry in periods ``lo..hi-1``."""
    stays = schedule.depot.sessions
    active = np.flatnonzero((stays.first < hi) & (stays.end > lo))
    first, end = np.maximum(stays.first[active], lo), np.minimum(stays.end[active], hi)
    length = end - first
    position = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    period = np.repeat(first, length) + position
    entry = np.repeat(stays.offset[active] + first - stays.first[active], length) + position
    return np.repeat(active, length), period, entry


def _soc_before(schedule: DepotSchedule, period: int) -> NDArray[np.float64]:
    """State of charge on boundary ``period`` from all that came before, shape (vehicles,) [0-1]."""
    depot = schedule.depot
    stays, vehicles = depot.sessions, len(depot.vehicles)
    start = np.full(vehicles, depot.initial_soc)
    if period == 0:
        return start
    session, _, entry = _entries(schedule, 0, period)
    energy = np.bincount(stays.vehicle[session], schedule.energy_kwh[entry], minlength=vehicles)
    past = np.flatnonzero(schedule.booking_period < period)
    lost = np.bincount(
        stays.vehicle[past], stays.use_kwh[past] - schedule.unserved_kwh[past], minlength=vehicles
    )
    return np.asarray(start + (depot.efficiency * energy - lost) / depot.vehicles.battery_kwh)


def _spread(booked: NDArray[np.float64], plugged: NDArray[np.bool_], edges: list[int]) -> NDArray[np.float64]:
    """Booked energy of each day in equal parts over that day's plugged-in periods of the vehicle.

    A vehicle that is never plugged in on that day keeps the booking where it is.
    """
    out = booked.copy()
    for a, b in pairwise(edges):
        total = booked[:, a:b].sum(axis=1)
        count = plugged[:, a:b].sum(axis=1)
        rows = np.flatnonzero((total > 0) & (count > 0))
        out[rows, a:b] = plugged[rows, a:b] * (total[rows] / count[rows])[:, None]
    return out


def demand_table(
    schedule: DepotSchedule,
    day: int | None,
    scenario_id: int,
    *,
    magic_fill: bool = False,
    start_soc: NDArray[np.float64] | None = None,
) -> pa.Table:
    """The rows of `t_charge_demand` for planning day ``day``, ordered by vehicle and then by time.

    Parameters
    ----------
    schedule
        At least this day must be decided.
    day
        Index of the planning day; ``None`` = the whole horizon.
    scenario_id
        Written into every row.
    magic_fill
        Spread the unserved energy of the day evenly over the vehicle's plugged-in periods.
    start_soc
        State of charge at the start of the day, shape (vehicles,) [0-1]. Found from the earlier days
        where not given; a loop over days saves that by handing on the last ``soc`` of each vehicle,
        :func:`last_soc`, and then gets the same bytes as for the whole horizon at once.

    Returns
    -------
    pyarrow.Table
        ``scenario_id`` int64, ``allocated_vehicle_id`` text, ``datetime`` timestamp in the site's zone
        (left edge), ``power_kw``, ``energy_kwh`` (meter side), ``soc`` (end of period), ``charger``
        (``AC``, ``DC``, empty while not plugged in), ``unserved_kwh``.
    """
    part = demand_slice(schedule, day, magic_fill=magic_fill, start_soc=start_soc)
    return demand_rows(scenario_id, schedule.depot.vehicles.ids, schedule.depot.horizon, part)


def last_soc(table: pa.Table, vehicles: int) -> NDArray[np.float64]:
    """State of charge at the end of a day's :func:`demand_table`, shape (vehicles,) [0-1]."""
    soc: NDArray[np.float64] = table["soc"].to_numpy()
    return soc.reshape(vehicles, -1)[:, -1].copy() if vehicles else soc


def demand_rows(scenario_id: int, ids: tuple[str, ...], horizon: Horizon, part: DemandSlice) -> pa.Table:
    """Arrays as rows of `t_charge_demand`; see :func:`demand_table`."""
    width = part.end - part.first
    stamps = horizon.boundaries_s[part.first : part.end] * 1_000_000
    vehicle = pa.array(np.repeat(np.arange(len(ids), dtype=np.int32), width))
    return pa.table(
        {
            "scenario_id": np.full(len(ids) * width, scenario_id, dtype=np.int64),
            "allocated_vehicle_id": pa.array(ids, pa.string()).take(vehicle),
            "datetime": pa.array(np.tile(stamps, len(ids))).cast(pa.timestamp("us", horizon.timezone)),
            "power_kw": part.energy_kwh.ravel() / horizon.step_h,
            "energy_kwh": part.energy_kwh.ravel(),
            "soc": part.soc[:, 1:].ravel(),
            "charger": pa.array(CHARGER_NAMES, pa.string()).take(pa.array(part.charger.ravel())),
            "unserved_kwh": part.unserved_kwh.ravel(),
        }
    )
