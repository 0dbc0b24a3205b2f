"""EV sessions for tests: drawn at random, or written by hand."""

from __future__ import annotations

import numpy as np

from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.model.limit import Limit


def make_sessions(
    stays: list[tuple[int, int, int, float, float]],
    *,
    battery_kwh: list[float],
    periods: int,
    step_h: float = 0.5,
    charge_kw: float = 7.4,
    discharge_kw: float = 0.0,
    efficiency: float = 0.88,
    reserve: float = 0.1,
) -> EvSessions:
    """Stays (car, arrival, departure, start, wanted) of cars with these batteries."""
    columns = np.array(sorted(stays), dtype=float).reshape(-1, 5).T
    battery, cars = np.array(battery_kwh, dtype=float), len(battery_kwh)
    return EvSessions(
        step_h=step_h,
        periods=periods,
        ids=tuple(f"car {n}" for n in range(cars)),
        battery_kwh=battery,
        reserve_kwh=reserve * battery,
        charge_kw=np.full(cars, charge_kw),
        discharge_kw=np.full(cars, discharge_kw),
        efficiency=np.full(cars, efficiency),
        car=columns[0].astype(np.int64),
        arrival=columns[1].astype(np.int64),
        departure=columns[2].astype(np.int64),
        start_kwh=columns[3],
        wanted_kwh=columns[4],
    )


def draw_sessions(
    rng: np.random.Generator, cars: int, *, periods: int = 144, v2g: float = 0.7, twice: float = 0.3
) -> EvSessions:
    """Cars that come home once or twice, some with V2G, some full already, some with too little time."""
    stays, battery = [], rng.choice([24.0, 30.0, 40.0, 60.0, 75.0], cars)
    for car in range(cars):
        count = 1 + int(rng.random() < twice)
        edges = np.sort(rng.choice(periods + 1, 2 * count, replace=False))
        for first, end in edges.reshape(-1, 2):
            start = float(rng.uniform(0.05, 1.0)) * battery[car]
            stays.append((car, int(first), int(end), start, float(rng.uniform(start, battery[car]))))
    sessions = make_sessions(stays, battery_kwh=list(battery), periods=periods, step_h=24.0 / periods)
    sessions.discharge_kw[:] = np.where(rng.random(cars) < v2g, 7.4, 0.0)
    return sessions


def make_room(
    upper_kw: object, *, lower_kw: object = 0.0, price: object = 0.1, periods: int, asked_kw: object = 0.0
) -> ChargingRoom:
    """A room from scalars or arrays."""
    full = np.ones(periods)
    limit = Limit(np.asarray(lower_kw) * full, np.asarray(upper_kw) * full, "made for a test")
    return ChargingRoom(limit, np.asarray(price) * full, np.asarray(asked_kw) * full)


def draw_room(rng: np.random.Generator, cars: int, *, periods: int = 144) -> ChargingRoom:
    """Headroom that wanders, is negative for a while; footroom beside it."""
    wave = np.sin(np.linspace(0.0, 2.0 * np.pi, periods) + rng.uniform(0.0, 6.0))
    headroom = cars * (rng.uniform(0.1, 1.2) + rng.uniform(0.2, 1.0) * wave) + rng.normal(0.0, 0.3, periods)
    footroom = cars * rng.uniform(-0.2, 2.0, periods)
    energy = 0.032 + rng.choice([0.008, 0.021, 0.104], periods)
    return ChargingRoom.in_headroom(headroom, footroom, energy)
