"""Cars and stays at home as the generator of hubs draws them, kind ``home``, for the EVs of a network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.site_kinds import SITES
from sparewatt.inputs.generate.visit_draws import draw_visits
from sparewatt.inputs.generate.visit_times import SATURDAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.ev_sessions import EvSessions

_NOON_MIN = 720
_THURSDAY = 3
"""Weekday of 1970-01-01."""
_WEEK = 7


def draw_home_cars(
    rng: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Batteries [kWh], powers [kW] and efficiencies [0-1] of cars, each shape (count,).

    A car is one of the generator's models by its share; it takes from the grid what car and charger both can.
    """
    home = SITES["home"]
    models = home.chances.models
    row = rng.choice(len(models.probability), count, p=models.probability)
    power = np.minimum(models.charge_kw[row], home.charge_kw)
    return models.battery_kwh[row], power, np.full(count, home.efficiency)


def draw_home_stays(cars: EvSessions, rng: np.random.Generator, day: int) -> EvSessions:
    """The same cars with the stays of one day, noon to noon: one each, at weekends of nine in ten.

    A stay takes the periods that it fills. State of charge on arrival and wanted at departure are those of
    the generator; no car comes below its reserve.

    Parameters
    ----------
    cars
        Cars of `draw_home_cars`.
    rng
        Of this day.
    day
        Days since 1970-01-01; on Saturdays and Sundays other histograms hold.
    """
    home, count = SITES["home"], cars.cars
    weekend = (day + _THURSDAY) % _WEEK >= SATURDAY
    chances = home.chances
    drawn = draw_visits(rng, chances.bins, chances.models, np.full(count, weekend), home.min_stay_min)
    step_min = cars.step_h * 60.0
    begin = (drawn.arrival_min - _NOON_MIN) / step_min
    arrival = np.ceil(begin).astype(np.int64)
    departure = np.minimum(np.floor(begin + drawn.stay_min / step_min).astype(np.int64), cars.periods)
    comes = (rng.random(count) < home.weekend) if weekend else np.ones(count, dtype=np.bool_)
    rows = np.flatnonzero(comes & (arrival >= 0) & (departure > arrival))
    start = np.maximum(drawn.arrival_soc * cars.battery_kwh, cars.reserve_kwh)
    return replace(
        cars,
        car=rows,
        arrival=arrival[rows],
        departure=departure[rows],
        start_kwh=start[rows],
        wanted_kwh=np.maximum(drawn.departure_soc * cars.battery_kwh, start)[rows],
    )
