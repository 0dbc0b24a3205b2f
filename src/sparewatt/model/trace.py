"""Trace: what happened in a simulated hub; rules read nothing of it, the judge and the results all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.evses import grid_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.model.reservation import Contract

NONE = -1
"""A row or period that there is not."""


class Fate(IntEnum):
    """What became of a visit."""

    ADMITTED = 0
    NOT_YET = 1
    """Its arrival lies after the end of the horizon, or it still waits in a queue at the end."""
    NO_SHOW = 2
    """It booked (or tried to) and never came."""
    NO_FREE_EVSE = 3
    """Nothing was free when it came."""
    RESERVATION_REFUSED = 4
    """Nothing was free when it wanted to book, so it did not come."""
    NO_OFFER = 5
    """A smart reservation found no schedule that meets target, limits and bookings."""
    TOO_SHORT = 6
    """Between its arrival and its departure lies no whole period."""
    LEFT_QUEUE = 7
    """It left the queue at its departure time."""


class BookingState(IntEnum):
    """What became of a booking."""

    OPEN = 0
    """Not begun at the end of the horizon."""
    ACTIVE = 1
    """Its vehicle is connected at the end of the horizon."""
    USED = 2
    """Its vehicle was connected and left."""
    MOVED = 3
    """Cancelled because the vehicle got another unit."""
    RELEASED = 4
    """Given free after the grace time: the vehicle did not come, or was turned away."""
    CANCELLED = 5
    """Given free by the operator before its use began."""


@dataclass(frozen=True)
class Connections:
    """Vehicles at units, in the order in which they were connected; one row each.

    Within a period that order is: by real arrival time, then by id.

    Parameters
    ----------
    vehicle, evse, booking
        Rows of fleet, units and bookings, shape (connections,).
    first, end
        Periods connected, half-open; ``end`` is the number of periods where it is still connected.
    still_connected
        Whether it is connected at the end of the horizon.
    soc_first, soc_last
        State of charge at ``first`` and at ``end`` [0-1].
    g2v_kwh, v2g_kwh
        Energy into and out of the battery, both >= 0, battery side [kWh].
    """

    vehicle: NDArray[np.int64]
    evse: NDArray[np.int64]
    booking: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    still_connected: NDArray[np.bool_]
    soc_first: NDArray[np.float64]
    soc_last: NDArray[np.float64]
    g2v_kwh: NDArray[np.float64]
    v2g_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of connections."""
        return len(self.vehicle)


