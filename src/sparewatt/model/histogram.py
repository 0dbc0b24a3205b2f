"""Histogram: how often values of one quantity fall into bins, and how often they should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Histogram:
    """Counts of one quantity.

    Parameters
    ----------
    quantity, unit
        What is counted, and the unit of the edges.
    group
        Which values: ``"weekday"``, ``"weekend"`` or ``"all"``.
    lower, upper
        Edges of half-open bins, ascending, shape (bins,).
    counts
        Values in each bin, shape (bins,).
    expected
        Probability of each bin that the values were drawn by, shape (bins,); ``None`` where none is given.
    """

    quantity: str
    unit: str
    group: str
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    counts: NDArray[np.int64]
    expected: NDArray[np.float64] | None = None

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of all values in each bin, 0 where there are none, shape (bins,)."""
        return np.asarray(self.counts / max(int(self.counts.sum()), 1))
