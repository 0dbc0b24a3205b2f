"""Realised EVs: how many cars of a pool a zone really charges, whichever they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_aggregate import aggregate_shortfall
from sparewatt.decide.optimise.network_chains import lay_out, reachable_kwh
from sparewatt.decide.optimise.network_charging import SECONDS, plan_zone_charging
from sparewatt.decide.optimise.network_exact import solve_exactly
from sparewatt.decide.optimise.network_filling import Fillable, fill_by_laxity
from sparewatt.decide.optimise.network_interior import solve_chains
from sparewatt.decide.optimise.network_margin import Margin, check_service
from sparewatt.decide.optimise.network_ready import NO_DEADLINE_S, make_ready, tiny_task
from sparewatt.decide.optimise.network_task import SERVED_SHARE, SHORT_KWH
from sparewatt.model.ev_sessions import taper_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_task import ChargingRoom, ZonePlan
    from sparewatt.model.ev_sessions import EvSessions

PROBES = 3
"""Samples whose largest number is where the streak begins."""


@dataclass(frozen=True)
class RealisedEvs:
    """How many EVs a zone charges.

    Parameters
    ----------
    count
        Cars of which ``streak`` samples in a row were served.
    cars
        Rows of the pool of the last of these samples, ascending, shape (count,).
    plan
        Its schedule.
    attempts
        Number of cars of each sample of the streak, in order, and whether it was served.
    """

    count: int
    cars: NDArray[np.int64]
    plan: ZonePlan
    attempts: tuple[tuple[int, bool], ...]


def can_serve(
    sessions: EvSessions,
    room: ChargingRoom,
    *,
    served_share: float = SERVED_SHARE,
    seconds: float = SECONDS,
) -> bool:
    """Whether all stays can be served at once: end >= ``served_share`` x wanted, or as much as alone.

    Cheapest question first: charging by least laxity may show a schedule; all cars as one battery may show
    that there is none; cars that lend to each other may show one; else the least margin of the limit
    (``network_margin``) is sought until a schedule is found or excluded. Where it is too near to 0 to tell
    the least shortfall is sought, and HiGHS decides what even that leaves open.

    Parameters
    ----------
    sessions
        The cars.
    room
        Limit; prices play no part.
    served_share
        See ``plan_zone_charging``.
    seconds
        Deadline; what is not decided by then counts as not served [s].
    """
    s, upper, lower = sessions, room.limit.upper_kw, room.limit.lower_kw
    if len(s) == 0:
        return True
    _make_ready()
    deadline = Deadline(seconds)
    reach, end = reachable_kwh(s)
    wanted = np.minimum(served_share * s.wanted_kwh, end)
    stays = fillable_of(s, wanted)
    quick, known = _quick_answer(stays, reach, upper)
    if quick is not None:
        return quick
    zone = np.zeros(s.cars, dtype=np.int64)
    bounds, free = (lower[None, :], upper[None, :]), np.zeros((1, s.periods))
    chains, rows = lay_out(s, wanted, zone, *bounds, free)
    near = Margin(chains, rows, s.periods, *known)
    answer, _ = check_service(near, lower, upper, enough_kwh=SHORT_KWH, deadline=deadline)
    if answer != "open":
        return answer == "served"
    gap = 0.1 * SHORT_KWH
    found = solve_chains(
        chains, rows, 1, s.periods, penalty=1.0, deadline=deadline, gap=gap, enough_kwh=SHORT_KWH
    )
    if found.ending != "stuck":
        return found.ending == "enough"
    exact = solve_exactly(s, wanted, zone, *bounds, free, None, deadline, 0.0)
    return exact.status == "optimal" and exact.missing_bound_kwh <= SHORT_KWH


@cache
def _make_ready() -> None:
    """Ask every question that kernels answer once per process, before any deadline runs."""
    make_ready()
    cars, room = tiny_task()
    lower, upper = room.limit.lower_kw, room.limit.upper_kw
    reach, _ = reachable_kwh(cars)
    _, known = _quick_answer(fillable_of(cars, cars.wanted_kwh), reach, upper)
    zone, free = np.zeros(cars.cars, dtype=np.int64), np.zeros((1, cars.periods))
    chains, rows = lay_out(cars, cars.wanted_kwh, zone, lower[None, :], upper[None, :], free)
    near = Margin(chains, rows, cars.periods, *known)
    check_service(near, lower, upper, enough_kwh=SHORT_KWH, deadline=Deadline(NO_DEADLINE_S))


def fillable_of(sessions: EvSessions, wanted_kwh: NDArray[np.float64]) -> Fillable:
    """The stays for `fill_by_laxity`, each to end with ``wanted_kwh``, shape (sessions,) [kWh]."""
    s = sessions
    intercept, slope = (line[s.car] for line in taper_line(s.battery_kwh, s.charge_kw))
    discharge, start = s.discharge_kw[s.car], s.start_kwh
    return Fillable(
        offset=s.offset,
        arrival=s.arrival,
        start_kwh=start,
        wanted_kwh=wanted_kwh,
        least_kwh=np.where(discharge > 0.0, np.minimum(s.reserve_kwh[s.car], start), start),
        most_kwh=s.battery_kwh[s.car],
        charge_kw=s.charge_kw[s.car],
        intercept_kw=intercept,
        slope_per_h=slope,
        efficiency=s.efficiency[s.car],
        discharge_kw=discharge,
        step_h=s.step_h,
    )


def _quick_answer(
    stays: Fillable, reach_kwh: NDArray[np.float64], upper_kw: NDArray[np.float64]
) -> tuple[bool | None, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Whether all can be served as far as kernels tell in a fraction of a millisecond; the best schedule."""
    short, *known = fill_by_laxity(stays._replace(discharge_kw=0.0 * stays.discharge_kw), upper_kw)
    if short <= SHORT_KWH:
        return True, (known[0], known[1])
    if aggregate_shortfall(stays, reach_kwh, upper_kw) > SHORT_KWH:
        return False, (known[0], known[1])
    short, *known = fill_by_laxity(stays, upper_kw)
    return (True if short <= SHORT_KWH else None), (known[0], known[1])


