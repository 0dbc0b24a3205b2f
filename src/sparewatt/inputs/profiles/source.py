"""ProfileSet: where the power of customers comes from, block by block, whoever makes or measured it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sparewatt.model.customers import Profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


class PowerSource(Protocol):
    """One kind of power of all customers over a horizon; blocks of it do not depend on each other."""

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean power of the periods ``first..end-1``, shape (customers, end - first) [kW, or kW/kWp]."""


@dataclass(frozen=True)
class NoPower:
    """A kind of power that nobody has.

    Parameters
    ----------
    customers
        How many there are.
    """

    customers: int

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Zeros, shape (customers, end - first) [kW]."""
        return np.zeros((self.customers, end - first))


@dataclass(frozen=True)
class ProfileSet:
    """Profiles of all customers; each kind may come from elsewhere (metered demand, generated PV).

    Parameters
    ----------
    horizon
        The periods.
    demand, heat_pump
        Power drawn [kW].
    pv
        Generation per rated power [kW/kWp].
    """

    horizon: Horizon
    demand: PowerSource
    heat_pump: PowerSource
    pv: PowerSource

    def profiles(self, first: int = 0, end: int | None = None) -> Profiles:
        """Profiles of the periods ``first..end-1``, or of all."""
        last = self.horizon.periods if end is None else end
        return Profiles(
            self.demand.power_kw(first, last),
            self.heat_pump.power_kw(first, last),
            self.pv.power_kw(first, last),
        )

    def blocks(self, days: int = 7) -> Iterator[tuple[slice, Profiles]]:
        """Periods and profiles of ``days`` planning days at a time, so that memory does not grow."""
        edges = self.horizon.day_edges
        for begin in range(0, self.horizon.days, days):
            first, end = edges[begin], edges[min(begin + days, self.horizon.days)]
            yield slice(first, end), self.profiles(first, end)
