"""Kernels of the reservation book: which unit is free over a stay; to book, move and close.

All take the `Hub`. Bookings of one unit never overlap: each is entered only where `is_free` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.trace import NONE, BookingState
from sparewatt.simulate.heap import push_due
from sparewatt.simulate.state import BOOKINGS, RELEASING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.simulate.state import Hub

OPEN, ACTIVE, USED, MOVED, RELEASED, CANCELLED = (int(state) for state in BookingState)


@kernel()
def is_free(hub: Hub, evse: int, first: int, end: int, now: int) -> bool:
    """Whether no open booking of a unit overlaps ``[first, end)`` and, from now on, nobody is plugged in.

    In plain Python::

        (first > now or not taken[place[evse]]) and
        all(b.end <= first or b.first >= end for b in open bookings of evse)
    """
    if first <= now and hub.taken[hub.units[evse].place] == 1:
        return False
    b = hub.units[evse].head
    while b != NONE and hub.bookings[b].first < end:
        if hub.bookings[b].end > first:
            return False
        b = hub.bookings[b].next
    return True


@kernel()
def count_free(hub: Hub, cluster: int, first: int, end: int, now: int) -> int:
    """How many units of a cluster are free over ``[first, end)``."""
    count = 0
    for evse in range(hub.clusters[cluster].first, hub.clusters[cluster].end):
        if is_free(hub, evse, first, end, now):
            count += 1
    return count


@kernel()
def find_evse(hub: Hub, cluster: int, charge_kw: float, first: int, end: int, now: int) -> int:
    """The free unit of a cluster that a vehicle is given, or `NONE`.

    In plain Python::

        min(free units, key=lambda e: (-min(power[e], charge_kw), power[e], e))

    Units at least as strong as the vehicle are tried from the weakest on, then the others from the
    strongest on.
    """
    begin, stop = hub.clusters[cluster].first, hub.clusters[cluster].end
    here = first <= now
    if here and hub.clusters[cluster].connected == stop - begin:
        return NONE
    low, high = begin, stop
    while low < high:
        middle = (low + high) >> 1
        if hub.units[hub.units[middle].smallest].charge_kw < charge_kw:
            low = middle + 1
        else:
            high = middle
    for k in range(low, stop):
        if not (here and hub.taken[k] == 1) and is_free(hub, hub.units[k].smallest, first, end, now):
            return int(hub.units[k].smallest)
    for k in range(begin + stop - low, stop):
        if is_free(hub, hub.units[k].largest, first, end, now):
            return int(hub.units[k].largest)
    return NONE


@kernel()
def book(hub: Hub, vehicle: int, evse: int, first: int, end: int, now: int, contract: int) -> int:
    """Enter a booking where `is_free` holds; it becomes the vehicle's. Returns its row."""
    b = hub.counts[BOOKINGS]
    hub.counts[BOOKINGS] = b + 1
    row = hub.bookings[b]
    row.vehicle, row.evse, row.made, row.first, row.end = vehicle, evse, now, first, end
    row.closed, row.state, row.contract, row.release = NONE, OPEN, contract, NONE
    hub.progress[vehicle].booking = b
    before, after = NONE, hub.units[evse].head
    while after != NONE and hub.bookings[after].first < first:
        before, after = after, hub.bookings[after].next
    row.next = after
    if before == NONE:
        hub.units[evse].head = b
    else:
        hub.bookings[before].next = b
    return int(b)


@kernel()
def close(hub: Hub, booking: int, state: int, now: int) -> None:
    """Take a booking out of its unit's list and say what became of it; the queue may look again."""
    row = hub.bookings[booking]
    row.state, row.closed = state, now
    evse = row.evse
    if hub.units[evse].head == booking:
        hub.units[evse].head = row.next
    else:
        b = hub.units[evse].head
        while hub.bookings[b].next != booking:
            b = hub.bookings[b].next
        hub.bookings[b].next = row.next
    row.next = NONE
    hub.clusters[hub.units[evse].cluster].freed = 1


@kernel()
def release_at(hub: Hub, booking: int, period: int) -> None:
    """Have an open booking given free in a period, at its end at the latest, unless it is used by then."""
    row = hub.bookings[booking]
    row.release = min(period, row.end)
    hub.counts[RELEASING] = push_due(hub.releases, hub.counts[RELEASING], row.release, booking)


@kernel()
def reserve(hub: Hub, vehicle: int, evse: int, first: int, end: int, now: int, contract: int) -> None:
    """Book ahead: the vehicle will drive there; given free when the grace is over, not in this period."""
    b = book(hub, vehicle, evse, first, end, now, contract)
    hub.progress[vehicle].goal = hub.units[evse].cluster
    release_at(hub, b, max(first + hub.grace, now + 1))


@kernel()
def free_units(hub: Hub, cluster: int, first: int, end: int, now: int) -> NDArray[np.int64]:
    """All free units of a cluster over ``[first, end)``, weakest first, then by row."""
    begin, stop = hub.clusters[cluster].first, hub.clusters[cluster].end
    out = np.empty(stop - begin, dtype=np.int64)
    n = 0
    for k in range(begin, stop):
        if is_free(hub, hub.units[k].smallest, first, end, now):
            out[n] = hub.units[k].smallest
            n += 1
    return out[:n].copy()


@kernel()
def live_contracts(hub: Hub, cluster: int) -> NDArray[np.int64]:
    """Contracts of the open and active bookings of a cluster, in the order of units and times."""
    out = np.empty(hub.counts[BOOKINGS], dtype=np.int64)
    n = 0
    for evse in range(hub.clusters[cluster].first, hub.clusters[cluster].end):
        b = hub.units[evse].head
        while b != NONE:
            if hub.bookings[b].contract != NONE:
                out[n] = hub.bookings[b].contract
                n += 1
            b = hub.bookings[b].next
    return out[:n].copy()
