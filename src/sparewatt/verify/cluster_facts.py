"""What the judge works out anew from a trace: periods of the visits, and names for what it finds."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.trace import Trace

NEVER = np.int64(2**60)
"""A period that does not come."""


class TraceFacts:
    """Names and periods of a trace whose shapes fit together.

    Parameters
    ----------
    trace
        What is judged.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        horizon = trace.system.horizon
        self.periods = horizon.periods
        self.step_h = horizon.step.total_seconds() / 3600.0
        self.step_s = int(horizon.step.total_seconds())
        self._start_s = int(horizon.start.timestamp())

    def boundary_from(self, moment_s: NDArray[np.int64]) -> NDArray[np.int64]:
        """First boundary at or after each moment, may lie outside the horizon."""
        return -((self._start_s - moment_s) // self.step_s)

    def boundary_until(self, moment_s: NDArray[np.int64]) -> NDArray[np.int64]:
        """Last boundary at or before each moment, may lie outside the horizon."""
        return (moment_s - self._start_s) // self.step_s

    @cached_property
    def arrive(self) -> NDArray[np.int64]:
        """Period in which each visit can be connected at the earliest, `NEVER` for a no-show."""
        real = self.trace.fleet.real_arrival_s
        return np.where(real == NO_TIME, NEVER, np.maximum(self.boundary_from(real), 0))

    @cached_property
    def leave(self) -> NDArray[np.int64]:
        """Period at whose beginning each visit is gone."""
        return self.boundary_until(self.trace.fleet.real_departure_s)

    @cached_property
    def evse_cluster(self) -> NDArray[np.int64]:
        """Cluster of the unit of each connection."""
        return self.trace.system.evses.cluster[self.trace.connections.evse]

    def stamp(self, period: int) -> str:
        """``period 12 (2022-01-08 08:00+00:00)``, in local time."""
        moment = self.trace.system.horizon.local(period)
        return f"period {period} ({moment.isoformat(sep=' ', timespec='seconds')})"

    def unit_name(self, evse: int) -> str:
        """``cluster1/CC01_05``."""
        system = self.trace.system
        return f"{system.cluster_ids[int(system.evses.cluster[evse])]}/{system.evses.ids[evse]}"

    def connection_name(self, connection: int, period: int | None = None) -> str:
        """``vehicle v01 at cluster1/CC01_05, period 12 (...)``; without a period, the first one."""
        c = self.trace.connections
        vehicle, evse = int(c.vehicle[connection]), int(c.evse[connection])
        when = int(c.first[connection]) if period is None else period
        return f"vehicle {self.trace.fleet.ids[vehicle]} at {self.unit_name(evse)}, {self.stamp(when)}"

    def booking_name(self, booking: int) -> str:
        """``booking 3 of vehicle v01 at cluster1/CC01_05 from period 12 (...)``."""
        b = self.trace.bookings
        vehicle, evse = int(b.vehicle[booking]), int(b.evse[booking])
        name = f"booking {booking} of vehicle {self.trace.fleet.ids[vehicle]} at {self.unit_name(evse)}"
        return f"{name} from {self.stamp(int(b.first[booking]))}"

    def visit_name(self, visit: int) -> str:
        """``vehicle v01``."""
        return f"vehicle {self.trace.fleet.ids[visit]}"

    def connection_ids(self, connection: int) -> tuple[str, str]:
        """Vehicle and unit of a connection, for ``Finding.ids``."""
        c = self.trace.connections
        return (
            self.trace.fleet.ids[int(c.vehicle[connection])],
            self.trace.system.evses.ids[int(c.evse[connection])],
        )
