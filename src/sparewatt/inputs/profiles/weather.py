"""Outdoor temperature: a seeded climate of which any day can be told alone, or a series that is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sparewatt.inputs.profiles.seeds import TEMPERATURE, Stream, stream_rng

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

DAY_S = 86_400
_EPOCH_ORDINAL = 719_163  # 1970-01-01
_MEMORY_DAYS = 40
_YEAR_DAYS = 365.25


class OutdoorTemperature(Protocol):
    """Temperature of the air outside."""

    def at_c(self, at_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """Temperature at times [s since the epoch], shape (times,) [°C]."""


def day_anomalies(
    seed: int, stream: Stream, days: NDArray[np.int64], persistence: float
) -> NDArray[np.float64]:
    """Standard normal numbers with memory from day to day, shape (days,).

    x_d = √(1-φ²) · Σ_{k<40} φ^k ε_{d-k}, an autoregression of order one cut off where φ^40 no longer
    matters: every day is told alone, whatever days are asked for.

    Parameters
    ----------
    seed, stream
        Same seed, same days.
    days
        Consecutive days, days since 1970-01-01.
    persistence
        φ [0-1).
    """
    wanted = range(int(days[0]) - _MEMORY_DAYS + 1, int(days[-1]) + 1)
    shocks = np.array([_shock(seed, stream, d + _EPOCH_ORDINAL) for d in wanted])
    weights = np.sqrt(1 - persistence**2) * persistence ** np.arange(_MEMORY_DAYS)
    # One sum per day in a fixed order; a convolution may sum in another for another length.
    return np.array([float(np.sum(weights * shocks[n : n + _MEMORY_DAYS][::-1])) for n in range(len(days))])


@lru_cache(maxsize=4096)
def _shock(seed: int, stream: Stream, ordinal: int) -> float:
    """What a day brings of its own, standard normal."""
    return float(stream_rng(seed, stream, ordinal).standard_normal())


@dataclass(frozen=True)
class Climate:
    """Synthetic temperature: a year, a day, and weather that stays for some days.

    T = mean - swing·cos(2π(day - coldest)/365.25) - daily·cos(2π(h - 3)/24) + spread·x(t), h in local solar
    time, x interpolated between noons. The numbers are those of the north of England: Central England
    Temperature of 1991-2020 is 10 °C over the year, 4.7 °C in January and 16.8 °C in July; daily means
    scatter by about 3 K around that and remember each other by 0.75 from day to day.

    Parameters
    ----------
    seed
        Same seed, same weather.
    longitude_deg
        For the solar time [°].
    mean_c, swing_k, coldest_day
        Of the year [°C, K, day of the year].
    daily_summer_k, daily_winter_k
        Half the difference of a day's highest and lowest temperature [K].
    spread_k, persistence
        Standard deviation of the weather and its memory from day to day [K, 0-1].
    """

    seed: int
    longitude_deg: float = -2.24
    mean_c: float = 10.2
    swing_k: float = 6.1
    coldest_day: float = 21.0
    daily_summer_k: float = 4.2
    daily_winter_k: float = 2.3
    spread_k: float = 3.0
    persistence: float = 0.75

    def at_c(self, at_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """Temperature at times [s since the epoch], shape (times,) [°C]."""
        day = at_s / DAY_S
        season = np.cos(2 * np.pi * (day - self.coldest_day) / _YEAR_DAYS)  # 1970-01-01 is day 0 of a year
        solar = day + self.longitude_deg / 360.0
        middle = (self.daily_summer_k + self.daily_winter_k) / 2
        amplitude = middle - (self.daily_summer_k - self.daily_winter_k) / 2 * season
        noon = np.floor(day - 0.5).astype(np.int64)
        days = np.arange(noon.min(), noon.max() + 2)
        x = day_anomalies(self.seed, TEMPERATURE, days, self.persistence)
        into = day - 0.5 - noon
        row = noon - days[0]
        weather = x[row] * (1 - into) + x[row + 1] * into
        return np.asarray(
            self.mean_c
            - self.swing_k * season
            - amplitude * np.cos(2 * np.pi * (solar - 3 / 24))
            + self.spread_k * weather
        )


@dataclass(frozen=True)
class GivenTemperature:
    """Temperature per period of a horizon; the day before it is like its first.

    Parameters
    ----------
    horizon
        The periods.
    values_c
        Shape (periods,) [°C].
    """

    horizon: Horizon
    values_c: NDArray[np.float64]

    def at_c(self, at_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """Temperature at times [s since the epoch], shape (times,) [°C]."""
        before = np.maximum(-((at_s - self.horizon.start_s) // DAY_S), 0) * DAY_S
        period = (at_s + before - self.horizon.start_s) // self.horizon.step_s
        return np.asarray(self.values_c[np.clip(period, 0, self.horizon.periods - 1)])
