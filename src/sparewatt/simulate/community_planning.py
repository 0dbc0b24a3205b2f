"""A common plan for all producers and known jobs, made anew when something becomes known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import FREE
from sparewatt.model.contract import GRID, Reason
from sparewatt.simulate.community_ledger import DecisionLedger
from sparewatt.simulate.community_negotiation import ACCEPTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.algorithm import Planner
    from sparewatt.decide.market.board import Plan
    from sparewatt.simulate.community_state import MarketState


class PlannedRun:
    """Contracts follow the plan: moved with the same producer, cancelled and agreed anew with another.

    The plan is made once per instant, after all that becomes known in it. What the plan leaves out is
    bought from the grid, as first agreed. A new contract with a producer takes 1 from its score.

    Parameters
    ----------
    state
        What stands; changed here.
    planner
        Makes the plan.
    scores
        Scores of the producers; changed here, shape (producers,).
    """

    def __init__(self, state: MarketState, planner: Planner, scores: NDArray[np.float64]) -> None:
        self._state = state
        self._planner = planner
        self.scores = scores
        self.decisions = DecisionLedger()

    def register(self, job: int) -> None:
        """A job becomes known; it waits for the plan of this instant."""
        self._state.movable[job] = None

    def renew_forecast(self, row: int) -> None:
        """A forecast becomes known."""
        self._state.add_forecast(row)

    def close_instant(self) -> None:
        """All news of an instant are known: the plan is made anew, and contracts follow it."""
        state, board = self._state, self._state.board
        if not state.movable:
            return
        movable = tuple(state.movable)
        plans = self._planner.replan(board, movable)
        for job in movable:
            supplier = plans[job][0] if job in plans else GRID
            if board.producer_of[job] not in {supplier, FREE}:
                state.cancel(job)
        for job in movable:
            if job in plans:
                self._follow(*plans[job])
            elif board.producer_of[job] == FREE:
                state.agree_with_grid(job)

    def _follow(self, producer: int, plan: Plan) -> None:
        """One job's contract becomes what was planned."""
        state, board = self._state, self._state.board
        if board.producer_of[plan.job] == producer:
            if not _is_same(board.plans[plan.job], plan):
                state.move(plan)
            return
        state.agree(producer, plan)
        self.scores[producer] += ACCEPTED
        asked, reasons = np.array([producer], np.int64), np.array([Reason.PLANNED], np.int8)
        self.decisions.add(board.now_s, plan.job, asked, reasons, is_accepted=True)


def _is_same(one: Plan, other: Plan) -> bool:
    """Whether two plans bring the same load."""
    if one.start_s != other.start_s or one.minute != other.minute:
        return False
    return one.kw is other.kw or np.array_equal(one.kw, other.kw)