@dataclass(frozen=True)
class Bookings:
    """Units booked for vehicles, in the order in which they were made; walk-ins book on arrival.

    Parameters
    ----------
    vehicle, evse
        Rows, shape (bookings,).
    made
        Period in which it was made.
    first, end
        Periods booked, half-open, as last agreed (an early vehicle moves ``first`` forward).
    closed
        Period in which it ended or was given free, `NONE` where it is open or active.
    state
        A `BookingState`, shape (bookings,).
    contract
        Row of the contracts, `NONE` without one.
    """

    vehicle: NDArray[np.int64]
    evse: NDArray[np.int64]
    made: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    closed: NDArray[np.int64]
    state: NDArray[np.int8]
    contract: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of bookings."""
        return len(self.vehicle)


@dataclass(frozen=True)
class Setting:
    """Power of connections, kept only where it changes, ordered by connection and then by period.

    Connection k owns ``offset[k]:offset[k + 1]``; its first entry is at its first period.

    Parameters
    ----------
    offset
        Shape (connections + 1,).
    period
        Period from which the power holds, shape (entries,).
    battery_kw
        Power, battery side, positive charges, shape (entries,) [kW].
    """

    offset: NDArray[np.int64]
    period: NDArray[np.int64]
    battery_kw: NDArray[np.float64]


@dataclass(frozen=True)
class StepNote:
    """Something about a period worth telling: a deadline met, limits that could not be kept.

    Parameters
    ----------
    period
        When.
    kind
        ``"timed_out"`` (a solve met its deadline), ``"infeasible"`` (no plan meets all; the least
        violation was planned) or another word of the rule that tells it.
    gap
        Proven relative gap of the solve [-].
    """

    period: int
    kind: str
    gap: float = 0.0


@dataclass(frozen=True)
class LimitChange:
    """A limit that the operator replaced while the hub ran.

    Parameters
    ----------
    cluster
        Its row.
    period
        From when on another limit holds.
    lower_kw, upper_kw
        What would have held from ``period`` on, as far as contracts made by then reach, shape (n,) [kW].
    """

    cluster: int
    period: int
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """A simulated hub, whole.

    Parameters
    ----------
    system, fleet, rules
        What was simulated, and how it was run.
    connections, bookings, contracts, setting
        What happened.
    cluster_kw
        Power of each cluster, grid side, shape (clusters, periods) [kW].
    fate
        A `Fate` per visit, shape (visits,).
    waited_h
        Time in a queue, shape (visits,) [h].
    notes
        Things worth telling about single periods.
    limit_changes
        Limits that were replaced on the way, in that order; ``system`` has what really held.
    by_hand
        Bookings that the operator made: row, and first period as agreed then.
    """

    system: ClusterSystem
    fleet: Fleet
    rules: OperatingRules
    connections: Connections
    bookings: Bookings
    contracts: tuple[Contract, ...]
    setting: Setting
    cluster_kw: NDArray[np.float64]
    fate: NDArray[np.int8]
    waited_h: NDArray[np.float64]
    notes: tuple[StepNote, ...] = ()
    limit_changes: tuple[LimitChange, ...] = ()
    by_hand: tuple[tuple[int, int], ...] = ()

    @cached_property
    def system_kw(self) -> NDArray[np.float64]:
        """Power of all clusters together, grid side, shape (periods,) [kW]."""
        return np.asarray(self.cluster_kw.sum(axis=0))

    def battery_kw(self, connection: int) -> NDArray[np.float64]:
        """Power of one connection in each of its periods, battery side, shape (end - first,) [kW]."""
        c, s = self.connections, self.setting
        rows = slice(int(s.offset[connection]), int(s.offset[connection + 1]))
        ends = np.append(s.period[rows][1:], c.end[connection])
        return np.repeat(s.battery_kw[rows], ends - s.period[rows])

    def soc(self, connection: int) -> NDArray[np.float64]:
        """SoC of one connection on its boundaries ``first .. end``, shape (end - first + 1,) [0-1].

        s[t+1] = s[t] + p[t]·Δ/E.
        """
        c = self.connections
        step = self.battery_kw(connection) * self.system.horizon.step_h
        battery_kwh = self.fleet.battery_kwh[c.vehicle[connection]]
        return np.asarray(c.soc_first[connection] + np.concatenate([[0.0], np.cumsum(step)]) / battery_kwh)

    def evse_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Power of every unit in a window of periods, grid side, shape (evses, end - first) [kW]."""
        out = np.zeros((len(self.system.evses), end - first))
        for k in self.connected(first, end):
            e = int(self.connections.evse[k])
            a, b = max(first, int(self.connections.first[k])), min(end, int(self.connections.end[k]))
            own = self.battery_kw(int(k))[a - self.connections.first[k] : b - self.connections.first[k]]
            out[e, a - first : b - first] += grid_power(own, float(self.system.evses.efficiency[e]))
        return out

    def occupied(self, first: int, end: int) -> NDArray[np.int64]:
        """Vehicles at every unit in a window of periods (0 or 1), shape (evses, end - first)."""
        out = np.zeros((len(self.system.evses), end - first), dtype=np.int64)
        for k in self.connected(first, end):
            a, b = max(first, int(self.connections.first[k])), min(end, int(self.connections.end[k]))
            out[self.connections.evse[k], a - first : b - first] += 1
        return out

    def connected(self, first: int, end: int) -> NDArray[np.int64]:
        """Rows of the connections that have a period in ``first .. end - 1``."""
        c = self.connections
        return np.flatnonzero((c.first < end) & (c.end > first) & (c.first < c.end))
