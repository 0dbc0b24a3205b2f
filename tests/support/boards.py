"""Boards small enough to follow by hand, and random ones; minutes of 1 or more producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import FREE, Board, Plan
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.starts import find_starts
from support.neighbourhoods import ORIGIN_S, Job, jobs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.neighbourhoods import Ev


def board_of(
    jobs: Sequence[Job | Ev],
    production_kw: Sequence[Sequence[float]],
    *,
    now_s: int = 0,
    agreed: Sequence[tuple[int, int, int]] = (),
    started: Sequence[tuple[int, int, int]] = (),
    step_s: int = 900,
) -> Board:
    """A board at one moment.

    Parameters
    ----------
    jobs
        The jobs; those with a profile may have contracts.
    production_kw
        Power of each producer, minute by minute; all after it is 0.
    now_s
        The moment.
    agreed, started
        Job, producer and start [s] of contracts that wait, and of those that have started.
    step_s
        Step of the starts.
    """
    made = jobs_of(jobs)
    starts = find_starts(made, step_s)
    minutes = max(int(-(-made.end_s.max(initial=0) // 60)) + 1, *map(len, production_kw))
    production = np.zeros((len(production_kw), minutes))
    for row, kw in enumerate(production_kw):
        production[row, : len(kw)] = kw
    board = Board(
        jobs=made,
        starts=starts,
        grid=MinuteGrid(ORIGIN_S, minutes, 1),
        now_s=now_s,
        production_kw=production,
        booked_kw=np.zeros_like(production),
        producer_of=np.full(len(made), FREE, np.int64),
        plans={},
        waiting=[[] for _ in production_kw],
    )
    for job, producer, start_s in (*started, *agreed):
        row = next(r for r in starts.rows(job) if starts.start_s[r] == start_s)
        book(board, producer, board.plan_at(row, job))
        if (job, producer, start_s) in agreed:
            board.waiting[producer].append(job)
    return board


def book(board: Board, producer: int, plan: Plan) -> None:
    """Enter a load, in place of the job's old one."""
    old = board.plans.get(plan.job)
    if old is not None:
        board.booked_kw[producer, old.minute : old.minute + len(old.kw)] -= old.kw
    board.booked_kw[producer, plan.minute : plan.minute + len(plan.kw)] += plan.kw
    board.plans[plan.job] = plan
    board.producer_of[plan.job] = producer


def random_board(rng: np.random.Generator, *, jobs: int = 5, partial: float = 0.0) -> Board:
    """One producer with uneven sun; all jobs but the last wait for it, where they are covered one by one.

    With ``partial`` that share of each may be uncovered. Jobs that find no place have no contract.
    """
    from sparewatt.decide.market.greedy import Greedy  # noqa: PLC0415 - what is tested elsewhere

    drawn = []
    for _ in range(jobs):
        first = 60 * int(rng.integers(0, 150)) + int(rng.choice([0, 0, 17]))
        load = np.repeat(rng.choice([0.0, 0.5, 1.0, 2.0], 4), rng.integers(1, 20, 4))
        drawn.append(Job(earliest=first, latest=first + 60 * int(rng.integers(0, 200)), load_kw=tuple(load)))
    sun = np.repeat(rng.choice([0.0, 1.0, 2.0, 3.0], 12, p=[0.1, 0.3, 0.3, 0.3]), 40)
    board = board_of(drawn, [sun])
    for job in range(jobs - 1):
        reply = Greedy(partial).reply(board, 0, job)
        if reply.is_accepted:
            rows = board.starts.rows(job)
            fitting = [board.plan_at(r, job) for r in rows if _fits(board, board.plan_at(r, job))]
            book(board, 0, fitting[int(rng.integers(len(fitting)))] if fitting else reply.plans[0])
            board.waiting[0].append(job)
    return board


def _fits(board: Board, plan: Plan) -> bool:
    part = slice(plan.minute, plan.minute + len(plan.kw))
    free = board.production_kw[0, part] - board.booked_kw[0, part]
    return bool((plan.kw <= free + 1e-12)[plan.kw > 0].all())


def overbooked_kw(board: Board, producer: int = 0) -> float:
    """Most by which the loads of contracts exceed what is forecast in a minute where one draws."""
    total = np.zeros(board.production_kw.shape[1])
    for job, plan in board.plans.items():
        if board.producer_of[job] == producer:
            total[plan.minute : plan.minute + len(plan.kw)] += plan.kw
    return float(np.where(total > 0, total - board.production_kw[producer], 0.0).max())
