"""Starts: the starts that each job may choose from, and the load that each brings to the minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import minute_kw
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.jobs import Jobs

KW_ZERO = 1e-12
"""Power below this is nothing [kW]."""


@dataclass(frozen=True)
class Starts:
    """Starts of all jobs with a profile; job j has the rows ``offset[j]:offset[j + 1]``, earliest first.

    Loads that begin at the same second of a minute with the same profile share a shape.

    Parameters
    ----------
    offset
        Shape (jobs + 1,); a flexible job has no rows.
    start_s
        Shape (rows,) [s since time 0].
    minute
        First minute of the load, shape (rows,).
    shape
        Row of the shape, shape (rows,).
    shape_offset
        Shape (shapes + 1,).
    shape_kw
        Mean power in the minutes from the first on, shape (points,) [kW].
    """

    offset: NDArray[np.int64]
    start_s: NDArray[np.int64]
    minute: NDArray[np.int64]
    shape: NDArray[np.int64]
    shape_offset: NDArray[np.int64]
    shape_kw: NDArray[np.float64]

    def rows(self, job: int) -> range:
        """Rows of a job."""
        return range(int(self.offset[job]), int(self.offset[job + 1]))

    def load(self, row: int) -> tuple[int, NDArray[np.float64]]:
        """First minute and power in the minutes from there on [kW] of one start."""
        shape = int(self.shape[row])
        part = slice(int(self.shape_offset[shape]), int(self.shape_offset[shape + 1]))
        return int(self.minute[row]), self.shape_kw[part]


def find_starts(jobs: Jobs, step_s: int) -> Starts:
    """Starts on a regular grid from time 0 inside each window, with the earliest and the latest start.

    Parameters
    ----------
    jobs
        The jobs.
    step_s
        Step of the grid, a multiple of a minute [s].
    """
    start_s, offset = _start_seconds(jobs, step_s)
    profile = np.repeat(jobs.profile, np.diff(offset))
    keys, shape = np.unique(profile * MINUTE_S + start_s % MINUTE_S, return_inverse=True)
    shape_offset, shape_kw = _shapes(jobs, [divmod(int(key), MINUTE_S) for key in keys])
    return Starts(
        offset=offset,
        start_s=start_s,
        minute=start_s // MINUTE_S,
        shape=shape.astype(np.int64),
        shape_offset=shape_offset,
        shape_kw=shape_kw,
    )


def _start_seconds(jobs: Jobs, step_s: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts of all jobs one after the other [s], and where each job's begin: earliest, grid, latest."""
    earliest, latest = jobs.earliest_s, jobs.latest_s
    first, last = -(-earliest // step_s), latest // step_s
    on_grid = np.maximum(last - first + 1, 0)
    before = (earliest % step_s != 0).astype(np.int64)
    after = ((latest % step_s != 0) & (latest > earliest)).astype(np.int64)
    count = np.where(jobs.profile >= 0, before + on_grid + after, 0)
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    job = np.repeat(np.arange(len(jobs)), count)
    place = np.arange(len(job)) - offset[job]
    start_s = (first[job] + place - before[job]) * step_s
    start_s = np.where(place < before[job], earliest[job], start_s)
    start_s = np.where(place - before[job] >= on_grid[job], latest[job], start_s)
    return start_s.astype(np.int64), offset


def _shapes(jobs: Jobs, keys: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Power per minute of each pair of profile and second of the minute at which it begins."""
    offset = np.zeros(len(keys) + 1, np.int64)
    shapes = []
    for row, (profile, second) in enumerate(keys):
        time_s, energy_kwh = jobs.profiles.points(profile)
        minutes = max(1, -(-(int(time_s[-1]) + second) // MINUTE_S))
        edges_s = np.arange(minutes + 1, dtype=np.int64) * MINUTE_S - second
        shapes.append(minute_kw(time_s, energy_kwh, edges_s))
        offset[row + 1] = offset[row] + minutes
    return offset, np.concatenate(shapes) if shapes else np.empty(0)
