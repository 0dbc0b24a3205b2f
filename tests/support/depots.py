"""Depots small enough to plan by hand. Stays are written in hours after the start of the run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.horizon import Horizon
from sparewatt.model.sessions import Availability, Sessions
from sparewatt.model.vehicles import Vehicles

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = timedelta(minutes=30)


def make_horizon(first: date = date(2026, 10, 5), days: int = 1, day_start_hours: int = 0) -> Horizon:
    return Horizon.of_days(first, days, day_start_hours=day_start_hours, step=STEP, timezone="Europe/London")


def make_depot(
    stays: Sequence[tuple[int, float, float, float]],
    *,
    vehicles: Sequence[tuple[float, float, float]] = ((40.0, 8.0, 20.0),),
    horizon: Horizon | None = None,
    availability: Availability = "fraction",
    chargers: DepotChargers | None = None,
    load_kw: float | Sequence[float] = 0.0,
    price: float | Sequence[float] = 0.1,
    **changes: float,
) -> Depot:
    """A depot from stays (vehicle, plug-in [h], plug-out [h], route energy before it [kWh]).

    ``vehicles``: (battery [kWh], AC [kW], DC [kW]). η = 0.8 by default, so that hand sums come out even.
    """
    horizon = horizon or make_horizon()
    at = np.array([s[1:3] for s in stays], dtype=float).reshape(-1, 2) * 3600
    at_s = np.rint(at).astype(np.int64) + horizon.start_s
    sessions = Sessions.from_stays(
        horizon,
        np.array([s[0] for s in stays], dtype=np.int64),
        at_s[:, 0],
        at_s[:, 1],
        np.array([s[3] for s in stays], dtype=float),
        availability,
    )
    fleet = Vehicles(
        tuple(f"V{n}" for n in range(len(vehicles))),
        tuple("spec" for _ in vehicles),
        *(np.array(column, dtype=float) for column in zip(*vehicles, strict=True)),
    )
    values: dict[str, float] = {"asc_kw": 100.0, "asc_margin": 0.2, "utilisation": 0.9, "efficiency": 0.8}
    return Depot(
        allocation_id="1",
        site_id="site_1",
        horizon=horizon,
        vehicles=fleet,
        sessions=sessions,
        chargers=chargers or DepotChargers(ac_kw=8.0, dc_kw=20.0, num_ac=10, num_dc=1),
        site_load_kw=np.broadcast_to(np.asarray(load_kw, dtype=float), (horizon.periods,)).copy(),
        price_per_kwh=np.broadcast_to(np.asarray(price, dtype=float), (horizon.periods,)).copy(),
        **(values | changes),
    )