def find_realised_evs(
    pool: EvSessions,
    most: int,
    room: ChargingRoom,
    *,
    streak: int = 10,
    seed: int | np.random.Generator,
    served_share: float = SERVED_SHARE,
    seconds: float = SECONDS,
) -> RealisedEvs:
    """Find how many EVs a zone charges: the number of which ``streak`` samples in a row are served.

    A sample is drawn from the pool without replacement. Bisection over the first cars of one random
    order, for `PROBES` orders, gives where to begin; from there a sample that is not served takes
    one car off and begins the streak anew.

    Parameters
    ----------
    pool
        Cars to draw from.
    most
        Most cars that the zone may have (its customers, or what its energy allows).
    room
        Limit and prices.
    streak
        Samples in a row that must be served.
    seed
        Of the samples.
    served_share
        See `plan_zone_charging`.
    seconds
        Deadline of each attempt [s].
    """
    rng = np.random.default_rng(seed)
    most = min(most, pool.cars)

    def served(cars: NDArray[np.int64]) -> bool:
        return can_serve(pool.take(np.sort(cars)), room, served_share=served_share, seconds=seconds)

    count = 0
    for _ in range(PROBES):
        order = rng.permutation(pool.cars)[:most]
        # What a probe before has shown possible need not be tried again.
        good, bad = count, most + 1
        while bad - good > 1:
            middle = most if good == count and bad == most + 1 else (good + bad) // 2
            good, bad = (middle, bad) if served(order[:middle]) else (good, middle)
        count = max(count, good)
    attempts: list[tuple[int, bool]] = []
    cars, row = np.zeros(0, dtype=np.int64), 0
    while count > 0 and row < streak:
        cars = np.sort(rng.choice(pool.cars, count, replace=False))
        good_one = served(cars)
        attempts.append((count, good_one))
        row = row + 1 if good_one else 0
        count -= 0 if good_one else 1
    cars = cars[:count] if count else np.zeros(0, dtype=np.int64)
    plan = plan_zone_charging(pool.take(cars), room, served_share=served_share, seconds=seconds)
    return RealisedEvs(count, cars, plan, tuple(attempts))
