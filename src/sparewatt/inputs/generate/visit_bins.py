"""Bins: how likely times of day, states of charge and vehicle models are at a hub."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_MIN = 1440
"""Minutes that the clock shows in a day."""

WEEKDAY, WEEKEND = 0, 1
"""Rows of tables that tell the two kinds of day apart."""


@dataclass(frozen=True)
class TimeBins:
    """Half-open ranges of the clock, ascending, without overlap, gaps allowed; each holds a whole minute.

    Parameters
    ----------
    lower_min, upper_min
        Edges, 0 to 1440, shape (bins,) [min after midnight].
    """

    lower_min: NDArray[np.float64]
    upper_min: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of bins."""
        return len(self.lower_min)

    @cached_property
    def first_minute(self) -> NDArray[np.int64]:
        """First whole minute of each bin, shape (bins,)."""
        return np.ceil(self.lower_min).astype(np.int64)

    @cached_property
    def end_minute(self) -> NDArray[np.int64]:
        """First whole minute behind each bin, shape (bins,)."""
        return np.ceil(self.upper_min).astype(np.int64)

    def over_minutes(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of every minute of the day, evenly over the minutes of a bin, shape (..., 1440)."""
        out = np.zeros((*probability.shape[:-1], DAY_MIN))
        for k in range(len(self)):
            a, b = int(self.first_minute[k]), int(self.end_minute[k])
            out[..., a:b] += probability[..., k, None] / (b - a)
        return out

    def bin_of(self, minute: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bin of each minute of the day, -1 in a gap."""
        row = np.searchsorted(self.first_minute, minute, side="right") - 1
        return np.where((row >= 0) & (minute < self.end_minute[row]), row, -1).astype(np.int64)


@dataclass(frozen=True)
class SocBins:
    """Half-open ranges of state of charge, ascending, without overlap, gaps allowed.

    Parameters
    ----------
    lower, upper
        Edges, shape (bins,) [0-1].
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of bins."""
        return len(self.lower)

    def bin_of(self, soc: NDArray[np.float64]) -> NDArray[np.int64]:
        """Bin of each state of charge, -1 in a gap; the upper edge of the last bin belongs to it."""
        row = np.searchsorted(self.lower, soc, side="right") - 1
        inside = (soc < self.upper[row]) | ((row == len(self) - 1) & (soc == self.upper[row]))
        return np.where((row >= 0) & inside, row, -1).astype(np.int64)


@dataclass(frozen=True)
class IndependentBins:
    """Four distributions that know nothing of each other; probabilities sum to 1.

    Parameters
    ----------
    arrival, departure
        Bins of the clock.
    arrival_probability, departure_probability
        By kind of day of the arrival (`WEEKDAY`, `WEEKEND`) and bin, shape (2, bins).
    arrival_soc, departure_soc
        Bins of the state of charge.
    arrival_soc_probability, departure_soc_probability
        Shape (bins,).
    """

    arrival: TimeBins
    arrival_probability: NDArray[np.float64]
    departure: TimeBins
    departure_probability: NDArray[np.float64]
    arrival_soc: SocBins
    arrival_soc_probability: NDArray[np.float64]
    departure_soc: SocBins
    departure_soc_probability: NDArray[np.float64]


@dataclass(frozen=True)
class JointBins:
    """Arrival together with departure, and the two states of charge together; probabilities sum to 1.

    Parameters
    ----------
    time
        Bins of the clock, for arrivals and departures.
    time_probability
        By kind of day of the arrival, arrival bin and departure bin, shape (2, bins, bins).
    soc
        Bins of the state of charge, for both.
    soc_probability
        By arrival bin and departure bin, 0 below the diagonal, shape (bins, bins).
    overnight
        Probability that a visit whose arrival and departure lie in one bin leaves on the next day, by kind
        of day and bin, shape (2, bins); ``None``: it does where the departure is the earlier one.
    """

    time: TimeBins
    time_probability: NDArray[np.float64]
    soc: SocBins
    soc_probability: NDArray[np.float64]
    overnight: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class VehicleModels:
    """Kinds of vehicles that come, one per row.

    Parameters
    ----------
    names
        What people call them.
    battery_kwh
        Usable batteries, > 0, shape (models,) [kWh].
    charge_kw, fast_charge_kw
        Greatest charging power at an ordinary and at a fast unit, battery side, shape (models,) [kW].
    probability
        Shape (models,), sums to 1.
    """

    names: tuple[str, ...]
    battery_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    fast_charge_kw: NDArray[np.float64]
    probability: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of models."""
        return len(self.names)


def find_stay_gaps(bins: IndependentBins, min_stay_min: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Arrival bins after one of whose minutes no departure leaves the minimum stay: weekday's, weekend's."""
    arrival = bins.arrival.over_minutes(bins.arrival_probability)
    departure = bins.departure.over_minutes(bins.departure_probability)
    minutes = np.arange(DAY_MIN)
    out = []
    for day in (WEEKDAY, WEEKEND):
        reach = np.concatenate([[0.0], np.cumsum(np.tile(departure[day], 2))])
        left = reach[minutes + DAY_MIN] - reach[np.minimum(minutes + min_stay_min, minutes + DAY_MIN)]
        stuck = np.flatnonzero((arrival[day] > 0) & (left <= 0))
        out.append(np.unique(bins.arrival.bin_of(stuck)))
    return out[WEEKDAY], out[WEEKEND]


def find_soc_gaps(bins: IndependentBins) -> NDArray[np.int64]:
    """Arrival bins from whose highest state of charge no departure bin lies strictly above."""
    possible = bins.departure_soc.lower[bins.departure_soc_probability > 0]
    top = possible.max() if len(possible) else -1.0
    return np.flatnonzero((bins.arrival_soc_probability > 0) & (bins.arrival_soc.upper > top))


@dataclass(frozen=True)
class VisitChances:
    """All that visits are drawn from.

    Parameters
    ----------
    bins
        Times and states of charge.
    models
        Vehicles.
    """

    bins: IndependentBins | JointBins
    models: VehicleModels
