"""Kernels that build the model of jobs on producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def find_fitting(
    free_kw: NDArray[np.float64],
    rows: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which starts fit which producer when nothing else is there.

    In plain Python::

        fits[p][n] = all(free_kw[p][minute[r] + k] >= kw for k, kw in enumerate(load(r)) if kw)  # r = rows[n]

    Parameters
    ----------
    free_kw
        Shape (producers, minutes) [kW].
    rows
        Rows of starts, shape (rows,).
    minute, shape, shape_offset, shape_kw
        As in `Starts`.

    Returns
    -------
    ndarray
        Shape (producers, rows).
    """
    fits = np.ones((free_kw.shape[0], len(rows)), np.bool_)
    for p in range(free_kw.shape[0]):
        for n in range(len(rows)):
            r = rows[n]
            begin, end = shape_offset[shape[r]], shape_offset[shape[r] + 1]
            for k in range(end - begin):
                kw = shape_kw[begin + k]
                if kw > 0.0 and free_kw[p, minute[r] + k] < kw - SLACK_KW:
                    fits[p, n] = False
                    break
    return fits


@kernel()
def highest_loads(
    job: NDArray[np.int64],
    row: NDArray[np.int64],
    producer: NDArray[np.int64],
    producers: int,
    minutes: int,
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Load that each producer could have in each minute, every job at its worst.

    In plain Python::

        top[p][t] = sum(max(load(c)[t] for c in columns of job j on p) for j in jobs)

    Parameters
    ----------
    job, row, producer
        Columns ordered by job, shape (columns,).
    producers, minutes
        Size of the answer.
    minute, shape, shape_offset, shape_kw
        As in `Starts`.

    Returns
    -------
    ndarray
        Shape (producers, minutes) [kW].
    """
    top = np.zeros((producers, minutes))
    own = np.zeros((producers, minutes))
    c = 0
    while c < len(row):
        first = c
        while c < len(row) and job[c] == job[first]:
            begin, end = shape_offset[shape[row[c]]], shape_offset[shape[row[c]] + 1]
            at = minute[row[c]]
            for k in range(end - begin):
                own[producer[c], at + k] = max(own[producer[c], at + k], shape_kw[begin + k])
            c += 1
        for d in range(first, c):
            at = minute[row[d]]
            for t in range(at, at + shape_offset[shape[row[d]] + 1] - shape_offset[shape[row[d]]]):
                top[producer[d], t] += own[producer[d], t]
                own[producer[d], t] = 0.0
    return top


@kernel()
def entries_of(
    number: NDArray[np.int64],
    row: NDArray[np.int64],
    producer: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Coefficients of the rows that limit a producer's minutes.

    In plain Python::

        [(number[p][t], c, load(c)[t]) for c in columns for t in its minutes
         if number[p][t] >= 0 and load(c)[t] > 0]

    Parameters
    ----------
    number
        Number of the model's row of a producer and minute, -1 where there is none,
        shape (producers, minutes).
    row, producer
        Columns, shape (columns,).
    minute, shape, shape_offset, shape_kw
        As in `Starts`.

    Returns
    -------
    rows, columns, values
        Shape (entries,).
    """
    count = 0
    for c in range(len(row)):
        begin, end = shape_offset[shape[row[c]]], shape_offset[shape[row[c]] + 1]
        for k in range(end - begin):
            if number[producer[c], minute[row[c]] + k] >= 0 and shape_kw[begin + k] > 0.0:
                count += 1
    at = np.empty(count, np.int64)
    column = np.empty(count, np.int64)
    value = np.empty(count)
    n = 0
    for c in range(len(row)):
        begin, end = shape_offset[shape[row[c]]], shape_offset[shape[row[c]] + 1]
        for k in range(end - begin):
            t = minute[row[c]] + k
            if number[producer[c], t] >= 0 and shape_kw[begin + k] > 0.0:
                at[n] = number[producer[c], t]
                column[n] = c
                value[n] = shape_kw[begin + k]
                n += 1
    return at, column, value
