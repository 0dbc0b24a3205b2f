"""Fleets of a hub, drawn from bins: declared and real visits as the model's `Fleet`."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_draws import SOC_GRID, draw_visits
from sparewatt.inputs.generate.visit_times import days_of_visits, visit_times
from sparewatt.model.fleet import NO_SOC, NO_TIME, Fleet
from sparewatt.model.horizon import local_to_utc
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.generate.hub_plan import DriverHabits, HubPlan
    from sparewatt.inputs.generate.visit_bins import IndependentBins, JointBins, VehicleModels

_MINUTE_S = 60
_FULL_USE = 0.98  # of the power that a lowered target reckons with: only whole periods charge


class _Stream(IntEnum):
    """What a random generator is for; one of each kind, so that parts can be switched off alone."""

    VISITS = 0
    TIMES = 1
    CLUSTER = 2
    BOOKING = 3
    ARRIVAL = 4
    DEPARTURE = 5
    SOC = 6
    NO_SHOW = 7
    OVERSTAY = 8
    V2G = 9


def draw_fleet(
    plan: HubPlan, bins: IndependentBins | JointBins, models: VehicleModels, *, seed: int | tuple[int, ...]
) -> Fleet:
    """Visits in the order of their declared arrivals, all fields filled; the same for the same seed.

    What is drawn from the bins is what drivers declare; the habits of the plan make the difference
    between that and what happens. The real stay is never shorter than the minimum stay, and nobody comes
    with more than his target.

    Parameters
    ----------
    plan
        Clusters, days, habits.
    bins, models
        Checked distributions.
    seed
        Of all random choices; several numbers make one seed.
    """
    key = (seed,) if isinstance(seed, int) else seed
    streams = [np.random.default_rng([*key, s]) for s in _Stream]
    weekends = plan.visits_per_day if plan.weekend_visits_per_day is None else plan.weekend_visits_per_day
    day, weekend = days_of_visits(plan.first_day, plan.days, plan.visits_per_day, weekends)
    draws = draw_visits(streams[_Stream.VISITS], bins, models, weekend, plan.min_stay_min)
    arrival_s, departure_s = visit_times(
        streams[_Stream.TIMES],
        bins,
        draws,
        plan.first_day,
        day,
        weekend,
        plan.timezone,
        plan.min_stay_min,
    )
    order = np.argsort(arrival_s, kind="stable")
    arrival_s, departure_s = arrival_s[order], departure_s[order]
    soc, target, model = draws.arrival_soc[order], draws.departure_soc[order], draws.model[order]
    cluster = _draw_clusters(streams[_Stream.CLUSTER], plan, len(order))
    charge_kw = _charge_kw(plan, models, cluster, model)
    battery_kwh = models.battery_kwh[model]
    habits, least_s = plan.habits, plan.min_stay_min * _MINUTE_S
    if habits.targets_in_reach:
        unit_kw = np.array([c.charge_kw for c in plan.clusters])[cluster]
        spread_s = (habits.arrival_spread_min + habits.departure_spread_min) * _MINUTE_S
        stay_h = np.maximum(departure_s - arrival_s - spread_s, 0) / 3600
        reach = soc + _FULL_USE * np.minimum(charge_kw, unit_kw) * stay_h / battery_kwh
        target = np.maximum(np.minimum(target, np.floor(reach * SOC_GRID) / SOC_GRID), soc)
    start_s = int(_midnight(plan.first_day, plan.timezone).timestamp())
    booking_s = _draw_bookings(streams[_Stream.BOOKING], habits, arrival_s, start_s)
    real_arrival_s = _spread(
        streams[_Stream.ARRIVAL],
        habits.arrival_spread_min,
        arrival_s,
        np.full(len(order), start_s),
        departure_s - least_s,
    )
    real_departure_s = _spread(
        streams[_Stream.DEPARTURE], habits.departure_spread_min, departure_s, real_arrival_s + least_s
    )
    real_departure_s = _overstay(streams[_Stream.OVERSTAY], habits, departure_s, real_departure_s)
    real_soc = np.minimum(_draw_real_soc(streams[_Stream.SOC], habits, soc), target)
    absent = (streams[_Stream.NO_SHOW].random(len(order)) < habits.no_show_share) & (booking_s != NO_TIME)
    allows = streams[_Stream.V2G].random(len(order)) < habits.v2g_share
    lowest = np.minimum(soc, real_soc)
    return Fleet(
        ids=_ids(len(order)),
        battery_kwh=battery_kwh,
        max_charge_kw=charge_kw,
        max_discharge_kw=np.where(allows, habits.v2g_kw, 0.0),
        min_soc=np.minimum(habits.min_soc, lowest),
        max_soc=np.maximum(habits.max_soc, target),
        power_table=PowerTable.empty(len(order)),
        reservation_s=booking_s,
        declared_arrival_s=arrival_s,
        declared_departure_s=departure_s,
        declared_soc=soc,
        target_soc=target,
        v2g_allowance_kwh=np.where(allows, np.round(habits.v2g_battery_share * battery_kwh, 1), 0.0),
        real_arrival_s=np.where(absent, NO_TIME, real_arrival_s),
        real_departure_s=np.where(absent, NO_TIME, real_departure_s),
        real_soc=np.where(absent, NO_SOC, real_soc),
        target_cluster=cluster,
    )


def _midnight(day: date, timezone: str) -> datetime:
    """Local midnight at which a day begins, UTC."""
    return local_to_utc(datetime.combine(day, datetime.min.time()), timezone)


def hub_span(plan: HubPlan) -> tuple[datetime, datetime]:
    """Local midnights before the first and after the last day of a plan, UTC."""
    last = plan.first_day + timedelta(days=plan.days)
    return _midnight(plan.first_day, plan.timezone), _midnight(last, plan.timezone)


def join_fleets(fleets: Sequence[Fleet]) -> Fleet:
    """Fleets of one cluster each as the fleet of a hub, in the order of declared arrivals; new ids.

    Parameters
    ----------
    fleets
        One per cluster, in the order of the clusters, without power tables.
    """
    arrays = {
        f.name: np.concatenate([getattr(fleet, f.name) for fleet in fleets])
        for f in fields(Fleet)
        if f.name not in {"ids", "power_table", "target_cluster"}
    }
    cluster = np.repeat(np.arange(len(fleets)), [len(fleet) for fleet in fleets])
    order = np.argsort(arrays["declared_arrival_s"], kind="stable")
    return Fleet(
        ids=_ids(len(order)),
        power_table=PowerTable.empty(len(order)),
        target_cluster=cluster[order],
        **{name: array[order] for name, array in arrays.items()},
    )


def _ids(count: int) -> tuple[str, ...]:
    """Ids whose order as text is the order of the visits."""
    width = max(3, len(str(count)))
    return tuple(f"v{k:0{width}d}" for k in range(1, count + 1))


def _draw_clusters(rng: np.random.Generator, plan: HubPlan, count: int) -> NDArray[np.int64]:
    """Target cluster of each visit by the shares."""
    reach = np.cumsum([c.share for c in plan.clusters])
    row = np.searchsorted(reach, rng.random(count) * reach[-1], side="right")
    return np.asarray(np.minimum(row, len(reach) - 1), dtype=np.int64)


def _charge_kw(
    plan: HubPlan, models: VehicleModels, cluster: NDArray[np.int64], model: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Charging power of each visit: the model's at the kind of unit of its cluster [kW]."""
    fast = np.array([c.fast for c in plan.clusters])[cluster]
    return np.where(fast, models.fast_charge_kw[model], models.charge_kw[model])


