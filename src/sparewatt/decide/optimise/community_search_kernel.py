"""Kernel: an exact search for starts of a handful of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.decide.optimise.community_descent_kernel import FOUND, NONE, OPEN, descend
from sparewatt.decide.optimise.community_thinning_kernel import find_deciding, spread_loads
from sparewatt.decide.optimise.community_twins_kernel import rank_windows
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FOUND", "NONE", "OPEN", "choose_starts"]

FIRST_TIMES = 20
"""Minutes that a search looks at first, about."""


@kernel()
def choose_starts(
    free_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    steps: int,
) -> tuple[int, NDArray[np.int64]]:
    """Choose a start for every job so that no minute is overfull: exactly, unless steps run out.

    In plain Python::

        times = some twenty of the minutes that decide (`find_deciding`)
        while steps are left:
            result, starts = descend(free_kw[times], ...)
            if result != FOUND or no minute is overfull with starts:
                return result, starts
            times += the fullest minute of each span that is overfull
            wish = starts  # at first the earliest of each job

    A search in few minutes is quick, and proof that nothing fits in some of them is proof for all.

    Parameters
    ----------
    free_kw, offset, minute, shape, shape_offset, shape_kw
        As of `narrow_starts`.
    steps
        Most starts that are tried.

    Returns
    -------
    result
        ``FOUND``, ``NONE`` or ``OPEN``.
    places
        Place of each job's start among all where they were found, shape (jobs,).
    """
    jobs = len(offset) - 1
    places = np.full(jobs, -1)
    for n in range(jobs):
        if offset[n] == offset[n + 1]:
            return NONE, places
    decides = find_deciding(free_kw, offset, minute, shape, shape_offset, shape_kw)
    every = max(1, int(decides.sum()) // FIRST_TIMES)
    is_looked_at = np.zeros(len(free_kw), np.bool_)
    is_looked_at[np.flatnonzero(decides)[every // 2 :: every]] = True
    twin = np.empty(jobs, np.int64)
    for n in range(jobs):
        own = shape[offset[n] : offset[n + 1]]
        twin[n] = own[0] if (own == own[0]).all() else -1
    near, blame = minute[offset[:-1]].astype(np.float64), np.ones(jobs)
    rank = rank_windows(offset, minute)
    left = steps
    while True:
        times = np.flatnonzero(is_looked_at)
        load_kw, first, end = spread_loads(times, minute, shape, shape_offset, shape_kw)
        result, tried = descend(
            free_kw[times], load_kw, first, end, offset, minute, twin, rank, near, blame, places, left
        )
        left -= tried
        if result != FOUND:
            return result, np.full(jobs, -1)
        near = minute[places].astype(np.float64)
        if not _add_overfull(is_looked_at, free_kw, places, minute, shape, shape_offset, shape_kw):
            return FOUND, places


@kernel()
def _add_overfull(
    is_looked_at: NDArray[np.bool_],
    free_kw: NDArray[np.float64],
    places: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> bool:
    """Look at the fullest minute of each span that is overfull from now on; whether there was one."""
    over_kw = -free_kw
    for r in places:
        first = shape_offset[shape[r]]
        for k in range(shape_offset[shape[r] + 1] - first):
            over_kw[minute[r] + k] += shape_kw[first + k]
    fullest, is_any = -1, False
    for t in range(len(free_kw) + 1):
        if t < len(free_kw) and over_kw[t] > len(places) * SLACK_KW and not is_looked_at[t]:
            is_any = True
            if fullest < 0 or over_kw[t] > over_kw[fullest]:
                fullest = t
        elif fullest >= 0:
            is_looked_at[fullest] = True
            fullest = -1
    return is_any
