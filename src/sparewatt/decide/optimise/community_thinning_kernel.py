"""Kernels: which minutes can decide whether jobs fit together, and what each start draws in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def find_deciding(
    free_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Minutes that decide: whoever keeps to them keeps to all.

    In plain Python::

        most[t] = sum(max(load(r)[t] for r in starts of n) for n in jobs)
        decides = [most[t] > free_kw[t] for t in minutes]
        for t, u in minutes that decide, one after the other:
            if free_kw[u] >= free_kw[t] and all(load(r)[u] <= load(r)[t] for r in starts):
                decides[u] = False  # t is as strict; and the other way round

    Parameters
    ----------
    free_kw, offset, minute, shape, shape_offset, shape_kw
        As of `narrow_starts`.
    """
    minutes, jobs = len(free_kw), len(offset) - 1
    most = np.zeros(minutes)
    own = np.zeros(minutes)
    for n in range(jobs):
        low, high = minutes, 0
        for r in range(offset[n], offset[n + 1]):
            first = shape_offset[shape[r]]
            length = shape_offset[shape[r] + 1] - first
            low, high = min(low, minute[r]), max(high, minute[r] + length)
            for k in range(length):
                own[minute[r] + k] = max(own[minute[r] + k], shape_kw[first + k])
        for t in range(low, high):
            most[t] += own[t]
            own[t] = 0.0
    decides = most > free_kw + SLACK_KW
    before = -1
    for t in range(minutes):
        if not decides[t]:
            continue
        if before >= 0:
            if _is_as_strict(before, t, free_kw, minute, shape, shape_offset, shape_kw):
                decides[t] = False
                continue
            if _is_as_strict(t, before, free_kw, minute, shape, shape_offset, shape_kw):
                decides[before] = False
        before = t
    return decides


@kernel()
def spread_loads(
    times: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """What each start draws in some minutes.

    In plain Python::

        load_kw[r][m] = load(r)[times[m]]
        first[r], end[r] = first m with load_kw[r][m] > 0, last such m + 1; both 0 where there is none

    Parameters
    ----------
    times
        The minutes, ascending.
    minute, shape, shape_offset, shape_kw
        As of `narrow_starts`.

    Returns
    -------
    load_kw
        Shape (starts, times) [kW].
    first, end
        Shape (starts,).
    """
    starts, count = len(minute), len(times)
    load_kw = np.zeros((starts, count))
    first, end = np.zeros(starts, np.int64), np.zeros(starts, np.int64)
    for r in range(starts):
        for m in range(count):
            load_kw[r, m] = _load_at(r, times[m], minute, shape, shape_offset, shape_kw)
            if load_kw[r, m] > 0.0:
                if end[r] == 0:
                    first[r] = m
                end[r] = m + 1
    return load_kw, first, end


@kernel()
def _load_at(
    r: int,
    t: int,
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> float:
    """What a start draws in a minute [kW]."""
    k = t - minute[r]
    first = shape_offset[shape[r]]
    if k < 0 or k >= shape_offset[shape[r] + 1] - first:
        return 0.0
    kw: float = shape_kw[first + k]
    return kw


@kernel()
def _is_as_strict(
    t: int,
    u: int,
    free_kw: NDArray[np.float64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> bool:
    """Whether minute t leaves no more than minute u, and no start draws less in it."""
    if free_kw[u] < free_kw[t]:
        return False
    for r in range(len(minute)):
        more = _load_at(r, u, minute, shape, shape_offset, shape_kw)
        if more > _load_at(r, t, minute, shape, shape_offset, shape_kw):
            return False
    return True
