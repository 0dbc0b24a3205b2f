"""Which part of a community run is worth a close look, and minutes gathered to what a picture holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.horizon import Horizon
from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text
from sparewatt.results.local_days import day_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_flows import HouseFlows
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

WHOLE_MIN = 36 * 60
"""Runs up to this long are shown whole [minutes]."""
CLOSE_MIN = 6 * 60
"""Length of the close look at a short run [minutes]."""
MOST_POINTS = 700
"""Points of a line in a picture."""
_SIZES = (1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)


@dataclass(frozen=True)
class Window:
    """Minutes to show, and how many of them share a point.

    Parameters
    ----------
    lo, hi
        First and end boundary [minutes since time 0].
    size
        Minutes of a point; the last one may have fewer.
    reason
        Why these, as a sentence; empty where all of the run is shown.
    """

    lo: int
    hi: int
    size: int
    reason: str = ""

    @property
    def edges_h(self) -> NDArray[np.float64]:
        """Edges of the points since time 0, one more than there are points [h]."""
        return np.append(self._starts, self.hi) / 60.0

    @property
    def _starts(self) -> NDArray[np.int64]:
        """First minute of each point; points begin at multiples of their size from time 0."""
        first = (self.lo // self.size + 1) * self.size
        return np.concatenate([[self.lo], np.arange(first, self.hi, self.size)]).astype(np.int64)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Means of the points of values per minute of the whole run, shape (points,)."""
        starts = self._starts
        length = np.diff(np.append(starts, self.hi))
        total = np.add.reduceat(values[self.lo : self.hi], starts - self.lo)
        return np.asarray(total / length, np.float64)

    def mean_of_steps(self, flows: HouseFlows, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Means of the points of values per step of ``flows``, shape (points,)."""
        return self.mean(np.repeat(values, flows.step_minutes))

    @property
    def words(self) -> str:
        """What a point is, for a caption: ``each minute``, ``every 15 minutes``."""
        return size_words(self.size)


def size_words(minutes: int) -> str:
    """A length of time after "mean power in": ``each minute``, ``every 2 hours``."""
    if minutes == 1:
        return "each minute"
    if minutes % 60:
        return f"every {minutes} minutes"
    return "each hour" if minutes == 60 else f"every {minutes // 60} hours"  # noqa: PLR2004 - of an hour


def horizon_of(run: CommunityRun) -> Horizon:
    """The minutes of a run as periods of a horizon."""
    minutes = run.grid.minutes
    return Horizon(run.grid.origin, timedelta(minutes=1), minutes, run.setting.time_zone, (0, minutes))


def whole_window(run: CommunityRun) -> Window:
    """All of a run at the interval of its peak-to-average ratio, or in longer points where it is long."""
    minutes = run.grid.minutes
    interval = run.setting.interval_s // 60
    sizes = (interval, *(s for s in _SIZES if s > interval), -(-minutes // MOST_POINTS))
    size = next((s for s in sizes if -(-minutes // s) <= MOST_POINTS), sizes[-1])
    return Window(0, minutes, size)


def day_window(run: CommunityRun, repetition: Repetition, size: int = 1) -> Window:
    """All of a short run; of a longer one the day on which most was covered by neighbours or at home."""
    if run.grid.minutes <= WHOLE_MIN:
        return Window(0, run.grid.minutes, size)
    horizon = horizon_of(run)
    edges = day_starts(horizon)
    covered = np.add.reduceat(_sun_used_kw(repetition), edges[:-1]) / 60.0
    day = int(np.argmax(covered))
    name = day_name(horizon.local(int(edges[day])).date())
    reason = f"{name} is the day on which most of the sun was used ({number_text(float(covered[day]))} kWh)."
    return Window(int(edges[day]), int(edges[day + 1]), size, reason)


def _sun_used_kw(repetition: Repetition) -> NDArray[np.float64]:
    """Sun used at the moment at which it shone, at home or by neighbours, shape (minutes,) [kW]."""
    m = repetition.minutes
    return np.asarray(np.maximum(m.own_kw - m.discharge_kw, 0.0) + m.peer_kw, np.float64)


def close_window(run: CommunityRun, repetition: Repetition) -> Window:
    """A look at minutes: the hours in which most of the sun was used."""
    minutes = run.grid.minutes
    if minutes <= CLOSE_MIN:
        return Window(0, minutes, 1)
    used = _sun_used_kw(repetition)
    if not used.any():
        used = repetition.minutes.load_kw
    total = np.concatenate([[0.0], np.cumsum(used)])
    starts = np.arange(0, minutes - CLOSE_MIN + 1, 30)
    begin = int(starts[np.argmax(total[starts + CLOSE_MIN] - total[starts])])
    hours = CLOSE_MIN // 60
    return Window(begin, begin + CLOSE_MIN, 1, f"The {hours} hours in which most of the sun was used.")
