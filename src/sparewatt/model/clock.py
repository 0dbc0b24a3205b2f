"""Time of day: which slot of the local clock every period of a horizon falls into."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_DAY = timedelta(days=1)
_DAY_S = 86_400


def slots_of_day(horizon: Horizon) -> int:
    """Number of slots of a day of 24 hours; the step divides it."""
    slots, rest = divmod(_DAY, horizon.step)
    if rest:
        raise ValueError(f"a step of {horizon.step} does not divide a day")
    return slots


def clock_slots(horizon: Horizon) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local day and slot of day of every period.

    An hour that the clock shows twice falls into the same slots twice; one that it skips leaves its slots
    of that day empty.

    Returns
    -------
    Local date as days since 1970-01-01, and slot from local midnight, each of shape (periods,).
    """
    slots_of_day(horizon)
    at_s = horizon.boundaries_s[:-1]
    local_s = at_s + _offsets_s(horizon)
    return local_s // _DAY_S, (local_s % _DAY_S) // horizon.step_s


def _offsets_s(horizon: Horizon) -> NDArray[np.int64]:
    """Offset of the local clock from UTC at every left edge [s]; looked up only where it may change."""
    n = horizon.periods
    per_hour = max(1, 3600 // horizon.step_s)
    # The clock changes at most once between two looks an hour apart; steps of a day look every period.
    looks = np.arange(0, n, per_hour)
    coarse = np.array([_offset_s(horizon, int(t)) for t in looks], dtype=np.int64)
    out = np.repeat(coarse, per_hour)[:n]
    for k in np.flatnonzero(np.diff(coarse)).tolist():
        for t in range(looks[k], looks[k + 1]):
            out[t] = _offset_s(horizon, t)
    return out


def _offset_s(horizon: Horizon, boundary: int) -> int:
    offset = horizon.local(boundary).utcoffset()
    return int((offset or timedelta()).total_seconds())
