"""EvSessions: cars and their stays at home chargers, as a struct of arrays, and the law of the taper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

TAPER_SPAN = 0.201
"""State of charge over which the charging power falls from its greatest to nothing [0-1]."""
TAPER_TOP = 1.001
"""State of charge at which it would be nothing: full power up to 0.8, a two-hundredth of it when full."""


def taper_line(
    battery_kwh: ArrayLike, charge_kw: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line that bounds the charging power of a nearly full battery.

    c <= P/(0.201·B)·(1.001·B - E) = a - k·E, with E at the beginning of the period

    Parameters
    ----------
    battery_kwh
        Batteries B [kWh].
    charge_kw
        Greatest charging powers P, grid side [kW].

    Returns
    -------
    intercept_kw, slope_per_h
        a [kW] and k [kW/kWh].
    """
    slope = np.asarray(charge_kw, dtype=np.float64) / (TAPER_SPAN * np.asarray(battery_kwh, dtype=np.float64))
    return slope * TAPER_TOP * np.asarray(battery_kwh, dtype=np.float64), slope


@dataclass(frozen=True)
class EvSessions:
    """Cars, and their stays at a charger on a horizon of equal periods.

    A stay of periods ``arrival..departure-1`` begins with the energy given and should end, at boundary
    ``departure``, with the energy wanted; what happens between two stays of a car is in the start
    energies alone. Powers are grid side: charging c and discharging d change the energy of the battery
    by (η·c - d/η)·Δ.

    Parameters
    ----------
    step_h
        Length of a period Δ [h].
    periods
        Number of periods of the horizon (a day from noon to noon has 144 of 10 min).
    ids
        Names of the cars.
    battery_kwh
        Batteries B, shape (cars,) [kWh].
    reserve_kwh
        Energy below which discharging must not bring a battery, shape (cars,) [kWh].
    charge_kw, discharge_kw
        Greatest powers, >= 0; a car without V2G discharges with 0, shape (cars,) [kW].
    efficiency
        η of either direction, shape (cars,) [0-1].
    car
        Row of the car of each stay, ascending, its stays in order of time, shape (sessions,).
    arrival, departure
        First period and boundary of the end, 0 <= arrival < departure <= periods, shape (sessions,).
    start_kwh, wanted_kwh
        Energy in the battery on arrival, and wanted at departure, shape (sessions,) [kWh].
    """

    step_h: float
    periods: int
    ids: tuple[str, ...]
    battery_kwh: NDArray[np.float64]
    reserve_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    car: NDArray[np.int64]
    arrival: NDArray[np.int64]
    departure: NDArray[np.int64]
    start_kwh: NDArray[np.float64]
    wanted_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of sessions."""
        return len(self.car)

    @property
    def cars(self) -> int:
        """Number of cars."""
        return len(self.ids)

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        """Entries of session s are ``offset[s]:offset[s + 1]``, one per period of its stay."""
        return np.concatenate([[0], np.cumsum(self.departure - self.arrival)]).astype(np.int64)

    @property
    def entries(self) -> int:
        """Number of session periods."""
        return int(self.offset[-1])

    @cached_property
    def entry_session(self) -> NDArray[np.int64]:
        """Session of each entry, shape (entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offset))

    @cached_property
    def entry_period(self) -> NDArray[np.int64]:
        """Period of each entry, shape (entries,)."""
        return np.asarray(np.arange(self.entries) + (self.arrival - self.offset[:-1])[self.entry_session])

    @cached_property
    def entry_car(self) -> NDArray[np.int64]:
        """Car of each entry, shape (entries,)."""
        return np.asarray(self.car[self.entry_session])

    def take(self, cars: NDArray[np.int64]) -> EvSessions:
        """The cars of some rows with their sessions, in the order given; a row may come more than once.

        Parameters
        ----------
        cars
            Rows of ``ids``, shape (chosen,).
        """
        count = np.bincount(self.car, minlength=self.cars)
        first = np.concatenate([[0], np.cumsum(count)])[:-1]
        many = count[cars]
        start = np.repeat(first[cars] - np.concatenate([[0], np.cumsum(many)])[:-1], many)
        rows = start + np.arange(len(start))
        return replace(
            self,
            ids=tuple(self.ids[c] for c in cars),
            battery_kwh=self.battery_kwh[cars],
            reserve_kwh=self.reserve_kwh[cars],
            charge_kw=self.charge_kw[cars],
            discharge_kw=self.discharge_kw[cars],
            efficiency=self.efficiency[cars],
            car=np.repeat(np.arange(len(cars)), many),
            arrival=self.arrival[rows],
            departure=self.departure[rows],
            start_kwh=self.start_kwh[rows],
            wanted_kwh=self.wanted_kwh[rows],
        )

    def without_v2g(self) -> EvSessions:
        """The same cars, none of which discharges."""
        return replace(self, discharge_kw=np.zeros(self.cars))


def join_sessions(parts: Sequence[EvSessions]) -> EvSessions:
    """The cars of several groups on the same periods as one, in their order."""
    first = np.cumsum([0, *(p.cars for p in parts)])
    return EvSessions(
        step_h=parts[0].step_h,
        periods=parts[0].periods,
        ids=tuple(name for p in parts for name in p.ids),
        battery_kwh=np.concatenate([p.battery_kwh for p in parts]),
        reserve_kwh=np.concatenate([p.reserve_kwh for p in parts]),
        charge_kw=np.concatenate([p.charge_kw for p in parts]),
        discharge_kw=np.concatenate([p.discharge_kw for p in parts]),
        efficiency=np.concatenate([p.efficiency for p in parts]),
        car=np.concatenate([p.car + k for p, k in zip(parts, first[:-1], strict=True)]),
        arrival=np.concatenate([p.arrival for p in parts]),
        departure=np.concatenate([p.departure for p in parts]),
        start_kwh=np.concatenate([p.start_kwh for p in parts]),
        wanted_kwh=np.concatenate([p.wanted_kwh for p in parts]),
    )
