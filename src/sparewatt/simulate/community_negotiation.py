"""Jobs ask one producer after the other, in the order of their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import NOBODY
from sparewatt.simulate.community_ledger import DecisionLedger
from sparewatt.simulate.community_renegotiation import find_uncovered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.algorithm import Negotiation, Negotiator
    from sparewatt.decide.market.board import Plan
    from sparewatt.simulate.community_state import MarketState

ACCEPTED = -1.0
DECLINED = 1.0
"""What an answer adds to a producer's score."""


class NegotiatedRun:
    """A job that is registered asks the producers known by then, lowest score first, until one accepts.

    Each refusal adds 1 to a score, acceptance takes 1. What nobody takes is bought from the grid. A
    forecast that falls cancels the contracts that it no longer covers; their jobs ask again at once, in
    the order of registration.

    Parameters
    ----------
    state
        What stands; changed here.
    negotiator
        Puts the questions.
    scores
        Scores of the producers; changed here, shape (producers,).
    allow_partial
        Share of a job's energy that may come from the grid [0-1].
    """

    def __init__(
        self, state: MarketState, negotiator: Negotiator, scores: NDArray[np.float64], allow_partial: float
    ) -> None:
        self._state = state
        self._negotiator = negotiator
        self._allow_partial = allow_partial
        self.scores = scores
        self.decisions = DecisionLedger()

    def register(self, job: int) -> None:
        """A job becomes known and asks."""
        self._state.movable[job] = None
        self._ask(job)

    def renew_forecast(self, row: int) -> None:
        """A forecast becomes known."""
        state = self._state
        producer, part, before_kw = state.add_forecast(row)
        uncovered = find_uncovered(state.board, producer, part, before_kw, self._allow_partial)
        for job in uncovered:
            state.cancel(job)
        if uncovered:
            again = set(uncovered)
            for job in [job for job in state.movable if job in again]:
                self._ask(job)

    def close_instant(self) -> None:
        """All news of an instant are known; every job has its answer already."""

    def _ask(self, job: int) -> None:
        """Ask the producers known at this moment for a job; the grid where nobody takes it."""
        state = self._state
        order = state.known[np.argsort(self.scores[state.known], kind="stable")]
        negotiation = self._negotiator.negotiate(state.board, job, order)
        asked = order[: len(negotiation.reasons)]
        is_accepted = negotiation.producer != NOBODY
        self.decisions.add(state.board.now_s, job, asked, negotiation.reasons, is_accepted=is_accepted)
        self.scores[asked] += DECLINED
        if not is_accepted:
            state.agree_with_grid(job)
            return
        self.scores[negotiation.producer] += ACCEPTED - DECLINED
        own = self._own_plan(negotiation, job)
        for plan in negotiation.plans:
            if plan is not own:
                state.move(plan)
        state.agree(negotiation.producer, own)

    def _own_plan(self, negotiation: Negotiation, job: int) -> Plan:
        """The load of the asked job; the others must wait for the same producer."""
        board, producer = self._state.board, negotiation.producer
        own = [plan for plan in negotiation.plans if plan.job == job]
        moved = [plan.job for plan in negotiation.plans if plan.job != job]
        if len(own) != 1:
            raise ValueError(f"producer {producer} accepted job {job} with {len(own)} loads for it")
        strange = [n for n in moved if board.producer_of[n] != producer or n not in self._state.movable]
        if strange:
            raise ValueError(f"producer {producer} moved job {strange[0]}, which does not wait for it")
        return own[0]
