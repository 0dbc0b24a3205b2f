"""Two vans, one evening, a limit: the nouns of the depot study made by hand, planned twice, judged."""

# ruff: noqa: INP001, PLR2004, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sparewatt import (
    Depot,
    DepotChargers,
    DepotPlanner,
    DepotSchedule,
    Horizon,
    Sessions,
    Vehicles,
    check_depot_schedule,
    plan_unmanaged,
    schedule_of_days,
)

# One day from noon to noon in half-hours; electricity is dear until 22:00 and cheap after.
horizon = Horizon.of_days(
    date(2026, 10, 5), 1, day_start_hours=12, step=timedelta(minutes=30), timezone="Europe/London"
)
hour = np.arange(horizon.periods) / 2 + 12
price = np.where(hour < 22, 0.30, 0.10)

# Each van comes back, must have charged 30 kWh for the route it drove, and leaves in the morning.
stays_h = np.array([[17.0, 30.5], [18.0, 31.0]]) - 12
at_s = horizon.start_s + np.rint(stays_h * 3600).astype(np.int64)
sessions = Sessions.from_stays(
    horizon, np.array([0, 1]), at_s[:, 0], at_s[:, 1], np.array([30.0, 30.0]), "fraction"
)
vans = Vehicles(("A", "B"), ("van", "van"), *(np.array([kw, kw]) for kw in (60.0, 11.0, 0.0)))

depot = Depot(
    allocation_id="1",
    site_id="yard",
    horizon=horizon,
    vehicles=vans,
    sessions=sessions,
    chargers=DepotChargers(ac_kw=11.0, dc_kw=0.0, num_ac=2, num_dc=0),
    site_load_kw=np.full(horizon.periods, 6.0),
    price_per_kwh=price,
    asc_kw=20.0,
    asc_margin=0.1,
    utilisation=0.9,
    efficiency=0.9,
)


def tell(name: str, schedule: DepotSchedule) -> None:
    """One line on a schedule."""
    cost = float((schedule.charging_kw * price).sum()) * horizon.step_h
    print(
        f"{name:9} {schedule.energy_kwh.sum():5.1f} kWh for {cost:5.2f}, "
        f"peak {schedule.site_kw.max():4.1f} kW, "
        f"above the limit {schedule.breach_kw.sum() * horizon.step_h:4.1f} kWh"
    )


unmanaged = plan_unmanaged(depot)
smart = schedule_of_days(depot, DepotPlanner().plan(depot))
print(f"limit for charging: {depot.free_kw[0]:.1f} kW of {depot.asc_kw:.0f} kW")
tell("unmanaged", unmanaged)
tell("smart", smart)
print("the judge finds", check_depot_schedule(smart, mode="opt") or "nothing")
