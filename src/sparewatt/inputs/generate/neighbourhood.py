"""Seeded neighbourhoods: appliances with programmes, EVs, PV under one sky, forecasts every six hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.names import producer_id
from sparewatt.inputs.generate.neighbourhood_home import draw_batteries, make_base_load
from sparewatt.inputs.generate.neighbourhood_jobs import draw_devices, draw_jobs
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.generate.neighbourhood_sun import draw_sun, make_forecasts
from sparewatt.model.horizon import local_to_utc
from sparewatt.model.market_rules import START_SCORE
from sparewatt.model.neighbourhood import Device, Forecasts, Neighbourhood, Producers

if TYPE_CHECKING:
    from sparewatt.inputs.generate.neighbourhood_jobs import HomeDevices
    from sparewatt.model.curves import Curves


def generate_neighbourhood(
    seed: int,
    houses: int = 100,
    days: int = 1,
    jobs_per_day: float = 3.0,
    pv_share: float = 0.5,
    *,
    sun_per_load: float | None = None,
    forecast_error: float = 0.0,
    ev_share: float = 0.0,
    battery_share: float = 0.0,
    base_load: bool = False,
    plan: NeighbourhoodPlan | None = None,
) -> Neighbourhood:
    """Make a neighbourhood; the same seed and plan give the same neighbourhood, to the bit.

    Parameters
    ----------
    seed
        Of all draws, >= 0.
    houses, days, jobs_per_day, pv_share, sun_per_load, forecast_error, ev_share, battery_share, base_load
        As in the plan, where none is given.
    plan
        Everything that can be chosen; the other parameters do not count with it.

    Raises
    ------
    ValueError
        When no neighbourhood can be made of the plan.
    """
    if plan is None:
        plan = NeighbourhoodPlan(
            houses=houses,
            days=days,
            jobs_per_day=jobs_per_day,
            pv_share=pv_share,
            sun_per_load=sun_per_load,
            forecast_error=forecast_error,
            ev_share=ev_share,
            battery_share=battery_share,
            base_load=base_load,
        )
    homes = draw_devices(plan, seed)
    jobs = draw_jobs(plan, seed, homes)
    start = local_to_utc(datetime.combine(plan.first_day, time.min), plan.time_zone)
    pv_houses, kwh = draw_sun(plan, seed, start, float(jobs.energy_kwh.sum()))
    more = _further_devices(homes, pv_houses.tolist())
    house_ids = tuple(str(house + 1) for house in range(plan.houses))
    producers = Producers(
        ids=tuple(producer_id(d.house, d.device_id) for d in more),
        house=pv_houses,
        device=tuple(d.device_id for d in more),
    )
    made = Neighbourhood(
        name=plan.name or f"{plan.houses} houses, seed {seed}",
        origin_s=int(start.timestamp()),
        house_ids=house_ids,
        devices=tuple(sorted((*homes.devices, *more), key=lambda d: int(d.house))),
        jobs=jobs,
        producers=producers,
        forecasts=make_forecasts(plan, seed, kwh),
        batteries=draw_batteries(plan, seed, pv_houses),
        base_load=make_base_load(plan, seed),
        scores=np.full(len(producers), START_SCORE),
    )
    return _from_first_event(made)


def _further_devices(homes: HomeDevices, pv_houses: list[int]) -> list[Device]:
    """PV of houses, numbered on."""
    first = len(homes.devices) + 1
    return [
        Device(str(house + 1), "1", str(first + n), "PV", "", "producer") for n, house in enumerate(pv_houses)
    ]


def _from_first_event(n: Neighbourhood) -> Neighbourhood:
    """Times from the earliest event: midnight where anybody has PV, else the first registration."""
    first = int(min(n.jobs.registered_s.min(initial=2**62), n.forecasts.issued_s.min(initial=2**62)))
    jobs, forecasts, base = n.jobs, n.forecasts, n.base_load
    return replace(
        n,
        origin_s=n.origin_s + first,
        jobs=replace(
            jobs,
            registered_s=jobs.registered_s - first,
            earliest_s=jobs.earliest_s - first,
            latest_s=jobs.latest_s - first,
            end_s=jobs.end_s - first,
        ),
        forecasts=Forecasts(
            forecasts.producer, forecasts.issued_s - first, _shifted(forecasts.curves, first)
        ),
        base_load=replace(base, curves=_shifted(base.curves, first)),
    )


def _shifted(curves: Curves, by_s: int) -> Curves:
    return replace(curves, time_s=curves.time_s - by_s)
