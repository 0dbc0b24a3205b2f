"""Routes of one generated fleet: who leaves when, who is back when, how much energy it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.fleet_kinds import FleetKind, Shift, Spec

_WORKING_DAYS = 5
_OUT_ON_A_WORKING_DAY = 0.95
_ROUTE_LIMIT = 0.9  # of the usable battery


@dataclass(frozen=True, slots=True)
class Route:
    """One route of one vehicle; times are local and naive, energy is battery side [kWh]."""

    vehicle: int
    spec: Spec
    day: int
    departure: datetime
    arrival: datetime
    energy_kwh: float
    recharge_h: float


def day_factors(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """How much work a day brings against an ordinary one, shape (days,): about one in twelve is heavy."""
    ordinary = rng.normal(1.0, 0.06, days)
    return np.clip(ordinary + np.where(rng.random(days) < 1 / 12, 0.25, 0.0), 0.8, 1.35)


def draw_routes(
    rng: np.random.Generator,
    kind: FleetKind,
    vehicles: int,
    first_day: date,
    factor: NDArray[np.float64],
    day_start_hours: int,
) -> list[Route]:
    """All routes of a fleet, by vehicle and then by time; at least one vehicle is out every day.

    The first planning day begins at ``day_start_hours``: on that date there are only routes that
    leave after it, and where a fleet has none, one vehicle makes an evening round.

    Every vehicle has its own habits (hour, distance) and its own bad days. No route takes more than
    90 % of the battery. Departures and arrivals fall on whole minutes between 05:00 and 23:45, so
    never in the hour that a clock change repeats or skips.
    """
    days = len(factor)
    weekend = np.array([(first_day + timedelta(days=d)).weekday() >= _WORKING_DAYS for d in range(days)])
    out = rng.random((vehicles, days)) < np.where(weekend, kind.weekend, _OUT_ON_A_WORKING_DAY)
    out[rng.integers(0, vehicles, days), np.arange(days)] = True
    bounds = np.rint(np.cumsum([crew.share for crew in kind.crews]) * vehicles).astype(int)
    routes: list[Route] = []
    for n in range(vehicles):
        crew = kind.crews[int(np.searchsorted(bounds, n, side="right"))]
        drawn = [_draw_shift(rng, shift, factor) for shift in crew.shifts]
        for d in np.flatnonzero(out[n]):
            midnight = datetime.combine(first_day + timedelta(days=int(d)), time())
            for leave, back, share, recharge in drawn:
                if d == 0 and leave[0] < 60 * day_start_hours:
                    continue
                energy = min(float(share[d]), _ROUTE_LIMIT) * crew.spec.battery_kwh
                routes.append(
                    Route(
                        n,
                        crew.spec,
                        int(d),
                        midnight + timedelta(minutes=int(leave[d])),
                        midnight + timedelta(minutes=int(back[d])),
                        round(energy, 2),
                        float(recharge[d]),
                    )
                )
    if not any(route.day == 0 for route in routes):
        routes.insert(0, _evening_round(kind, first_day))
    return routes


def _evening_round(kind: FleetKind, first_day: date) -> Route:
    midnight = datetime.combine(first_day, time())
    spec = kind.crews[0].spec
    leave, back = midnight + timedelta(hours=17, minutes=40), midnight + timedelta(hours=20, minutes=25)
    return Route(0, spec, 0, leave, back, round(0.3 * spec.battery_kwh, 2), 0.0)


def _draw_shift(
    rng: np.random.Generator, shift: Shift, factor: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Departure and arrival [min after midnight], share of the battery, stay [h]; one value per day."""
    days = len(factor)
    leave = _minutes(rng, shift.leave_h, days)
    back = _minutes(rng, shift.back_h, days)
    low, high = shift.share_of_battery
    habit = rng.uniform(low, high)
    share = np.clip(habit * rng.normal(1.0, 0.08, days), low, high) * factor
    recharge = np.round(rng.uniform(*shift.recharge_h, days) * 4) / 4
    return leave, back, share, recharge


def _minutes(rng: np.random.Generator, hours: tuple[float, float], days: int) -> NDArray[np.int64]:
    """A habitual minute with some spread, within the hours, per day."""
    low, high = hours[0] * 60, hours[1] * 60
    habit = rng.uniform(low, high)
    around = rng.normal(habit, (high - low) / 10, days)
    return np.clip(np.rint(around), low, high).astype(np.int64)
