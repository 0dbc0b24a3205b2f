"""fifty_fifty: a coin says whether a producer wants the job at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.decide.market.algorithm import Reply
from sparewatt.decide.market.filling import fill_flexible
from sparewatt.decide.market.requests import allowed_kwh, find_row, free_kw, refusal
from sparewatt.decide.market.slack_kernels import NOWHERE
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    import numpy as np

    from sparewatt.decide.market.board import Board


@dataclass(frozen=True)
class FiftyFifty:
    """A producer that tosses a fair coin and then takes the job at its first covered start, if there is one.

    Parameters
    ----------
    rng
        The coin.
    allow_partial
        Share of a job's energy that may come from the grid [0-1].
    """

    rng: np.random.Generator
    allow_partial: float = 0.0

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request; parameters as of `ProducerAlgorithm.reply`."""
        if self.rng.random() >= 0.5:  # noqa: PLR2004 - a fair coin
            return Reply((), Reason.COIN)
        free = free_kw(board, producer)
        if board.jobs.is_flexible[job]:
            plan = fill_flexible(board, job, free, allowed_kwh(board, job, self.allow_partial))
        else:
            row = find_row(board, job, free, self.allow_partial, is_first=True)
            plan = None if row == NOWHERE else board.plan_at(row, job)
        if plan is None:
            return refusal(board, producer, job, self.allow_partial)
        return Reply((plan,), Reason.COVERED)
