"""Jobs ask one producer after the other, in the order of their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import NOBODY, Renegotiator
from sparewatt.model.contract import GRID, Reason
from sparewatt.simulate.community_ledger import DecisionLedger
from sparewatt.simulate.community_promises import check_dropped, check_renegotiation
from sparewatt.simulate.community_renegotiation import find_uncovered

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    forecast that falls cancels the contracts that it no longer covers, and a producer may drop waiting jobs
    for larger ones; their jobs ask again at once, in the order of registration. Once all have asked,
    producers that can (`Renegotiator`) move, hand over, call back from the grid and drop what waits.

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
        self._is_renewed = False
        self.scores = scores
        self.decisions = DecisionLedger()

    def register(self, job: int) -> None:
        """A job becomes known and asks."""
        self._state.movable[job] = None
        self._settle([job])

    def renew_forecast(self, row: int) -> None:
        """A forecast becomes known."""
        state = self._state
        producer, part, before_kw = state.add_forecast(row)
        uncovered = find_uncovered(state.board, producer, part, before_kw, self._allow_partial)
        for job in uncovered:
            state.cancel(job)
        self._settle(uncovered)
        self._is_renewed = True

    def close_instant(self) -> None:
        """All news of an instant are known; after forecasts, jobs may be called back from the grid."""
        if self._is_renewed and isinstance(self._negotiator, Renegotiator):
            producer_of = self._state.board.producer_of
            self._settle((), [job for job in self._state.movable if producer_of[job] == GRID])
        self._is_renewed = False

    def _settle(self, jobs: Iterable[int], discussed: Iterable[int] = ()) -> None:
        """Jobs without a contract ask in the order of registration; those dropped for them ask again.

        Once all have asked, producers renegotiate about them and about the jobs to be discussed. That ends:
        whoever drops a job has agreed to more energy than before, all producers together too.
        """
        state, free = self._state, set(jobs)
        about = dict.fromkeys(discussed)
        while free or about:
            while free:
                job = next(job for job in state.movable if job in free)
                free.remove(job)
                free.update(self._ask(job))
                about[job] = None
            free.update(self._renegotiate(tuple(about)))
            about.clear()

    def _ask(self, job: int) -> tuple[int, ...]:
        """Ask producers for a job, and the grid where nobody takes it; the jobs dropped for it."""
        state = self._state
        order = state.known[np.argsort(self.scores[state.known], kind="stable")]
        negotiation = self._negotiator.negotiate(state.board, job, order)
        asked = order[: len(negotiation.reasons)]
        is_accepted = negotiation.producer != NOBODY
        self.decisions.add(state.board.now_s, job, asked, negotiation.reasons, is_accepted=is_accepted)
        self.scores[asked] += DECLINED
        if not is_accepted:
            state.agree_with_grid(job)
            return ()
        self.scores[negotiation.producer] += ACCEPTED - DECLINED
        own = self._own_plan(negotiation, job)
        check_dropped(state.board, negotiation, job)
        for other in negotiation.dropped:
            state.cancel(other)
        for plan in negotiation.plans:
            if plan is not own:
                state.move(plan)
        state.agree(negotiation.producer, own)
        return negotiation.dropped

    def _renegotiate(self, asked: tuple[int, ...]) -> tuple[int, ...]:
        """Let the producers agree among themselves; the jobs dropped by that."""
        if not isinstance(self._negotiator, Renegotiator):
            return ()
        state, board = self._state, self._state.board
        change = self._negotiator.renegotiate(board, asked, tuple(state.movable))
        if change is None:
            return ()
        check_renegotiation(board, state.movable, change)
        before = {job: int(board.producer_of[job]) for job in change.plans}
        new = [job for job, (producer, _) in change.plans.items() if before[job] != producer]
        for job in (*change.dropped, *new):
            state.cancel(job)
        for job, (producer, plan) in change.plans.items():
            if before[job] == producer:
                state.move(plan)
        for job in new:
            producer, plan = change.plans[job]
            state.agree(producer, plan)
            self.scores[producer] += ACCEPTED
            reason = Reason.CALLED_BACK if before[job] == GRID else Reason.HANDED_OVER
            one, why = np.array([producer], np.int64), np.array([reason], np.int8)
            self.decisions.add(board.now_s, job, one, why, is_accepted=True)
        return change.dropped

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
