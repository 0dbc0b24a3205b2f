"""Hosting capacity: who has EVs, PV and heat pumps is drawn again and again, and the power flow judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.model.customers import Case, Profiles
from sparewatt.physics.engines import engine_for
from sparewatt.physics.headroom.zonal import zonal_series, zonal_want
from sparewatt.simulate.network_days import epoch_day, join_days, land_sessions
from sparewatt.simulate.network_evs import plan_days
from sparewatt.simulate.network_flow import Grid, ev_power

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.case_loads import PowerFactors
    from sparewatt.model.customers import Customers
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.network import Network
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.physics.power_flow import Engine
    from sparewatt.simulate.network_evs import Cars, ZoneRoom
    from sparewatt.tasks import Control

SAMPLES = 43
"""Stream of the samples."""
NOISE_PU = 1e-9
SERVED_SHARE = 0.99
SHORT_SHARE = 0.01
"""Share of the energy that cars take in the sample beyond which missing energy is a violation."""


@dataclass(frozen=True)
class HostingTask:
    """Some samples of one penetration; all of it can be sent to another process.

    Parameters
    ----------
    network, feeders, zones, customers, factors, engine
        Where.
    demand_kw, heat_pump_kw, pv_kw_per_kwp
        Profiles of the periods of ``horizon``.
    horizon
        Days from noon to noon.
    pool
        Cars.
    pv_share, hp_share
        Penetrations of PV and heat pumps, drawn anew in every sample [0-1].
    rooms
        What every zone leaves, for optimised charging; empty: unmanaged.
    penetration
        EVs per customer; 0: the network as it is.
    first, end
        Numbers of the samples ``first..end-1``.
    floor_pu, ceiling_pu
        Bounds that samples are judged by.
    seed
        Of the draws: sample n of a penetration has the same homes and cars however it is charged.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    customers: Customers
    factors: PowerFactors
    engine: Engine
    demand_kw: NDArray[np.float64]
    heat_pump_kw: NDArray[np.float64]
    pv_kw_per_kwp: NDArray[np.float64]
    horizon: Horizon
    pool: Cars
    pv_share: float
    hp_share: float
    rooms: tuple[ZoneRoom, ...]
    penetration: float
    first: int
    end: int
    floor_pu: float
    ceiling_pu: float
    seed: int


@dataclass(frozen=True)
class _Draw:
    """One sample: who has what.

    Parameters
    ----------
    case
        PV and heat pumps.
    homes, cars
        Customers with an EV, and rows of the pool, shape (evs,).
    """

    case: Case
    homes: NDArray[np.int64]
    cars: NDArray[np.int64]


def run_samples(task: HostingTask, control: Control) -> NDArray[np.bool_]:
    """Whether each sample violates anything, shape (end - first,).

    A sample violates where any step of it has an overloaded branch or transformer, a voltage beyond the
    bounds, or no solution; optimised charging also where cars miss more than a hundredth of what they take.

    Raises
    ------
    RunCancelled
        It was asked to stop.
    """
    grid = Grid(
        task.network,
        task.feeders,
        task.zones,
        task.customers,
        engine_for(task.engine, task.network),
        task.factors,
    )
    profiles = Profiles(task.demand_kw, task.heat_pump_kw, task.pv_kw_per_kwp)
    want = zonal_want(task.network, task.feeders, task.zones)
    days = [task.pool.on_day(epoch_day(task.horizon.day_date(d))) for d in range(task.horizon.days)]
    out = np.zeros(task.end - task.first, dtype=np.bool_)
    for row, sample in enumerate(range(task.first, task.end)):
        control.check()
        draw = _draw(task, sample)
        plans: list[tuple[NDArray[np.int64], EvSchedule]] = []
        short = False
        if not len(draw.homes):
            pass
        elif task.rooms:
            plans, short = _planned(task, draw)
        else:
            plans = [(draw.homes, _plugged_in(task, draw, days))]
        ev_kw = ev_power(plans, len(task.customers), 0, task.horizon.periods)
        kw, kvar = grid.loads(draw.case, profiles, ev_kw)
        series = zonal_series(grid.engine.solve(kw, kvar, want), task.network, task.zones)
        out[row] = short or breaks_anything(series, task.floor_pu, task.ceiling_pu, task.network)
        control.report((row + 1) / len(out))
    return out


def breaks_anything(series: ZonalSeries, floor_pu: float, ceiling_pu: float, network: Network) -> bool:
    """Whether any step has an overload, a voltage beyond its bounds, or no solution."""
    return bool(
        (~series.converged).any()
        or (series.overloads > 0).any()
        or (series.min_pu < floor_pu - NOISE_PU).any()
        or (series.max_pu > ceiling_pu + NOISE_PU).any()
        or (series.transformer_kva > network.transformer.rating_kva).any()
    )


def _draw(task: HostingTask, sample: int) -> _Draw:
    """Who has an EV, which one, PV, a heat pump; homes of fewer EVs are among those of more."""
    rng = np.random.default_rng(np.random.SeedSequence(task.seed, spawn_key=(SAMPLES, sample)))
    count = len(task.customers)
    has_pv, has_hp = (
        rng.permutation(count) < round(share * count) for share in (task.pv_share, task.hp_share)
    )
    single = np.flatnonzero(task.customers.zone >= 0)
    homes = rng.permutation(single)
    cars = rng.permutation(len(task.pool))
    evs = min(round(task.penetration * len(single)), len(cars))
    case = Case("drawn", task.pv_share, task.hp_share, has_pv, has_hp)
    return _Draw(case, homes[:evs].astype(np.int64), cars[:evs].astype(np.int64))


def _plugged_in(task: HostingTask, draw: _Draw, days: Sequence[EvSessions]) -> EvSchedule:
    """Unmanaged charging of all cars of a sample."""
    parts = [
        plan_plug_in(land_sessions(cars.take(draw.cars), task.horizon, d)) for d, cars in enumerate(days)
    ]
    return join_days(parts, task.horizon)


def _planned(task: HostingTask, draw: _Draw) -> tuple[list[tuple[NDArray[np.int64], EvSchedule]], bool]:
    """Optimised charging zone by zone, and whether too much energy is missing."""
    plans, missing, taken = [], 0.0, 0.0
    zone_of = task.customers.zone[draw.homes]
    for zone, room in enumerate(task.rooms):
        own = np.flatnonzero(zone_of == zone)
        if not len(own):
            continue
        schedule = plan_days(room, task.pool, draw.cars[own], task.horizon)
        sessions = schedule.sessions
        missing += float(np.maximum(SERVED_SHARE * sessions.wanted_kwh - schedule.end_kwh, 0.0).sum())
        taken += float(np.maximum(sessions.wanted_kwh - sessions.start_kwh, 0.0).sum())
        plans.append((draw.homes[own], schedule))
    return plans, missing > SHORT_SHARE * taken
