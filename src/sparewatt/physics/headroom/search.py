"""Search: for many trials at once, how far one can go until the first of several margins is used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 60
_LOOK_BACK = 2
_LEAST_FALL = 1e-15


@dataclass(frozen=True)
class Answer:
    """What an evaluation says of some trials.

    Parameters
    ----------
    margin
        Of each constraint, >= 0 where it holds, shape (constraints, trials).
    flow
        What goes with it, kept for the result, shape (trials,).
    trusted
        Whether the margins mean anything beyond "does not hold", shape (trials,).
    """

    margin: NDArray[np.float64]
    flow: NDArray[np.float64]
    trusted: NDArray[np.bool_]


class Evaluate(Protocol):
    """A batch of trials."""

    def __call__(self, rows: NDArray[np.int64], x: NDArray[np.float64]) -> Answer:
        """Margins of the trials ``rows`` at ``x``, both of shape (trials,)."""


@dataclass(frozen=True)
class Crossing:
    """Where the first margin is used up.

    Parameters
    ----------
    x, flow
        At the last point where all margins hold, within the tolerance of the crossing, shape (trials,).
    binding
        Row of the constraint that is used up first, -1 where none is up to the upper end, shape (trials,).
    found
        Whether there is any point where all hold; where not, x is the lower end, shape (trials,).
    """

    x: NDArray[np.float64]
    flow: NDArray[np.float64]
    binding: NDArray[np.int64]
    found: NDArray[np.bool_]


def find_crossing(
    evaluate: Evaluate,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    first: NDArray[np.float64],
    start: Answer,
    tolerance: NDArray[np.float64],
) -> Crossing:
    """Largest x in [lower, upper] at which every margin is >= 0, as far as they fall with x.

    All trials go on together; each draws a line for every constraint through its last two points, goes to
    just before the first that would be used up, and keeps the last point that holds and the first that
    does not around the answer. Where that does not halve the distance of the two in two rounds it goes to
    the middle.

    In plain Python, per trial::

        while high - low > tolerance:
            root = min(x + margin * dx / fall for each constraint that falls)
            x = root - tolerance / 2 if it lies between low and high, else the middle
            if all margins at x hold: low = x
            else: high = x
            stop when x holds and root - x <= tolerance

    Parameters
    ----------
    evaluate
        Solves a batch.
    lower, upper
        Ends, lower <= 0 <= upper, shape (trials,).
    first
        First x that is tried, shape (trials,).
    start
        Margins at x = 0.
    tolerance
        Of x, shape (trials,).
    """
    n = len(lower)
    holds = _holds(start)
    low, high = np.where(holds, 0.0, lower), np.where(holds, upper, 0.0)
    low_seen, high_seen = holds.copy(), ~holds
    flow = start.flow.copy()
    last_x, last = np.zeros(n), start
    binding = np.where(holds, -1, start.margin.argmin(axis=0))
    x = np.where(holds, np.minimum(first, upper), np.maximum(-np.abs(first), lower))
    width = np.stack([np.full(n, np.inf)] * _LOOK_BACK)
    rows = np.arange(n)
    for _ in range(ROUNDS):
        if not len(rows):
            break
        at = x[rows]
        answer = evaluate(rows, at)
        ok = _holds(answer)
        up, down = rows[ok], rows[~ok]
        low[up], low_seen[up], flow[up] = at[ok], True, answer.flow[ok]
        high[down], high_seen[down] = at[~ok], True
        binding[down] = answer.margin[:, ~ok].argmin(axis=0)
        bottom = rows[~ok & (at <= lower[rows])]
        flow[bottom] = answer.flow[~ok & (at <= lower[rows])]
        root, which = _root(last_x[rows], _of(last, rows), at, answer)
        close = tolerance[rows]
        near = ok & (root - at <= close)
        binding[rows[near]] = which[near]
        binding[rows[ok & (at >= upper[rows])]] = -1
        done = near | (ok & (at >= upper[rows])) | (low_seen[rows] & (high[rows] - low[rows] <= close))
        done |= ~low_seen[rows] & (at <= lower[rows])
        keep = answer.trusted
        last_x[rows[keep]] = at[keep]
        last = _put(last, rows[keep], _of(answer, np.flatnonzero(keep)))
        x[rows] = _next(root, low[rows], high[rows], low_seen[rows], high_seen[rows], width[0, rows], close)
        width[:, rows] = np.stack([width[1, rows], high[rows] - low[rows]])
        rows = rows[~done]
    # Where nothing holds, what is known is the lower end.
    return Crossing(low, flow, binding, low_seen)


def _holds(answer: Answer) -> NDArray[np.bool_]:
    return np.asarray(answer.trusted & (answer.margin >= 0.0).all(axis=0))


def _of(answer: Answer, rows: NDArray[np.int64]) -> Answer:
    return Answer(answer.margin[:, rows], answer.flow[rows], answer.trusted[rows])


def _put(answer: Answer, rows: NDArray[np.int64], new: Answer) -> Answer:
    """The answer with the rows replaced by new ones."""
    margin, flow, trusted = answer.margin.copy(), answer.flow.copy(), answer.trusted.copy()
    margin[:, rows], flow[rows], trusted[rows] = new.margin, new.flow, new.trusted
    return Answer(margin, flow, trusted)


def _root(
    x0: NDArray[np.float64], y0: Answer, x1: NDArray[np.float64], y1: Answer
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where the first of the lines through two points reaches 0, infinite without any, and which it is."""
    step = np.where(x1 == x0, np.inf, x1 - x0)
    slope = (y1.margin - y0.margin) / step
    falls = (slope < -_LEAST_FALL) & y0.trusted & y1.trusted
    root = np.where(falls, x1 - y1.margin / np.where(falls, slope, -1.0), np.inf)
    which = root.argmin(axis=0)
    return np.take_along_axis(root, which[None, :], axis=0)[0], which


def _next(
    root: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    low_seen: NDArray[np.bool_],
    high_seen: NDArray[np.bool_],
    width_before: NDArray[np.float64],
    tolerance: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where to look next: before the root, at an end that was not seen, or in the middle."""
    guess = root - tolerance / 2
    slow = (high - low > width_before / 2) & low_seen & high_seen
    inside = (guess > low) & (guess < high) & ~slow
    beyond = ~high_seen & (guess >= high)
    under = ~low_seen & ((guess <= low) | (high - low <= tolerance))
    middle = (low + high) / 2
    return np.where(beyond, high, np.where(under, low, np.where(inside, guess, middle)))
