"""MinuteGrid: the minutes that a neighbourhood is simulated and settled on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.jobs import Jobs
    from sparewatt.model.neighbourhood import Neighbourhood

MINUTE_S = 60
DAY_MINUTES = 1440
DAY_S = DAY_MINUTES * MINUTE_S


@dataclass(frozen=True)
class MinuteGrid:
    """Half-open minutes, labelled by their left edge; all times are whole seconds since time 0.

    Parameters
    ----------
    origin_s
        Time 0, the earliest stamp of the inputs [UNIX s].
    minutes
        Number of minutes: long enough for the last job to end.
    days
        Jobs registered after so many days from time 0 are not simulated; all are where it is missing.
    """

    origin_s: int
    minutes: int
    days: int | None = None

    @property
    def origin(self) -> datetime:
        """Time 0 in UTC."""
        return datetime.fromtimestamp(self.origin_s, tz=UTC)

    @property
    def edges_s(self) -> NDArray[np.int64]:
        """Boundaries of the minutes since time 0, shape (minutes + 1,) [s]."""
        return np.arange(self.minutes + 1, dtype=np.int64) * MINUTE_S

    def time_at(self, second: int) -> datetime:
        """The UTC time of a second since time 0."""
        return self.origin + timedelta(seconds=int(second))


def find_grid(neighbourhood: Neighbourhood, days: int | None = None) -> tuple[MinuteGrid, NDArray[np.int64]]:
    """The minutes of a simulation, and the jobs that it leaves out.

    minutes = max(1440 · days, ends of the jobs that are simulated), so that a job that runs past the last
    day is settled whole.

    Parameters
    ----------
    neighbourhood
        The neighbourhood.
    days
        Days to simulate, >= 1; without it as many as hold every registration and every forecast's issue.

    Returns
    -------
    MinuteGrid
        The minutes; ``days`` is set.
    ndarray
        Rows of the jobs registered after those days.
    """
    jobs, forecasts = neighbourhood.jobs, neighbourhood.forecasts
    last_s = max(int(jobs.registered_s.max(initial=0)), int(forecasts.issued_s.max(initial=0)))
    simulated_days = last_s // DAY_S + 1 if days is None else days
    not_asked = find_not_asked(jobs, simulated_days)
    asked = np.ones(len(jobs), bool)
    asked[not_asked] = False
    ends = np.maximum(-(-jobs.end_s[asked] // MINUTE_S), jobs.latest_s[asked] // MINUTE_S + 1)
    minutes = max(simulated_days * DAY_MINUTES, int(ends.max(initial=0)))
    return MinuteGrid(neighbourhood.origin_s, minutes, simulated_days), not_asked


def find_not_asked(jobs: Jobs, days: int | None) -> NDArray[np.int64]:
    """Rows of the jobs registered after so many days from time 0; none where ``days`` is missing."""
    if days is None:
        return np.empty(0, np.int64)
    return np.asarray(np.flatnonzero(jobs.registered_s >= days * DAY_S), np.int64)
