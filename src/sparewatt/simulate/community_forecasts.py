"""Forecasts of producers, merged as they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import minute_kw
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Forecasts, Neighbourhood

    Points = tuple[NDArray[np.int64], NDArray[np.float64]]

LOOK_BACK_S = 3600
"""The first row of a forecast holds the energy of so much time before it [s]."""


def merge_forecast(stored: Points, new: Points) -> Points:
    """A stored cumulative curve E, carried on by a later forecast F.

    With t0 = (first row of F) - 3600 s and base = E(t0), interpolated by time, the merged curve is E up
    to t0, the point (t0, base), and every row of F raised by base. It never falls, for any stamps.

    Parameters
    ----------
    stored, new
        Times [s since time 0] and cumulative energies [kWh].

    Returns
    -------
    tuple
        Times and energies of the merged curve.
    """
    time_s, energy_kwh = stored
    new_time_s, new_energy_kwh = new
    from_s = int(new_time_s[0]) - LOOK_BACK_S
    base = float(np.interp(from_s, time_s, energy_kwh))
    kept = int(np.searchsorted(time_s, from_s, side="left"))
    return (
        np.concatenate([time_s[:kept], np.array([from_s], np.int64), new_time_s]),
        np.concatenate([energy_kwh[:kept], [base], new_energy_kwh + base]),
    )


class ForecastBook:
    """What each producer is expected to produce, as its forecasts come in.

    Parameters
    ----------
    forecasts
        All forecasts; each is looked at when its time comes.
    producers
        Number of producers.
    grid
        The minutes.

    Attributes
    ----------
    production_kw
        Production as forecast so far, 0 for producers without a forecast, shape (producers, minutes) [kW].
    """

    def __init__(self, forecasts: Forecasts, producers: int, grid: MinuteGrid) -> None:
        self._forecasts = forecasts
        self._edges_s = grid.edges_s
        self._curve: list[Points | None] = [None] * producers
        self.production_kw: NDArray[np.float64] = np.zeros((producers, grid.minutes))

    def add(self, row: int) -> tuple[slice, NDArray[np.float64]]:
        """Merge one forecast.

        Returns
        -------
        slice
            The minutes that it may have changed.
        ndarray
            What was expected in them before [kW].
        """
        producer = int(self._forecasts.producer[row])
        new = self._forecasts.curves.points(row)
        stored = self._curve[producer]
        merged = new if stored is None else merge_forecast(stored, new)
        self._curve[producer] = merged
        begin_s = int(new[0][0]) - (0 if stored is None else LOOK_BACK_S)
        end_s = int(new[0][-1]) if stored is None else max(int(new[0][-1]), int(stored[0][-1]))
        minutes = len(self._edges_s) - 1
        begin = min(max(begin_s // MINUTE_S, 0), minutes)
        end = min(max(-(-end_s // MINUTE_S), begin), minutes)
        part = slice(begin, end)
        before = self.production_kw[producer, part].copy()
        kw = minute_kw(*merged, self._edges_s[begin : end + 1])
        np.maximum(kw, 0.0, out=self.production_kw[producer, part])
        return part, before


def forecast_order(forecasts: Forecasts) -> NDArray[np.int64]:
    """Rows in the order in which forecasts become known: by time, at equal times as in the file."""
    return np.asarray(np.argsort(forecasts.issued_s, kind="stable"), np.int64)


def find_production(neighbourhood: Neighbourhood, grid: MinuteGrid) -> NDArray[np.float64]:
    """Production as all forecasts together say in the end, shape (producers, minutes) [kW]."""
    book = ForecastBook(neighbourhood.forecasts, len(neighbourhood.producers), grid)
    for row in forecast_order(neighbourhood.forecasts):
        book.add(int(row))
    return book.production_kw
