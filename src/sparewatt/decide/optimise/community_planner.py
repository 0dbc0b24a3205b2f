"""community_milp: all producers and all known jobs planned together, anew at each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.requests import open_rows
from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.decide.optimise.community_contract import solve_contract
from sparewatt.decide.optimise.community_flexible import find_charging
from sparewatt.decide.optimise.community_task import Task
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan


PROBES = 2_000_000
"""Starts on producers looked at before the solver is asked, about."""


@dataclass(frozen=True)
class CommunityMilp:
    """The plan that covers most of what is known at this moment.

    Parameters
    ----------
    solve_s
        Deadline of one plan [s].
    """

    solve_s: float = 10.0

    def replan(self, board: Board, movable: Sequence[int]) -> dict[int, tuple[int, Plan]]:
        """Who supplies which job when; parameters as of `Planner.replan`."""
        if _stands(board, movable):
            return {job: (int(board.producer_of[job]), board.plans[job]) for job in movable}
        jobs = np.array(movable, np.int64)
        flexible = board.jobs.is_flexible[jobs]
        task = Task(
            jobs=board.jobs,
            starts=board.starts,
            places=jobs[~flexible],
            rows=tuple(open_rows(board, int(job)) for job in jobs[~flexible]),
            charging=tuple(find_charging(board.jobs, int(job), board.now_s) for job in jobs[flexible]),
            free_kw=free_without(board, movable),
        )
        return solve_contract(task, Deadline(self.solve_s), PROBES).plans


def _stands(board: Board, movable: Sequence[int]) -> bool:
    """Whether all known jobs have a producer, and the forecasts cover what is booked from now on."""
    if any(board.producer_of[job] < 0 for job in movable):
        return False
    end = max((board.plans[job].minute + len(board.plans[job].kw) for job in movable), default=0)
    part = slice(board.now_s // MINUTE_S, end)
    return bool((board.booked_kw[:, part] <= board.production_kw[:, part] + SLACK_KW).all())


def free_without(board: Board, movable: Sequence[int]) -> NDArray[np.float64]:
    """What is left at the producers when some jobs are taken away, shape (producers, minutes) [kW]."""
    free_kw = board.production_kw - board.booked_kw
    for job in movable:
        producer = int(board.producer_of[job])
        if producer >= 0:
            plan = board.plans[job]
            free_kw[producer, plan.minute : plan.minute + len(plan.kw)] += plan.kw
    return np.maximum(free_kw, 0.0)
