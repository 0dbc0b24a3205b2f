"""Customers made by hand, and files of their meters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from sparewatt.model.customers import Customers
from sparewatt.model.horizon import Horizon

LONDON = "Europe/London"


def make_customers(count: int, zones: int = 4) -> Customers:
    """Customers ``home 0`` …, in zones and classes by turns, 3 kWp each."""
    rows = np.arange(count, dtype=np.int64)
    return Customers(
        tuple(f"home {n}" for n in range(count)), rows, rows % zones, rows % 3, np.full(count, 3.0)
    )


def make_horizon(first: date, days: int, minutes: int = 10, timezone: str = LONDON) -> Horizon:
    """Whole local days."""
    return Horizon.of_days(first, days, step=timedelta(minutes=minutes), timezone=timezone)


def utc_stamps(first: datetime, count: int, minutes: int = 30) -> list[datetime]:
    """Equally spaced stamps in UTC."""
    return [first.astimezone(UTC) + k * timedelta(minutes=minutes) for k in range(count)]
