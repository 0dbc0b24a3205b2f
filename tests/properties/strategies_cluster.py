"""Small random hubs with their visits and rules, everything of the cluster study in a few vehicles.

An example is a string of bytes that is read choice by choice: cheap to draw (several thousand scenarios
take seconds), and it shrinks towards the first choice of every list. Most choices are the values at
which things go wrong: on the boundary of a period, at the edge of a range of SoC, at a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from hypothesis import strategies as st

from sparewatt.model.cluster_system import ImbalanceLimit, Traffic
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import KERNEL_CONTROLS, OperatingRules
from support.hubs import Unit, Visit, make_fleet, make_system

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import Control, Reservation

T = TypeVar("T")

MOST_VISITS = 12
POWERS = (11.0, 22.0, 7.4, 3.7, 50.0, 0.0)
BATTERIES = (40.0, 10.0, 77.0, 1.5)
EFFICIENCIES = (1.0, 0.9, 0.5, 0.95)
TABLES = (
    (),
    (),
    ((1.0, 20.0),),
    ((0.5, 50.0), (0.7, 8.0), (1.0, 3.0)),
    ((0.25, 2.5), (0.8, 150.0), (1.0, 5.0)),
    ((0.4, 11.0), (0.6, 0.0), (1.0, 11.0)),
)
BOUNDS = ((0.0, 1.0), (0.0, 1.0), (0.2, 0.9), (0.5, 0.5))
SOCS = (0.2, 0.0, 0.5, 0.35, 0.9, 1.0, 0.123456)
TARGETS = (1.0, 0.8, 0.5, 0.25, 0.0)


@dataclass(frozen=True)
class Scenario:
    """What a run is given; ``visits`` is what ``fleet`` was made of."""

    system: ClusterSystem
    visits: tuple[Visit, ...]
    rules: OperatingRules

    @property
    def fleet(self) -> Fleet:
        return make_fleet(self.visits)


class Choices:
    """Reads choices from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def below(self, number: int) -> int:
        """0 .. number - 1, nearly uniform."""
        first, second = self._data[self._at], self._data[self._at + 1]
        self._at += 2
        return (first + 256 * second) % number

    def of(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]


