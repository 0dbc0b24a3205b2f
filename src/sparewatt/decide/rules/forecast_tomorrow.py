"""Forecasts of the day after the last day, by every rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.forecast import QUANTILES, DayAhead
from sparewatt.model.headroom_days import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast import Forecaster
    from sparewatt.model.headroom_days import HeadroomDays


@dataclass(frozen=True)
class Tomorrow:
    """What rules say of the same day.

    Parameters
    ----------
    day
        Which day, in days since 1970-01-01.
    names
        Rules, in the order in which they were given.
    quantiles
        Levels.
    headroom_kva
        Headroom by local time of day, never falling with the level, shape
        (rules, quantiles, zones, slots) [kVA].
    """

    day: int
    names: tuple[str, ...]
    quantiles: tuple[float, ...]
    headroom_kva: NDArray[np.float64]

    @property
    def date(self) -> date:
        """The local day that is forecast."""
        return EPOCH + timedelta(days=self.day)

    @property
    def step_h(self) -> float:
        """Length of a slot [h]."""
        return 24.0 / int(self.headroom_kva.shape[3])

    def level_kva(self, quantile: float, rule: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each zone's own rule says at the level nearest to one, shape (zones, slots) [kVA].

        Parameters
        ----------
        quantile
            Level [0-1].
        rule
            Row of the rule of each zone, shape (zones,).
        """
        row = int(np.abs(np.asarray(self.quantiles) - quantile).argmin())
        return np.asarray(self.headroom_kva[rule, row, np.arange(len(rule))])


def forecast_tomorrow(
    days: HeadroomDays,
    rules: Sequence[Forecaster],
    *,
    quantiles: tuple[float, ...] = QUANTILES,
    expected_c: float | None = None,
) -> Tomorrow:
    """Forecast the day after the last of some days from all of them, as held-out days are forecast.

    Parameters
    ----------
    days
        What is known, one day at least. Every rule gets a copy of its own.
    rules
        All with the levels ``quantiles``.
    quantiles
        Levels.
    expected_c
        Temperature that is expected of tomorrow [°C]; by default that of the last day, as in
        `score_forecasts`.
    """
    known = float(days.temperature_c[-1]) if expected_c is None else expected_c
    ahead = DayAhead(int(days.day[-1]) + 1, known)
    told = [rule.fit(days.before(len(days))).forecast(ahead) for rule in rules]
    return Tomorrow(ahead.day, tuple(rule.name for rule in rules), quantiles, np.stack(told))
