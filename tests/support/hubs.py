"""Charging hubs small enough to follow by hand. Times are minutes after 2022-01-08 07:00 UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.cluster_system import ClusterSystem, ImbalanceLimit, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE, Fleet
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

START = datetime(2022, 1, 8, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Unit:
    """One charging unit; powers battery side."""

    charge_kw: float = 11.0
    discharge_kw: float = 11.0
    efficiency: float = 1.0


@dataclass(frozen=True)
class Visit:
    """One visit. ``arrival`` and ``departure`` are real; the declared ones are the same unless given.

    A visit with ``books`` (the time) reserves. ``arrival=None`` never comes; it still says ``says_arrival``.
    ``table`` holds (SoC to, kW) ascending up to 1.
    """

    arrival: float | None = 0.0
    departure: float = 60.0
    soc: float = 0.2
    target: float = 1.0
    cluster: int | None = 0
    books: float | None = None
    says_arrival: float | None = None
    says_departure: float | None = None
    says_soc: float | None = None
    battery_kwh: float = 55.0
    charge_kw: float = 11.0
    discharge_kw: float = 11.0
    v2g_kwh: float = 0.0
    min_soc: float = 0.0
    max_soc: float = 1.0
    table: tuple[tuple[float, float], ...] = ()
    name: str | None = None


def make_fleet(visits: Sequence[Visit]) -> Fleet:
    """The visits as a fleet; names are v01, v02, ... unless given."""

    def floats(field: str) -> np.ndarray:
        return np.array([getattr(v, field) for v in visits], dtype=np.float64)

    def seconds(minutes: Sequence[float | None]) -> np.ndarray:
        start = int(START.timestamp())
        return np.array([NO_TIME if m is None else start + round(60 * m) for m in minutes], dtype=np.int64)

    def either(first: float | None, second: float | None) -> float | None:
        return second if first is None else first

    ranges = [v.table for v in visits]
    return Fleet(
        ids=tuple(v.name or f"v{n + 1:02d}" for n, v in enumerate(visits)),
        battery_kwh=floats("battery_kwh"),
        max_charge_kw=floats("charge_kw"),
        max_discharge_kw=floats("discharge_kw"),
        min_soc=floats("min_soc"),
        max_soc=floats("max_soc"),
        power_table=PowerTable(
            np.concatenate([[0], np.cumsum([len(r) for r in ranges])]).astype(np.int64),
            np.array([to for r in ranges for to, _ in r], dtype=np.float64),
            np.array([kw for r in ranges for _, kw in r], dtype=np.float64),
        ),
        reservation_s=seconds([v.books for v in visits]),
        declared_arrival_s=seconds([either(v.says_arrival, v.arrival) for v in visits]),
        declared_departure_s=seconds([either(v.says_departure, v.departure) for v in visits]),
        declared_soc=np.array(
            [v.soc if v.says_soc is None else v.says_soc for v in visits], dtype=np.float64
        ),
        target_soc=floats("target"),
        v2g_allowance_kwh=floats("v2g_kwh"),
        real_arrival_s=seconds([v.arrival for v in visits]),
        real_departure_s=seconds([v.departure for v in visits]),
        real_soc=np.array([NO_SOC if v.arrival is None else v.soc for v in visits], dtype=np.float64),
        target_cluster=np.array(
            [NOWHERE if v.cluster is None else v.cluster for v in visits], dtype=np.int64
        ),
    )


def make_system(
    clusters: Sequence[Sequence[Unit]] = ((Unit(),),),
    *,
    periods: int = 24,
    step_s: int = 300,
    lower_kw: Sequence[ArrayLike] | float = -np.inf,
    upper_kw: Sequence[ArrayLike] | float = np.inf,
    tolerance_kw: float = 0.0,
    price: ArrayLike = 0.3,
    traffic: Traffic | None = None,
    system_limit: Limit | None = None,
    imbalance_limits: tuple[ImbalanceLimit, ...] = (),
) -> ClusterSystem:
    """A system of clusters of units, from 07:00 in periods of 5 min.

    A limit is one number for all clusters, or per cluster one number or one per period.
    """

    def bounds(values: Sequence[ArrayLike] | float) -> list[np.ndarray]:
        own = [values] * len(clusters) if isinstance(values, int | float) else values
        return [np.broadcast_to(np.asarray(v, dtype=np.float64), (periods,)) for v in own]

    units = [u for c in clusters for u in c]
    lower, upper = bounds(lower_kw), bounds(upper_kw)
    return ClusterSystem(
        horizon=Horizon(START, timedelta(seconds=step_s), periods, "UTC", (0, periods)),
        cluster_ids=tuple(f"cluster{n + 1}" for n in range(len(clusters))),
        evses=Evses(
            ids=tuple(
                f"CC{c + 1:02d}_{n + 1:02d}" for c, own in enumerate(clusters) for n in range(len(own))
            ),
            cluster=np.array([c for c, own in enumerate(clusters) for _ in own], dtype=np.int64),
            max_charge_kw=np.array([u.charge_kw for u in units]),
            max_discharge_kw=np.array([u.discharge_kw for u in units]),
            efficiency=np.array([u.efficiency for u in units]),
        ),
        limits=tuple(
            Limit(lower[c], upper[c], f"capacity of cluster{c + 1}", tolerance_kw)
            for c in range(len(clusters))
        ),
        price_per_kwh=np.broadcast_to(np.asarray(price, dtype=np.float64), (periods,)),
        traffic=traffic or Traffic.none(len(clusters)),
        system_limit=system_limit,
        imbalance_limits=imbalance_limits,
    )


def tutorial_visits(*, books: bool) -> tuple[Visit, ...]:
    """The eight vehicles of the worked examples 1 (they walk in) and 2 (they book)."""
    rows = (  # books, arrives (1), arrives (2), departs, SoC
        (0, 5, 5, 70, 0.415986839),
        (0, 5, 5, 40, 0.324482045),
        (5, 10, 25, 65, 0.38094489),
        (5, 10, 30, 95, 0.607635664),
        (15, 20, 20, 75, 0.510427464),
        (25, 30, 30, 75, 0.460649975),
        (25, 30, 30, 100, 0.531315482),
        (30, 35, 35, 70, 0.209857778),
    )
    if books:
        return tuple(Visit(second, d, soc=s, books=b) for b, _, second, d, s in rows)
    return tuple(Visit(first, d, soc=s) for _, first, _, d, s in rows)


def random_hub(seed: int, *, visits: int = 40, periods: int = 48) -> tuple[ClusterSystem, Fleet]:
    """A crowded hub of some clusters with no-shows, early, late and overstaying vehicles.

    Half of them book; some have no target cluster, a power table, a target above their max SoC, or a V2G
    allowance; limits change and bind, and now and then force charging or V2G.
    """
    rng = np.random.default_rng(seed)
    clusters = [
        [
            Unit(float(rng.choice([7.4, 11, 22])), float(rng.choice([0, 11])), float(rng.choice([0.9, 1])))
            for _ in range(rng.integers(1, 5))
        ]
        for _ in range(rng.integers(1, 4))
    ]
    own = [_random_visit(rng, len(clusters), 5 * periods) for _ in range(visits)]
    kw = [sum(u.charge_kw for u in c) for c in clusters]
    blocks = [np.repeat(rng.choice([0.1, 0.3, 0.5, 2.0, -0.1], periods // 6), 6) * p for p in kw]
    system = make_system(
        clusters,
        periods=len(blocks[0]),
        upper_kw=blocks,
        lower_kw=[np.minimum(b, np.repeat(rng.choice([-10, 0, 3], periods // 6), 6)) for b in blocks],
        tolerance_kw=0.5,
    )
    return system, make_fleet(own)


def _random_visit(rng: np.random.Generator, clusters: int, minutes: int) -> Visit:
    says_arrival = float(rng.integers(-60, minutes + 30))
    says_departure = says_arrival + float(rng.integers(1, 150))
    arrival = says_arrival + float(rng.choice([0, 0, 0, -25, 12, 40]))
    departure = max(arrival + 1, says_departure + float(rng.choice([0, 0, 0, -15, 30])))
    table = ((0.5, 22.0), (0.8, 9.0), (1.0, 4.0)) if rng.random() < 0.3 else ()
    books = says_arrival - float(rng.integers(0, 90)) if rng.random() < 0.5 else None
    return Visit(
        arrival=None if books is not None and rng.random() < 0.15 else arrival,
        departure=departure,
        soc=float(rng.uniform(0.1, 0.7)),
        target=float(rng.uniform(0.6, 1.0)),
        cluster=None if rng.random() < 0.2 else int(rng.integers(clusters)),
        books=books,
        says_arrival=says_arrival,
        says_departure=says_departure,
        battery_kwh=float(rng.choice([30.0, 55.0])),
        charge_kw=float(rng.choice([3.7, 11.0, 22.0])),
        v2g_kwh=float(rng.choice([0.0, 5.0])),
        min_soc=0.1,
        max_soc=float(rng.choice([0.9, 1.0])),
        table=table,
    )