def _draw_bookings(
    rng: np.random.Generator, habits: DriverHabits, arrival_s: NDArray[np.int64], start_s: int
) -> NDArray[np.int64]:
    """When each visit books [s], not before the start; `NO_TIME` for one that walks in."""
    low, high = habits.lead_min
    books = rng.random(len(arrival_s)) < habits.reservation_share
    lead_s = rng.integers(low, high, len(arrival_s), endpoint=True) * _MINUTE_S
    return np.where(books, np.maximum(arrival_s - lead_s, start_s), NO_TIME)


def _spread(
    rng: np.random.Generator,
    spread_min: float,
    declared_s: NDArray[np.int64],
    earliest_s: NDArray[np.int64],
    latest_s: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Real times about the declared ones, on whole minutes, normal, kept between the ends [s]."""
    delay = np.rint(rng.normal(0.0, 1.0, len(declared_s)) * spread_min).astype(np.int64) * _MINUTE_S
    return np.asarray(np.clip(declared_s + delay, earliest_s, latest_s), dtype=np.int64)


def _overstay(
    rng: np.random.Generator,
    habits: DriverHabits,
    declared_s: NDArray[np.int64],
    real_s: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Real departures, those of overstaying vehicles after the declared ones [s]."""
    stays = rng.random(len(declared_s)) < habits.overstay_share
    beyond_min = np.maximum(np.rint(rng.exponential(habits.overstay_min, len(declared_s))), 1)
    return np.where(stays, declared_s + beyond_min.astype(np.int64) * _MINUTE_S, real_s)


def _draw_real_soc(
    rng: np.random.Generator, habits: DriverHabits, declared: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Real SoC on arrival about the declared one, within 0 and the greatest SoC, on the grid [0-1]."""
    error = rng.normal(0.0, 1.0, len(declared)) * habits.soc_spread
    if not habits.soc_spread:
        return declared.copy()
    return np.clip(np.floor((declared + error) * SOC_GRID) / SOC_GRID, 0.0, habits.max_soc)
