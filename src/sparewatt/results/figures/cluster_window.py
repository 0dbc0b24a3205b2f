"""Which part of a long run of a hub is worth a close look, and lines thinned to what a picture holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.cluster_view import TURNED_AWAY
from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text
from sparewatt.results.local_days import day_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.cluster_view import ClusterView

WHOLE_H = 36
"""Runs up to this long are shown whole [h]."""
MOST_POINTS = 600
"""Points of a line in a picture."""


@dataclass(frozen=True)
class Window:
    """Periods to show.

    Parameters
    ----------
    lo, hi
        First and end boundary.
    reason
        Why these, as a sentence; empty where all of the run is shown.
    """

    lo: int
    hi: int
    reason: str = ""


def visits_per_day(view: ClusterView, edges: NDArray[np.int64], fates: tuple[int, ...]) -> NDArray[np.int64]:
    """Visits with one of ``fates`` by the day of their arrival (declared where they never came)."""
    t, h = view.trace, view.horizon
    came = np.where(t.fleet.real_arrival_s >= 0, t.fleet.real_arrival_s, t.fleet.declared_arrival_s)
    boundary = np.clip((came - h.start_s) // h.step_s, 0, h.periods - 1)
    day = np.searchsorted(edges, boundary, side="right") - 1
    counted = day[np.isin(t.fate, fates)]
    count: NDArray[np.int64] = np.bincount(counted, minlength=len(edges) - 1).astype(np.int64)
    return count


def find_window(view: ClusterView) -> Window:
    """All of a short run; of a long one the day with most trouble, else with the highest power."""
    h = view.horizon
    if h.periods * h.step_h <= WHOLE_H:
        return Window(0, h.periods)
    edges = day_starts(h)
    starts = edges[:-1]
    beyond = np.zeros(len(starts))
    for cluster in range(len(view.cluster_ids)):
        beyond += sum(np.add.reduceat(kw, starts) for kw in view.beyond_kw(cluster))
    away = visits_per_day(view, edges, TURNED_AWAY)
    if beyond.any():
        day, what = int(np.argmax(beyond)), "most energy beyond the limits"
        how = f"{number_text(float(beyond[day] * h.step_h))} kWh"
    elif away.any():
        day, what = int(np.argmax(away)), "most vehicles turned away"
        how = f"{away[day]:,}"
    else:
        peaks = np.maximum.reduceat(view.trace.system_kw, starts)
        day, what = int(np.argmax(peaks)), "highest power"
        how = f"{number_text(float(peaks[day]))} kW"
    name = day_name(h.local(int(edges[day])).date())
    return Window(int(edges[day]), int(edges[day + 1]), f"{name} is the day with the {what} ({how}).")


def kept(x: NDArray[np.float64], *lines: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """``x`` and lines of steps without the points where no line changes; the drawing is the same."""
    changes = np.zeros(len(x), dtype=np.bool_)
    changes[[0, -1]] = True
    for line in lines:
        changes[1:] |= ~((line[1:] == line[:-1]) | (np.isnan(line[1:]) & np.isnan(line[:-1])))
    return (x[changes], *(line[changes] for line in lines))


@dataclass(frozen=True)
class Thinning:
    """Blocks of periods that share one point of a line.

    Parameters
    ----------
    starts
        First period of each block.
    end
        End of the last block.
    size
        Periods in a block (fewer in the last).
    """

    starts: NDArray[np.int64]
    end: int
    size: int

    @classmethod
    def of(cls, lo: int, hi: int, most: int = MOST_POINTS) -> Thinning:
        """As few periods to a block as ``most`` points allow."""
        size = max(1, -(-(hi - lo) // most))
        return cls(np.arange(lo, hi, size, dtype=np.int64), hi, size)

    def _blocks(self) -> NDArray[np.int64]:
        return np.asarray(self.starts - self.starts[0], dtype=np.int64)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of each block of per-period ``values`` of the window."""
        if self.size == 1:
            return values
        count = np.diff(np.append(self._blocks(), len(values)))
        return np.asarray(np.add.reduceat(values, self._blocks()) / count)

    def highest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Highest of each block."""
        return values if self.size == 1 else np.asarray(np.maximum.reduceat(values, self._blocks()))

    def lowest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lowest of each block."""
        return values if self.size == 1 else np.asarray(np.minimum.reduceat(values, self._blocks()))

    def hours(self, h: Horizon) -> NDArray[np.float64]:
        """Edges of the blocks since the start of the horizon, one more than there are blocks [h]."""
        return np.asarray(np.append(self.starts, self.end) * h.step_h, dtype=np.float64)

    @property
    def words(self) -> str:
        """What a point stands for, as an end of a sentence; empty where nothing is thinned."""
        return "" if self.size == 1 else f" Each point is the mean of {self.size:,} steps."
