"""Base load and batteries of a generated neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import Curves
from sparewatt.model.neighbourhood import BaseLoad, Batteries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan

_HALF_HOUR_S, _HALF_HOURS = 1800, 48
_BUMPS = ((7.3, 0.9, 0.35), (12.6, 1.0, 0.2), (19.2, 2.0, 0.6))
"""What people use in the morning, at noon and in the evening: hour, spread, height of the mean [h, h, kW]."""
_SIZES_KWH = (5.0, 7.5, 10.0)
_DIGITS = 6


def make_base_load(plan: NeighbourhoodPlan, seed: int) -> BaseLoad:
    """Standby and cooling all the time, more in the morning, at noon and in the evening, by half-hours.

    P(t) = standby + size · Σ_b height_b · exp(-((h - hour_b)/spread_b)²/2) · g, g gamma-distributed with
    mean 1 for each half-hour; one day longer than the days of the plan.
    """
    if not plan.base_load:
        return BaseLoad(
            np.empty(0, np.int64), Curves(np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
        )
    rng = np.random.default_rng([seed, 6])
    count = _HALF_HOURS * (plan.days + 1)
    hour = (np.arange(count) % _HALF_HOURS + 0.5) / 2
    usual = sum(height * np.exp(-(((hour - at) / spread) ** 2) / 2) for at, spread, height in _BUMPS)
    standby_kw, size = rng.uniform(0.08, 0.2, plan.houses), rng.lognormal(0.0, 0.35, plan.houses)
    kw = standby_kw[:, None] + size[:, None] * usual * rng.gamma(2.0, 0.5, (plan.houses, count))
    energy = np.round(np.cumsum(np.pad(kw / 2, ((0, 0), (1, 0))), axis=1), _DIGITS)
    curves = Curves(
        offset=np.arange(plan.houses + 1, dtype=np.int64) * (count + 1),
        time_s=np.tile(np.arange(count + 1, dtype=np.int64) * _HALF_HOUR_S, plan.houses),
        energy_kwh=np.asarray(energy.ravel(), np.float64),
    )
    return BaseLoad(np.arange(plan.houses, dtype=np.int64), curves)


def draw_batteries(plan: NeighbourhoodPlan, seed: int, pv_houses: NDArray[np.int64]) -> Batteries:
    """Batteries, in houses with PV first; they charge and discharge in two hours.

    Parameters
    ----------
    plan, seed
        What is made.
    pv_houses
        Rows of the houses with PV.
    """
    rng = np.random.default_rng([seed, 7])
    others = np.setdiff1d(np.arange(plan.houses), pv_houses)
    order = np.concatenate([rng.permutation(pv_houses), rng.permutation(others)])
    house = np.sort(order[: round(plan.houses * plan.battery_share)]).astype(np.int64)
    capacity_kwh = rng.choice(_SIZES_KWH, len(house))
    return Batteries(
        house=house,
        capacity_kwh=capacity_kwh,
        charge_kw=capacity_kwh / 2,
        discharge_kw=capacity_kwh / 2,
        efficiency=np.round(rng.uniform(0.93, 0.97, len(house)), 3),
        start_soc=np.round(rng.uniform(0.1, 0.5, len(house)), 2),
    )
