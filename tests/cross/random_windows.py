"""Tiny random windows of a depot, few enough to enumerate; round numbers, so that no plan wins by a hair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cross.charging_instance import Instance, Stay, Van
from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.model.schedule import AC, DC, NO_CHARGER

KINDS = ("roomy", "scarce_dc", "tight", "short", "held", "equal_prices", "reserve", "part_periods")


def random_window(rng: np.random.Generator, kind: str, *, vans: int | None = None) -> Instance:
    """A window whose kind makes one thing likely; every kind may also hold the others."""
    periods = int(rng.integers(4, 9))
    count = vans or int(rng.integers(2, 5))
    reserve = float(rng.choice([0.1, 0.25])) if kind == "reserve" else 0.0
    fleet = []
    for _ in range(count):
        battery = float(rng.integers(6, 25))
        lowest = round(reserve * battery + 0.5, 1)
        start = battery if rng.random() < 0.3 else float(rng.integers(int(lowest) + 1, int(battery) + 1))
        ac = float(rng.choice([0.0, 2.0, 4.0, 6.0], p=[0.1, 0.3, 0.4, 0.2]))
        dc = float(rng.choice([0.0, 4.0, 10.0, 16.0], p=[0.05, 0.15, 0.4, 0.4]))
        fleet.append(Van(battery, min(start, battery), ac, dc))
    stays = [s for v, van in enumerate(fleet) for s in _stays(rng, kind, v, van, periods)]
    num_dc = int(rng.integers(1, 3))
    if kind == "held":
        stays = _hold(rng, stays, fleet, num_dc)
    most_free = {"tight": 8.0, "short": 14.0}.get(kind, 30.0)
    free = rng.integers(0, int(most_free) + 1, periods).astype(float)
    levels = [0.1, 0.2] if kind == "equal_prices" else [-0.05, 0.0, 0.08, 0.1, 0.15, 0.21, 0.3]
    return Instance(
        vans=tuple(fleet),
        stays=tuple(stays),
        price=tuple(rng.choice(levels, periods).tolist()),
        free_kw=tuple(free.tolist()),
        breach_kw=float(rng.choice([0.0, 2.0, 6.0])) if kind != "tight" else float(rng.choice([4.0, 10.0])),
        num_dc=num_dc,
        efficiency=float(rng.choice([0.8, 0.9, 1.0])),
        reserve=reserve,
        step_h=0.5,
    )


def wide_window(seed: int) -> Instance:
    """A window of three to six vans of any kind, some with limited AC, still to be enumerated in seconds."""
    rng = np.random.default_rng([seed, 99])
    kind = KINDS[seed % len(KINDS)]
    instance = random_window(rng, kind, vans=int(rng.integers(3, 7)))
    if rng.random() < 0.3:
        num_ac = len(instance.vans) if kind == "held" else int(rng.integers(0, 3))
        instance = replace(instance, num_ac=num_ac)
    return instance


def _stays(rng: np.random.Generator, kind: str, vehicle: int, van: Van, periods: int) -> list[Stay]:
    """One or two stays, some without length, perhaps away at the end."""
    much = {"short": 1.3, "tight": 0.9, "scarce_dc": 0.9}.get(kind, 0.6)

    def route() -> float:
        return float(rng.integers(0, int(much * van.battery_kwh) + 1))

    edges = sorted(rng.integers(0, periods + 1, 2 if rng.random() < 0.6 else 4).tolist())
    found, use = [], 0.0 if rng.random() < 0.5 else route()
    for first, end in zip(edges[0::2], edges[1::2], strict=True):
        fraction: tuple[float, ...] = ()
        if kind == "part_periods" and end > first:
            inside = [1.0] * (end - first)
            inside[0], inside[-1] = float(rng.choice([0.25, 0.5, 1.0])), float(rng.choice([0.5, 0.75]))
            fraction = tuple(inside)
        found.append(Stay(vehicle, first, end, use, UNDECIDED, fraction))
        use = route()
    if rng.random() < 0.4:
        found.append(Stay(vehicle, periods, periods, use))
    return found


def _hold(rng: np.random.Generator, stays: list[Stay], fleet: list[Van], num_dc: int) -> list[Stay]:
    """Give chargers to some stays, also to ones that begin after others have to choose."""
    out: list[Stay] = []
    for stay in stays:
        held = UNDECIDED
        if stay.end > stay.first and rng.random() < 0.5:
            busy = [s for s in out if s.held == DC and s.first < stay.end and stay.first < s.end]
            van = fleet[stay.vehicle]
            if len(busy) < num_dc and van.dc_kw > 0 and rng.random() < 0.7:
                held = DC
            else:
                held = AC if van.ac_kw > 0 else NO_CHARGER
        out.append(Stay(stay.vehicle, stay.first, stay.end, stay.use_kwh, held, stay.fraction))
    return out
