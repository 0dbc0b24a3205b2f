"""Blocks of the EV charging model for the matrix builder: stays, power of zones, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.decide.optimise.matrix import INFINITY
from sparewatt.model.ev_sessions import taper_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Matrix
    from sparewatt.model.ev_sessions import EvSessions


class StayBlock(NamedTuple):
    """Columns and rows of all stays, one per entry of the sessions.

    Parameters
    ----------
    charge, discharge, energy
        Columns: c and d of each entry [kW], E at its end [kWh].
    taper
        Rows of the taper [kW].
    """

    charge: NDArray[np.int64]
    discharge: NDArray[np.int64]
    energy: NDArray[np.int64]
    taper: NDArray[np.int64]


def energy_bounds(sessions: EvSessions) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Reserve (or the start, where that is less) and battery, each of shape (entries,) [kWh]."""
    s = sessions
    lowest = np.minimum(s.reserve_kwh[s.entry_car], s.start_kwh[s.entry_session])
    return lowest, s.battery_kwh[s.entry_car].astype(np.float64)


def add_stays(
    matrix: Matrix,
    sessions: EvSessions,
    lowest_kwh: NDArray[np.float64],
    highest_kwh: NDArray[np.float64],
) -> StayBlock:
    """Add the batteries of all stays.

    E[t+1] - E[t] - η·Δ·c[t] + Δ/η·d[t] = 0,  c[t] + k·E[t] <= a,  0 <= c <= P,  0 <= d <= D

    Parameters
    ----------
    matrix
        The model.
    sessions
        The stays; E at the arrival is given.
    lowest_kwh, highest_kwh
        Bounds of E at the end of each entry, shape (entries,) [kWh].
    """
    s, car = sessions, sessions.entry_car
    first, later = s.offset[:-1], np.ones(s.entries, dtype=np.bool_)
    later[first] = False
    inside = np.flatnonzero(later)
    charge = matrix.add_columns(s.entries, 0.0, s.charge_kw[car])
    discharge = matrix.add_columns(s.entries, 0.0, s.discharge_kw[car])
    energy = matrix.add_columns(s.entries, lowest_kwh, highest_kwh)
    begin = np.zeros(s.entries)
    begin[first] = s.start_kwh
    balance = matrix.add_rows(s.entries, begin, begin)
    matrix.put(balance, energy, 1.0)
    matrix.put(balance[inside], energy[inside - 1], -1.0)
    matrix.put(balance, charge, -s.efficiency[car] * s.step_h)
    matrix.put(balance, discharge, s.step_h / s.efficiency[car])
    intercept, slope = (line[car] for line in taper_line(s.battery_kwh, s.charge_kw))
    taper = matrix.add_rows(s.entries, -INFINITY, intercept - slope * begin)
    matrix.put(taper, charge, 1.0)
    matrix.put(taper[inside], energy[inside - 1], slope[inside])
    return StayBlock(charge, discharge, energy, taper)


def add_grid(
    matrix: Matrix,
    sessions: EvSessions,
    block: StayBlock,
    zone: NDArray[np.int64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Add the power of each zone, Σ (c - d) - g = 0 within its limits.

    Parameters
    ----------
    matrix, sessions, block
        The model so far.
    zone
        Zone of each car, shape (cars,).
    lower_kw, upper_kw
        Limits, shape (zones, periods) [kW].

    Returns
    -------
    Columns g, shape (zones, periods).
    """
    grid = matrix.add_columns(lower_kw.size, lower_kw.ravel(), upper_kw.ravel())
    rows = matrix.add_rows(lower_kw.size, 0.0, 0.0)
    here = rows[zone[sessions.entry_car] * sessions.periods + sessions.entry_period]
    matrix.put(here, block.charge, 1.0)
    matrix.put(here, block.discharge, -1.0)
    matrix.put(rows, grid, -1.0)
    return grid.reshape(lower_kw.shape)


def add_missing(
    matrix: Matrix, sessions: EvSessions, block: StayBlock, wanted_kwh: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Add what each stay is short of at departure: E[end] + s >= wanted, s >= 0; returns columns s."""
    missing = matrix.add_columns(len(sessions), 0.0, INFINITY)
    rows = matrix.add_rows(len(sessions), wanted_kwh, INFINITY)
    matrix.put(rows, block.energy[sessions.offset[1:] - 1], 1.0)
    matrix.put(rows, missing, 1.0)
    return missing


def add_one_way(matrix: Matrix, sessions: EvSessions, block: StayBlock, entries: NDArray[np.int64]) -> None:
    """Add a binary b to some entries, which then cannot charge and discharge: c <= P·b, d <= D·(1 - b)."""
    car = sessions.entry_car[entries]
    way = matrix.add_columns(len(entries), 0.0, 1.0, integer=True)
    rows = matrix.add_rows(len(entries), -INFINITY, 0.0)
    matrix.put(rows, block.charge[entries], 1.0)
    matrix.put(rows, way, -sessions.charge_kw[car])
    rows = matrix.add_rows(len(entries), -INFINITY, sessions.discharge_kw[car])
    matrix.put(rows, block.discharge[entries], 1.0)
    matrix.put(rows, way, sessions.discharge_kw[car])
