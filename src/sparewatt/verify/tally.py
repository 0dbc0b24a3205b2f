"""How the judge tells what a rule found: the worst places in words, the others as a number.

A schedule may have millions of places; words are made only for those that are shown.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

SHOWN = 20
"""Places of one rule that are told one by one."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place in words.

    Parameters
    ----------
    where
        Vehicle, unit, period with its local time.
    message
        What is wrong, with the facts in it.
    value
        The offending value.
    ids
        Things concerned.
    """

    where: str
    message: str
    value: str = ""
    ids: tuple[str, ...] = ()


class Tally:
    """Places where one rule is broken, told worst first; of equal ones the first found.

    Parameters
    ----------
    rule
        Stable dotted name.
    remedy
        What would be right.
    """

    def __init__(self, rule: str, remedy: str) -> None:
        self._rule = rule
        self._remedy = remedy
        self._count = 0
        self._shown: list[tuple[float, int, Place]] = []

    def look(self, excess: NDArray[np.float64], tolerance: float, describe: Callable[[int], Place]) -> None:
        """Take note of every index where ``excess`` is above ``tolerance``; NaN never is."""
        hits = np.flatnonzero(excess > tolerance)
        order = np.argsort(-excess[hits], kind="stable")[: SHOWN + 1]
        self._keep(
            (-float(excess[i]), self._count + int(k), describe(int(i)))
            for k, i in zip(order, hits[order], strict=True)
        )
        self._count += len(hits)

    def add(
        self, where: str, message: str, margin: float, *, value: str = "", ids: Sequence[str] = ()
    ) -> None:
        """Take note of one place; ``margin`` is by how much the rule is missed, in its unit."""
        self._keep([(-margin, self._count, Place(where, message, value, tuple(ids)))])
        self._count += 1

    def _keep(self, new: Iterable[tuple[float, int, Place]]) -> None:
        self._shown = heapq.nsmallest(SHOWN + 1, [*self._shown, *new], key=lambda s: s[:2])

    def findings(self) -> Iterator[Finding]:
        """The worst places, and how many more there are."""
        for excess, _, place in self._shown[:SHOWN]:
            yield Finding(
                self._rule,
                "error",
                place.where,
                place.message,
                place.value,
                self._remedy,
                place.ids,
                -excess,
            )
        if self._count > SHOWN:
            rest = self._count - SHOWN
            yield Finding(
                self._rule,
                "error",
                "further places",
                f"{rest} more, each missed by at most the margin",
                str(rest),
                self._remedy,
                (),
                -self._shown[SHOWN][0],
            )


def worst_first(excess: NDArray[np.float64], tolerance: float) -> list[int]:
    """Indices where ``excess`` is above ``tolerance``, the greatest first, NaN never."""
    hits = (excess > tolerance).nonzero()[0]
    return [int(i) for i in hits[(-excess[hits]).argsort(kind="stable")]]
