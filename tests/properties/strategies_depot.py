"""Small random depots: every kind of stay, charger, clock change and shortage, in a few vehicles.

``from properties.strategies_depot import depots`` works in every test (see ``tests/conftest.py``).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.horizon import Horizon
from sparewatt.model.sessions import Sessions
from sparewatt.model.vehicles import Vehicles

FIRST_DAYS = (date(2026, 10, 5), date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 27), date(2027, 3, 28))
BATTERIES = (12.0, 40.0, 75.5)
RATES = (0.0, 3.7, 7.4, 22.0, 50.0)


@st.composite
def horizons(draw: st.DrawFn, max_days: int = 3) -> Horizon:
    """One to three days in London or UTC, many across a clock change."""
    return Horizon.of_days(
        draw(st.sampled_from(FIRST_DAYS)),
        draw(st.integers(1, max_days)),
        day_start_hours=draw(st.sampled_from((0, 4, 12))),
        step=timedelta(minutes=draw(st.sampled_from((30, 30, 15, 60)))),
        timezone=draw(st.sampled_from(("Europe/London", "UTC"))),
    )


@st.composite
def stays(draw: st.DrawFn, horizon: Horizon, vehicle: int, battery_kwh: float) -> list[tuple]:
    """Stays of one vehicle in time order: (vehicle, plug-in [s], plug-out [s], energy before it [kWh])."""
    minutes = horizon.periods * horizon.step_s // 60
    times = sorted(draw(st.lists(st.integers(-60, minutes + 60), min_size=2, max_size=7)))
    found, use = [], 0.0
    if draw(st.booleans()):  # plugged in from the start of the run
        times[0] = min(times[0], 0)
    else:
        use = draw(_route_energies(battery_kwh))
    for a, b in zip(times[0::2], times[1::2], strict=False):
        found.append((vehicle, horizon.start_s + 60 * a, horizon.start_s + 60 * b, use))
        use = draw(_route_energies(battery_kwh))
    if draw(st.booleans()):  # away when the horizon ends
        found.append((vehicle, horizon.end_s, horizon.end_s, use))
    return found


def _route_energies(battery_kwh: float) -> st.SearchStrategy[float]:
    """From nothing to more than the battery holds, in tenths of a kWh."""
    return st.integers(0, int(12 * battery_kwh)).map(lambda tenths: tenths / 10)


@st.composite
def chargers(draw: st.DrawFn) -> DepotChargers:
    """Few of them, some kinds absent."""
    return DepotChargers(
        ac_kw=draw(st.sampled_from(RATES)),
        dc_kw=draw(st.sampled_from(RATES)),
        num_ac=draw(st.integers(0, 3)),
        num_dc=draw(st.integers(0, 2)),
        limit_ac=draw(st.booleans()),
    )


@st.composite
def depots(draw: st.DrawFn, max_vehicles: int = 4, max_days: int = 3) -> Depot:
    """A depot that any planner must be able to answer for."""
    horizon = draw(horizons(max_days))
    count = draw(st.integers(1, max_vehicles))
    battery = np.array([draw(st.sampled_from(BATTERIES)) for _ in range(count)])
    rows = [row for n in range(count) for row in draw(stays(horizon, n, float(battery[n])))]
    vehicle, plug_in, plug_out, use = zip(*rows, strict=True)
    sessions = Sessions.from_stays(
        horizon,
        np.array(vehicle, dtype=np.int64),
        np.array(plug_in, dtype=np.int64),
        np.array(plug_out, dtype=np.int64),
        np.array(use),
        draw(st.sampled_from(("fraction", "fraction", "nearest", "whole"))),
    )
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return Depot(
        allocation_id="1",
        site_id="site_1",
        horizon=horizon,
        vehicles=Vehicles(
            tuple(f"V{n}" for n in range(count)),
            tuple("spec" for _ in range(count)),
            battery,
            np.array([draw(st.sampled_from(RATES)) for _ in range(count)]),
            np.array([draw(st.sampled_from(RATES)) for _ in range(count)]),
        ),
        sessions=sessions,
        chargers=draw(chargers()),
        asc_kw=draw(st.sampled_from((0.5, 10.0, 40.0, 500.0))),
        asc_margin=draw(st.sampled_from((0.0, 0.2, 1.0))),
        utilisation=draw(st.sampled_from((0.5, 0.9, 1.0))),
        site_load_kw=np.round(rng.uniform(0, 20, horizon.periods), 2),
        price_per_kwh=np.round(rng.uniform(-0.02, 0.4, horizon.periods), 3),
        efficiency=draw(st.sampled_from((0.85, 0.9, 1.0))),
        reserve=draw(st.sampled_from((0.0, 0.1, 0.3))),
        initial_soc=draw(st.sampled_from((1.0, 1.0, 0.5, 0.3))),
        min_power_kw=draw(st.sampled_from((0.0, 0.0, 1.4))),
    )
