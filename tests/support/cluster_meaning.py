"""The control rules in plain Python, written from the specification and from nothing of ours.

Sides: a vehicle that charges with p takes p/η from the grid, one that discharges with p gives p·η.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

CONTROLS = (
    "uncontrolled",
    "first_come_first_served",
    "earliest_deadline_first",
    "least_laxity_first",
    "equal_share",
)


@dataclass(frozen=True)
class Car:
    """A connected vehicle; ``ranges`` are (SoC from, SoC to, kW)."""

    soc: float
    target: float
    least: float
    most: float
    kwh: float
    charge: float
    discharge: float
    efficiency: float
    lead: float
    v2g_left: float
    ranges: tuple[tuple[float, float, float], ...] = ()

    @property
    def charge_now(self) -> float:
        """Least of unit, vehicle and power at the present SoC."""
        return min(
            [self.charge] + [kw for a, b, kw in self.ranges if a <= self.soc < b or b == 1 <= self.soc]
        )


@dataclass(frozen=True)
class Hub:
    """Vehicles of one cluster in the order in which they connected, and its limits."""

    cars: tuple[Car, ...]
    lower: float
    upper: float
    step_h: float = 1 / 12


def grid(car: Car, p: float) -> float:
    return p / car.efficiency if p > 0 else p * car.efficiency


def hours_needed(car: Car) -> float:
    goal = min(car.target, car.most)
    ranges = car.ranges or ((0.0, 1.0, math.inf),)
    return sum(
        max(0.0, min(b, goal) - max(a, car.soc)) * car.kwh / min(kw, car.charge)
        for a, b, kw in ranges
        if min(b, goal) > max(a, car.soc)
    )


def urgency(control: str, car: Car, place: int) -> tuple[float, int]:
    """The smaller, the earlier; ties as connected."""
    if control == "first_come_first_served":
        return 0.0, place
    if control == "earliest_deadline_first":
        return car.lead, place
    return (-math.inf if car.lead <= 0 else 1 - hours_needed(car) / car.lead), place


def asks(hub: Hub, goals: list[float]) -> list[float]:
    """Battery side, up to a SoC each."""
    return [
        min(c.charge_now, max(0.0, goal - c.soc) * c.kwh / hub.step_h)
        for c, goal in zip(hub.cars, goals, strict=True)
    ]


def nearly_tied(control: str, hub: Hub) -> bool:
    """Whether rounding alone may decide who of two different vehicles comes first."""
    keys = [urgency(control, c, i)[0] for i, c in enumerate(hub.cars)]
    need = [(hours_needed(c), c.lead) for c in hub.cars]
    return any(
        abs(keys[i] - keys[j]) < 1e-9 and need[i] != need[j]
        for i in range(len(keys))
        for j in range(i)
        if math.isfinite(keys[i]) and math.isfinite(keys[j])
    )


def gifts(hub: Hub) -> list[float]:
    """What each can give back, battery side."""
    return [
        min(c.discharge, max(0.0, c.soc - c.least) * c.kwh / hub.step_h, max(0.0, c.v2g_left) / hub.step_h)
        for c in hub.cars
    ]


def water(caps: list[float], total: float) -> list[float]:
    """Fill vessels of different heights to one level."""
    left, out = dict(enumerate(caps)), [0.0] * len(caps)
    while left and min(left.values()) <= total / len(left):
        i = min(left, key=left.__getitem__)
        out[i] = left.pop(i)
        total -= out[i]
    for i in left:
        out[i] = total / len(left)
    return out


def decide(control: str, hub: Hub) -> list[float]:
    """Powers, battery side."""
    cars = hub.cars
    if control == "uncontrolled":
        return asks(hub, [c.most for c in cars])
    order = sorted(range(len(cars)), key=lambda i: urgency(control, cars[i], i))
    if hub.upper < 0:
        can = gifts(hub)
        if control == "equal_share":
            shares = water([p * c.efficiency for p, c in zip(can, cars, strict=True)], -hub.upper)
            return [-s / c.efficiency for s, c in zip(shares, cars, strict=True)]
        margin, out = -hub.upper, [0.0] * len(cars)
        for i in reversed(order):
            given = min(can[i] * cars[i].efficiency, margin)
            out[i], margin = -given / cars[i].efficiency, margin - given
        return out
    ask = asks(hub, [min(c.target, c.most) for c in cars])
    if control != "equal_share":
        margin, out = hub.upper, [0.0] * len(cars)
        for i in order:
            taken = min(ask[i] / cars[i].efficiency, margin)
            out[i], margin = taken * cars[i].efficiency, margin - taken
        return out
    shares = water([p / c.efficiency for p, c in zip(ask, cars, strict=True)], hub.upper)
    missing = hub.lower - sum(shares)
    if missing > 0:
        top = asks(hub, [c.most for c in cars])
        beyond = [max(0.0, t - a) for t, a in zip(top, ask, strict=True)]
        more = water([p / c.efficiency for p, c in zip(beyond, cars, strict=True)], missing)
        shares = [a + b for a, b in zip(shares, more, strict=True)]
    return [s * c.efficiency for s, c in zip(shares, cars, strict=True)]


def kernel_arrays(hub: Hub) -> dict[str, np.ndarray]:
    """Columns of the kernel, by name."""
    cars = hub.cars

    def column(values: list[float]) -> np.ndarray:
        return np.array(values, dtype=np.float64)

    end = np.cumsum([len(c.ranges) for c in cars], dtype=np.int64)
    return {
        "soc": column([c.soc for c in cars]),
        "target_soc": column([c.target for c in cars]),
        "min_soc": column([c.least for c in cars]),
        "max_soc": column([c.most for c in cars]),
        "battery_kwh": column([c.kwh for c in cars]),
        "charge_kw": column([c.charge_now for c in cars]),
        "max_charge_kw": column([c.charge for c in cars]),
        "discharge_kw": column([c.discharge for c in cars]),
        "efficiency": column([c.efficiency for c in cars]),
        "lead_h": column([c.lead for c in cars]),
        "v2g_left_kwh": column([c.v2g_left for c in cars]),
        "table_first": end - np.array([len(c.ranges) for c in cars], dtype=np.int64),
        "table_end": end,
        "table_soc_to": column([b for c in cars for _, b, _ in c.ranges]),
        "table_max_kw": column([kw for c in cars for _, _, kw in c.ranges]),
    }
