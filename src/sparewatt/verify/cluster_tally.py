"""How the judge of hubs tells what a rule found: the worst places in words, the others as a number.

A trace may hold millions of places; words are made only for those that are shown.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.verify.violations import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray


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
    """Places where one rule is broken, looked at array by array.

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
        self._count += len(hits)
        worst = hits[np.argsort(-excess[hits], kind="stable")[: SHOWN + 1]]
        new = [(-float(excess[i]), len(self._shown) + k, describe(int(i))) for k, i in enumerate(worst)]
        self._shown = heapq.nsmallest(SHOWN + 1, [*self._shown, *new], key=lambda s: s[:2])

    def add(self, margin: float, place: Place) -> None:
        """Take note of one place; ``margin`` is by how much the rule is missed."""
        self.look(np.array([margin]), -np.inf, lambda _: place)

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
