"""How the judge states what a rule found: the worst violations one by one, the rest as a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

SHOWN = 20


class Violations:
    """Places where one rule is broken, gathered and then told worst first.

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
        self._found: list[tuple[float, str, str, str, tuple[str, ...]]] = []

    def add(
        self, where: str, message: str, margin: float, *, value: str = "", ids: Sequence[str] = ()
    ) -> None:
        """One place; ``margin`` is by how much the rule is missed, in its unit."""
        self._found.append((margin, where, message, value, tuple(ids)))

    def findings(self) -> Iterator[Finding]:
        """The ``SHOWN`` worst ones and, where there are more, how many."""
        worst = sorted(self._found, key=lambda v: -v[0])
        for margin, where, message, value, ids in worst[:SHOWN]:
            yield Finding(self._rule, "error", where, message, value, self._remedy, ids, margin)
        if len(worst) > SHOWN:
            rest = worst[SHOWN:]
            yield Finding(
                self._rule,
                "error",
                "further places",
                f"{len(rest)} more, each missed by at most the margin",
                str(len(rest)),
                self._remedy,
                (),
                rest[0][0],
            )


def worst_first(excess: NDArray[np.float64], tolerance: float) -> list[int]:
    """Indices where ``excess`` is above ``tolerance``, the greatest first, NaN never."""
    hits = (excess > tolerance).nonzero()[0]
    return [int(i) for i in hits[(-excess[hits]).argsort(kind="stable")]]
