"""Days of EVs, from noon to noon by the local clock, on the periods of a run; clock changes included."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.horizon import Horizon, local_to_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from sparewatt.model.ev_sessions import EvSessions

NOON = 12
EPOCH_ORDINAL = 719_163
"""Ordinal of 1970-01-01."""


def noon_days(horizon: Horizon, first: int, days: int) -> Horizon:
    """Whole days from noon to noon out of a horizon of local days.

    Parameters
    ----------
    horizon
        Local days from midnight.
    first
        Day of ``horizon`` at whose noon they begin.
    days
        How many; ``first + days`` is a day of ``horizon`` still.
    """
    return Horizon.of_days(
        horizon.day_date(first), days, day_start_hours=NOON, step=horizon.step, timezone=horizon.timezone
    )


def periods_within(inner: Horizon, outer: Horizon) -> NDArray[np.int64]:
    """Periods of ``outer`` that the periods of ``inner`` are, shape (inner.periods,)."""
    first, rest = divmod(inner.start_s - outer.start_s, outer.step_s)
    if rest or inner.step_s != outer.step_s or first < 0 or first + inner.periods > outer.periods:
        raise ValueError("the inner horizon does not lie on periods of the outer one")
    return np.arange(first, first + inner.periods, dtype=np.int64)


def find_worst_days(values: NDArray[np.float64], horizon: Horizon, days: int) -> int:
    """First day of the run of noon-to-noon days around the least value.

    Parameters
    ----------
    values
        What is worst where it is least, shape (periods,).
    horizon
        Local days from midnight, ``days + 1`` of them at least.
    days
        Length of the run.
    """
    edges = np.asarray(horizon.day_edges)
    noons = np.array([edges[d] + _to_noon(horizon, d) for d in range(horizon.days)])
    inside = values[noons[0] : noons[-1]]
    worst = int(np.searchsorted(noons, noons[0] + int(inside.argmin()), side="right")) - 1
    return int(np.clip(worst - days // 2, 0, horizon.days - 1 - days))


def _to_noon(horizon: Horizon, day: int) -> int:
    """Periods from local midnight to noon."""
    noon = local_to_utc(datetime.combine(horizon.day_date(day), time(NOON)), horizon.timezone)
    start = horizon.start + horizon.day_edges[day] * horizon.step
    return int((noon - start) / horizon.step)


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def clock_boundaries(horizon: Horizon, day: int) -> NDArray[np.int64]:
    """Boundary within a noon-to-noon day at every step of the local clock, shape (24 h / step + 1,).

    A time that the clock skips is the moment of the jump; of a time that it shows twice the first is meant.

    Parameters
    ----------
    horizon
        Of `noon_days`.
    day
        Which of its days.
    """
    noon = datetime.combine(horizon.day_date(day), time(NOON))
    start = horizon.start + horizon.day_edges[day] * horizon.step
    count = round(timedelta(days=1) / horizon.step)
    at = [
        (local_to_utc(noon + k * horizon.step, horizon.timezone) - start) / horizon.step
        for k in range(count + 1)
    ]
    # Skipped times read as if the clock had not jumped, so they lie behind those after the jump.
    kept = np.minimum.accumulate(np.asarray(at)[::-1])[::-1]
    return np.floor(kept).astype(np.int64)


def land_sessions(sessions: EvSessions, horizon: Horizon, day: int) -> EvSessions:
    """Stays of a nominal day on the periods of a real one: the same local times; those that vanish left out.

    Parameters
    ----------
    sessions
        On the steps of a day of 24 hours from noon.
    horizon, day
        See `clock_boundaries`.
    """
    periods = horizon.day_edges[day + 1] - horizon.day_edges[day]
    at = clock_boundaries(horizon, day)
    arrival, departure = at[sessions.arrival], at[sessions.departure]
    kept = departure > arrival
    return replace(
        sessions,
        periods=periods,
        car=sessions.car[kept],
        arrival=arrival[kept],
        departure=departure[kept],
        start_kwh=sessions.start_kwh[kept],
        wanted_kwh=sessions.wanted_kwh[kept],
    )


def join_days(parts: Sequence[EvSchedule], horizon: Horizon) -> EvSchedule:
    """Schedules of the same cars on the days of a horizon as one schedule on all of it.

    Parameters
    ----------
    parts
        One per day, each on the periods of its day.
    horizon
        All the days.
    """
    first = horizon.day_edges
    car = np.concatenate([p.sessions.car for p in parts])
    arrival = np.concatenate([p.sessions.arrival + first[d] for d, p in enumerate(parts)])
    departure = np.concatenate([p.sessions.departure + first[d] for d, p in enumerate(parts)])
    order = np.lexsort((arrival, car))
    sessions = replace(
        parts[0].sessions,
        periods=horizon.periods,
        car=car[order],
        arrival=arrival[order],
        departure=departure[order],
        start_kwh=np.concatenate([p.sessions.start_kwh for p in parts])[order],
        wanted_kwh=np.concatenate([p.sessions.wanted_kwh for p in parts])[order],
    )
    length = departure - arrival
    before = np.concatenate([[0], np.cumsum(length)])[:-1]
    taken = np.repeat(before[order] - sessions.offset[:-1], length[order]) + np.arange(sessions.entries)
    return EvSchedule(
        sessions,
        np.concatenate([p.charge_kw for p in parts])[taken],
        np.concatenate([p.discharge_kw for p in parts])[taken],
    )
