"""Part: the settings of some connections, with the energy and SoC that the judge works out from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.verify.cluster_facts import TraceFacts

PART_ENTRIES = 2_000_000
"""Settings that are looked at at once, so that the judge needs little memory of its own."""


def parts(facts: TraceFacts) -> Iterator[Part]:
    """All connections, in runs of about `PART_ENTRIES` settings."""
    offset = facts.trace.setting.offset
    first = 0
    while first < len(offset) - 1:
        end = int(np.searchsorted(offset, offset[first] + PART_ENTRIES, side="right")) - 1
        end = max(end, first + 1)
        yield Part(facts, first, end)
        first = end


@dataclass(frozen=True)
class Part:
    """Settings of the connections ``first .. end - 1``; arrays have one value per setting.

    Parameters
    ----------
    facts
        Of the whole trace.
    first, end
        Rows of the connections.
    """

    facts: TraceFacts
    first: int
    end: int

    @property
    def rows(self) -> slice:
        """Rows of the connections."""
        return slice(self.first, self.end)

    @cached_property
    def begin(self) -> NDArray[np.int64]:
        """Position of each connection's first setting in this part, shape (connections,)."""
        offset = self.facts.trace.setting.offset
        return np.asarray(offset[self.first : self.end] - offset[self.first])

    @cached_property
    def _entries(self) -> slice:
        offset = self.facts.trace.setting.offset
        return slice(int(offset[self.first]), int(offset[self.end]))

    @cached_property
    def connection(self) -> NDArray[np.int64]:
        """Row of the connection."""
        offset = self.facts.trace.setting.offset[self.first : self.end + 1]
        return np.repeat(np.arange(self.first, self.end), np.diff(offset))

    @cached_property
    def vehicle(self) -> NDArray[np.int64]:
        """Row of the vehicle."""
        return self.facts.trace.connections.vehicle[self.connection]

    @cached_property
    def battery_kw(self) -> NDArray[np.float64]:
        """Power, battery side [kW]."""
        return self.facts.trace.setting.battery_kw[self._entries]

    @cached_property
    def period(self) -> NDArray[np.int64]:
        """First period of the setting."""
        return self.facts.trace.setting.period[self._entries]

    @cached_property
    def until(self) -> NDArray[np.int64]:
        """Period after the last one of the setting."""
        until = np.empty_like(self.period)
        until[:-1] = self.period[1:]
        last = np.append(self.begin[1:], len(until)) - 1
        until[last] = self.facts.trace.connections.end[self.rows]
        return until

    @cached_property
    def kwh(self) -> NDArray[np.float64]:
        """Energy into the battery in the whole setting [kWh]."""
        return self.battery_kw * (self.until - self.period) * self.facts.step_h

    @cached_property
    def before_kwh(self) -> NDArray[np.float64]:
        """Energy into the battery from the beginning of the connection to that of the setting [kWh].

        The running sum is set back at each connection, so that it never grows and loses digits.
        """
        back = self.kwh.copy()
        back[self.begin[1:]] -= self.sum_of(self.kwh)[:-1]
        return np.cumsum(back) - self.kwh

    @cached_property
    def battery_kwh(self) -> NDArray[np.float64]:
        """Battery of the vehicle [kWh]."""
        return self.facts.trace.fleet.battery_kwh[self.vehicle]

    @cached_property
    def stored_kwh(self) -> NDArray[np.float64]:
        """Energy in the battery when the setting begins [kWh]."""
        first = self.facts.trace.connections.soc_first[self.connection]
        return first * self.battery_kwh + self.before_kwh

    def sum_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the settings of each connection, shape (connections,)."""
        return np.asarray(np.add.reduceat(values, self.begin))
