"""LocalDays: the calendar days that a stretch of time touches, and their clocks (rule 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.model.horizon import local_to_utc

if TYPE_CHECKING:
    from numpy.typing import NDArray

READINGS = 48
"""Half-hours that a clock shows in a day."""
HALF_HOUR_S = 1800
_DAY_S = 86_400
_SATURDAY = 5


@dataclass(frozen=True)
class LocalDays:
    """Consecutive local days.

    Parameters
    ----------
    ordinal
        Number of each day (``date.toordinal``), shape (days,).
    midnight_s
        Begin of each day and end of the last, shape (days + 1,) [s since the epoch].
    reading_s
        Seconds from midnight at which the clock shows 0:00, 0:30, …, 23:30, shape (days, 48) [s]. In spring
        the readings that are skipped fall on those one hour on, in autumn those shown twice mean the first.
    weekend
        Saturday or Sunday, shape (days,).
    year_angle
        2π · (day of the year - 1) / 365, shape (days,) [rad].
    """

    ordinal: NDArray[np.int64]
    midnight_s: NDArray[np.int64]
    reading_s: NDArray[np.int64]
    weekend: NDArray[np.bool_]
    year_angle: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of days."""
        return len(self.ordinal)


@lru_cache(maxsize=64)
def find_local_days(from_s: int, to_s: int, timezone: str, lead: int = 0) -> LocalDays:
    """The local days that [from, to) touches, and ``lead`` days before them.

    Parameters
    ----------
    from_s, to_s
        A stretch of time [s since the epoch].
    timezone
        IANA name.
    lead
        Days more at the beginning.
    """
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(from_s, zone).date() - timedelta(days=lead)
    last = datetime.fromtimestamp(max(to_s - 1, from_s), zone).date()
    dates = [first + timedelta(days=d) for d in range((last - first).days + 2)]
    midnight = np.array([_midnight_s(day, timezone) for day in dates], dtype=np.int64)
    usual = np.arange(READINGS, dtype=np.int64) * HALF_HOUR_S
    reading = np.tile(usual, (len(dates) - 1, 1))
    for d in np.flatnonzero(np.diff(midnight) != _DAY_S).tolist():
        reading[d] = [_reading_s(dates[d], k, timezone) - midnight[d] for k in range(READINGS)]
    days = dates[:-1]
    return LocalDays(
        np.array([day.toordinal() for day in days], dtype=np.int64),
        midnight,
        reading,
        np.array([day.weekday() >= _SATURDAY for day in days]),
        np.array([2 * np.pi * (day.timetuple().tm_yday - 1) / 365 for day in days]),
    )


def _midnight_s(day: date, timezone: str) -> int:
    return _reading_s(day, 0, timezone)


def _reading_s(day: date, half_hour: int, timezone: str) -> int:
    local = datetime.combine(day, time(half_hour // 2, 30 * (half_hour % 2)))
    return int(local_to_utc(local, timezone).astimezone(UTC).timestamp())


def clock_hours(at_s: NDArray[np.int64], timezone: str) -> NDArray[np.float64]:
    """What the local clock shows at times [s since the epoch], shape (times,) [h of the day]."""
    zone = ZoneInfo(timezone)
    halves, row = np.unique(at_s // HALF_HOUR_S, return_inverse=True)
    offsets = [datetime.fromtimestamp(k * HALF_HOUR_S, zone).utcoffset() for k in halves.tolist()]
    offset_s = np.array([0 if o is None else o // timedelta(seconds=1) for o in offsets])
    return np.asarray((at_s + offset_s[row]) % _DAY_S / 3600.0)


def fine_step_s(step_s: int) -> int:
    """The longest part of a step that divides it and is at most ten minutes [s]."""
    parts = -(-step_s // 600)
    while step_s % parts:
        parts += 1
    return step_s // parts
