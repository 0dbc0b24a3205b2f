"""Kernels: jobs with equal loads may change places, so that one order of their starts will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def rank_windows(offset: NDArray[np.int64], minute: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank of each job by its first start, then its last one, then its place, shape (jobs,)."""
    jobs = len(offset) - 1
    rank = np.zeros(jobs, np.int64)
    for n in range(jobs):
        own = minute[offset[n]], minute[offset[n + 1] - 1], n
        for m in range(jobs):
            rank[n] += (minute[offset[m]], minute[offset[m + 1] - 1], m) < own
    return rank


@kernel()
def find_shared(
    offset: NDArray[np.int64], minute: NDArray[np.int64], twin: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether a twin may start at the minute of a start as well, shape (starts, jobs)."""
    jobs = len(twin)
    is_shared = np.zeros((len(minute), jobs), np.bool_)
    for n in range(jobs):
        for m in range(jobs):
            if twin[n] < 0 or twin[n] != twin[m]:
                continue
            for r in range(offset[n], offset[n + 1]):
                for q in range(offset[m], offset[m + 1]):
                    is_shared[r, m] |= minute[q] == minute[r]
    return is_shared


@kernel()
def order_twins(
    n: int,
    alive: NDArray[np.bool_],
    count: NDArray[np.int64],
    is_struck: NDArray[np.bool_],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    twin: NDArray[np.int64],
    rank: NDArray[np.int64],
    is_shared: NDArray[np.bool_],
) -> None:
    """Strike out starts of twins that could change places with a job so that the lower rank is first.

    Of all choices of starts that fit look at the one with the greatest Σ rank·minute: no two twins in it can
    change places, so that one such choice is left.
    """
    own = offset[n]
    while not alive[own]:
        own += 1
    for m in range(len(twin)):
        if m == n or twin[m] != twin[n] or not is_shared[own, m]:
            continue
        for r in range(offset[m], offset[m + 1]):
            is_wrong = minute[r] > minute[own] if rank[m] < rank[n] else minute[r] < minute[own]
            if alive[r] and is_shared[r, n] and is_wrong:
                alive[r] = False
                count[m] -= 1
                is_struck[m] = True
