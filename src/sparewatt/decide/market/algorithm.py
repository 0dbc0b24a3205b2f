"""How producers answer: one question at a time, in the order of their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan
    from sparewatt.model.contract import Reason

NOBODY = -1
LEAST_GAIN_KWH = 1e-6
"""By how much energy agreed has to rise for it to have risen [kWh]."""


@dataclass(frozen=True)
class Reply:
    """What a producer answers to a request.

    Parameters
    ----------
    plans
        Where it accepts: the load of the asked job and of every waiting job that it moves. Empty where it
        declines.
    reason
        Why.
    dropped
        Where it accepts: waiting jobs whose contracts it cancels for this one. Their energy is less than
        that of the asked job, so that what it has agreed to rises.
    """

    plans: tuple[Plan, ...]
    reason: Reason
    dropped: tuple[int, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the producer takes the job."""
        return bool(self.plans)


class ProducerAlgorithm(Protocol):
    """How one producer answers; it looks at nothing of the board but its own rows."""

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request.

        Parameters
        ----------
        board
            What stands agreed and forecast.
        producer, job
            Who is asked, and for which job.
        """


@dataclass(frozen=True)
class Negotiation:
    """What came of asking producers for one job.

    Parameters
    ----------
    reasons
        Reasons of the answers in the order asked; all are refusals but the last one where ``producer`` is
        set, shape (answers,).
    producer
        Who accepted, or ``NOBODY``.
    plans, dropped
        As in `Reply`.
    """

    reasons: NDArray[np.int8]
    producer: int
    plans: tuple[Plan, ...]
    dropped: tuple[int, ...] = ()


class Negotiator(Protocol):
    """Asks producers in a given order until one accepts."""

    def negotiate(self, board: Board, job: int, order: NDArray[np.int64]) -> Negotiation:
        """Ask for one job.

        Parameters
        ----------
        board
            What stands agreed and forecast.
        job
            Row of the job; it is registered and has no contract.
        order
            Known producers, the first one is asked first.
        """


@dataclass(frozen=True)
class Renegotiation:
    """What producers agree among themselves after a job has asked.

    Parameters
    ----------
    plans
        Producer and load of each job whose contract changes: moved where it has this producer already,
        handed over where it has another, called back where it has the grid.
    dropped
        Waiting jobs whose contracts are cancelled; they ask again.
    """

    plans: dict[int, tuple[int, Plan]]
    dropped: tuple[int, ...] = ()


@runtime_checkable
class Renegotiator(Protocol):
    """Producers that talk to each other once all who asked have their answers."""

    def renegotiate(self, board: Board, asked: Sequence[int], movable: Sequence[int]) -> Renegotiation | None:
        """What is to change, None where nothing is.

        No job that a producer supplies may lose it unless the energy that all producers have agreed to
        rises thereby.

        Parameters
        ----------
        board
            What stands agreed and forecast; every movable job has a contract.
        asked
            Jobs that have just asked.
        movable
            Jobs that are registered and have not started, in the order of registration.
        """


class Planner(Protocol):
    """Decides for all producers and all known jobs together."""

    def replan(self, board: Board, movable: Sequence[int]) -> dict[int, tuple[int, Plan]]:
        """Who supplies which job when.

        Parameters
        ----------
        board
            What stands agreed and forecast.
        movable
            Jobs that are registered and have not started, in the order of registration.

        Returns
        -------
        dict
            Producer and load of every job that a producer is to supply; the grid supplies the others.
        """


@dataclass(frozen=True)
class OneByOne:
    """Puts the question to each producer in turn; the meaning of `Negotiator` for any algorithm.

    Parameters
    ----------
    algorithm
        How each producer answers.
    """

    algorithm: ProducerAlgorithm

    def negotiate(self, board: Board, job: int, order: NDArray[np.int64]) -> Negotiation:
        """Ask for one job; parameters as of `Negotiator.negotiate`."""
        reasons: list[int] = []
        for producer in order:
            reply = self.algorithm.reply(board, int(producer), job)
            reasons.append(int(reply.reason))
            if reply.is_accepted:
                return Negotiation(np.array(reasons, np.int8), int(producer), reply.plans, reply.dropped)
        return Negotiation(np.array(reasons, np.int8), NOBODY, ())
