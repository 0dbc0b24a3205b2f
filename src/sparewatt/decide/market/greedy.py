"""greedy: take what fits now, where most power is left; nothing that is agreed moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import NOBODY, Negotiation, OneByOne, Reply
from sparewatt.decide.market.filling import fill_flexible
from sparewatt.decide.market.requests import allowed_kwh, find_row, free_kw, open_rows, refusal
from sparewatt.decide.market.slack_kernels import NOWHERE, ask_in_order
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board


@dataclass(frozen=True)
class Greedy:
    """A producer that takes a job at the covered start with the most slack, the earliest of equal ones.

    slack(s) = min over the minutes t of the load of production[t] - booked[t] - load[t - s]

    A flexible job takes the minutes with most power left.

    Parameters
    ----------
    allow_partial
        Share of a job's energy that may come from the grid [0-1].
    """

    allow_partial: float = 0.0

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request; parameters as of `ProducerAlgorithm.reply`."""
        free = free_kw(board, producer)
        if board.jobs.is_flexible[job]:
            plan = fill_flexible(board, job, free, allowed_kwh(board, job, self.allow_partial))
        else:
            row = find_row(board, job, free, self.allow_partial)
            plan = None if row == NOWHERE else board.plan_at(row, job)
        if plan is None:
            return refusal(board, producer, job, self.allow_partial)
        return Reply((plan,), Reason.COVERED)


@dataclass(frozen=True)
class GreedyMarket:
    """All producers are greedy: `OneByOne` of `Greedy` with the questions put inside one kernel.

    Parameters
    ----------
    allow_partial
        Share of a job's energy that may come from the grid [0-1].
    """

    allow_partial: float = 0.0

    def negotiate(self, board: Board, job: int, order: NDArray[np.int64]) -> Negotiation:
        """Ask for one job; parameters as of `Negotiator.negotiate`."""
        if board.jobs.is_flexible[job]:
            return OneByOne(Greedy(self.allow_partial)).negotiate(board, job, order)
        starts = board.starts
        refusals, row, was_possible = ask_in_order(
            board.production_kw,
            board.booked_kw,
            order,
            open_rows(board, job),
            starts.minute,
            starts.shape,
            starts.shape_offset,
            starts.shape_kw,
            allowed_kwh(board, job, self.allow_partial),
        )
        reasons = np.where(was_possible, Reason.BOOKED, Reason.NO_POWER).astype(np.int8)
        if row == NOWHERE:
            return Negotiation(reasons, NOBODY, ())
        reasons = np.append(reasons, np.int8(Reason.COVERED))
        return Negotiation(reasons, int(order[refusals]), (board.plan_at(int(row), job),))
