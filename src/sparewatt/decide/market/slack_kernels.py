"""Kernels that look for the start of a load under what power is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLACK_KW = 1e-9
"""A minute is covered when its load exceeds what is left by no more than this [kW]."""
NOWHERE = -1


@kernel()
def slack_at(
    free_kw: NDArray[np.float64], minute: int, kw: NDArray[np.float64], allowed_kwh: float
) -> tuple[bool, float]:
    """Whether a load is covered from a minute on, and how much is left over it.

    In plain Python::

        drawn = [(free_kw[minute + k], kw[k]) for k in range(len(kw)) if kw[k] > 0]
        left = [have - want for have, want in drawn]
        short = sum(want - max(have, 0) for have, want in drawn if have - want < -1e-9) / 60
        return short * 60 <= allowed_kwh * 60 + 1e-9, -60 * short if short > 0 else min(left)

    A load without power anywhere is covered with infinite slack. The slack of a load that is not covered
    has no meaning.

    Parameters
    ----------
    free_kw
        What is left, shape (minutes,), may be negative [kW].
    minute, kw
        The load.
    allowed_kwh
        Energy that may come from elsewhere [kWh].

    Returns
    -------
    is_covered, slack_kw
        Least power left, or minus sixty times the uncovered energy [kW].
    """
    least = np.inf
    short = 0.0
    budget = allowed_kwh * 60.0 + SLACK_KW
    for k in range(len(kw)):
        if kw[k] <= 0.0:
            continue
        have = free_kw[minute + k]
        left = have - kw[k]
        if left < -SLACK_KW:
            short -= left if have > 0.0 else -kw[k]
            if short > budget:
                return False, -short
        elif left < least:
            least = left
    return True, least if short == 0.0 else -short


@kernel()
def find_start(
    free_kw: NDArray[np.float64],
    rows: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    allowed_kwh: float,
    is_first: bool,  # noqa: FBT001 - kernels take no keywords
) -> int:
    """The covered start with the most slack, the earliest of equal ones; or the first covered one.

    In plain Python::

        best = None
        for r in rows:
            is_covered, slack = slack_at(free_kw, *load(r), allowed_kwh)
            if is_covered and (best is None or slack > most + 1e-9):  # less is rounding
                best, most = r, slack
            if best is not None and is_first:
                break
        return best

    Parameters
    ----------
    free_kw
        What is left, shape (minutes,) [kW].
    rows
        Rows of the starts, earliest first.
    minute, shape, shape_offset, shape_kw
        As in `Starts`.
    allowed_kwh
        As in `slack_at`.
    is_first
        Take the first covered start.

    Returns
    -------
    int
        Row of the start, ``NOWHERE`` where none is covered.
    """
    best, most = NOWHERE, -np.inf
    for r in rows:
        kw = shape_kw[shape_offset[shape[r]] : shape_offset[shape[r] + 1]]
        is_covered, slack = slack_at(free_kw, minute[r], kw, allowed_kwh)
        if is_covered and (best == NOWHERE or slack > most + SLACK_KW):
            best, most = r, slack
            if is_first:
                break
    return best


@kernel()
def ask_in_order(
    production_kw: NDArray[np.float64],
    booked_kw: NDArray[np.float64],
    order: NDArray[np.int64],
    rows: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    allowed_kwh: float,
) -> tuple[int, int, NDArray[np.bool_]]:
    """Ask producers in order for the covered start with the most slack until one has it.

    In plain Python::

        for n, p in enumerate(order):
            row = find_start(production_kw[p] - booked_kw[p], rows, ...)
            if row >= 0:
                return n, row, was_possible[:n]
            was_possible[n] = find_start(production_kw[p], rows, ...) >= 0
        return len(order), NOWHERE, was_possible

    Parameters
    ----------
    production_kw, booked_kw
        Shape (producers, minutes) [kW].
    order
        Rows of the producers.
    rows, minute, shape, shape_offset, shape_kw, allowed_kwh
        As in `find_start`.

    Returns
    -------
    refusals
        How many producers said no.
    row
        Row of the start at the one who said yes, or ``NOWHERE``.
    was_possible
        Whether the production of each refusing producer alone would have covered the job, shape (refusals,).
    """
    was_possible = np.zeros(len(order), np.bool_)
    if len(rows) == 0:
        return len(order), NOWHERE, was_possible
    first = minute[rows[0]]
    last = first
    for r in rows:
        last = max(last, minute[r] + shape_offset[shape[r] + 1] - shape_offset[shape[r]])
    free = np.empty(production_kw.shape[1])
    for n in range(len(order)):
        p = order[n]
        top = 0.0
        for t in range(first, last):
            free[t] = production_kw[p, t] - booked_kw[p, t]
            top = max(top, production_kw[p, t])
        if top <= 0.0 and allowed_kwh <= 0.0:
            light = find_start(
                production_kw[p], rows, minute, shape, shape_offset, shape_kw, allowed_kwh, True
            )
            if light == NOWHERE:
                continue
        row = find_start(free, rows, minute, shape, shape_offset, shape_kw, allowed_kwh, False)
        if row != NOWHERE:
            return n, row, was_possible[:n]
        alone = find_start(production_kw[p], rows, minute, shape, shape_offset, shape_kw, allowed_kwh, True)
        was_possible[n] = alone != NOWHERE
    return len(order), NOWHERE, was_possible
