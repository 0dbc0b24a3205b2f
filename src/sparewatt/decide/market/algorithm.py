"""How producers answer: one question at a time, in the order of their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan
    from sparewatt.model.contract import Reason

NOBODY = -1


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
    """

    plans: tuple[Plan, ...]
    reason: Reason

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
    plans
        As in `Reply`.
    """

    reasons: NDArray[np.int8]
    producer: int
    plans: tuple[Plan, ...]


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
                return Negotiation(np.array(reasons, np.int8), int(producer), reply.plans)
        return Negotiation(np.array(reasons, np.int8), NOBODY, ())
