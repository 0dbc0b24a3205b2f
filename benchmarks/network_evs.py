"""EVs inside a zone's headroom: attempts of the search for realised EVs, plans with cost, whole searches.

The cars are drawn: home in the evening or for shorter stays, noon to noon in steps of 10 min, all with V2G.
The headroom of the zone has an evening peak in which it is negative. Attempts are measured where
they are hardest, around the number of cars that the zone just charges. HiGHS answers the same
questions on some of the same samples (its own LP, dual simplex with presolve, one thread).
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sparewatt.decide.optimise.network_charging import plan_zone_charging
from sparewatt.decide.optimise.network_realised import can_serve, find_realised_evs
from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.model.ev_sessions import EvSessions

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

NAME = "network_evs"
SUMMARY = (
    "EVs inside a zone's headroom: attempts and plans for 10, 40, 100 cars against HiGHS, whole searches"
)

PERIODS = 144
TARGET_S, TARGET_CARS = 0.05, 40


def draw_pool(cars: int, seed: int = 0) -> EvSessions:
    """Cars of a region with one evening stay each, a third of them with a short one before."""
    rng = np.random.default_rng(seed)
    battery = rng.choice([24.0, 30.0, 40.0, 60.0, 75.0], cars)
    rows = []
    for car in range(cars):
        home = int(np.clip(rng.normal(38, 10), 14, 90))
        leave = int(np.clip(rng.normal(114, 9), home + 20, PERIODS - 1))
        missing = min(float(rng.gamma(2.0, 4.0)), 0.8 * battery[car])
        end = battery[car] * float(rng.choice([1.0, 1.0, rng.uniform(0.6, 1.0)]))
        if rng.random() < 1 / 3:
            first = int(rng.integers(2, home - 10))
            rows.append((car, first, home - 5, 0.7 * battery[car], 0.75 * battery[car]))
        rows.append((car, home, leave, max(0.08 * battery[car], end - missing), end))
    table = np.array(rows).T
    full = np.full(cars, 1.0)
    return EvSessions(
        step_h=1 / 6,
        periods=PERIODS,
        ids=tuple(f"car {n}" for n in range(cars)),
        battery_kwh=battery,
        reserve_kwh=0.1 * battery,
        charge_kw=7.4 * full,
        discharge_kw=7.4 * full,
        efficiency=0.88 * full,
        car=table[0].astype(np.int64),
        arrival=table[1].astype(np.int64),
        departure=table[2].astype(np.int64),
        start_kwh=table[3],
        wanted_kwh=table[4],
    )


def make_room(cars: int) -> ChargingRoom:
    """A headroom that charges about this many cars, negative around 18:30."""
    hour = 12.0 + np.arange(PERIODS) / 6
    evening, morning = np.exp(-(((hour - 18.5) / 1.8) ** 2)), np.exp(-(((hour - 31.5) / 1.5) ** 2))
    headroom = cars * (0.66 - 0.75 * evening - 0.35 * morning)
    prices = np.where((hour > 16) & (hour < 19), 0.136, np.where((hour > 24) & (hour < 30), 0.04, 0.053))
    return ChargingRoom.in_headroom(headroom, cars * (1.0 + evening), prices)


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """What some work gives, and its CPU time [ms]."""
    started = time.process_time()
    answer = work()
    return answer, 1e3 * (time.process_time() - started)


def measure_plans(drawn: list[EvSessions], room: ChargingRoom) -> tuple[float, float, float]:
    """Median CPU times of ours and of HiGHS [ms], and by how much ours costs more at worst."""
    ours, highs, worse = [], [], -np.inf
    for sessions in drawn:
        plan, took = timed(partial(plan_zone_charging, sessions, room))
        peer, peer_took = timed(partial(plan_zone_charging, sessions, room, exact=True))
        ours.append(took)
        highs.append(peer_took)
        worse = max(worse, plan.objective - peer.objective)
    return float(np.median(ours)), float(np.median(highs)), worse


def main(*, quick: bool = False) -> None:
    """Print milliseconds per attempt and per plan, sizes swept, and the whole search."""
    pool = draw_pool(866)
    samples, peers = (3, 1) if quick else (40, 3)
    can_serve(pool.take(np.arange(5)), make_room(3))
    plan_zone_charging(pool.take(np.arange(5)), make_room(5))
    print("room  realised  search   |  attempts around it, CPU ms     |  plan with cost, CPU ms")
    print(" for       EVs   CPU s   |  median   p95  worst  served     |  ours   HiGHS   ratio  ours dearer")
    for cars in (10,) if quick else (10, 40, 100):
        room, rng = make_room(cars), np.random.default_rng(1)
        found, search = timed(partial(find_realised_evs, pool, 2 * cars, room, seed=7))
        sizes = rng.integers(max(1, int(0.95 * found.count)), int(1.15 * found.count) + 2, samples)
        drawn = [pool.take(np.sort(rng.choice(pool.cars, n, replace=False))) for n in sizes]
        answers = [timed(partial(can_serve, sessions, room)) for sessions in drawn]
        served, times = sum(a for a, _ in answers), [t for _, t in answers]
        middle, peer, worse = measure_plans(drawn[: peers if cars < 100 else 1], room)
        print(
            f"{cars:4d}  {found.count:8d}  {search / 1e3:6.2f}   |  {np.median(times):6.1f}"
            f" {np.quantile(times, 0.95):5.0f} {max(times):6.0f}  {served:3d} of {samples:3d}"
            f"  |  {middle:4.0f}  {peer:6.0f}  {peer / middle:5.1f}x  {worse:.1e}",
            flush=True,
        )
        if cars == TARGET_CARS:
            verdict = "reached" if np.median(times) <= 1e3 * TARGET_S else "MISSED"
            print(f"      target: median attempt <= {1e3 * TARGET_S:.0f} ms: {verdict}")