def _limits(choose: Choices, periods: int, clusters: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Lower and upper limits per cluster that change twice at most."""
    lower, upper = [], []
    bounds = (
        (-np.inf, np.inf),
        (-30.0, 30.0),
        (-5.0, 5.0),
        (0.0, 0.0),
        (-20.0, -4.0),
        (6.0, 40.0),
        (-np.inf, 17.3),
        (-40.0, -40.0),
        (90.0, np.inf),
        (0.0, 11.0),
    )
    for _ in range(clusters):
        at = sorted(choose.below(periods + 1) for _ in range(2))
        three = [choose.of(bounds) for _ in range(3)]
        counts = [at[0], at[1] - at[0], periods - at[1]]
        lower.append(np.repeat([b[0] for b in three], counts))
        upper.append(np.repeat([b[1] for b in three], counts))
    return lower, upper


def _visit(choose: Choices, step_s: int, periods: int, clusters: int, *, aligned: bool) -> Visit:
    """A visit: early, late, overstaying, too short, never coming, off the grid of steps."""
    span = periods * step_s
    grid = step_s if aligned or choose.below(2) else 1
    arrival = (choose.below(span * 5 // 4) - span // 8) // grid * grid
    stay = 1 + choose.below(max(span * 3 // 4, 2)) // grid * grid + (grid - 1) * choose.below(2)
    jitter = (0, 0, step_s, -step_s, 2 * step_s + 1, -2 * step_s - 7, 5 * step_s)
    says_arrival = arrival + choose.of(jitter)
    departure = arrival + stay
    says_departure = max(departure + choose.of(jitter), says_arrival + 1)
    books = choose.of((None, 0, 3 * step_s, 8 * step_s, step_s // 2, -step_s))
    comes = choose.below(8) != 7
    least, most = choose.of(BOUNDS)
    return Visit(
        arrival=arrival / 60 if comes else None,
        departure=departure / 60,
        soc=choose.of(SOCS),
        target=choose.of(TARGETS),
        cluster=choose.of((*range(clusters), None)),
        books=None if books is None else (says_arrival - books) / 60,
        says_arrival=says_arrival / 60,
        says_departure=says_departure / 60,
        says_soc=choose.of(SOCS),
        battery_kwh=choose.of(BATTERIES),
        charge_kw=choose.of(POWERS),
        discharge_kw=choose.of(POWERS),
        v2g_kwh=choose.of((0.0, 0.0, 5.0, 0.4, 1000.0)),
        min_soc=least,
        max_soc=most,
        table=choose.of(TABLES),
        name=("v", "V", "a")[choose.below(3)] + f"{choose.below(100)}",
    )


def _system(choose: Choices, step_s: int, periods: int, clusters: int) -> ClusterSystem:
    units = [
        [
            Unit(choose.of(POWERS), choose.of(POWERS), choose.of(EFFICIENCIES))
            for _ in range(choose.of((1, 1, 2, 3, 5)))
        ]
        for _ in range(clusters)
    ]
    lower, upper = _limits(choose, periods, clusters)
    delays = tuple(np.array([choose.of((0, 0, step_s, 37)) for _ in range(clusters)]) for _ in range(2))
    drop = np.array([choose.of((0.0, 0.0, 0.05)) for _ in range(clusters)])
    system = make_system(
        units,
        periods=periods,
        step_s=step_s,
        lower_kw=lower,
        upper_kw=upper,
        tolerance_kw=choose.of((0.0, 0.5)),
        price=np.array([choose.of((0.3, 0.1, 0.6)) for _ in range(4)])[np.arange(periods) % 4],
        traffic=Traffic(delays[0], delays[1], drop),
    )
    if choose.below(3) == 2:  # conflicts with those of the clusters
        both = choose.of(((-50.0, 15.0), (5.0, 30.0), (-40.0, -2.0)))
        whole = Limit(np.full(periods, both[0]), np.full(periods, both[1]), "feeder", 0.0)
        system = replace(system, system_limit=whole)
        if clusters > 1:
            most = np.full(periods, choose.of((5.0, 0.0, 20.0)))
            system = replace(system, imbalance_limits=(ImbalanceLimit(0, 1, most),))
    return system


def _decode(
    data: bytes,
    visits: int,
    controls: Sequence[Control],
    reservations: Sequence[Reservation],
    most_periods: int,
) -> Scenario:
    choose = Choices(data)
    step_s, periods = choose.of((300, 900, 60, 1800, 7)), 1 + choose.below(most_periods)
    clusters = 1 + choose.below(3)
    rules = OperatingRules(
        control=choose.of(controls),
        reservation=choose.of(reservations),
        queue=bool(choose.below(2)),
        reroute=bool(choose.below(2)),
        grace_s=choose.of((3 * step_s, 0, step_s, step_s + 1, 900)),
        horizon_periods=choose.of((4, 1, 12)),
    )
    aligned = bool(choose.below(2))
    own: dict[str | None, Visit] = {}
    for _ in range(visits):
        visit = _visit(choose, step_s, periods, clusters, aligned=aligned)
        own[visit.name] = visit  # one of a name
    return Scenario(_system(choose, step_s, periods, clusters), tuple(own.values()), rules)


# 2 bytes per choice: rules 9, per visit 23 at most, system: units 3 x (1 + 5 x 3), limits 3 x 5, rest 20
_BYTES = 2 * (10 + 23 * MOST_VISITS + 48 + 15 + 22)


def scenarios(
    controls: Sequence[Control] = KERNEL_CONTROLS,
    reservations: Sequence[Reservation] = ("none", "simple"),
    *,
    most_visits: int = MOST_VISITS,
    most_periods: int = 30,
) -> st.SearchStrategy[Scenario]:
    """Hubs of 1 to 3 clusters with 1 to 5 units each, their visits and how they are run."""
    return st.builds(
        lambda data, visits: _decode(data, visits, controls, reservations, most_periods),
        st.binary(min_size=_BYTES, max_size=_BYTES),
        st.integers(0, most_visits),
    )
