"""MinuteGrid: the minutes that a neighbourhood is simulated and settled on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUTE_S = 60
DAY_MINUTES = 1440


@dataclass(frozen=True)
class MinuteGrid:
    """Half-open minutes, labelled by their left edge; all times are whole seconds since time 0.

    Parameters
    ----------
    origin_s
        Time 0, the earliest stamp of the inputs [UNIX s].
    minutes
        Number of minutes: long enough for the last job to end.
    """

    origin_s: int
    minutes: int

    @property
    def origin(self) -> datetime:
        """Time 0 in UTC."""
        return datetime.fromtimestamp(self.origin_s, tz=UTC)

    @property
    def edges_s(self) -> NDArray[np.int64]:
        """Boundaries of the minutes since time 0, shape (minutes + 1,) [s]."""
        return np.arange(self.minutes + 1, dtype=np.int64) * MINUTE_S

    def time_at(self, second: int) -> datetime:
        """The UTC time of a second since time 0."""
        return self.origin + timedelta(seconds=int(second))
