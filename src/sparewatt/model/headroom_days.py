"""HeadroomDays: headroom day by day as people's clocks show it, for forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.clock import clock_slots, slots_of_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class HeadroomDays:
    """Whole local days, in order.

    Parameters
    ----------
    day
        Days since 1970-01-01, rising, shape (days,).
    headroom_kva
        Shape (days, zones, slots) [kVA].
    temperature_c
        Mean outdoor temperature of each day, shape (days,) [°C].
    """

    day: NDArray[np.int64]
    headroom_kva: NDArray[np.float64]
    temperature_c: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of days."""
        return len(self.day)

    @property
    def weekday(self) -> NDArray[np.int64]:
        """Weekday of each day, Monday 0, shape (days,)."""
        return (self.day + EPOCH.weekday()) % 7

    def before(self, row: int) -> HeadroomDays:
        """The days before day ``row``: what is known when it is to be forecast. A copy, not a view."""
        return HeadroomDays(
            self.day[:row].copy(), self.headroom_kva[:row].copy(), self.temperature_c[:row].copy()
        )

    def day_date(self, row: int) -> date:
        """Date of day ``row``."""
        return EPOCH + timedelta(days=int(self.day[row]))


def find_headroom_days(
    headroom_kva: NDArray[np.float64], temperature_c: NDArray[np.float64], horizon: Horizon
) -> HeadroomDays:
    """Cut a series into its whole local days.

    A slot that the clock shows twice keeps the lesser headroom; one that it skips is like the one before
    (at the start of a day, like the one after).
    A day that the horizon does not hold whole, at its ends, is left out.

    Parameters
    ----------
    headroom_kva
        Shape (zones, periods) [kVA].
    temperature_c
        Outdoor temperature, shape (periods,) [°C].
    horizon
        The periods.
    """
    day, slot = clock_slots(horizon)
    slots = slots_of_day(horizon)
    names, at = np.unique(day, return_inverse=True)
    values = np.full((len(names), len(headroom_kva), slots), np.inf)
    # A day and slot may come twice; `at` of a ufunc takes both.
    np.minimum.at(values.transpose(0, 2, 1), (at, slot), headroom_kva.T)
    seen = np.zeros((len(names), slots), dtype=np.bool_)
    seen[at, slot] = True
    source = np.maximum.accumulate(np.where(seen, np.arange(slots), -1), axis=1)
    source = np.where(source < 0, seen.argmax(axis=1)[:, None], source)
    values = np.take_along_axis(values, source[:, None, :], axis=2)
    whole = np.ones(len(names), dtype=np.bool_)
    whole[0] &= horizon.local(-1).date() < horizon.local(0).date()
    whole[-1] &= horizon.local(horizon.periods - 1).date() < horizon.local(horizon.periods).date()
    temperature = np.bincount(at, weights=temperature_c) / np.bincount(at)
    return HeadroomDays(names[whole], values[whole], temperature[whole])
