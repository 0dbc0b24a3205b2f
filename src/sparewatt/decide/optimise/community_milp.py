"""milp: a producer that chooses the starts of all its waiting jobs anew before it says no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import Reply
from sparewatt.decide.market.greedy import Greedy
from sparewatt.decide.market.requests import open_rows
from sparewatt.decide.optimise.community_model import build_job_model, find_choices
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan


@dataclass(frozen=True)
class MilpProducer:
    """A producer that takes a job when any choice of starts keeps every minute covered.

    find z binary: Σ_s z[j, s] = 1 for every waiting job j and the asked one,
    Σ_j Σ_s load[j, t - s]·z[j, s] <= production[t] - firm[t] for every minute t

    First the job is tried with all others where they are; only where that fails the model is solved.

    Parameters
    ----------
    solve_s
        Deadline of one answer [s].
    allow_partial
        Share of a job's energy that may come from the grid [0-1]; jobs are moved only where all is covered.
    """

    solve_s: float = 10.0
    allow_partial: float = 0.0

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request; parameters as of `ProducerAlgorithm.reply`."""
        quick = Greedy(self.allow_partial).reply(board, producer, job)
        if quick.is_accepted or quick.reason == Reason.NO_POWER or board.jobs.is_flexible[job]:
            return quick
        return self._rearranged(board, producer, job)

    def _rearranged(self, board: Board, producer: int, job: int) -> Reply:
        """Move waiting jobs that stand in the way."""
        movable = [old for old in board.waiting[producer] if not board.jobs.is_flexible[old]]
        if not movable:
            return Reply((), Reason.BOOKED)
        free_kw = _without(board, producer, movable)
        jobs = [*movable, job]
        rows = [open_rows(board, each) for each in jobs]
        choices = find_choices(board.starts, rows, free_kw[None])
        if len(np.unique(choices.job)) < len(jobs):
            return Reply((), Reason.BOOKED)
        model = build_job_model(board.starts, choices, len(jobs), free_kw[None], is_whole=True)
        solution = model.solve(np.zeros(len(choices)), Deadline(self.solve_s))
        if solution.x is None:
            return Reply((), Reason.BOOKED if solution.status == "infeasible" else Reason.NO_TIME)
        chosen = np.flatnonzero(solution.x > 0.5)  # noqa: PLR2004 - binaries
        plans = tuple(
            board.plan_at(int(row), jobs[int(place)])
            for row, place in zip(choices.row[chosen], choices.job[chosen], strict=True)
        )
        return Reply(plans, Reason.COVERED)


def _without(board: Board, producer: int, jobs: list[int]) -> NDArray[np.float64]:
    """What is left at a producer when some of its jobs are taken away, shape (minutes,) [kW]."""
    free = board.production_kw[producer] - board.booked_kw[producer]
    for job in jobs:
        plan: Plan = board.plans[job]
        free[plan.minute : plan.minute + len(plan.kw)] += plan.kw
    return np.asarray(free, np.float64)
