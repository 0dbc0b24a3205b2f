"""Contracts: who supplies which job when; and every answer on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.jobs import Jobs
    from sparewatt.model.neighbourhood import Producers

GRID = -1
"""``producer`` of a contract with the grid."""


class ContractState(IntEnum):
    """What became of a contract."""

    AGREED = 0
    FULFILLED = 1
    CANCELLED = 2


class Answer(IntEnum):
    """What a producer said."""

    DECLINE = 0
    ACCEPT = 1


class Reason(IntEnum):
    """Why a producer said so."""

    COVERED = 0
    NO_POWER = 1
    BOOKED = 2
    COIN = 3
    OVERBOOKED = 4
    NO_TIME = 5
    PLANNED = 6
    DROPPED_SMALLER = 7
    HANDED_OVER = 8
    CALLED_BACK = 9


REASONS: dict[Reason, str] = {
    Reason.COVERED: "its forecast covers the job",
    Reason.NO_POWER: "its forecast never covers the job inside its window",
    Reason.BOOKED: "what other contracts leave does not cover the job",
    Reason.COIN: "the coin said no",
    Reason.OVERBOOKED: "no starts were found that keep every minute covered",
    Reason.NO_TIME: "time or steps ended before starts were found, or proof that there are none",
    Reason.PLANNED: "the common plan of all producers and jobs",
    Reason.DROPPED_SMALLER: "its forecast covers the job in place of smaller ones that waited",
    Reason.HANDED_OVER: "another producer handed the job over to it",
    Reason.CALLED_BACK: "it called the job back from the grid",
}
"""Reasons in words."""
YES_REASONS = (
    Reason.COVERED,
    Reason.PLANNED,
    Reason.DROPPED_SMALLER,
    Reason.HANDED_OVER,
    Reason.CALLED_BACK,
)
"""Reasons of those who accept; all others are reasons to decline."""


@dataclass(frozen=True)
class Contracts:
    """Contracts in the order of agreement; cancelled ones stay, marked.

    Parameters
    ----------
    job
        Row of the job, shape (contracts,).
    producer
        Row of the producer or ``GRID``, shape (contracts,).
    start_s
        Start of the load, shape (contracts,) [s since time 0].
    agreed_s
        Time of agreement, shape (contracts,) [s since time 0].
    state
        ``ContractState``, shape (contracts,).
    cancelled_s
        Time of the cancellation, -1 where there was none, shape (contracts,) [s since time 0].
    minute
        First minute of the load, shape (contracts,).
    offset
        Load n is ``kw[offset[n]:offset[n + 1]]``, shape (contracts + 1,).
    kw
        Mean power in the minutes from the first on, shape (points,) [kW].
    """

    job: NDArray[np.int64]
    producer: NDArray[np.int64]
    start_s: NDArray[np.int64]
    agreed_s: NDArray[np.int64]
    state: NDArray[np.int64]
    cancelled_s: NDArray[np.int64]
    minute: NDArray[np.int64]
    offset: NDArray[np.int64]
    kw: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of contracts."""
        return len(self.job)

    @property
    def is_valid(self) -> NDArray[np.bool_]:
        """Which contracts were not cancelled, shape (contracts,)."""
        return np.not_equal(self.state, ContractState.CANCELLED)

    def load(self, row: int) -> NDArray[np.float64]:
        """Power of one contract in the minutes from its first on [kW]."""
        return self.kw[int(self.offset[row]) : int(self.offset[row + 1])]

    @property
    def energy_kwh(self) -> NDArray[np.float64]:
        """Energy of each contract, shape (contracts,) [kWh]."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.kw)])
        return np.asarray((cumulative[self.offset[1:]] - cumulative[self.offset[:-1]]) / 60.0, np.float64)


@dataclass(frozen=True)
class Decisions:
    """Every answer in the order given.

    Parameters
    ----------
    time_s
        Shape (answers,) [s since time 0].
    job, producer
        Rows, shape (answers,).
    answer, reason
        ``Answer`` and ``Reason``, shape (answers,).
    """

    time_s: NDArray[np.int64]
    job: NDArray[np.int32]
    producer: NDArray[np.int32]
    answer: NDArray[np.int8]
    reason: NDArray[np.int8]

    def __len__(self) -> int:
        """Number of answers."""
        return len(self.time_s)


@dataclass(frozen=True)
class MarketTrace:
    """What happened in one repetition.

    Parameters
    ----------
    contracts, decisions
        All of them.
    production_kw
        Production as the merged forecasts say in the end, shape (producers, minutes) [kW].
    start_scores, end_scores
        Scores before and after, shape (producers,).
    not_asked
        Jobs registered after the simulated days, rows.
    """

    contracts: Contracts
    decisions: Decisions
    production_kw: NDArray[np.float64]
    start_scores: NDArray[np.float64]
    end_scores: NDArray[np.float64]
    not_asked: NDArray[np.int64]


def contract_ids(contracts: Contracts, jobs: Jobs, producers: Producers, origin_s: int) -> tuple[str, ...]:
    """Unique names ``<producer|grid>;<job>;<time of agreement>``.

    A job that comes back to a producer in the same second (after a cancellation) gets ``#2``, ``#3``
    behind it.
    """
    seen: dict[str, int] = {}
    names = []
    for job, producer, agreed_s in zip(contracts.job, contracts.producer, contracts.agreed_s, strict=True):
        who = "grid" if producer == GRID else producers.ids[producer]
        name = f"{who};{jobs.ids[job]};{origin_s + int(agreed_s)}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(names)
