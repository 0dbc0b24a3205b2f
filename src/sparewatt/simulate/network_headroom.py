"""Headroom of the cases, what every zone takes, and what is left once EVs charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.model.headroom import FlowLimit
from sparewatt.physics.headroom.daily import (
    choose_heat_pumps,
    energy_of_day,
    evs_without_shifting,
    find_daily_profile,
    quantile_by_slot,
)
from sparewatt.physics.headroom.filling import count_filled
from sparewatt.physics.headroom.fitted import FOLDS, fit_export_limit, fit_import_limit
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.headroom.offers import offer_steps
from sparewatt.physics.headroom.rates import cable_limit, find_headroom, main_binding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.headroom import (
        DailyProfile,
        FittedLimit,
        Headroom,
        HeadroomSettings,
        HeatPumpChoice,
    )
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.limit import Limit
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.physics.headroom.filling import Filled
    from sparewatt.simulate.network_flow import Grid

Sides = tuple[FlowLimit, FlowLimit]
"""Limits of import and of export."""


@dataclass(frozen=True)
class Taken:
    """What every zone takes; shapes (zones,).

    Parameters
    ----------
    heat_pumps
        Cases of heat pumps.
    case
        Row of the case that is taken, the first where there are to be no heat pumps.
    energy_kwh
        Headroom energy of a day [kWh/day].
    evs
        EVs without shifting.
    binding
        `Binding` that is met most often.
    """

    heat_pumps: HeatPumpChoice
    case: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    evs: NDArray[np.int64]
    binding: NDArray[np.int8]


def fit_limits(
    pooled: ZonalSeries, cases: int, settings: HeadroomSettings
) -> tuple[FittedLimit, FittedLimit]:
    """Lines of import and export through the pooled snapshots of all cases.

    Days are held out together, whatever the case, as the cases share their weather.

    Parameters
    ----------
    pooled
        One case after the other, over the same periods.
    cases
        How many.
    settings
        Floor, ceiling, shares.
    """
    periods = pooled.periods // cases
    folds = np.tile(np.arange(periods) * FOLDS // periods, cases)
    return fit_import_limit(pooled, settings, folds), fit_export_limit(pooled, settings, folds)


def headroom_of(grid: Grid, series: ZonalSeries, limits: Sides, settings: HeadroomSettings) -> Headroom:
    """Headroom of a series under limits."""
    cable = cable_limit(grid.network, grid.feeders, grid.zones, series.busbar_pu, settings.cable_share)
    rating = grid.network.transformer.rating_kva
    return find_headroom(series, grid.zones, cable, *limits, rating, settings)


def daily_profile_of(headroom: Headroom, horizon: Horizon, settings: HeadroomSettings) -> DailyProfile:
    """Quantile of the headroom by local time of day."""
    return find_daily_profile(headroom, horizon, settings)


def find_taken(
    headrooms: Sequence[Headroom],
    profiles: Sequence[DailyProfile],
    customers: NDArray[np.int64],
    settings: HeadroomSettings,
) -> Taken:
    """Which case every zone takes, and what it has there.

    Parameters
    ----------
    headrooms, profiles
        Per case.
    customers
        Of each zone, shape (zones,).
    settings
        EVs, energies.
    """
    choice = choose_heat_pumps(profiles, settings)
    case = np.maximum(choice.case, 0)
    every = np.arange(len(case))
    energy = np.stack([energy_of_day(p.headroom_kva, p.step_h, settings) for p in profiles])[case, every]
    binding = np.stack([main_binding(h.headroom_binding) for h in headrooms])[case, every]
    return Taken(choice, case, energy, evs_without_shifting(energy, customers, settings), binding)


def mix_limits(limits: Sequence[FlowLimit], case: NDArray[np.int64]) -> FlowLimit:
    """The limit that every zone has in the case that it takes.

    Parameters
    ----------
    limits
        Per case, shapes (zones, periods) or (zones, 1).
    case
        Row of the case of each zone, shape (zones,).
    """
    every = np.arange(len(case))
    kva = np.stack([limit.kva for limit in limits])[case, every]
    return FlowLimit(kva, np.stack([limit.binding for limit in limits])[case, every])


def energy_left(
    headroom: Headroom, horizon: Horizon, periods: NDArray[np.int64], settings: HeadroomSettings
) -> NDArray[np.float64]:
    """Headroom energy of a day of some periods of a horizon, shape (zones,) [kWh/day].

    Parameters
    ----------
    headroom
        Of the replayed periods.
    horizon, periods
        Which periods these are, shape (replayed,).
    settings
        Quantile, power factor.
    """
    _, slot = clock_slots(horizon)
    profile = quantile_by_slot(headroom.headroom_kva, slot[periods], slots_of_day(horizon), settings.quantile)
    return energy_of_day(profile, horizon.step_h, settings)


def find_offers(
    headrooms: Sequence[Headroom],
    case: NDArray[np.int64],
    zone_ids: Sequence[str],
    settings: HeadroomSettings,
) -> tuple[Limit, ...]:
    """What a new connection may take in each zone, in the case that the zone takes."""
    return tuple(offer_steps(headrooms[case[z]], z, name, settings) for z, name in enumerate(zone_ids))


def lowest_of_taken(series: Sequence[ZonalSeries], case: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lowest voltage of any zone in the case that it takes, shape (periods,) [pu]."""
    lowest = np.stack([series[c].min_pu[z] for z, c in enumerate(case.tolist())])
    known = np.stack([s.converged for s in series]).all(axis=0)
    return np.asarray(np.where(known, lowest.min(axis=0), np.inf))


def find_filled(
    grid: Grid,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    limits: Sides,
    settings: HeadroomSettings,
) -> tuple[Filled, Filled]:
    """What zones break that take all of their headroom, and all of their footroom, every home the same.

    Parameters
    ----------
    grid
        Where.
    kw, kvar
        Loads of some periods as they are, shape (loads, periods) [kW, kvar].
    limits
        Of the same periods.
    settings
        Floor, ceiling, shares; what is added has the power factor of EVs.
    """
    series, _ = grid.solve(kw, kvar)
    headroom = headroom_of(grid, series, limits, settings)
    growth = find_growth(grid.zones, kw, "equal", settings.ev_power_factor)
    place = (grid.engine, grid.network, grid.feeders, grid.zones, settings, kw, kvar, growth)
    return (
        count_filled(*place, headroom.headroom_kva, "import"),
        count_filled(*place, headroom.footroom_kva, "export"),
    )
