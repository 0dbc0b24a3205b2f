"""Filling: the power of a flexible job where most is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import Plan
from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board

NEAR = 1e-9
"""Share of an energy that is nothing [-]."""


def fill_flexible(
    board: Board, job: int, free_kw: NDArray[np.float64], allowed_kwh: float = 0.0
) -> Plan | None:
    """The load of a flexible job under what is left, the minutes with most left first.

    Each minute takes min(max_kw, left) where at least min_kw is left; the minute that completes the energy
    takes the rest. Where a share may come from elsewhere, minutes follow in which less than min_kw is left,
    with min_kw, and what is missing still is added to the minutes that take most already, each up to
    max_kw; all that is above what is left must not exceed ``allowed_kwh``.

    Only minutes that lie wholly in the window are used.

    Parameters
    ----------
    board
        The moment and the jobs.
    job
        Row of a flexible job.
    free_kw
        What is left, shape (minutes,) [kW].
    allowed_kwh
        Energy that may exceed what is left [kWh].

    Returns
    -------
    Plan or None
        None where it does not fit.
    """
    jobs = board.jobs
    low_kw, top_kw = float(jobs.min_kw[job]), float(jobs.max_kw[job])
    need = float(jobs.energy_kwh[job]) * 60.0
    first = -(-max(board.now_s, int(jobs.earliest_s[job])) // MINUTE_S)
    last = int(jobs.end_s[job]) // MINUTE_S
    left = np.clip(free_kw[first:last], 0.0, top_kw)
    lowest = low_kw if allowed_kwh > 0.0 else 0.0
    most = np.where(left >= max(low_kw, SLACK_KW), left, np.where(left > SLACK_KW, lowest, 0.0))
    # Sums of powers differ by rounding; equal minutes are to be taken one after the other.
    kw = _fill_first(np.argsort(-np.round(left, 9), kind="stable"), most, need)
    near = NEAR * max(need, 1.0)
    if allowed_kwh > 0.0 and need - kw.sum() > near:
        kw += _fill_first(np.argsort(-kw, kind="stable"), top_kw - kw, need - float(kw.sum()))
    uncovered = float(np.maximum(kw - left, 0.0).sum())
    if need - kw.sum() > near or uncovered > allowed_kwh * 60.0 + near:
        return None
    used = np.flatnonzero(kw)
    if not len(used):
        return None
    begin, end = int(used[0]), int(used[-1]) + 1
    minute = first + begin
    return Plan(job, -1, minute * MINUTE_S, minute, kw[begin:end])


def _fill_first(order: NDArray[np.int64], most: NDArray[np.float64], need: float) -> NDArray[np.float64]:
    """Fill minutes in the order given, each up to its most, until the need is met [kW min]."""
    before = np.concatenate([[0.0], np.cumsum(most[order])[:-1]])
    kw = np.zeros(len(most))
    kw[order] = np.clip(need - before, 0.0, most[order])
    return kw
