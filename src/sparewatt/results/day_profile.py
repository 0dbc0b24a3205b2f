"""Day profile: power at each time of the local day, over all days of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_LOW, _HIGH = 0.1, 0.9


class DayProfile(NamedTuple):
    """Values by time of the local day; shapes (times,).

    Parameters
    ----------
    minutes
        Times that occur, ascending [min since local midnight].
    mean
        Mean over the days.
    low, high
        A tenth of the days is below, a tenth above.
    """

    minutes: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def day_profile(values: NDArray[np.float64], horizon: Horizon) -> DayProfile:
    """Mean and spread of per-period ``values`` at each time that the clock on the wall shows.

    An hour that the clock shows twice counts twice; one that it skips does not count.
    """
    minute = local_minutes(horizon)
    order = np.lexsort((values, minute))
    minutes, first, count = np.unique(minute[order], return_index=True, return_counts=True)
    ranked = values[order]

    def quantile(share: float) -> NDArray[np.float64]:
        """Of each group, whose values are sorted."""
        at = share * (count - 1)
        below = np.floor(at).astype(np.int64)
        above = np.minimum(below + 1, count - 1)
        part = at - below
        return np.asarray(ranked[first + below] * (1 - part) + ranked[first + above] * part)

    mean = np.add.reduceat(ranked, first) / count
    return DayProfile(minutes.astype(np.int64), mean, quantile(_LOW), quantile(_HIGH))


def local_minutes(horizon: Horizon) -> NDArray[np.int64]:
    """Time of the local day at which each period begins [min since midnight]."""
    zone = ZoneInfo(horizon.timezone)
    starts = horizon.boundaries_s[:-1]
    hours, of_hour = np.unique(starts // 900, return_inverse=True)  # no zone changes within a quarter
    offset = [datetime.fromtimestamp(900 * int(k), UTC).astimezone(zone).utcoffset() for k in hours]
    shift = np.array([0 if o is None else int(o.total_seconds()) for o in offset], dtype=np.int64)
    return np.asarray((starts + shift[of_hour]) // 60 % 1440, dtype=np.int64)
