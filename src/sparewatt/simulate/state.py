"""Hub: the whole state of a simulated hub as arrays that compiled kernels advance.

What never changes in a run (facts) is made anew from the inputs; what does (`CHANGING`) is what a
checkpoint keeps. Bookings of a unit form a linked list through ``bookings.next``, ordered by time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sparewatt.model.fleet import NO_SOC, NO_TIME
from sparewatt.model.trace import NONE, Fate
from sparewatt.simulate.clock import NEVER, boundary_at_or_after, boundary_at_or_before, departure_boundary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules

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
    [
        ("cluster", np.int64),
        ("charge_kw", np.float64),
        ("discharge_kw", np.float64),
        ("efficiency", np.float64),
    ]
)
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
    visits, units
        Records `VISIT` and `UNIT`.
    cluster_first
        Rows of the units of cluster c are ``cluster_first[c]:cluster_first[c + 1]``.
    arrival_order, reservation_order, reservation_period
        Visits in the order in which they arrive or book; when the latter are heard.
    smallest_first, largest_first, place
        Units by cluster, then greatest power up or down, then row; and where in ``smallest_first`` each is.
    arrival_delay_s, departure_delay_s
        Traffic of each cluster [s].
    soc_to, max_kw
        The fleet's power table.
    counts
        See the names above.
    progress, bookings, links
        Records `PROGRESS`, `BOOKING` and `LINK`; the latter two filled up to their count.
    taken, head
        1 where a vehicle is plugged in, in the order of ``smallest_first``; per unit the first of its open
        bookings, or `NONE`.
    connected, freed
        Per cluster: vehicles plugged in; 1 where something became free since the queue last looked.
    plug_kw, plug_row
        Connected vehicles as they connected, shapes (PLUG_FLOATS, units) and (PLUG_INTS, units);
        those of a cluster fill its range of units from the left.
    queue
        Visits that wait, first come first.
    departures, releases
        Heaps of (period, connection) and (period, booking).
    log_link, log_period, log_kw
        Powers that changed, since the log was last emptied.
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
    cluster_first: NDArray[np.int64]
    arrival_order: NDArray[np.int64]
    reservation_order: NDArray[np.int64]
    reservation_period: NDArray[np.int64]
    smallest_first: NDArray[np.int64]
    largest_first: NDArray[np.int64]
    place: NDArray[np.int64]
    arrival_delay_s: NDArray[np.int64]
    departure_delay_s: NDArray[np.int64]
    soc_to: NDArray[np.float64]
    max_kw: NDArray[np.float64]
    counts: NDArray[np.int64]
    progress: Records
    bookings: Records
    links: Records
    taken: NDArray[np.int8]
    head: NDArray[np.int64]
    connected: NDArray[np.int64]
    freed: NDArray[np.int64]
    plug_kw: NDArray[np.float64]
    plug_row: NDArray[np.int64]
    queue: NDArray[np.int64]
    departures: NDArray[np.int64]
    releases: NDArray[np.int64]
    log_link: NDArray[np.int32]
    log_period: NDArray[np.int32]
    log_kw: NDArray[np.float64]
    cluster_kw: NDArray[np.float64]


CHANGING: tuple[tuple[str, int | None], ...] = (
    ("progress", None),
    ("bookings", BOOKINGS),
    ("links", CONNECTIONS),
    ("taken", None),
    ("head", None),
    ("connected", None),
    ("freed", None),
    ("plug_kw", None),
    ("plug_row", None),
    ("queue", QUEUED),
    ("departures", DEPARTING),
    ("releases", RELEASING),
)
"""Arrays that change, but for counts, log and cluster power; each with the count of what is filled."""


def new_hub(system: ClusterSystem, fleet: Fleet, rules: OperatingRules, log_entries: int) -> Hub:
    """The state before the first period.

    Parameters
    ----------
    log_entries
        Room of the log; at least one per unit.
    """
    horizon, evses = system.horizon, system.evses
    clusters, units, visits = len(system.cluster_ids), len(evses), len(fleet)
    facts = _visits(system, fleet)
    books = np.zeros(visits, dtype=bool)
    if rules.reservation != "none":
        books = (fleet.reservation_s != NO_TIME) & (fleet.declared_arrival_s != NO_TIME)
        if rules.reservation == "smart":
            books &= fleet.declared_soc != NO_SOC
    heard = boundary_at_or_after(fleet.reservation_s, horizon)
    reservation_order = _in_order(fleet.reservation_s, fleet, books & (heard < horizon.periods))
    progress = np.zeros(visits, dtype=PROGRESS)
    progress["fate"] = np.where(_never_comes(system, fleet), Fate.NO_SHOW, Fate.NOT_YET)
    progress["goal"], progress["booking"] = fleet.target_cluster, NONE
    counts = np.zeros(COUNTS, dtype=np.int64)
    counts[QUEUE_LEAVES] = NEVER
    row = np.arange(units)
    smallest_first = np.lexsort((row, evses.max_charge_kw, evses.cluster))
    return Hub(
        periods=horizon.periods,
        grace=-(-rules.grace_s // horizon.step_s),
        start_s=horizon.start_s,
        step_s=horizon.step_s,
        step_h=horizon.step_h,
        queueing=rules.queue,
        rerouting=rules.reroute,
        visits=facts,
        units=_units(system),
        cluster_first=np.searchsorted(evses.cluster, np.arange(clusters + 1)).astype(np.int64),
        arrival_order=_in_order(fleet.real_arrival_s, fleet, facts["arrival"] < horizon.periods),
        reservation_order=reservation_order,
        reservation_period=heard[reservation_order],
        smallest_first=smallest_first,
        largest_first=np.lexsort((row, -evses.max_charge_kw, evses.cluster)),
        place=np.argsort(smallest_first),
        arrival_delay_s=np.ascontiguousarray(system.traffic.arrival_delay_s, dtype=np.int64),
        departure_delay_s=np.ascontiguousarray(system.traffic.departure_delay_s, dtype=np.int64),
        soc_to=np.ascontiguousarray(fleet.power_table.soc_to, dtype=np.float64),
        max_kw=np.ascontiguousarray(fleet.power_table.max_kw, dtype=np.float64),
        counts=counts,
        progress=progress,
        bookings=np.zeros(visits + len(reservation_order), dtype=BOOKING),
        links=np.zeros(visits, dtype=LINK),
        taken=np.zeros(units, dtype=np.int8),
        head=np.full(units, NONE, dtype=np.int64),
        connected=np.zeros(clusters, dtype=np.int64),
        freed=np.zeros(clusters, dtype=np.int64),
        plug_kw=np.zeros((PLUG_FLOATS, units)),
        plug_row=np.zeros((PLUG_INTS, units), dtype=np.int64),
        queue=np.zeros(visits, dtype=np.int64),
        departures=np.zeros(units, dtype=np.int64),
        releases=np.zeros(2 * len(reservation_order), dtype=np.int64),
        log_link=np.zeros(log_entries, dtype=np.int32),
        log_period=np.zeros(log_entries, dtype=np.int32),
        log_kw=np.zeros(log_entries),
        cluster_kw=np.zeros((clusters, horizon.periods)),
    )


def _in_order(time_s: NDArray[np.int64], fleet: Fleet, which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of some visits by a time, then by id."""
    rows = np.flatnonzero(which)
    return rows[np.lexsort((fleet.id_rank[rows], time_s[rows]))]


