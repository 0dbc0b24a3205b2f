"""Scores of forecasts on held-out days: each day is forecast from the days before it only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.forecast import QUANTILES, DayAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast import Forecaster
    from sparewatt.model.headroom_days import HeadroomDays

FIRST_DAYS = 14
"""Days that a forecast learns from at least, before the first is scored."""


@dataclass(frozen=True)
class ForecastScores:
    """How well rules forecast the same held-out days.

    Parameters
    ----------
    names
        Rules, in the order in which they were given.
    quantiles
        Levels.
    pinball_kva
        Mean pinball loss over days, zones and slots, shape (rules, quantiles) [kVA].
    zone_pinball_kva
        Mean over days, slots and levels, shape (rules, zones) [kVA].
    share_below
        Share of the real values below each level; a perfect rule has the level itself, shape
        (rules, quantiles).
    days
        Held-out days that were scored.
    """

    names: tuple[str, ...]
    quantiles: tuple[float, ...]
    pinball_kva: NDArray[np.float64]
    zone_pinball_kva: NDArray[np.float64]
    share_below: NDArray[np.float64]
    days: int

    @property
    def mean_kva(self) -> NDArray[np.float64]:
        """Mean pinball loss over the levels, shape (rules,) [kVA]."""
        return np.asarray(self.pinball_kva.mean(axis=1))

    @property
    def skill(self) -> NDArray[np.float64]:
        """Part of the first rule's loss that each saves, ``1 − loss/loss_first``; 0 where that has none."""
        first = self.mean_kva[0]
        return 1.0 - self.mean_kva / first if first > 0.0 else np.zeros(len(self.names))

    @property
    def best(self) -> int:
        """Row of the rule with the least mean loss."""
        return int(self.mean_kva.argmin())

    @property
    def best_of_zones(self) -> NDArray[np.int64]:
        """Row of the rule with the least loss in each zone, the first of equals, shape (zones,)."""
        return np.asarray(self.zone_pinball_kva.argmin(axis=0))

    @property
    def zone_skill(self) -> NDArray[np.float64]:
        """Part of the first rule's loss that the best of a zone saves there, shape (zones,); 0 of none."""
        first, least = self.zone_pinball_kva[0], self.zone_pinball_kva.min(axis=0)
        return np.asarray(np.where(first > 0.0, 1.0 - least / np.where(first > 0.0, first, 1.0), 0.0))


def pinball_kva(
    real: NDArray[np.float64], forecast: NDArray[np.float64], quantiles: tuple[float, ...]
) -> NDArray[np.float64]:
    """Pinball loss ``max(q·(y − f), (q − 1)·(y − f))``, shape of ``forecast`` [kVA].

    Parameters
    ----------
    real
        y, shape (...) [kVA].
    forecast
        f, shape (quantiles, ...) [kVA].
    quantiles
        q.
    """
    q = np.reshape(quantiles, (-1,) + (1,) * real.ndim)
    off = real - forecast
    return np.asarray(np.maximum(q * off, (q - 1.0) * off))


def score_forecasts(
    days: HeadroomDays,
    rules: Sequence[Forecaster],
    *,
    quantiles: tuple[float, ...] = QUANTILES,
    first_days: int = FIRST_DAYS,
    expected_c: NDArray[np.float64] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ForecastScores:
    """Forecast each day from the days before it (rolling origin) and compare with what came.

    Parameters
    ----------
    days
        All days. A rule gets copies of those before the day that it forecasts.
    rules
        All with the levels ``quantiles``; the first is what skill is measured against.
    quantiles
        Levels.
    first_days
        Days before the first that is scored, at least 1; with no more days than that nothing is scored.
    expected_c
        Temperature that was expected of each day on the day before, shape (days,) [°C]; by default that of
        the day before, which is what is known without a weather forecast.
    progress
        Told after every day how many of how many are done.
    """
    expected = np.roll(days.temperature_c, 1) if expected_c is None else expected_c
    zones = days.headroom_kva.shape[1]
    loss = np.zeros((len(rules), len(quantiles), zones))
    below = np.zeros((len(rules), len(quantiles)))
    held_out = range(max(first_days, 1), len(days))
    for done, row in enumerate(held_out):
        history, real = days.before(row), days.headroom_kva[row]
        ahead = DayAhead(int(days.day[row]), float(expected[row]))
        for r, rule in enumerate(rules):
            forecast = rule.fit(history).forecast(ahead)
            loss[r] += pinball_kva(real, forecast, quantiles).mean(axis=2)
            below[r] += (real < forecast).mean(axis=(1, 2))
        if progress is not None:
            progress(done + 1, len(held_out))
    count = max(len(held_out), 1)
    return ForecastScores(
        tuple(rule.name for rule in rules),
        quantiles,
        loss.mean(axis=2) / count,
        loss.mean(axis=1) / count,
        below / count,
        len(held_out),
    )
