"""Values that hold from their stamp until the next, on the periods of a horizon.

A stamp off the step grid still counts. A limit must be kept through the whole period, so a period that
sees several values gets the tightest: the greatest lower and the least upper bound. A price is paid for
the energy of the whole period, so it gets the time-weighted mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


@dataclass(frozen=True)
class Held:
    """Values by their stamps, ascending, one per stamp.

    Parameters
    ----------
    at_s
        Shape (stamps,) [s since the epoch].
    values
        Shape (stamps,); what holds from each stamp on.
    first_row, last_row
        Rows of the sheet where the first and the last stamp stand; 0 where there is no sheet.
    """

    at_s: NDArray[np.int64]
    values: NDArray[np.float64]
    first_row: int = 0
    last_row: int = 0

    @property
    def until_s(self) -> int | None:
        """How far the last value reaches: as long as the longest other one [s since the epoch].

        ``None`` where there is one stamp alone: its value holds for ever.
        """
        if len(self.at_s) == 1:
            return None
        return int(self.at_s[-1] + np.diff(self.at_s).max())


def on_periods(held: Held, horizon: Horizon, how: Literal["max", "min", "mean"]) -> NDArray[np.float64]:
    """One value per period, shape (periods,); a constant comes as a broadcast view.

    Parameters
    ----------
    held, horizon
        What, and on which periods; the first stamp is not after the start.
    how
        What a period gets that sees several values.
    """
    start, end = horizon.start_s, horizon.end_s
    first = max(0, int(np.searchsorted(held.at_s, start, side="right")) - 1)
    last = max(first + 1, int(np.searchsorted(held.at_s, end, side="left")))
    at, values = held.at_s[first:last], held.values[first:last]
    if (values == values[0]).all():
        return np.broadcast_to(values[0], horizon.periods)
    edges = np.unique(np.concatenate([horizon.boundaries_s, at[at > start]]))
    piece = values[np.searchsorted(at, edges[:-1], side="right") - 1]
    begins = np.searchsorted(edges, horizon.boundaries_s[:-1])
    if how == "max":
        return np.maximum.reduceat(piece, begins)
    if how == "min":
        return np.minimum.reduceat(piece, begins)
    weighted = np.add.reduceat(piece * np.diff(edges), begins)
    alone = np.diff(np.append(begins, len(piece))) == 1  # exact where nothing is averaged
    return np.where(alone, piece[begins], weighted / horizon.step_s)