def _never_comes(system: ClusterSystem, fleet: Fleet) -> NDArray[np.bool_]:
    """No-shows: visits without a real arrival, unless they declared one after the end."""
    said = boundary_at_or_after(fleet.declared_arrival_s, system.horizon)
    later = (fleet.declared_arrival_s != NO_TIME) & (said >= system.horizon.periods)
    return np.asarray((fleet.real_arrival_s == NO_TIME) & ~later)


def _visits(system: ClusterSystem, fleet: Fleet) -> Records:
    """Facts of the visits."""
    horizon, table = system.horizon, fleet.power_table
    out = np.zeros(len(fleet), dtype=VISIT)
    out["arrival"] = boundary_at_or_after(fleet.real_arrival_s, horizon)
    out["depart"] = departure_boundary(fleet.real_departure_s, horizon)
    out["declared_end"] = boundary_at_or_before(fleet.declared_departure_s, horizon)
    out["arrives_s"], out["leaves_s"] = fleet.declared_arrival_s, fleet.declared_departure_s
    out["cluster"] = fleet.target_cluster
    out["table_first"], out["table_end"] = table.offset[:-1], table.offset[1:]
    out["soc"], out["target"] = fleet.real_soc, fleet.target_soc
    out["min_soc"], out["max_soc"] = fleet.min_soc, fleet.max_soc
    out["battery_kwh"], out["v2g_kwh"] = fleet.battery_kwh, fleet.v2g_allowance_kwh
    out["charge_kw"], out["discharge_kw"] = fleet.max_charge_kw, fleet.max_discharge_kw
    return out


def _units(system: ClusterSystem) -> Records:
    """Facts of the units."""
    evses = system.evses
    out = np.zeros(len(evses), dtype=UNIT)
    out["cluster"], out["efficiency"] = evses.cluster, evses.efficiency
    out["charge_kw"], out["discharge_kw"] = evses.max_charge_kw, evses.max_discharge_kw
    return out
