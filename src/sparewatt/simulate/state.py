"""Hub: the whole state of a simulated hub as arrays that compiled kernels advance.

What never changes in a run (facts) is made anew from the inputs; what does (`CHANGING`) is what a
checkpoint keeps. Bookings of a unit form a linked list through ``bookings.next``, ordered by time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Records = np.ndarray[Any, np.dtype[Any]]
"""A struct of rows whose fields kernels reach by name."""

# Rows of Hub.counts.
PERIOD, BOOKINGS, CONNECTIONS, QUEUED, LOGGED, DEPARTING, RELEASING = range(7)
NEXT_ARRIVAL, NEXT_RESERVATION, QUEUE_LEAVES = range(7, 10)
COUNTS = 10

# Rows of Hub.plug_kw, per connected vehicle: states of charge, powers [kW], energies [kWh], times [h].
SOC, TARGET, MIN_SOC, MAX_SOC, BATTERY, CHARGE, MAX_CHARGE, DISCHARGE = range(8)
EFFICIENCY, LEAD, V2G_LEFT, KW, LAST_KW, G2V, V2G = range(8, 15)
PLUG_FLOATS = 15
# Rows of Hub.plug_row, per connected vehicle.
VEHICLE, EVSE, CONNECTION, SINCE, DEADLINE_S, TABLE_FIRST, TABLE_END, GONE = range(8)
PLUG_INTS = 8

VISIT = np.dtype(
    [(name, np.int64) for name in ("arrival", "depart", "declared_end", "arrives_s", "leaves_s")]
    + [(name, np.int64) for name in ("cluster", "table_first", "table_end")]
    + [(name, np.float64) for name in ("soc", "target", "min_soc", "max_soc", "battery_kwh")]
    + [(name, np.float64) for name in ("charge_kw", "discharge_kw", "v2g_kwh")]
)
"""Facts of a visit: real ``arrival``, ``depart`` and ``declared_end`` as boundaries, ``arrives_s`` and
``leaves_s`` declared."""
PROGRESS = np.dtype([(name, np.int64) for name in ("fate", "goal", "booking", "waited")])
"""Of a visit: its `Fate`, the cluster it drives to, its latest booking, periods in a queue."""
UNIT = np.dtype(
    [(name, np.int64) for name in ("cluster", "smallest", "largest", "place", "head")]
    + [(name, np.float64) for name in ("charge_kw", "discharge_kw", "efficiency")]
)
"""Of a unit: its cluster and the first of its open bookings (``head``). Beside that, ``smallest`` and
``largest`` list all units by cluster, then greatest power up or down, then row; ``place`` is where in
``smallest`` a unit stands."""
CLUSTER = np.dtype(
    [(name, np.int64) for name in ("first", "end", "arrival_delay_s", "departure_delay_s")]
    + [(name, np.int64) for name in ("connected", "freed", "news")]
)
"""Of a cluster: the rows of its units, its traffic, vehicles that are plugged in; 1 where something became
free since the queue last looked (``freed``), or before it last looked (``news``)."""
CHANGE = np.dtype([("link", np.int32), ("period", np.int32), ("kw", np.float64)])
"""A power that changed: the row of the connection, when, and to what."""
RESERVATION = np.dtype([("visit", np.int64), ("period", np.int64)])
"""A request to book, and when it is heard."""
BOOKING = np.dtype(
    [(name, np.int64) for name in ("vehicle", "evse", "made", "first", "end")]
    + [(name, np.int64) for name in ("closed", "state", "contract", "release", "next")]
)
LINK = np.dtype(
    [(name, np.int64) for name in ("vehicle", "evse", "booking", "first", "end", "still")]
    + [(name, np.float64) for name in ("soc_first", "soc_last", "g2v_kwh", "v2g_kwh")]
)
"""A connection."""


class Hub(NamedTuple):
    """Facts and state; kernels write into the arrays.

    Parameters
    ----------
    periods, grace, start_s, step_s, step_h, queueing, rerouting
        Of the run; the grace in periods, rounded up.
    visits, units, clusters, reservations
        Records `VISIT`, `UNIT`, `CLUSTER` and `RESERVATION`, the last in the order in which they are heard.
    arrival_order
        Visits in the order in which they arrive.
    soc_to, max_kw
        The fleet's power table.
    counts
        See the names above.
    progress, bookings, links
        Records `PROGRESS`, `BOOKING` and `LINK`; the latter two filled up to their count.
    taken
        1 where a vehicle is plugged in, in the order of ``units.smallest``.
    plug_kw, plug_row
        Connected vehicles as they connected, shapes (PLUG_FLOATS, units) and (PLUG_INTS, units);
        those of a cluster fill its range of units from the left.
    queue
        Visits that wait, first come first.
    departures, releases
        Heaps of (period, connection) and (period, booking).
    log
        Records `CHANGE`, since the log was last emptied.
    cluster_kw
        Power of each cluster, grid side, shape (clusters, periods) [kW].
    """

    periods: int
    grace: int
    start_s: int
    step_s: int
    step_h: float
    queueing: bool
    rerouting: bool
    visits: Records
    units: Records
    clusters: Records
    reservations: Records
    arrival_order: NDArray[np.int64]
    soc_to: NDArray[np.float64]
    max_kw: NDArray[np.float64]
    counts: NDArray[np.int64]
    progress: Records
    bookings: Records
    links: Records
    taken: NDArray[np.int8]
    plug_kw: NDArray[np.float64]
    plug_row: NDArray[np.int64]
    queue: NDArray[np.int64]
    departures: NDArray[np.int64]
    releases: NDArray[np.int64]
    log: Records
    cluster_kw: NDArray[np.float64]


CHANGING: tuple[tuple[str, int | None], ...] = (
    ("progress", None),
    ("bookings", BOOKINGS),
    ("links", CONNECTIONS),
    ("taken", None),
    ("units", None),
    ("clusters", None),
    ("plug_kw", None),
    ("plug_row", None),
    ("queue", QUEUED),
    ("departures", DEPARTING),
    ("releases", RELEASING),
)
"""Arrays that change, but for counts, log and cluster power; each with the count of what is filled."""
