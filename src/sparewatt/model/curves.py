"""Curves: cumulative energy over time, many of them in three arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Curves:
    """Cumulative energy curves; curve n has the points ``offset[n]:offset[n + 1]``.

    Between points energy grows evenly; before the first point it is the first value, after the last
    point the last.

    Parameters
    ----------
    offset
        Shape (curves + 1,).
    time_s
        Increasing within a curve, shape (points,) [s].
    energy_kwh
        Never decreasing within a curve, shape (points,) [kWh].
    """

    offset: NDArray[np.int64]
    time_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of curves."""
        return len(self.offset) - 1

    def points(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times [s] and energies [kWh] of one curve."""
        part = slice(int(self.offset[row]), int(self.offset[row + 1]))
        return self.time_s[part], self.energy_kwh[part]

    @property
    def duration_s(self) -> NDArray[np.int64]:
        """Time of the last point of each curve, shape (curves,) [s]."""
        return self.time_s[self.offset[1:] - 1]

    @property
    def total_kwh(self) -> NDArray[np.float64]:
        """Energy from the first to the last point of each curve, shape (curves,) [kWh]."""
        return self.energy_kwh[self.offset[1:] - 1] - self.energy_kwh[self.offset[:-1]]


def join_curves(curves: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> Curves:
    """Curves from pairs of times [s] and energies [kWh], each with at least one point."""
    pairs = [(np.asarray(time, np.int64), np.asarray(energy, np.float64)) for time, energy in curves]
    offset = np.zeros(len(pairs) + 1, np.int64)
    offset[1:] = np.cumsum([len(time) for time, _ in pairs])
    empty = not pairs
    return Curves(
        offset=offset,
        time_s=np.empty(0, np.int64) if empty else np.concatenate([time for time, _ in pairs]),
        energy_kwh=np.empty(0) if empty else np.concatenate([energy for _, energy in pairs]),
    )


def minute_kw(
    time_s: NDArray[np.int64], energy_kwh: NDArray[np.float64], edges_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean power of one curve in each minute.

    kW[t] = (E(edge[t + 1]) - E(edge[t])) · 60, with E interpolated by time.

    Parameters
    ----------
    time_s, energy_kwh
        Points of the curve, shape (points,) [s], [kWh].
    edges_s
        Boundaries of the minutes in the time of the curve, shape (minutes + 1,) [s].

    Returns
    -------
    ndarray
        Shape (minutes,) [kW].
    """
    return np.asarray(np.diff(np.interp(edges_s, time_s, energy_kwh)) * 60.0, np.float64)
