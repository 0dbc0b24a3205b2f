"""Streets of a generated network: joints along a main street and its side streets, houses on both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

START = -1
"""The parent of the first joint of a feeder: the busbar."""

_SPACING_M = 12.0, 18.0
_LEAD_M = 15.0, 35.0
_SERVICE_M = 5.0, 20.0
_ALONG_M = 4.0
_HOUSES = (1, 2, 2, 2, 3, 4)
_SIDE_HOUSES = 6, 20
_SIDE_EVERY = 3, 6
_LEAST_SIDE_M = 40.0
_BEND, _CORNER = math.radians(3.0), math.radians(5.0)
_CLEAR = 0.8


@dataclass
class Joint:
    """A place where services leave the main.

    Parameters
    ----------
    parent
        Row of the joint before it, `START` for the first.
    x, y
        Place; the substation stands at 0, 0 [m].
    houses
        Places of the houses that it feeds [m].
    """

    parent: int
    x: float
    y: float
    houses: list[tuple[float, float]] = field(default_factory=list)


def draw_streets(rng: np.random.Generator, heading: float, customers: int, feeders: int) -> list[Joint]:
    """Joints of one feeder, each after its parent, with as many houses as it has customers.

    A main street leaves the substation in the direction of the feeder; side streets leave it at right
    angles, as long as they stay clear of the next feeder's. Joints stand 12 to 18 m apart, houses 5 to 20 m
    from them.

    Parameters
    ----------
    rng
        Where everything is drawn from.
    heading
        Direction of the main street [rad].
    customers
        Houses, at least one.
    feeders
        Feeders of the network: they share the circle around the substation.
    """
    widest = math.tan(min(math.pi / feeders, math.radians(75.0)))
    joints: list[Joint] = []
    last = _step(rng, joints, START, (0.0, 0.0), heading, _LEAD_M)
    left = _settle(rng, joints[last], heading, customers)
    until_side = int(rng.integers(*_SIDE_EVERY, endpoint=True))
    while left:
        heading += rng.normal(0.0, _BEND)
        last = _step(rng, joints, last, (joints[last].x, joints[last].y), heading, _SPACING_M)
        left = _settle(rng, joints[last], heading, left)
        until_side -= 1
        room_m = _CLEAR * widest * math.hypot(joints[last].x, joints[last].y)
        if until_side <= 0 and left > _SIDE_HOUSES[0] and room_m > _LEAST_SIDE_M:
            wanted = min(left, int(rng.integers(*_SIDE_HOUSES, endpoint=True)))
            left -= wanted - _side_street(rng, joints, last, heading, wanted, room_m)
            until_side = int(rng.integers(*_SIDE_EVERY, endpoint=True))
    return joints


def _side_street(
    rng: np.random.Generator, joints: list[Joint], corner: int, heading: float, wanted: int, room_m: float
) -> int:
    """Add a side street; how many of the wanted houses found no room."""
    heading += rng.choice([-1.0, 1.0]) * math.pi / 2 + rng.normal(0.0, _CORNER)
    last, length = corner, 0.0
    while wanted and length + _SPACING_M[1] < room_m:
        start = joints[last].x, joints[last].y
        last = _step(rng, joints, last, start, heading, _SPACING_M)
        length += math.dist(start, (joints[last].x, joints[last].y))
        wanted = _settle(rng, joints[last], heading, wanted)
        heading += rng.normal(0.0, _BEND)
    return wanted


def _step(
    rng: np.random.Generator,
    joints: list[Joint],
    parent: int,
    start: tuple[float, float],
    heading: float,
    distance: tuple[float, float],
) -> int:
    """Add a joint some way on; its row."""
    d = rng.uniform(*distance)
    joints.append(Joint(parent, start[0] + d * math.cos(heading), start[1] + d * math.sin(heading)))
    return len(joints) - 1


def _settle(rng: np.random.Generator, joint: Joint, heading: float, left: int) -> int:
    """Put houses on both sides of a joint; how many are left."""
    count = min(left, int(rng.choice(_HOUSES)))
    side = rng.choice([-1.0, 1.0])
    for _ in range(count):
        along = rng.uniform(-_ALONG_M, _ALONG_M)
        across = rng.uniform(_SERVICE_M[0], math.sqrt(_SERVICE_M[1] ** 2 - _ALONG_M**2))
        x = joint.x + along * math.cos(heading) - side * across * math.sin(heading)
        y = joint.y + along * math.sin(heading) + side * across * math.cos(heading)
        joint.houses.append((x, y))
        side = -side
    return left - count
