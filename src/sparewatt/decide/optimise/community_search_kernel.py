"""Kernel: an exact search for starts of a handful of jobs, before a solver is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.narrowing_kernels import narrow_starts
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOUND, NONE, OPEN = 1, 0, -1
"""What a search came to: starts of all jobs, proof that there are none, or no answer within its steps."""


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
    """Choose a start for every job so that no minute is overfull, by trying and striking out.

    In plain Python::

        def search(alive):
            if every job has one start in alive:
                return alive
            job = the one with the fewest starts in alive, but more than one
            for r in its starts:
                with_it = alive, of the starts of job only r
                if narrow_starts(with_it, ...) and (found := search(with_it)):
                    return found
            return None

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
    alive = np.ones((jobs + 1, offset[jobs]), np.bool_)
    branch = np.zeros(jobs + 1, np.int64)
    at = np.zeros(jobs + 1, np.int64)
    arrays = (free_kw, offset, minute, shape, shape_offset, shape_kw)
    if not narrow_starts(alive[0], *arrays):
        return NONE, places
    depth = 0
    branch[0] = _fewest(alive[0], offset)
    at[0] = -1
    left = steps
    while depth >= 0:
        job = branch[depth]
        if job < 0:
            _note_places(places, alive[depth], offset)
            return FOUND, places
        r = offset[job] if at[depth] < 0 else at[depth] + 1
        while r < offset[job + 1] and not alive[depth, r]:
            r += 1
        if r >= offset[job + 1]:
            depth -= 1
            continue
        at[depth] = r
        if left == 0:
            return OPEN, places
        left -= 1
        alive[depth + 1] = alive[depth]
        alive[depth + 1, offset[job] : offset[job + 1]] = False
        alive[depth + 1, r] = True
        if narrow_starts(alive[depth + 1], *arrays):
            depth += 1
            branch[depth] = _fewest(alive[depth], offset)
            at[depth] = -1
    return NONE, places


@kernel()
def _note_places(places: NDArray[np.int64], alive: NDArray[np.bool_], offset: NDArray[np.int64]) -> None:
    """Note the one start that is left of each job."""
    for n in range(len(places)):
        for r in range(offset[n], offset[n + 1]):
            if alive[r]:
                places[n] = r


@kernel()
def _fewest(alive: NDArray[np.bool_], offset: NDArray[np.int64]) -> int:
    """The job with the fewest starts left but more than one; -1 where all have one."""
    best, least = -1, len(alive) + 1
    for n in range(len(offset) - 1):
        count = 0
        for r in range(offset[n], offset[n + 1]):
            count += alive[r]
        if 1 < count < least:
            best, least = n, count
    return best
