"""Horizon: the half-open periods of a study and the local days they belong to (rule 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def local_to_utc(local: datetime, timezone: str) -> datetime:
    """A naive local time of ``timezone`` in UTC; an ambiguous time is taken as its first occurrence."""
    return local.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)


def local_time_problem(local: datetime, timezone: str) -> str | None:
    """``"missing"`` for a time the clock skips, ``"ambiguous"`` for one it shows twice, else ``None``."""
    zone = ZoneInfo(timezone)
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return None
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return "ambiguous" if back == local else "missing"


@dataclass(frozen=True)
class Horizon:
    """Equal, half-open periods, labelled by their left edge.

    Parameters
    ----------
    start
        Left edge of the first period, tz-aware UTC.
    step
        Length of a period.
    periods
        Number of periods.
    timezone
        IANA name of the zone in which people read these periods.
    day_edges
        Boundaries (indices 0..periods) where a planning day begins, the last one included.
    """

    start: datetime
    step: timedelta
    periods: int
    timezone: str
    day_edges: tuple[int, ...]

    @classmethod
    def of_days(
        cls, first: date, days: int, *, day_start_hours: int = 0, step: timedelta, timezone: str
    ) -> Horizon:
        """Whole local days from ``first``, each from ``day_start_hours`` to the next.

        A day has 24 h / step periods, one hour fewer or more on a clock-change day
        (46, 48 or 50 half-hours).
        """
        starts = [
            local_to_utc(
                datetime.combine(first + timedelta(days=d), datetime.min.time())
                + timedelta(hours=day_start_hours),
                timezone,
            )
            for d in range(days + 1)
        ]
        edges = []
        for s in starts:
            count, rest = divmod(s - starts[0], step)
            if rest:
                msg = f"a step of {step} does not divide the days of {timezone}"
                raise ValueError(msg)
            edges.append(count)
        return cls(starts[0], step, edges[-1], timezone, tuple(edges))

    @property
    def step_h(self) -> float:
        """Length of a period [h]."""
        return self.step / timedelta(hours=1)

    @property
    def step_s(self) -> int:
        """Length of a period [s]."""
        return int(self.step / timedelta(seconds=1))

    @property
    def start_s(self) -> int:
        """Left edge of the first period [s since the epoch]."""
        return int(self.start.timestamp())

    @property
    def end(self) -> datetime:
        """Right edge of the last period, UTC."""
        return self.start + self.periods * self.step

    @property
    def end_s(self) -> int:
        """Right edge of the last period [s since the epoch]."""
        return self.start_s + self.periods * self.step_s

    @property
    def days(self) -> int:
        """Number of planning days."""
        return len(self.day_edges) - 1

    @cached_property
    def boundaries_s(self) -> NDArray[np.int64]:
        """All boundaries, shape (periods + 1,) [s since the epoch]."""
        s: NDArray[np.int64] = np.arange(self.start_s, self.end_s + 1, self.step_s, dtype=np.int64)
        return s

    @cached_property
    def day_of_period(self) -> NDArray[np.int64]:
        """Planning day of each period, shape (periods,)."""
        return np.repeat(np.arange(self.days), np.diff(self.day_edges))

    @cached_property
    def period_in_day(self) -> NDArray[np.int64]:
        """Position of each period in its planning day, shape (periods,)."""
        edges = np.asarray(self.day_edges, dtype=np.int64)
        return np.asarray(np.arange(self.periods) - edges[self.day_of_period], dtype=np.int64)

    def local(self, boundary: int) -> datetime:
        """Boundary ``boundary`` as tz-aware local time."""
        return (self.start + boundary * self.step).astimezone(ZoneInfo(self.timezone))

    def local_stamps(self) -> list[datetime]:
        """Left edges of all periods as tz-aware local times."""
        return [self.local(t) for t in range(self.periods)]

    def day_date(self, day: int) -> date:
        """Local date on which planning day ``day`` begins."""
        return self.local(self.day_edges[day]).date()
