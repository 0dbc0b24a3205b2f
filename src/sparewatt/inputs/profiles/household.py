"""Household demand: homes with habits and appliances of their own, from which diversity follows by itself.

An appliance model after Richardson et al. (Energy and Buildings 42, 2010), with uses in place of a chain of
occupancy: people get up, go out, come back and go to bed; what they switch on starts at times that are usual
for it while somebody is in. Uses of a home are scaled so that the mean of its year is what its class says.

What comes of it, 10 min, winter of the north of England (`tests/properties/test_profiles.py` pins it):
highest mean of 100 homes 1.5-2 kW, of single homes mostly 5-10 kW. Planners reckon with 1-2 kW per British
home without electric heating.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.appliances import APPLIANCES, NEEDS, start_tables
from sparewatt.inputs.profiles.customers import DEMAND_CLASSES
from sparewatt.inputs.profiles.household_kernel import keep_cold, switch_on
from sparewatt.inputs.profiles.local_days import HALF_HOUR_S, READINGS, LocalDays, find_local_days
from sparewatt.inputs.profiles.seeds import HOUSEHOLD, HOUSEHOLD_DAY, named_keys, named_rng
from sparewatt.inputs.profiles.sun import sun_direction
from sparewatt.inputs.profiles.weather import DAY_S, Climate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.profiles.customers import DemandClass
    from sparewatt.inputs.profiles.sun import Place
    from sparewatt.inputs.profiles.weather import OutdoorTemperature
    from sparewatt.model.customers import Customers
    from sparewatt.model.horizon import Horizon

_SPREAD = 0.25
_WORKERS = 0.58
_HEATED_BELOW_C = 15.5
_COLDEST = 2 * np.pi * 14 / 365
_DARK_FROM, _LIGHT_FROM = 0.0, 0.17  # sine of the elevation: horizon, 10 degrees
_BY_DAY = 0.12
_REFERENCE_KWH = 3200.0
_BUSIEST = 1.6
_AT_HOME = 0.972  # of uses: on 3 % of days nobody is there (household_kernel)
_YEAR_H = 8766.0


@dataclass(frozen=True)
class Homes:
    """What homes are like, one row per customer.

    Parameters
    ----------
    keys
        Keys of their days, shape (customers,).
    rate
        Mean uses per day, shape (customers, appliances).
    appliance_kw
        Powers of both parts of a use, shape (customers, appliances, 2) [kW].
    habits
        Clock hours of getting up, leaving, coming back, going to bed; chance of going out on a weekday
        and at a weekend, shape (customers, 6).
    standby_kw
        What is always on, shape (customers,) [kW].
    fridge
        Phase, cycle, on-time of the refrigerators, shape (3, customers) [s].
    fridge_kw
        Their power, shape (customers,) [kW].
    annual_kwh
        Energy of a mean year, shape (customers,) [kWh].
    """

    keys: NDArray[np.uint64]
    rate: NDArray[np.float64]
    appliance_kw: NDArray[np.float64]
    habits: NDArray[np.float64]
    standby_kw: NDArray[np.float64]
    fridge: NDArray[np.int64]
    fridge_kw: NDArray[np.float64]
    annual_kwh: NDArray[np.float64]


def draw_homes(
    customers: Customers, seed: int, place: Place, classes: Sequence[DemandClass] = DEMAND_CLASSES
) -> Homes:
    """Homes of customers; each depends on the seed, its name and its class alone.

    The energy of a mean year is lognormal around that of the class (standard deviation about 25 %). A larger
    consumer has more standing by, with the root of the energy; uses make up the rest, up to 1.6 times the
    usual.
    """
    count, kinds = len(customers), len(APPLIANCES)
    owned, uses, kwh = (np.array([getattr(a, k) for a in APPLIANCES]) for k in ("owned", "uses", "kwh"))
    base = np.array([(a.kw, a.tail_kw) for a in APPLIANCES])
    yearly = uses * kwh * _mean_scale(place) * 365.25
    rate, power = np.zeros((count, kinds)), np.zeros((count, kinds, 2))
    habits, fridge = np.zeros((count, 6)), np.zeros((3, count), dtype=np.int64)
    standby, fridge_kw, annual = np.zeros((3, count))
    for c, name in enumerate(customers.ids):
        rng = named_rng(seed, HOUSEHOLD, name)
        mean_kwh = classes[int(customers.demand_class[c])].annual_kwh
        annual[c] = mean_kwh * np.exp(rng.normal(-(_SPREAD**2) / 2, _SPREAD))
        habits[c] = _draw_habits(rng)
        size = np.sqrt(annual[c] / _REFERENCE_KWH)
        standby[c] = 0.085 * size * rng.uniform(0.6, 1.4)
        cycle = int(rng.integers(2400, 4500))
        on = int(cycle * rng.uniform(0.28, 0.42))
        fridge[:, c] = rng.integers(0, cycle), cycle, on
        fridge_kw[c] = rng.uniform(0.08, 0.15) * (0.7 + 0.3 * size)
        has = rng.random(kinds) < owned
        taste = np.where(has, np.exp(rng.normal(-0.045, 0.3, kinds)), 0.0)
        strength = rng.uniform(0.85, 1.15, kinds)
        power[c] = base * strength[:, None]
        always = (standby[c] + fridge_kw[c] * on / cycle) * _YEAR_H
        rest = max(annual[c] - always, 0.3 * annual[c])
        busy = rest / _AT_HOME / float(np.sum(yearly * taste * strength))
        rate[c] = uses * taste * min(busy, _BUSIEST)
        # A home with few appliances and much demand has something that always runs, not a kettle all day.
        standby[c] += max(1 - _BUSIEST / busy, 0.0) * rest / _YEAR_H
    keys = named_keys(seed, HOUSEHOLD_DAY, customers.ids)
    return Homes(keys, rate, power, habits, standby, fridge, fridge_kw, annual)


def _draw_habits(rng: np.random.Generator) -> tuple[float, float, float, float, float, float]:
    wake, bed = rng.normal(6.9, 0.7), rng.normal(22.8, 0.7)
    if rng.random() < _WORKERS:
        return wake, wake + rng.uniform(0.8, 1.6), rng.uniform(15.2, 18.0), bed, 0.85, 0.45
    return wake + 0.6, rng.uniform(9.5, 11.5), rng.uniform(12.0, 15.5), bed, 0.40, 0.40


def _mean_scale(place: Place) -> NDArray[np.float64]:
    """Uses over a year of the climate as it is on average, over `Appliance.uses`, shape (appliances,)."""
    days = find_local_days(1_735_689_600, 1_735_689_600 + 365 * DAY_S, "UTC")  # 2025
    mean_c = Climate(0, place.longitude_deg, spread_k=0.0).at_c(days.midnight_s[:-1] + DAY_S // 2 - 14_400)
    scale = day_scales(days, mean_c).mean(axis=0)
    starts = np.diff(start_tables(), axis=2).mean(axis=0)
    darkness = find_darkness(days, place).mean(axis=0)
    for a, appliance in enumerate(APPLIANCES):
        if appliance.needs == "dark":
            scale[a] *= float(starts[a] @ darkness)
    return np.asarray(scale)


def day_scales(days: LocalDays, mean_c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uses of a day over their mean: season, weekend, cold, shape (days, appliances).

    Parameters
    ----------
    days
        The days.
    mean_c
        Mean outdoor temperature of each, shape (days,) [°C].
    """
    out = np.empty((len(days), len(APPLIANCES)))
    season = np.cos(days.year_angle - _COLDEST)
    cold = np.maximum(_HEATED_BELOW_C - mean_c, 0.0) / 10.0
    for n, a in enumerate(APPLIANCES):
        week = np.where(days.weekend, a.weekend, 1.0) * 7 / (5 + 2 * a.weekend)
        out[:, n] = (1 + a.winter * season) * week * ((0.0 if a.only_cold else 1.0) + a.cold * cold)
    return out


