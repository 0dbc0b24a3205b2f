"""Kernel: which producers could supply which jobs if they had nothing else to supply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import slack_at
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def find_able(
    free_kw: NDArray[np.float64],
    producers: NDArray[np.int64],
    jobs: NDArray[np.int64],
    now_s: int,
    offset: NDArray[np.int64],
    start_s: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether a producer covers a job at some start that is not past.

    In plain Python::

        is_able[n][m] = any(
            all(free_kw[producers[m]][minute[r] + k] >= kw for k, kw in enumerate(load(r)) if kw)
            for r in range(offset[jobs[n]], offset[jobs[n] + 1]) if start_s[r] >= now_s
        )

    Parameters
    ----------
    free_kw
        What each producer has, shape (producers, minutes) [kW].
    producers, jobs
        The rows to look at.
    now_s
        The moment [s since time 0].
    offset, start_s, minute, shape, shape_offset, shape_kw
        As in `Starts`.

    Returns
    -------
    ndarray
        Shape (jobs, producers).
    """
    is_able = np.zeros((len(jobs), len(producers)), np.bool_)
    for n in range(len(jobs)):
        first, end = offset[jobs[n]], offset[jobs[n] + 1]
        while first < end and start_s[first] < now_s:
            first += 1
        for m in range(len(producers)):
            for r in range(first, end):
                kw = shape_kw[shape_offset[shape[r]] : shape_offset[shape[r] + 1]]
                is_able[n, m], _ = slack_at(free_kw[producers[m]], minute[r], kw, 0.0)
                if is_able[n, m]:
                    break
    return is_able
