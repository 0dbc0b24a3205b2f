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


def fill_flexible(
    board: Board, job: int, free_kw: NDArray[np.float64], allowed_kwh: float = 0.0
) -> Plan | None:
    """The load of a flexible job under what is left, the minutes with most left first.

    Each minute takes min(max_kw, left) where at least min_kw is left; the minute that completes the energy
    takes the rest. What is missing then, up to ``allowed_kwh``, is added to the minutes that take most
    already, each up to max_kw.

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
    free = np.minimum(free_kw[first:last], top_kw)
    free = np.where(free >= max(low_kw, SLACK_KW), free, 0.0)
    order = np.argsort(-free, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(free[order])[:-1]])
    kw = np.zeros(len(free))
    kw[order] = np.clip(need - before, 0.0, free[order])
    short = need - float(kw.sum())
    if short > 1e-9 * max(need, 1.0):
        if short > allowed_kwh * 60.0:
            return None
        kw = _raise_first(kw, short, top_kw)
        if kw.sum() < need * (1.0 - 1e-9):
            return None
    used = np.flatnonzero(kw)
    if not len(used):
        return None
    begin, end = int(used[0]), int(used[-1]) + 1
    minute = first + begin
    return Plan(job, -1, minute * MINUTE_S, minute, kw[begin:end])


def _raise_first(kw: NDArray[np.float64], extra: float, top_kw: float) -> NDArray[np.float64]:
    """Add ``extra`` to the minutes with the most room, each up to ``top_kw``, used minutes first."""
    order = np.argsort(-kw, kind="stable")
    room = top_kw - kw[order]
    before = np.concatenate([[0.0], np.cumsum(room)[:-1]])
    out = kw.copy()
    out[order] += np.clip(extra - before, 0.0, room)
    return out
