"""PowerTable: the greatest charging power by state of charge, for each vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PowerTable:
    """Ranges of SoC with their greatest charging power, in compressed rows.

    Vehicle v owns ranges ``offset[v]:offset[v + 1]``, ascending and without gap from 0 to 1; none
    means that its power does not depend on SoC. A SoC on a range's edge belongs to the range above.

    Parameters
    ----------
    offset
        Shape (vehicles + 1,).
    soc_to
        Upper end of each range, shape (ranges,) [0-1].
    max_kw
        Greatest charging power in the range, battery side, shape (ranges,) [kW].
    """

    offset: NDArray[np.int64]
    soc_to: NDArray[np.float64]
    max_kw: NDArray[np.float64]

    @classmethod
    def empty(cls, vehicles: int) -> PowerTable:
        """No dependence for any of ``vehicles``."""
        return cls(np.zeros(vehicles + 1, dtype=np.int64), np.zeros(0), np.zeros(0))

    def max_kw_at(self, vehicle: int, soc: float) -> float:
        """Greatest charging power of a vehicle at ``soc`` [kW]; infinite without a table."""
        first, end = int(self.offset[vehicle]), int(self.offset[vehicle + 1])
        for r in range(first, end):
            if soc < self.soc_to[r] or r == end - 1:
                return float(self.max_kw[r])
        return float("inf")
