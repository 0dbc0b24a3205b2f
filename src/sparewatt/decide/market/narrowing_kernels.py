"""Kernels that strike out starts which no choice of all jobs together can contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def narrow_starts(
    alive: NDArray[np.bool_],
    free_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> bool:
    """Strike out starts that do not fit beside what all other jobs draw wherever they start.

    In plain Python::

        while something changes:
            core[n][t] = min(load(r)[t] for r in starts of n if alive[r])
            for n, r:
                if any(load(r)[t] + sum(core[m][t] for m != n) > free_kw[t] for t where load(r)[t] > 0):
                    alive[r] = False
        return every job has a start that is alive

    Parameters
    ----------
    alive
        Starts that are possible; changed here, shape (starts,).
    free_kw
        What is left for all jobs, shape (minutes,) [kW].
    offset, minute, shape, shape_offset, shape_kw
        As of `place_nearest`.

    Returns
    -------
    bool
        False where some job has no start left, so that nothing fits.
    """
    jobs = len(offset) - 1
    cores = np.zeros((jobs, len(free_kw)))
    core = np.zeros(len(free_kw))
    for n in range(jobs):
        if not _fill_core(cores[n], alive, offset[n], offset[n + 1], minute, shape, shape_offset, shape_kw):
            return False
        core += cores[n]
    changed = True
    while changed:
        changed = False
        for n in range(jobs):
            struck = False
            core -= cores[n]
            for r in range(offset[n], offset[n + 1]):
                kw = shape_kw[shape_offset[shape[r]] : shape_offset[shape[r] + 1]]
                if alive[r] and not _fits_beside(core, minute[r], kw, free_kw, jobs * SLACK_KW):
                    alive[r] = False
                    struck = True
            if struck:
                changed = True
                cores[n] = 0.0
                if not _fill_core(
                    cores[n], alive, offset[n], offset[n + 1], minute, shape, shape_offset, shape_kw
                ):
                    return False
            core += cores[n]
    return True


@kernel()
def _fits_beside(
    core: NDArray[np.float64],
    minute: int,
    kw: NDArray[np.float64],
    free_kw: NDArray[np.float64],
    near_kw: float,
) -> bool:
    """Whether a load fits beside what others draw in any case."""
    for k in range(len(kw)):
        t = minute + k
        if kw[k] > 0.0 and kw[k] + core[t] > free_kw[t] + near_kw:
            return False
    return True


@kernel()
def probe_starts(
    alive: NDArray[np.bool_],
    job: int,
    free_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> bool:
    """Strike out the starts of one job with which `narrow_starts` leaves another job nothing.

    In plain Python::

        for r in starts of job if alive[r]:
            with_it = alive, of the starts of job only r
            alive[r] = narrow_starts(with_it, ...)
        return any(alive[r] for r in starts of job)

    Parameters
    ----------
    alive, free_kw, offset, minute, shape, shape_offset, shape_kw
        As of `narrow_starts`.
    job
        Which one.
    """
    found = False
    for r in range(offset[job], offset[job + 1]):
        if not alive[r]:
            continue
        with_it = alive.copy()
        with_it[offset[job] : offset[job + 1]] = False
        with_it[r] = True
        alive[r] = narrow_starts(with_it, free_kw, offset, minute, shape, shape_offset, shape_kw)
        found = found or alive[r]
    return found


@kernel()
def _fill_core(
    core: NDArray[np.float64],
    alive: NDArray[np.bool_],
    first: int,
    end: int,
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> bool:
    """What a job draws in each minute wherever it starts; False where it has no start."""
    low, high = 0, len(core)
    found = False
    for r in range(first, end):
        if alive[r]:
            length = shape_offset[shape[r] + 1] - shape_offset[shape[r]]
            low = max(low, minute[r])
            high = min(high, minute[r] + length)
            found = True
    if not found:
        return False
    for t in range(low, high):
        least = np.inf
        for r in range(first, end):
            if alive[r]:
                least = min(least, shape_kw[shape_offset[shape[r]] + t - minute[r]])
        core[t] = least
    return True
