"""Renegotiation under milp: smaller jobs dropped for a larger one, jobs handed over and called back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import LEAST_GAIN_KWH, Renegotiation, Reply
from sparewatt.decide.market.requests import open_rows
from sparewatt.decide.market.search_problem import find_meeting
from sparewatt.decide.optimise.community_able_kernel import find_able
from sparewatt.decide.optimise.community_rearranging import NOT_PLACED, find_arrangement, rearrange
from sparewatt.decide.optimise.community_search_kernel import NONE, choose_starts
from sparewatt.model.contract import GRID, Reason
from sparewatt.model.jobs import FLEXIBLE
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board
    from sparewatt.decide.optimise.community_rearranging import Arrangement

STEPS = 200
"""Starts that are tried for proof that dropping does not help."""
MOST_PRODUCERS = 30
"""Producers that renegotiate together at most."""


def drop_for(board: Board, producer: int, job: int) -> Reply | None:
    """Take a job in place of smaller ones that wait, if the energy agreed rises by that.

    Parameters
    ----------
    board
        What stands agreed and forecast.
    producer, job
        Who is asked, and for which job with a profile; it does not fit beside all that wait.

    Returns
    -------
    Reply or None
        None where dropping does not help.
    """
    energy_kwh = board.jobs.energy_kwh
    waiting = tuple(old for old in board.waiting[producer] if board.jobs.profile[old] != FLEXIBLE)
    meeting = find_meeting(board, waiting, job)
    least_kwh = min((float(energy_kwh[old]) for old in meeting), default=np.inf)
    if least_kwh + LEAST_GAIN_KWH >= energy_kwh[job]:
        return None
    kept = [old for old in meeting if energy_kwh[old] + LEAST_GAIN_KWH >= energy_kwh[job]]
    if not _is_possible(board, producer, kept, meeting, job):
        return None
    now = find_arrangement(board, (*meeting, job), (producer,))
    best = rearrange(board, now, np.array([producer]))
    gain_kwh = best.energy_kwh(energy_kwh) - now.energy_kwh(energy_kwh)
    if best.producer[-1] == NOT_PLACED or gain_kwh <= LEAST_GAIN_KWH:
        return None
    taken = best.producer != NOT_PLACED
    plans = zip(best.row[taken].tolist(), best.jobs[taken].tolist(), strict=True)
    dropped = tuple(best.jobs[~taken].tolist())
    reason = Reason.DROPPED_SMALLER if dropped else Reason.COVERED
    return Reply(tuple(board.plan_at(row, each) for row, each in plans), reason, dropped)


def renegotiate(board: Board, asked: Sequence[int], movable: Sequence[int]) -> Renegotiation | None:
    """What the producers whom some jobs concern change among themselves.

    Those who took one, and for jobs that nobody took those who could with nothing else to supply, look
    for the arrangement of all that wait for them and of what the grid is to supply that covers most, and
    among equal ones for the earliest.

    Parameters
    ----------
    board, asked, movable
        As of `Renegotiator.renegotiate`.
    """
    producers = _find_concerned(board, asked)
    if not len(producers):
        return None
    jobs = _find_jobs(board, producers, movable)
    if not jobs:
        return None
    now = find_arrangement(board, jobs, producers.tolist())
    best = rearrange(board, now, producers)
    gain_kwh = best.energy_kwh(board.jobs.energy_kwh) - now.energy_kwh(board.jobs.energy_kwh)
    lost = (now.producer != NOT_PLACED) & (best.producer == NOT_PLACED)
    if gain_kwh <= LEAST_GAIN_KWH and lost.any():
        return None
    return _told(board, now, best)


def _find_concerned(board: Board, asked: Sequence[int]) -> NDArray[np.int64]:
    """Producers who talk about some jobs, nobody where nobody could take one with nothing else to supply.

    First who took one, then who could, then who has sun at the same time, for it may take others over.
    Where they are too many, those of the last two who follow a place that is another one for each job.
    """
    fixed = [job for job in asked if board.jobs.profile[job] != FLEXIBLE]
    is_able = _find_able(board, np.arange(len(board.waiting)), fixed).any(axis=0)
    if not is_able.any():
        return np.empty(0, np.int64)
    has_sun = np.zeros(len(board.waiting), np.bool_)
    for job in fixed:
        begin = int(board.starts.minute[open_rows(board, job)[0]])
        end = -(-int(board.jobs.end_s[job]) // MINUTE_S)
        has_sun |= board.production_kw[:, begin:end].any(axis=1)
    took = np.intersect1d(np.flatnonzero(is_able), board.producer_of[list(asked)])
    able = np.setdiff1d(np.flatnonzero(is_able), took)
    others = np.flatnonzero(has_sun & ~is_able)
    each = [took, np.roll(able, -asked[0]), np.roll(others, -asked[0])]
    return np.sort(np.concatenate(each)[:MOST_PRODUCERS])


def _find_jobs(board: Board, producers: NDArray[np.int64], movable: Sequence[int]) -> list[int]:
    """Jobs with a profile that wait for these producers, or for the grid though one of them could help."""
    rows = np.array(movable, np.int64)
    rows = rows[board.jobs.profile[rows] != FLEXIBLE]
    is_own = np.isin(board.producer_of[rows], producers)
    on_grid = np.flatnonzero(board.producer_of[rows] == GRID)
    is_own[on_grid] = _find_able(board, producers, rows[on_grid]).any(axis=1)
    jobs: list[int] = rows[is_own].tolist()
    return jobs


def _find_able(
    board: Board, producers: NDArray[np.int64], jobs: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which producers could supply which jobs with nothing else to supply, shape (jobs, producers)."""
    starts = board.starts
    return find_able(
        board.production_kw,
        producers,
        np.array(jobs, np.int64),
        board.now_s,
        starts.offset,
        starts.start_s,
        starts.minute,
        starts.shape,
        starts.shape_offset,
        starts.shape_kw,
    )


