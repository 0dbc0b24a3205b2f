"""The simplest producer: it takes a job at its earliest start that every minute covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.decide.market.algorithm import OneByOne, Reply
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    from sparewatt.decide.market.board import Board

NEAR_KW = 1e-9


@dataclass(frozen=True)
class EarliestStart:
    """Accepts at the earliest start where booked + load <= production in every minute it draws."""

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        for row in board.starts.rows(job):
            plan = board.plan_at(row, job)
            if plan.start_s < board.now_s:
                continue
            part = slice(plan.minute, plan.minute + len(plan.kw))
            free_kw = board.production_kw[producer, part] - board.booked_kw[producer, part]
            if (plan.kw <= free_kw + NEAR_KW)[plan.kw > 0].all():
                return Reply((plan,), Reason.COVERED)
        return Reply((), Reason.BOOKED)


def earliest_start() -> OneByOne:
    """As a market."""
    return OneByOne(EarliestStart())
