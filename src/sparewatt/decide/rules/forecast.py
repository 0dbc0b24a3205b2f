"""Forecasts of tomorrow's headroom from the days before: one interface, and the two simplest rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.headroom_days import HeadroomDays

QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Levels that a forecast gives."""

_WEEK = 7


@dataclass(frozen=True)
class DayAhead:
    """What is known of the day to be forecast.

    Parameters
    ----------
    day
        Days since 1970-01-01.
    temperature_c
        Mean outdoor temperature as forecast the day before [°C].
    """

    day: int
    temperature_c: float

    @property
    def weekday(self) -> int:
        """Monday 0."""
        return (self.day + 3) % _WEEK


class Forecast(Protocol):
    """A rule that has learnt from a history."""

    def forecast(self, day: DayAhead) -> NDArray[np.float64]:
        """Headroom by quantile, never falling with it, shape (quantiles, zones, slots) [kVA].

        Parameters
        ----------
        day
            A day after the history.
        """


class Forecaster(Protocol):
    """A rule that learns from a history, which is all that it ever sees."""

    @property
    def name(self) -> str:
        """For tables."""

    def fit(self, history: HeadroomDays) -> Forecast:
        """Learn.

        Parameters
        ----------
        history
            At least one day.
        """


@dataclass(frozen=True)
class _Around:
    """A day of the past and the spread of what came after such days."""

    kva: NDArray[np.float64]
    spread_kva: NDArray[np.float64]

    def forecast(self, day: DayAhead) -> NDArray[np.float64]:  # noqa: ARG002 - the last day serves any
        """The last day plus the quantiles of past changes."""
        return self.kva + self.spread_kva


@dataclass(frozen=True)
class Persistence:
    """Tomorrow is like the last day, plus the quantiles of how past days differed from the day before.

    Parameters
    ----------
    quantiles
        Levels.
    name
        For tables.
    """

    quantiles: tuple[float, ...] = QUANTILES
    name: str = "persistence"

    def fit(self, history: HeadroomDays) -> Forecast:
        """Learn the changes from one day to the next; a single day has none, so no spread."""
        changes = _changes(history, np.arange(1, len(history)), np.arange(len(history) - 1))
        return _Around(history.headroom_kva[-1], _spread(changes, self.quantiles))


@dataclass(frozen=True)
class _Weekdays:
    """One forecast per weekday; the last is of weekdays that were not seen."""

    of_weekday: tuple[Forecast, ...]

    def forecast(self, day: DayAhead) -> NDArray[np.float64]:
        """Like the last same weekday."""
        return self.of_weekday[day.weekday].forecast(day)


@dataclass(frozen=True)
class SameWeekday:
    """Like the last same weekday, plus the quantiles of how weekdays differed from the one before.

    A weekday that was not seen is forecast by persistence; before any weekday came twice the spread is
    that of persistence.

    Parameters
    ----------
    quantiles
        Levels.
    name
        For tables.
    """

    quantiles: tuple[float, ...] = QUANTILES
    name: str = "same weekday"

    def fit(self, history: HeadroomDays) -> Forecast:
        """Learn the changes from one weekday to the next of the same name."""
        weekday = history.weekday
        pairs = [(a, b) for w in range(_WEEK) for a, b in _neighbours(np.flatnonzero(weekday == w))]
        fallback = Persistence(self.quantiles).fit(history)
        if pairs:
            before, after = np.array(pairs).T
            spread = _spread(_changes(history, after, before), self.quantiles)
        else:
            spread = fallback.forecast(DayAhead(int(history.day[-1]) + 1, 0.0)) - history.headroom_kva[-1]
        last = [np.flatnonzero(weekday == w) for w in range(_WEEK)]
        return _Weekdays(
            tuple(_Around(history.headroom_kva[rows[-1]], spread) if len(rows) else fallback for rows in last)
        )


def _neighbours(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    return list(zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True))


def _changes(
    history: HeadroomDays, after: NDArray[np.int64], before: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What is one day less what was on another; one of nothing where there are no pairs."""
    kva = history.headroom_kva
    return np.asarray(kva[after] - kva[before] if len(after) else np.zeros_like(kva[:1]))


def _spread(changes: NDArray[np.float64], quantiles: tuple[float, ...]) -> NDArray[np.float64]:
    return np.asarray(np.quantile(changes, quantiles, axis=0))
