"""Renegotiation: which contracts a forecast that fell no longer covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.model.starts import KW_ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board

NEAR_KW = 1e-9
"""A load above production by less than this is covered [kW]; energies likewise [kW min]."""


def find_uncovered(
    board: Board, producer: int, part: slice, before_kw: NDArray[np.float64], allow_partial: float
) -> list[int]:
    """Jobs to cancel after a forecast, the latest agreed first.

    A minute t is short where booked[t] > new[t] + max(booked[t] - before[t], 0): contracts ask for more
    than the forecast gives, and it gives less than before. As long as there is one, the job that was
    agreed last among those that wait and draw in a short minute goes. Jobs that draw in none are left
    alone, for cancelling them helps nobody; so are loads that have started. With ``allow_partial`` that
    ends as soon as every job that is left finds all but that share of its energy, on top of the loads
    that have started and of those agreed before it.

    Parameters
    ----------
    board
        What stands agreed, with the new forecast.
    producer
        Whose forecast it is.
    part
        Minutes that the forecast changed.
    before_kw
        What was expected in them before [kW].
    allow_partial
        Share of a job's energy that may come from the grid [0-1].
    """
    begin = min(max(part.start, board.now_s // MINUTE_S), part.stop)
    before_kw = before_kw[begin - part.start :]
    booked_kw = board.booked_kw[producer, begin : part.stop]
    new_kw = board.production_kw[producer, begin : part.stop]
    cover_kw = new_kw + np.maximum(booked_kw - before_kw, 0.0) + NEAR_KW
    if not board.waiting[producer] or not (booked_kw > cover_kw).any():
        return []
    booked_kw = booked_kw.copy()
    kept = list(board.waiting[producer])
    gone = []
    for job in reversed(board.waiting[producer]):
        plan = board.plans[job]
        first, end = max(plan.minute, begin), min(plan.minute + len(plan.kw), part.stop)
        if first >= end:
            continue
        kw = plan.kw[first - plan.minute : end - plan.minute]
        drawn = slice(first - begin, end - begin)
        if not ((booked_kw[drawn] > cover_kw[drawn]) & (kw > KW_ZERO)).any():
            continue
        if allow_partial > 0.0 and _finds_its_share(board, producer, kept, allow_partial):
            break
        booked_kw[drawn] -= kw
        kept.remove(job)
        gone.append(job)
    return gone


def _finds_its_share(board: Board, producer: int, jobs: Sequence[int], allow_partial: float) -> bool:
    """Whether each job's load, on top of those before it, finds all but a share of its energy."""
    total_kw = board.firm_kw(producer)
    production_kw = board.production_kw[producer]
    for job in jobs:
        plan = board.plans[job]
        part = slice(plan.minute, plan.minute + len(plan.kw))
        free_kw = np.maximum(production_kw[part] - total_kw[part], 0.0)
        missing = float(np.maximum(plan.kw - free_kw, 0.0).sum())
        if missing > allow_partial * float(plan.kw.sum()) + NEAR_KW:
            return False
        total_kw[part] += plan.kw
    return True
