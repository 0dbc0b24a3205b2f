"""Ledger: every contract and every answer, in the order in which they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import Answer, Contracts, ContractState, Decisions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Plan

FIRST_ROOM = 1024
NEVER_CANCELLED = -1


class ContractLedger:
    """Contracts as they are agreed, moved, started and cancelled; rows never go away."""

    def __init__(self) -> None:
        self._job: list[int] = []
        self._producer: list[int] = []
        self._agreed_s: list[int] = []
        self._state: list[ContractState] = []
        self._cancelled_s: list[int] = []
        self._plan: list[Plan] = []

    def add(self, producer: int, plan: Plan, now_s: int) -> int:
        """A new contract; the row that it gets."""
        self._job.append(plan.job)
        self._producer.append(producer)
        self._agreed_s.append(now_s)
        self._state.append(ContractState.AGREED)
        self._cancelled_s.append(NEVER_CANCELLED)
        self._plan.append(plan)
        return len(self._job) - 1

    def job(self, row: int) -> int:
        """Job of a contract."""
        return self._job[row]

    def move(self, row: int, plan: Plan) -> None:
        """The same contract brings another load."""
        self._plan[row] = plan

    def cancel(self, row: int, now_s: int) -> None:
        """The contract is void."""
        self._state[row] = ContractState.CANCELLED
        self._cancelled_s[row] = now_s

    def is_due(self, row: int, now_s: int) -> bool:
        """Whether the load of a contract starts now: it was not cancelled, nor moved, nor started."""
        return self._state[row] is ContractState.AGREED and self._plan[row].start_s == now_s

    def fulfil(self, row: int) -> None:
        """The load has started."""
        self._state[row] = ContractState.FULFILLED

    def contracts(self) -> Contracts:
        """All contracts as arrays."""
        offset = np.zeros(len(self._plan) + 1, np.int64)
        offset[1:] = np.cumsum([len(plan.kw) for plan in self._plan])
        return Contracts(
            job=np.array(self._job, np.int64),
            producer=np.array(self._producer, np.int64),
            start_s=np.array([plan.start_s for plan in self._plan], np.int64),
            agreed_s=np.array(self._agreed_s, np.int64),
            state=np.array(self._state, np.int64),
            cancelled_s=np.array(self._cancelled_s, np.int64),
            minute=np.array([plan.minute for plan in self._plan], np.int64),
            offset=offset,
            kw=np.concatenate([plan.kw for plan in self._plan]) if self._plan else np.empty(0),
        )


class DecisionLedger:
    """Answers in arrays that grow: a week of a thousand houses gives ten million of them."""

    def __init__(self) -> None:
        self._count = 0
        self._time_s = np.empty(FIRST_ROOM, np.int64)
        self._job = np.empty(FIRST_ROOM, np.int32)
        self._producer = np.empty(FIRST_ROOM, np.int32)
        self._answer = np.empty(FIRST_ROOM, np.int8)
        self._reason = np.empty(FIRST_ROOM, np.int8)

    def add(
        self,
        now_s: int,
        job: int,
        asked: NDArray[np.int64],
        reasons: NDArray[np.int8],
        *,
        is_accepted: bool,
    ) -> None:
        """The answers to one job's requests; all are refusals but the last one where it is accepted.

        Parameters
        ----------
        now_s
            When they were given [s since time 0].
        job
            Row of the job.
        asked, reasons
            Producers in the order asked and the reasons of their answers, shape (answers,).
        is_accepted
            Whether the last one accepted.
        """
        begin, end = self._count, self._count + len(asked)
        if end > len(self._time_s):
            self._grow(end)
        part = slice(begin, end)
        self._time_s[part] = now_s
        self._job[part] = job
        self._producer[part] = asked
        self._answer[part] = Answer.DECLINE
        if is_accepted:
            self._answer[end - 1] = Answer.ACCEPT
        self._reason[part] = reasons
        self._count = end

    def _grow(self, needed: int) -> None:
        """Room for so many answers and as many again as there are."""
        room = max(needed, 2 * len(self._time_s))
        for name in ("_time_s", "_job", "_producer", "_answer", "_reason"):
            old = getattr(self, name)
            new = np.empty(room, old.dtype)
            new[: self._count] = old[: self._count]
            setattr(self, name, new)

    def decisions(self) -> Decisions:
        """All answers as arrays."""
        part = slice(0, self._count)
        return Decisions(
            time_s=self._time_s[part].copy(),
            job=self._job[part].copy(),
            producer=self._producer[part].copy(),
            answer=self._answer[part].copy(),
            reason=self._reason[part].copy(),
        )
