"""Flexible jobs as the models of a neighbourhood see them: power minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.decide.market.board import Plan
from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.model.starts import KW_ZERO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Matrix
    from sparewatt.model.jobs import Jobs

NEAR_KWMIN = 1e-6
"""Energies that differ by less are the same [kW min]."""


class ChargingColumns(NamedTuple):
    """Columns of a flexible job in the minutes of its window, (minutes,); or none of ``on`` and ``last``.

    Parameters
    ----------
    power
        What is drawn.
    on, last
        Binaries: whether anything is, and whether this is the minute that completes the energy.
    """

    power: NDArray[np.int64]
    on: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True)
class Charging:
    """What a flexible job may draw; a minute that is only partly in its window gives that part.

    Parameters
    ----------
    job
        Row of the job.
    begin_s
        When it may begin [s since time 0].
    first
        First minute of the window.
    least_kw, most_kw
        Power in each minute of the window when the job is on, shape (minutes,) [kW].
    need
        Energy [kW min].
    """

    job: int
    begin_s: int
    first: int
    least_kw: NDArray[np.float64]
    most_kw: NDArray[np.float64]
    need: float

    @property
    def minutes(self) -> slice:
        """The minutes of the window."""
        return slice(self.first, self.first + len(self.most_kw))

    def room_kw(self, free_kw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Most that each minute of the window can take of what is left, shape (minutes,) [kW]."""
        return np.clip(free_kw[self.minutes], 0.0, self.most_kw)

    def is_dim(self, room_kw: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Minutes that take less than the least power, shape (minutes,)."""
        return np.asarray(room_kw < self.least_kw - SLACK_KW, np.bool_)

    def most_kwmin(self, room_kw: NDArray[np.float64]) -> float:
        """Most energy that room gives: all of the bright minutes, and the best of the dim ones [kW min]."""
        is_dim = self.is_dim(room_kw)
        return float(room_kw[~is_dim].sum() + room_kw[is_dim].max(initial=0.0))

    def plan(self, kw: NDArray[np.float64]) -> Plan:
        """The load of given powers in the window."""
        used = np.flatnonzero(kw > KW_ZERO)
        a, b = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)
        start_s = max((self.first + a) * MINUTE_S, self.begin_s)
        return Plan(self.job, -1, start_s, self.first + a, np.where(kw > KW_ZERO, kw, 0.0)[a:b])


def find_charging(jobs: Jobs, job: int, now_s: int) -> Charging:
    """The window of a flexible job from a moment on [s since time 0]."""
    begin_s, end_s = max(int(jobs.earliest_s[job]), now_s), int(jobs.end_s[job])
    first, end = begin_s // MINUTE_S, -(-end_s // MINUTE_S)
    edges_s = np.arange(first, end + 1, dtype=np.int64) * MINUTE_S
    share = np.asarray(np.diff(np.clip(edges_s, begin_s, end_s)) / MINUTE_S, np.float64)
    return Charging(
        job=job,
        begin_s=begin_s,
        first=first,
        least_kw=float(jobs.min_kw[job]) * share,
        most_kw=float(jobs.max_kw[job]) * share,
        need=float(jobs.energy_kwh[job]) * 60.0,
    )


def add_charging(
    matrix: Matrix, charging: Charging, room_kw: NDArray[np.float64], taken: int, *, is_exact: bool
) -> ChargingColumns:
    """Columns of a flexible job's power p in the minutes of its window.

    Σ_t p[t] = need·taken, p <= room; with on, last binary: least·(on - last) <= p <= room·on,
    Σ_t last[t] <= 1: in one minute, the one that completes the energy, the power may be below the range.
    Without them what is drawn in minutes that have less room than the least power is limited to what one
    of them gives: Σ_dim p[t] <= max_dim room[t].

    Parameters
    ----------
    matrix
        The model.
    charging
        The job.
    room_kw
        Most power in each minute, shape (minutes,) [kW].
    taken
        Binary column that says whether the job is supplied here.
    is_exact
        With on and last; without them least powers count only where there is no room for them.

    Returns
    -------
    ChargingColumns
        Of p, on and last.
    """
    minutes = len(room_kw)
    on = last = np.empty(0, np.int64)
    each = np.arange(minutes)
    power = matrix.add_columns(minutes, 0.0, room_kw)
    total = matrix.add_rows(1, 0.0, 0.0)
    matrix.put(np.repeat(total, minutes), power, 1.0)
    matrix.put(total, np.array([taken]), -charging.need)
    if is_exact and (charging.least_kw > 0.0).any():
        on, last = (matrix.add_columns(minutes, 0.0, 1.0, integer=True) for _ in range(2))
        above = matrix.add_rows(minutes, -np.inf, 0.0)
        below = matrix.add_rows(minutes, 0.0, np.inf)
        matrix.put(above[each], power, 1.0)
        matrix.put(above[each], on, -room_kw)
        matrix.put(below[each], power, 1.0)
        matrix.put(below[each], on, -charging.least_kw)
        matrix.put(below[each], last, charging.least_kw)
        once = matrix.add_rows(1, -np.inf, 1.0)
        matrix.put(np.repeat(once, minutes), last, 1.0)
    elif (is_dim := charging.is_dim(room_kw)).any():
        one = matrix.add_rows(1, -np.inf, float(room_kw[is_dim].max()))
        matrix.put(np.repeat(one, int(is_dim.sum())), power[is_dim], 1.0)
    return ChargingColumns(power, on, last)


def fill_charging(charging: Charging, free_kw: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Powers under what is left, the minutes with most left first; None where they do not suffice.

    Of the minutes with less room than the least power, the best is taken where all others do not suffice.

    Parameters
    ----------
    charging
        The job.
    free_kw
        What is left, shape (minutes of the grid,) [kW].

    Returns
    -------
    ndarray or None
        Shape (minutes of the window,) [kW].
    """
    room = charging.room_kw(free_kw)
    is_dim = charging.is_dim(room)
    if is_dim.any():
        best = int(np.argmax(np.where(is_dim, room, -1.0)))
        is_dim[best] = float(room[~is_dim].sum()) >= charging.need
        room[is_dim] = 0.0
    order = np.argsort(-room, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(room[order])[:-1]])
    kw = np.zeros(len(room))
    kw[order] = np.clip(charging.need - before, 0.0, room[order])
    return kw if float(kw.sum()) >= charging.need - NEAR_KWMIN else None


def charge_from_pool(charging: Charging, left_kw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Powers within the range that use much of what is left of a pool; the grid gives what it lacks.

    Minutes with most left first, each as much as is left but the least power at least; where that does not
    give the energy, the same minutes up to their most.

    Parameters
    ----------
    charging
        The job.
    left_kw
        What is left, shape (minutes of the grid,) [kW].

    Returns
    -------
    ndarray
        Shape (minutes of the window,) [kW].
    """
    left = charging.room_kw(left_kw)
    kw = np.zeros(len(left))
    need = charging.need
    order = np.argsort(-left, kind="stable")
    for upper in (np.maximum(left, charging.least_kw), charging.most_kw):
        for minute in order:
            more = min(need, float(upper[minute] - kw[minute]))
            kw[minute] += max(0.0, more)
            need -= max(0.0, more)
    return kw
