"""What houses are expected to draw beside their jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import minute_kw
from sparewatt.model.minute_grid import DAY_MINUTES, MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import BaseLoad


class BaseExpectation:
    """Base load of all houses together: measured until now, expected as on the day before.

    A minute to come is expected as the same minute of the last day that was measured; where there is
    none yet, as the mean of what was measured; at time 0 as nothing.

    Parameters
    ----------
    base_load
        What will be measured.
    grid
        The minutes.
    """

    def __init__(self, base_load: BaseLoad, grid: MinuteGrid) -> None:
        self._kw: NDArray[np.float64] = np.zeros(grid.minutes)
        for row in range(len(base_load)):
            self._kw += minute_kw(*base_load.curves.points(row), grid.edges_s)
        self._measured_kw = np.concatenate([[0.0], np.cumsum(self._kw)])

    def expected_kw(self, now_s: int, minutes: slice) -> NDArray[np.float64]:
        """Expected load in some minutes, shape (minutes,) [kW]; those before now are as measured."""
        now = min(now_s // MINUTE_S, len(self._kw))
        minute = np.arange(minutes.start, minutes.stop)
        days_back = np.maximum((minute - now) // DAY_MINUTES + 1, 0)
        source = minute - DAY_MINUTES * days_back
        mean = float(self._measured_kw[now]) / now if now else 0.0
        return np.where(source >= 0, self._kw[np.maximum(source, 0)], mean)
