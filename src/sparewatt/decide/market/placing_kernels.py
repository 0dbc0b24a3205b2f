"""Kernels that put the jobs of one producer on starts, one after the other, under what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import NOWHERE, SLACK_KW, slack_at
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def place_nearest(
    wish: NDArray[np.float64],
    free_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    allowed_kwh: NDArray[np.float64],
    is_exact: bool,  # noqa: FBT001 - kernels take no keywords
) -> NDArray[np.int64]:
    """Put each job, in the order given, on the start nearest to a wish.

    In plain Python::

        free = free_kw.copy()
        for n, x in enumerate(wish):
            near = sorted(range(offset[n], offset[n + 1]), key=lambda r: abs(minute[r] - x))  # earlier first
            near = near[:1] if is_exact else near
            chosen[n] = next((r for r in near if slack_at(free, *load(r), allowed_kwh[n])[0]), None)
            if chosen[n] is None:
                return [NOWHERE] * len(wish)
            free -= load(chosen[n])

    Parameters
    ----------
    wish
        Wished start of each job, shape (jobs,) [minutes].
    free_kw
        What is left for all of them, shape (minutes,) [kW].
    offset, minute, shape
        First minutes and shapes of the starts of all jobs; those of job n are
        ``offset[n]:offset[n + 1]``, earliest first.
    shape_offset, shape_kw
        As in `Starts`.
    allowed_kwh
        Energy of each job that may come from elsewhere, shape (jobs,) [kWh].
    is_exact
        Take the nearest start or none; otherwise the nearest that is covered.

    Returns
    -------
    ndarray
        Place of each job's start among all; all ``NOWHERE`` where one has none, shape (jobs,).
    """
    free = free_kw.copy()
    chosen = np.full(len(wish), NOWHERE)
    for n in range(len(wish)):
        above = offset[n]
        while above < offset[n + 1] and minute[above] < wish[n]:
            above += 1
        below = above - 1
        while True:
            has_below, has_above = below >= offset[n], above < offset[n + 1]
            if not has_below and not has_above:
                break
            is_below = has_below and (not has_above or wish[n] - minute[below] <= minute[above] - wish[n])
            r = below if is_below else above
            if is_below:
                below -= 1
            else:
                above += 1
            kw = shape_kw[shape_offset[shape[r]] : shape_offset[shape[r] + 1]]
            is_covered, _ = slack_at(free, minute[r], kw, allowed_kwh[n])
            if is_covered:
                chosen[n] = r
                for k in range(len(kw)):
                    free[minute[r] + k] -= kw[k]
                break
            if is_exact:
                break
        if chosen[n] == NOWHERE:
            return np.full(len(wish), NOWHERE)
    return chosen


@kernel()
def covered_rows(
    free_kw: NDArray[np.float64],
    rows: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    allowed_kwh: float,
) -> NDArray[np.int64]:
    """Starts at which a load alone is covered.

    In plain Python::

        [r for r in rows if slack_at(free_kw, *load(r), allowed_kwh)[0]]

    Parameters
    ----------
    free_kw
        What is left, shape (minutes,) [kW].
    rows, minute, shape, shape_offset, shape_kw, allowed_kwh
        As in `find_start`.

    Returns
    -------
    ndarray
        Some of the rows.
    """
    keep = np.zeros(len(rows), np.bool_)
    for i in range(len(rows)):
        r = rows[i]
        kw = shape_kw[shape_offset[shape[r]] : shape_offset[shape[r] + 1]]
        keep[i], _ = slack_at(free_kw, minute[r], kw, allowed_kwh)
    return rows[keep]


@kernel()
def is_overfull(
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    energy_kwmin: NDArray[np.float64],
    free_kw: NDArray[np.float64],
) -> bool:
    """Whether some span of time has to hold more energy than there is: then no choice of starts fits.

    In plain Python::

        any(
            sum(energy_kwmin[n] for n in jobs if a <= begin[n] and end[n] <= b) > free_kw[a:b].clip(0).sum()
            for a in begin for b in end if a < b
        )

    Parameters
    ----------
    begin, end
        First minute of each job's earliest start and end of its latest one, shape (jobs,).
    energy_kwmin
        Energy that each job has to find, shape (jobs,) [kW min].
    free_kw
        What is left for all of them, shape (minutes,) [kW].
    """
    there = np.zeros(len(free_kw) + 1)
    for t in range(len(free_kw)):
        there[t + 1] = there[t] + max(free_kw[t], 0.0)
    late_first = np.argsort(end)
    for a in begin:
        asked = 0.0
        for i in range(len(end)):
            n = late_first[i]
            if begin[n] < a:
                continue
            asked += energy_kwmin[n]
            room = there[end[n]] - there[a]
            if asked > room + SLACK_KW * (end[n] - a):
                return True
    return False
