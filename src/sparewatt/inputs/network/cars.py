"""Cars of a neighbourhood: whose stays the EVs of a study have, from a diary or drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.inputs.network.home_visits import draw_home_cars, draw_home_stays
from sparewatt.inputs.profiles.seeds import stream_rng
from sparewatt.model.ev_sessions import EvSessions

if TYPE_CHECKING:
    from datetime import timedelta

EvSource = Literal["commuters", "home_visits"]
"""Whose days cars have: of our own commuters, or of the generator of hubs, kind home."""

CARS, CAR_DAYS = 31, 32
"""Streams of random choices: the cars themselves, and their days."""

BATTERY_KWH = (40.0, 52.0, 60.0, 64.0, 77.0)
CHARGE_KW = 7.4
EFFICIENCY = 0.88
"""Of either direction, as the diaries of the reference data say."""
_MEAN_KWH, _SPREAD_KWH, _MOST_KWH = 10.0, 5.0, 30.0
"""Energy that a day's driving takes from the battery: with EFFICIENCY about 11.4 kWh from the grid."""
_LEAST_LEFT = 0.15
_HOME_H, _HOME_SPREAD_H = 6.0, 1.75
"""Mean arrival, hours after noon."""
_LEAVE_H, _LEAVE_SPREAD_H = 19.5, 1.0
"""Mean departure, hours after noon."""


@dataclass(frozen=True)
class CarPool:
    """Cars that a study draws its EVs from.

    Parameters
    ----------
    cars
        All cars, with the stays of one day from noon to noon.
    seed
        Of the stays of drawn cars; ``None`` where a diary tells them, the same on every day.
    source
        What stays are drawn from.
    """

    cars: EvSessions
    seed: int | None = None
    source: EvSource = "commuters"

    def __len__(self) -> int:
        """Number of cars."""
        return self.cars.cars

    def on_day(self, day: int) -> EvSessions:
        """The cars with their stays of one day, from noon to noon by the local clock.

        Parameters
        ----------
        day
            Days since 1970-01-01.
        """
        if self.seed is None:
            return self.cars
        draw = _with_stays if self.source == "commuters" else draw_home_stays
        return draw(self.cars, stream_rng(self.seed, CAR_DAYS, day), day)


def draw_cars(
    seed: int,
    count: int,
    step: timedelta,
    *,
    reserve_share: float = 0.0,
    v2g: bool = True,
    source: EvSource = "commuters",
) -> CarPool:
    """Cars that come home in the evening and leave in the morning, one stay a day.

    Of commuters arrival and departure are normal around 18:00 and 07:30; the energy driven is normal, cut at
    30 kWh; a car wants to leave full. Home visits are those of the generator of hubs (`home_visits`). The day
    of every car depends on the seed and the day alone.

    Parameters
    ----------
    seed, count
        Same seed, same cars.
    step
        Length of a period.
    reserve_share
        State of charge below which no battery is discharged [0-1].
    v2g
        Whether they discharge.
    source
        What batteries and stays are drawn from.
    """
    rng = stream_rng(seed, CARS)
    if source == "home_visits":
        battery, power, efficiency = draw_home_cars(rng, count)
    else:
        battery = rng.choice(np.asarray(BATTERY_KWH), count)
        power, efficiency = np.full(count, CHARGE_KW), np.full(count, EFFICIENCY)
    none = np.zeros(0)
    rows = np.zeros(0, dtype=np.int64)
    cars = EvSessions(
        step_h=step.total_seconds() / 3600.0,
        periods=round(24 * 3600 / step.total_seconds()),
        ids=tuple(f"car {n + 1}" for n in range(count)),
        battery_kwh=battery,
        reserve_kwh=reserve_share * battery,
        charge_kw=power,
        discharge_kw=power.copy() if v2g else np.zeros(count),
        efficiency=efficiency,
        car=rows,
        arrival=rows,
        departure=rows,
        start_kwh=none,
        wanted_kwh=none,
    )
    pool = CarPool(cars, seed, source)
    return replace(pool, cars=pool.on_day(0))


def _with_stays(cars: EvSessions, rng: np.random.Generator, day: int) -> EvSessions:  # noqa: ARG001 - as others
    """The same cars with the stays of one day."""
    count = cars.cars
    home = rng.normal(_HOME_H, _HOME_SPREAD_H, count)
    leave = rng.normal(_LEAVE_H, _LEAVE_SPREAD_H, count)
    driven = np.clip(rng.normal(_MEAN_KWH, _SPREAD_KWH, count), 1.0, _MOST_KWH)
    arrival = np.clip(np.ceil(home / cars.step_h), 0, cars.periods - 1).astype(np.int64)
    departure = np.clip(np.floor(leave / cars.step_h), arrival + 1, cars.periods).astype(np.int64)
    wanted = cars.battery_kwh.copy()
    return replace(
        cars,
        car=np.arange(count, dtype=np.int64),
        arrival=arrival,
        departure=departure,
        start_kwh=np.maximum(wanted - driven, np.maximum(_LEAST_LEFT * wanted, cars.reserve_kwh)),
        wanted_kwh=wanted,
    )
