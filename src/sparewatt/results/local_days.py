"""Local days of a horizon: where each begins, on days of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.horizon import local_to_utc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


def day_starts(h: Horizon) -> NDArray[np.int64]:
    """Boundaries where local days begin, the first and the last boundary of the horizon included."""
    first, last = h.local(0).date(), h.local(h.periods).date()
    found = {0, h.periods}
    for d in range((last - first).days + 1):
        midnight = local_to_utc(datetime.combine(first + timedelta(days=d), datetime.min.time()), h.timezone)
        boundary = -((h.start - midnight) // h.step)  # the first at or after midnight
        if 0 < boundary < h.periods:
            found.add(int(boundary))
    return np.array(sorted(found), dtype=np.int64)
