"""Rules on units: one vehicle at a time at each, and bookings that never overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME
from sparewatt.model.trace import NONE
from sparewatt.verify.cluster_facts import NEVER
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts


def check_occupation(facts: TraceFacts) -> Iterator[Finding]:
    """One vehicle per unit at a time, and one connection per visit."""
    trace, c = facts.trace, facts.trace.connections
    one = Tally("cluster.trace.one_vehicle", "one vehicle at a unit at a time")
    for a, b in _overlaps(c.evse, c.first, c.end):
        name = trace.fleet.ids[int(c.vehicle[a])]
        message = f"vehicle {name} is there until {facts.stamp(int(c.end[a]))}"
        periods = float(min(c.end[a], c.end[b]) - c.first[b])
        one.add(facts.connection_name(b), message, periods, value=name, ids=facts.connection_ids(b))
    yield from one.findings()

    twice = Tally("cluster.trace.one_unit", "one connection per visit")
    count = np.bincount(c.vehicle, minlength=len(trace.fleet))

    def place(v: int) -> Place:
        units = ", ".join(facts.unit_name(int(e)) for e in c.evse[c.vehicle == v])
        name = trace.fleet.ids[v]
        return Place(facts.visit_name(v), f"{count[v]} connections: {units}", str(count[v]), (name,))

    twice.look(count.astype(np.float64), 1.0, place)
    yield from twice.findings()


def check_bookings_apart(facts: TraceFacts) -> Iterator[Finding]:
    """No unit is booked twice for one period.

    A booking holds its unit from ``first`` to ``end``, or until it was closed when that is earlier.
    Beyond that: when a booking is made, the unit is free of those still open over *all* of the stay,
    also over what is given free later.
    """
    trace, b = facts.trace, facts.trace.bookings
    tally = Tally("cluster.trace.booking_overlap", "bookings of one unit apart from each other")
    closed = np.where(b.closed == NONE, NEVER, b.closed)
    pairs = {*_overlaps(b.evse, b.first, np.minimum(b.end, closed))}
    first = _as_made(facts)
    for x, y in _overlaps(b.evse, first, b.end):
        early, late = (x, y) if (b.made[x], x) <= (b.made[y], y) else (y, x)
        if closed[early] > b.made[late]:
            pairs.add((early, late))
    for x, y in sorted(pairs):
        periods = float(min(b.end[x], b.end[y]) - max(b.first[x], b.first[y]))
        message = f"the unit is held by {facts.booking_name(x)} until {facts.stamp(int(b.end[x]))}"
        vehicles = (trace.fleet.ids[int(b.vehicle[x])], trace.fleet.ids[int(b.vehicle[y])])
        tally.add(facts.booking_name(y), message, max(periods, 1.0), value=str(x), ids=vehicles)
    yield from tally.findings()


def _as_made(facts: TraceFacts) -> NDArray[np.int64]:
    """First period of each booking when it was made: an early vehicle moves it forward afterwards.

    It was moved where the vehicle has been connected since, and had said to come later. Of bookings
    made by the operator it was kept.
    """
    trace, b, c = facts.trace, facts.trace.bookings, facts.trace.connections
    first = b.first.copy()
    for booking, agreed in trace.by_hand:
        first[booking] = agreed
    if trace.rules.reservation == "none" or not len(c):
        return first
    rows = c.booking
    vehicle, evse = b.vehicle[rows], b.evse[rows]
    delay = trace.system.traffic.arrival_delay_s[trace.system.evses.cluster[evse]]
    declared = trace.fleet.declared_arrival_s[vehicle]
    said = np.where(declared == NO_TIME, 0, facts.boundary_from(declared + delay))
    moved = (
        ~np.isin(rows, [booking for booking, _ in trace.by_hand])
        & (c.first == b.first[rows])
        & (b.made[rows] < c.first)
        & (said > c.first)
        & (said < b.end[rows])
    )
    first[rows[moved]] = said[moved]
    return first


def _overlaps(
    unit: NDArray[np.int64], first: NDArray[np.int64], end: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Pairs of rows on one unit whose half-open intervals share a period, the earlier one first."""
    rows = np.flatnonzero(end > first)
    rows = rows[np.lexsort((rows, first[rows], unit[rows]))]
    length = int(end[rows].max(initial=0)) + 1
    key = unit[rows] * length
    starts = key + first[rows]
    reach = np.searchsorted(starts, key + end[rows], side="left")
    more = reach - np.arange(len(rows)) - 1
    for n in np.flatnonzero(more > 0):
        for other in rows[n + 1 : reach[n]]:
            yield int(rows[n]), int(other)
