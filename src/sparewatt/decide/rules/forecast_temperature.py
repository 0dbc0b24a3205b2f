"""Forecast by temperature: the quantiles of past days that were about as warm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.forecast import QUANTILES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast import DayAhead, Forecast
    from sparewatt.model.headroom_days import HeadroomDays


@dataclass(frozen=True)
class TemperatureBins:
    """Quantiles, per zone and slot, of the past days in the temperature bin of tomorrow.

    The edges of the bins are quantiles of past temperatures, so that all hold about as many days. Where the
    bin holds fewer than ``fewest_days``, the days nearest in temperature are taken instead.

    Parameters
    ----------
    bins
        Number of bins.
    fewest_days
        Days that a quantile is made of at least, as far as there are as many.
    quantiles
        Levels.
    name
        For tables.
    """

    bins: int = 4
    fewest_days: int = 10
    quantiles: tuple[float, ...] = QUANTILES
    name: str = "temperature bins"

    def fit(self, history: HeadroomDays) -> Forecast:
        """Place the edges."""
        inner = np.arange(1, self.bins) / self.bins
        return _Bins(self, history, np.quantile(history.temperature_c, inner))


@dataclass(frozen=True)
class _Bins:
    """Edges between the bins, and the days in them."""

    rule: TemperatureBins
    history: HeadroomDays
    edges_c: NDArray[np.float64]

    def forecast(self, day: DayAhead) -> NDArray[np.float64]:
        """Quantiles of the days of the bin."""
        past = self.history.temperature_c
        own = np.searchsorted(self.edges_c, day.temperature_c, side="right")
        rows = np.flatnonzero(np.searchsorted(self.edges_c, past, side="right") == own)
        if len(rows) < self.rule.fewest_days:
            nearest = np.argsort(np.abs(past - day.temperature_c), kind="stable")
            rows = nearest[: self.rule.fewest_days]
        return np.asarray(np.quantile(self.history.headroom_kva[rows], self.rule.quantiles, axis=0))
