"""Sun over a generated neighbourhood: what comes, and what is expected every six hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.clouds import CloudDays
from sparewatt.inputs.profiles.solar import SolarYield, draw_roofs
from sparewatt.inputs.profiles.weather import Climate
from sparewatt.model.curves import Curves
from sparewatt.model.horizon import Horizon
from sparewatt.model.neighbourhood import Forecasts

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan

ISSUE_H, ROWS = 6, 24
"""A forecast every six hours; its rows are hours, the first at its issue."""
_HOUR_S, _DAY_H = 3600, 24
_RATINGS_KW = (3.0, 8.0)
_MEMORY, _COMMON = 0.9, 0.8
"""Memory of forecast errors from hour to hour; share of them that all roofs have in common."""
_DIGITS = 7


def draw_sun(
    plan: NeighbourhoodPlan, seed: int, start: datetime, jobs_kwh: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Houses with PV, and what comes down on them.

    Where the plan makes sun scarce there are as few roofs as give it, so that each of them can still run an
    appliance; the rest is made up by their size.

    Parameters
    ----------
    plan, seed
        What is made.
    start
        Local midnight of the first day, UTC.
    jobs_kwh
        Energy of all jobs, which ``sun_per_load`` of the plan refers to [kWh].

    Returns
    -------
    Rows of the houses, rising, shape (roofs,), and energy of each hour of the days and of one day more, shape
    (roofs, hours) [kWh].
    """
    rng = np.random.default_rng([seed, 8])
    drawn = rng.permutation(plan.houses)[: round(plan.houses * plan.pv_share)].astype(np.int64)
    kwh = _hourly_kwh(plan, seed, start, drawn)
    roof_kwh = kwh[:, : _DAY_H * plan.days].sum(axis=1)
    if plan.sun_per_load is not None and roof_kwh.sum() > 0:
        target_kwh = plan.sun_per_load * jobs_kwh
        enough = int(np.searchsorted(np.cumsum(roof_kwh), target_kwh)) + 1
        drawn, kwh = drawn[:enough], kwh[:enough] * (target_kwh / roof_kwh[:enough].sum())
    order = np.argsort(drawn)
    total_kwh = np.cumsum(np.pad(kwh[order], ((0, 0), (1, 0))), axis=1)
    return drawn[order], np.asarray(np.diff(np.round(total_kwh, _DIGITS)), np.float64)


def _hourly_kwh(
    plan: NeighbourhoodPlan, seed: int, start: datetime, houses: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What roofs of usual sizes give, shape (roofs, hours) [kWh]."""
    hours = _DAY_H * (plan.days + 1)
    if not len(houses):
        return np.zeros((0, hours))
    edges = tuple(range(0, hours + 1, _DAY_H))
    horizon = Horizon(start, timedelta(hours=1), hours, plan.time_zone, edges)
    weather = Climate(seed, plan.place.longitude_deg)
    roofs = draw_roofs([f"house {house + 1}" for house in houses.tolist()], seed)
    sun = SolarYield(horizon, plan.place, roofs, CloudDays(seed), weather)
    ratings_kw = np.round(np.random.default_rng([seed, 1]).uniform(*_RATINGS_KW, plan.houses), 1)
    return np.asarray(ratings_kw[houses][:, None] * sun.power_kw(0, hours), np.float64)


def make_forecasts(plan: NeighbourhoodPlan, seed: int, kwh: NDArray[np.float64]) -> Forecasts:
    """Forecasts every six hours for the 23 hours that follow, all producers in turn.

    E_k(h) = true(h) · exp(σ_h·z - σ_h²/2), σ_h = forecast_error·√(h/24) for h = 1 … 23 hours after issue,
    z an autoregression over the hours, most of it common to all roofs. The first row holds the hour before.

    Parameters
    ----------
    plan, seed
        What is made.
    kwh
        What comes, shape (roofs, hours) [kWh].
    """
    roofs, issues = len(kwh), plan.days * _DAY_H // ISSUE_H
    rng = np.random.default_rng([seed, 2])
    ahead = np.arange(1, ROWS)
    sigma = plan.forecast_error * np.sqrt(ahead / _DAY_H)
    energy = np.empty((issues, roofs, ROWS))
    for k in range(issues):
        first = k * ISSUE_H
        z = np.sqrt(_COMMON) * _remembering(rng, 1) + np.sqrt(1 - _COMMON) * _remembering(rng, roofs)
        told = kwh[:, first : first + ROWS - 1] * np.exp(sigma * z - sigma**2 / 2)
        energy[k, :, 0] = kwh[:, first - 1] if first else 0.0
        energy[k, :, 1:] = told
    issued_h = np.repeat(np.arange(issues) * ISSUE_H, roofs)
    count = issues * roofs
    told_kwh = np.round(np.cumsum(energy.reshape(count, ROWS), axis=1), _DIGITS)
    return Forecasts(
        producer=np.tile(np.arange(roofs, dtype=np.int64), issues),
        issued_s=np.asarray(issued_h * _HOUR_S, np.int64),
        curves=Curves(
            offset=np.arange(count + 1, dtype=np.int64) * ROWS,
            time_s=np.asarray((issued_h[:, None] + np.arange(ROWS)).ravel() * _HOUR_S, np.int64),
            energy_kwh=np.asarray(told_kwh.ravel(), np.float64),
        ),
    )


def _remembering(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """Standard normal numbers that remember the hour before, shape (rows, 23)."""
    shocks = rng.standard_normal((rows, ROWS - 1))
    for h in range(1, ROWS - 1):
        shocks[:, h] = _MEMORY * shocks[:, h - 1] + np.sqrt(1 - _MEMORY**2) * shocks[:, h]
    return shocks