def find_darkness(days: LocalDays, place: Place) -> NDArray[np.float64]:
    """How likely a light is needed at each clock reading, shape (days, 48) [0-1].

    1 while the sun is down, falling to 0.12 (inner rooms) where it is 10° up.
    """
    at_s = days.midnight_s[:-1, None] + days.reading_s + HALF_HOUR_S // 2
    up = sun_direction(at_s.ravel(), place)[2].reshape(at_s.shape)
    light = np.clip((up - _DARK_FROM) / (_LIGHT_FROM - _DARK_FROM), 0.0, 1.0)
    return np.asarray(1 - (1 - _BY_DAY) * light)


@dataclass(frozen=True)
class HouseholdDemand:
    """Demand of homes without heating and charging; any block of it is the same whatever blocks there are.

    Parameters
    ----------
    horizon
        The periods.
    homes, place, temperature
        Who, where, and the weather.
    """

    horizon: Horizon
    homes: Homes
    place: Place
    temperature: OutdoorTemperature

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean power of periods ``first..end-1``, shape (customers, end - first) [kW]."""
        h, homes = self.horizon, self.homes
        out = np.repeat(homes.standby_kw[:, None], end - first, axis=1)
        if end <= first:
            return out
        from_s = h.start_s + first * h.step_s
        # What began the day before may last into this one.
        days = find_local_days(from_s, from_s + (end - first) * h.step_s, h.timezone, lead=1)
        phase_s, cycle_s, on_s = homes.fridge
        keep_cold(out, h.step_s, from_s, phase_s, cycle_s, on_s, homes.fridge_kw)  # type: ignore[no-untyped-call]
        switch_on(  # type: ignore[no-untyped-call]
            out,
            h.step_s,
            homes.keys,
            days.ordinal,
            days.midnight_s[:-1] - from_s,
            days.reading_s,
            days.weekend,
            find_darkness(days, self.place),
            day_scales(days, self._mean_c(days)),
            homes.rate,
            homes.appliance_kw,
            np.array([(a.minutes * 60.0, a.tail_minutes * 60.0) for a in APPLIANCES]),
            np.array([NEEDS.index(a.needs) for a in APPLIANCES]),
            start_tables(),
            homes.habits,
        )
        return out

    def _mean_c(self, days: LocalDays) -> NDArray[np.float64]:
        """Mean temperature of each day, from its half-hours, shape (days,) [°C]."""
        parts = np.arange(READINGS) * HALF_HOUR_S
        return np.array([self.temperature.at_c(begin + parts).mean() for begin in days.midnight_s[:-1]])
