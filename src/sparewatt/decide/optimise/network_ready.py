"""Kernels of EV charging compiled, or loaded, before any deadline runs."""

from __future__ import annotations

from functools import cache

import numpy as np

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_problem import ChargingProblem
from sparewatt.decide.optimise.network_task import GAP, SERVED_SHARE, ChargingRoom
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.model.limit import Limit

NO_DEADLINE_S = np.inf
_CARS, _PERIODS = 3, 6


def tiny_task() -> tuple[EvSessions, ChargingRoom]:
    """Three cars that give back, six hours, a limit that leaves them short."""
    each, one = np.full(_CARS, 1.0), np.arange(_CARS) % 2
    cars = EvSessions(
        step_h=1.0,
        periods=_PERIODS,
        ids=tuple(str(k) for k in range(_CARS)),
        battery_kwh=20.0 * each,
        reserve_kwh=2.0 * each,
        charge_kw=4.0 * each,
        discharge_kw=4.0 * each,
        efficiency=0.9 * each,
        car=np.arange(_CARS),
        arrival=one,
        departure=_PERIODS - one,
        start_kwh=5.0 * each,
        wanted_kwh=10.0 * each,
    )
    upper = np.array([3.0, 0.0, 3.0, 1.0, 3.0, 3.0])
    limit = Limit(np.full(_PERIODS, -1.0), upper, "to make ready")
    return cars, ChargingRoom(limit, np.linspace(0.1, 0.2, _PERIODS), np.zeros(_PERIODS))


@cache
def make_ready() -> None:
    """Solve two tiny problems without a deadline, once per process.

    On a machine that has not run them yet kernels are compiled for some ten seconds of processor time. A
    deadline that paid for it could end the first plan of a run, which would then come out otherwise than in
    the next run of the same seed.
    """
    cars, room = tiny_task()
    shared = Limit(room.limit.lower_kw, 1.5 * room.limit.upper_kw, "to make ready")
    for zone, rooms, limit in ((0 * cars.car, [room], None), (cars.car % 2, [room, room], shared)):
        ChargingProblem(cars, zone, rooms, limit, SERVED_SHARE).solve(GAP, Deadline(NO_DEADLINE_S))
