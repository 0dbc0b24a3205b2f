"""Half-hourly price and site load with the shape of British working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SATURDAY = 5


@dataclass(frozen=True)
class HalfHours:
    """Consecutive half-hours as people on the site read them.

    Parameters
    ----------
    stamps
        Left edges, local time with offset.
    day
        Local calendar day counted from the first, shape (half-hours,).
    hour
        Local hour of the day [h], same shape.
    weekend
        Whether the day is a Saturday or Sunday, same shape.
    """

    stamps: tuple[datetime, ...]
    day: NDArray[np.int64]
    hour: NDArray[np.float64]
    weekend: NDArray[np.bool_]

    @classmethod
    def of_days(cls, first_day: date, days: int, timezone: str) -> HalfHours:
        """Every half-hour of local days; 46 or 50 of them on a clock-change day."""
        zone = ZoneInfo(timezone)
        start, end = (
            datetime.combine(first_day + timedelta(days=d), time(), zone).astimezone(UTC) for d in (0, days)
        )
        count = (end - start) // timedelta(minutes=30)
        stamps = tuple((start + k * timedelta(minutes=30)).astimezone(zone) for k in range(count))
        return cls(
            stamps,
            np.array([(s.date() - first_day).days for s in stamps], dtype=np.int64),
            np.array([s.hour + s.minute / 60 for s in stamps]),
            np.array([s.weekday() >= _SATURDAY for s in stamps]),
        )


def draw_price(rng: np.random.Generator, half_hours: HalfHours) -> NDArray[np.float64]:
    """Price with an evening peak and cheap nights, levels that wander from day to day [£/kWh].

    About 0.09 at night, 0.18 by day, 0.31 in the peak of 16-19 h; calmer at weekends, and nearly free
    on a windy night now and then; never below 0.01.
    """
    hour, day = half_hours.hour, half_hours.day
    days = int(day[-1]) + 1
    night = (hour >= 0.5) & (hour < 5.0)  # noqa: PLR2004 - hours of the tariff
    peak = np.exp(-(((hour - 17.5) / 1.4) ** 2)) * np.where(half_hours.weekend, 0.05, 0.13)
    shape = np.where(night, 0.09, 0.18) + peak
    level = _wandering(rng, days, persistence=0.8, spread=0.12)
    windy = np.where(rng.random(days) < 0.1, 0.3, 1.0)  # noqa: PLR2004 - one night in ten
    drawn = shape * level[day] * np.where(night, windy[day], 1.0) + rng.normal(0, 0.006, len(hour))
    price: NDArray[np.float64] = drawn.clip(min=0.01).round(4)
    return price


def draw_site_load(rng: np.random.Generator, half_hours: HalfHours, typical_kw: float) -> NDArray[np.float64]:
    """Load of buildings beside the chargers [kW], ``typical_kw`` in a working night.

    Twice that while people work, less at weekends, noise that lasts some hours, and on about one day
    in twelve a cold store that adds as much again from 18:00 to 06:00.
    """
    hour, day = half_hours.hour, half_hours.day
    days = int(day[-1]) + 1
    work = 1 / (1 + np.exp(-(hour - 7) * 2)) - 1 / (1 + np.exp(-(hour - 18.5) * 2))
    work = work * np.where(half_hours.weekend, 0.3, 1.0)
    level = _wandering(rng, days, persistence=0.7, spread=0.08)
    cold = rng.random(days) < 1 / 12
    noise = _wandering(rng, len(hour), persistence=0.9, spread=0.07)
    freezing = np.where(hour >= 18, cold[day], (hour < 6) & cold[day - 1] & (day > 0))  # noqa: PLR2004 - hours
    drawn: NDArray[np.float64] = typical_kw * ((1.0 + work) * level[day] * noise + freezing)
    load: NDArray[np.float64] = drawn.clip(min=0.0).round(2)
    return load


def _wandering(
    rng: np.random.Generator, length: int, *, persistence: float, spread: float
) -> NDArray[np.float64]:
    """Values around 1 with memory (an autoregression of order one), shape (length,), at least 0.3."""
    shocks = rng.normal(0, spread * np.sqrt(1 - persistence**2), length)
    value, out = rng.normal(0, spread), np.ones(length)
    for k in range(length):
        value = persistence * value + shocks[k]
        out[k] = 1 + value
    bounded: NDArray[np.float64] = np.maximum(out, 0.3)
    return bounded
