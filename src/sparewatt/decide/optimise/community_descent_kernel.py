"""Kernels: descend a tree of starts, striking out what no longer fits, until every job has one start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.decide.optimise.community_twins_kernel import find_shared, order_twins
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Flags = NDArray[np.bool_]
    _Ints = NDArray[np.int64]
    _Floats = NDArray[np.float64]

FOUND, NONE, OPEN = 1, 0, -1
"""What a search came to: starts of all jobs, proof that there are none, or no answer within its steps."""


@kernel()
def descend(
    free_kw: NDArray[np.float64],
    load_kw: NDArray[np.float64],
    first: NDArray[np.int64],
    end: NDArray[np.int64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    twin: NDArray[np.int64],
    rank: NDArray[np.int64],
    wish: NDArray[np.float64],
    blame: NDArray[np.float64],
    places: NDArray[np.int64],
    steps: int,
) -> tuple[int, int]:
    """Choose a start for every job so that none of some minutes is overfull.

    In plain Python::

        def search(alive):
            if not strike_out(alive):  # some job has no start left: blame[it] += 1
                return None
            if every job has one start in alive:
                return alive
            job = the one with more than one and the least count(alive[job]) / blame[job]
            r = the start of job in alive nearest to wish[job]
            return search(alive with r only for job) or search(alive without r)

    Parameters
    ----------
    free_kw
        What is left in the minutes that are looked at, shape (times,) [kW].
    load_kw, first, end
        What each start draws in them, from `spread_loads`.
    offset, minute
        As of `narrow_starts`.
    twin
        Jobs with the same number, >= 0, have the same load at the same minute, shape (jobs,).
    rank
        Order in which such jobs are to start, from `rank_windows`, shape (jobs,).
    wish
        As of `place_nearest`.
    blame
        How often a job was left without a start, 1 at first; changed here, shape (jobs,).
    places
        Place of each job's start among all where they were found; changed here, shape (jobs,).
    steps
        Most starts that are tried.

    Returns
    -------
    result, tried
        ``FOUND``, ``NONE`` or ``OPEN``; and how many starts were tried.
    """
    jobs, starts, times = len(offset) - 1, len(minute), len(free_kw)
    alive = np.ones((jobs + 1, starts), np.bool_)
    count = np.empty((jobs + 1, jobs), np.int64)
    room = np.empty((jobs + 1, times))
    core = np.empty((jobs + 1, jobs, times))
    chosen_job, chosen = np.zeros(jobs + 1, np.int64), np.zeros(jobs + 1, np.int64)
    news = np.ones(jobs, np.bool_), np.zeros(jobs, np.int64), np.zeros(jobs, np.int64)
    count[0] = np.diff(offset)
    room[0] = free_kw
    core[0] = 0.0
    news[1][:], news[2][:] = 0, times
    fixed = (
        load_kw,
        first,
        end,
        offset,
        minute,
        twin,
        rank,
        _highest(load_kw, offset),
        find_shared(offset, minute, twin),
    )
    depth, tried = 0, 0
    fits = _strike_out(alive[0], count[0], room[0], core[0], news, blame, fixed)
    while True:
        while not fits:
            depth -= 1
            if depth < 0:
                return NONE, tried
            job = chosen_job[depth]
            alive[depth, chosen[depth]] = False
            count[depth, job] -= 1
            news[0][job] = True
            fits = _strike_out(alive[depth], count[depth], room[depth], core[depth], news, blame, fixed)
        job = -1
        for n in range(jobs):
            if count[depth, n] > 1 and (
                job < 0 or count[depth, n] * blame[job] < count[depth, job] * blame[n]
            ):
                job = n
        if job < 0:
            for r in range(starts):
                if alive[depth, r]:
                    places[np.searchsorted(offset, r, side="right") - 1] = r
            return FOUND, tried
        if tried >= steps:
            return OPEN, tried
        tried += 1
        best = _choose_start(job, alive[depth], offset, minute, wish)
        chosen_job[depth], chosen[depth] = job, best
        depth += 1
        alive[depth], count[depth] = alive[depth - 1], count[depth - 1]
        room[depth], core[depth] = room[depth - 1], core[depth - 1]
        alive[depth, offset[job] : offset[job + 1]] = False
        alive[depth, best] = True
        count[depth, job] = 1
        news[0][job] = True
        fits = _strike_out(alive[depth], count[depth], room[depth], core[depth], news, blame, fixed)


@kernel()
def _highest(load_kw: _Floats, offset: _Ints) -> _Floats:
    """Most that each job draws at any time, shape (jobs,) [kW]."""
    top = np.zeros(len(offset) - 1)
    if load_kw.shape[1] > 0:
        for n in range(len(top)):
            top[n] = load_kw[offset[n] : offset[n + 1]].max()
    return top


@kernel()
def _choose_job(count: _Ints, blame: _Floats) -> int:
    """The job that is likely to fail soonest, of those with more than one start; -1 where there is none."""
    best = -1
    for n in range(len(count)):
        if count[n] > 1 and (best < 0 or count[n] * blame[best] < count[best] * blame[n]):
            best = n
    return best


@kernel()
def _choose_start(n: int, alive: _Flags, offset: _Ints, minute: _Ints, wish: _Floats) -> int:
    """The start of a job nearest to its wish."""
    best = -1
    for r in range(offset[n], offset[n + 1]):
        if alive[r] and (best < 0 or abs(minute[r] - wish[n]) < abs(minute[best] - wish[n])):
            best = r
    return best


@kernel()
def _strike_out(
    alive: _Flags,
    count: _Ints,
    room: _Floats,
    core: _Floats,
    news: tuple[_Flags, _Ints, _Ints],
    blame: _Floats,
    fixed: tuple[_Floats, _Ints, _Ints, _Ints, _Ints, _Ints, _Ints, _Floats, _Flags],
) -> bool:
    """Strike out starts that do not fit beside what all others draw in any case, as `narrow_starts` does.

    ``news``: which jobs lost starts, and from which to which time less is left for each; empty in the end.
    """
    load_kw, first, end, offset, minute, twin, rank, top, is_shared = fixed
    is_struck, low, high = news
    jobs, times = len(count), len(room)
    fits, is_new = True, True
    while fits and is_new:
        is_new = False
        for n in range(jobs):
            if low[n] < high[n] and room[low[n] : high[n]].min() + jobs * SLACK_KW < top[n]:
                lost = _strike_job(n, alive, room, core[n], low[n], high[n], load_kw, first, end, offset)
                count[n] -= lost
                is_struck[n] |= lost > 0
            low[n], high[n] = times, 0
            if not is_struck[n]:
                continue
            is_struck[n] = False
            is_new = True
            fits = count[n] > 0 and _raise_core(n, alive, room, core, low, high, load_kw, first, end, offset)
            if not fits:
                blame[n] += 1.0
                break
            if count[n] == 1:
                order_twins(n, alive, count, is_struck, offset, minute, twin, rank, is_shared)
    is_struck[:] = False
    low[:], high[:] = times, 0
    return fits


@kernel()
def _strike_job(
    n: int,
    alive: _Flags,
    room: _Floats,
    core: _Floats,
    begin: int,
    until: int,
    load_kw: _Floats,
    first: _Ints,
    end: _Ints,
    offset: _Ints,
) -> int:
    """Strike out starts of one job that do not fit between two times; how many."""
    near_kw = (len(offset) - 1) * SLACK_KW
    lost = 0
    for r in range(offset[n], offset[n + 1]):
        if not alive[r]:
            continue
        for t in range(max(begin, first[r]), min(until, end[r])):
            if load_kw[r, t] > room[t] + core[t] + near_kw:
                alive[r] = False
                lost += 1
                break
    return lost


@kernel()
def _raise_core(
    n: int,
    alive: _Flags,
    room: _Floats,
    core: _Floats,
    low: _Ints,
    high: _Ints,
    load_kw: _Floats,
    first: _Ints,
    end: _Ints,
    offset: _Ints,
) -> bool:
    """Take what a job draws wherever it starts from what is left; False where that is too much."""
    jobs, times = len(low), len(room)
    own = offset[n] + np.flatnonzero(alive[offset[n] : offset[n + 1]])
    from_, to = times, 0
    for t in range(first[own].max(), end[own].min()):
        least = np.inf
        for r in own:
            least = min(least, load_kw[r, t])
        if least > core[n, t]:
            room[t] -= least - core[n, t]
            core[n, t] = least
            if room[t] < -jobs * SLACK_KW:
                return False
            from_, to = min(from_, t), t + 1
    if from_ < to:
        for m in range(jobs):
            if m != n:
                low[m], high[m] = min(low[m], from_), max(high[m], to)
    return True