def _is_possible(board: Board, producer: int, kept: Sequence[int], meeting: Sequence[int], job: int) -> bool:
    """Whether a job may fit beside some of those that it meets once the others are gone."""
    if not kept:
        return True
    starts = board.starts
    own = [open_rows(board, each) for each in (*kept, job)]
    rows = np.concatenate(own)
    shape, first = starts.shape[rows], int(starts.minute[rows].min())
    end = int((starts.minute[rows] + starts.shape_offset[shape + 1] - starts.shape_offset[shape]).max())
    free_kw = board.production_kw[producer, first:end] - board.booked_kw[producer, first:end]
    for old in meeting:
        plan = board.plans[old]
        begin, until = max(plan.minute, first), min(plan.minute + len(plan.kw), end)
        if begin < until:
            free_kw[begin - first : until - first] += plan.kw[begin - plan.minute : until - plan.minute]
    offset = np.concatenate([[0], np.cumsum([len(each) for each in own])]).astype(np.int64)
    arrays = (starts.minute[rows] - first, shape, starts.shape_offset, starts.shape_kw)
    return bool(choose_starts(free_kw, offset, *arrays, STEPS)[0] != NONE)


def _told(board: Board, now: Arrangement, best: Arrangement) -> Renegotiation | None:
    """The difference of two arrangements."""
    plans, dropped = {}, []
    for n, job in enumerate(now.jobs.tolist()):
        if best.producer[n] == NOT_PLACED:
            if now.producer[n] != NOT_PLACED:
                dropped.append(job)
        elif best.producer[n] != now.producer[n] or best.row[n] != now.row[n]:
            plans[job] = int(best.producer[n]), board.plan_at(int(best.row[n]), job)
    return Renegotiation(plans, tuple(dropped)) if plans or dropped else None
