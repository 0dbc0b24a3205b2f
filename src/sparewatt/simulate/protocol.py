"""Kernels of the protocol: who may book, who gets a place, who waits, who is turned away.

Within a period: `open_period` (departures, then releases), `reserve_simply`, `admit` (queue, arrivals).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.fleet import NOWHERE
from sparewatt.model.trace import NONE, Fate
from sparewatt.simulate.book import (
    MOVED,
    OPEN,
    RELEASED,
    book,
    close,
    count_free,
    find_evse,
    is_free,
    release_at,
    reserve,
)
from sparewatt.simulate.clock import NEVER
from sparewatt.simulate.heap import ROW_BITS, ROW_MASK, pop_due
from sparewatt.simulate.state import NEXT_ARRIVAL, NEXT_RESERVATION, QUEUE_LEAVES, QUEUED, RELEASING
from sparewatt.simulate.stays import connect, depart

if TYPE_CHECKING:
    from sparewatt.simulate.state import Hub

NOT_YET, NO_SHOW, NO_FREE_EVSE = int(Fate.NOT_YET), int(Fate.NO_SHOW), int(Fate.NO_FREE_EVSE)
REFUSED, TOO_SHORT, LEFT_QUEUE = int(Fate.RESERVATION_REFUSED), int(Fate.TOO_SHORT), int(Fate.LEFT_QUEUE)


@kernel()
def open_period(hub: Hub, now: int) -> None:
    """Departures of vehicles that are plugged in or wait, then releases of bookings whose grace ended."""
    depart(hub, now)
    _leave_queue(hub, now)
    _release(hub, now)


@kernel()
def _leave_queue(hub: Hub, now: int) -> None:
    """Visits in the queue whose departure has come are gone, their bookings given free."""
    if hub.counts[QUEUE_LEAVES] > now:
        return
    queue, visits, progress = hub.queue, hub.visits, hub.progress  # once, not per visit
    kept, leaves = 0, NEVER
    for q in range(hub.counts[QUEUED]):
        v = queue[q]
        if visits[v].depart > now:
            queue[kept] = v
            kept += 1
            leaves = min(leaves, visits[v].depart)
            continue
        progress[v].fate, progress[v].waited = LEFT_QUEUE, now - visits[v].arrival
        b = progress[v].booking
        if b != NONE and hub.bookings[b].state == OPEN:
            close(hub, b, RELEASED, now)
    hub.counts[QUEUED], hub.counts[QUEUE_LEAVES] = kept, leaves


@kernel()
def _release(hub: Hub, now: int) -> None:
    """Give bookings free whose time has come.

    That of a vehicle which is here (it waits, or comes with this boundary) is kept until its end.
    """
    while hub.counts[RELEASING] > 0 and hub.releases[0] >> ROW_BITS <= now:
        due, b = hub.releases[0] >> ROW_BITS, hub.releases[0] & ROW_MASK
        hub.counts[RELEASING] = pop_due(hub.releases, hub.counts[RELEASING])
        booking = hub.bookings[b]
        if booking.state != OPEN or booking.release != due:
            continue
        visit = hub.visits[booking.vehicle]
        here = hub.progress[booking.vehicle].fate == NOT_YET and visit.arrival <= now < visit.depart
        if here and booking.end > now:
            release_at(hub, b, booking.end)
        else:
            close(hub, b, RELEASED, now)


@kernel()
def booked_stay(hub: Hub, vehicle: int, cluster: int, now: int) -> tuple[int, int]:
    """Periods ``[first, end)`` to book in a cluster: declared times plus traffic, at least one period."""
    visit = hub.visits[vehicle]
    begins_s = visit.arrives_s + hub.clusters[cluster].arrival_delay_s - hub.start_s
    ends_s = visit.leaves_s + hub.clusters[cluster].departure_delay_s - hub.start_s
    first = max(now, -(-begins_s // hub.step_s))
    return first, max(first + 1, ends_s // hub.step_s)


@kernel()
def next_to_book(hub: Hub, now: int) -> int:
    """The next visit whose request to book is heard now, or `NONE`.

    One that came before is passed over, and one for which the operator has booked already.
    """
    while hub.counts[NEXT_RESERVATION] < hub.reservations.shape[0]:
        n = hub.counts[NEXT_RESERVATION]
        if hub.reservations[n].period > now:
            return NONE
        hub.counts[NEXT_RESERVATION] = n + 1
        v = hub.reservations[n].visit
        if hub.visits[v].arrival >= now and hub.progress[v].booking == NONE:
            return int(v)
    return NONE


@kernel()
def refuse(hub: Hub, vehicle: int, fate: int) -> None:
    """A visit that could not book does not come; one that would not have come stays a no-show."""
    if hub.progress[vehicle].fate != NO_SHOW:
        hub.progress[vehicle].fate = fate


@kernel()
def reserve_simply(hub: Hub, now: int) -> None:
    """Simple reservations that are heard now: any free unit over the declared stay, or a refusal."""
    v = next_to_book(hub, now)
    while v != NONE:
        if not _reserve_somewhere(hub, v, now):
            refuse(hub, v, REFUSED)
        v = next_to_book(hub, now)


@kernel()
def _reserve_in(hub: Hub, vehicle: int, cluster: int, now: int) -> bool:
    """Book in one cluster where that is possible."""
    first, end = booked_stay(hub, vehicle, cluster, now)
    evse = find_evse(hub, cluster, hub.visits[vehicle].charge_kw, first, end, now)
    if evse != NONE:
        reserve(hub, vehicle, evse, first, end, now, NONE)
    return evse != NONE


@kernel()
def _reserve_somewhere(hub: Hub, vehicle: int, now: int) -> bool:
    """Book in the target cluster, else (rerouting) where most is free; without a target in the first."""
    target = hub.visits[vehicle].cluster
    if target == NOWHERE:
        for cluster in range(hub.clusters.shape[0]):  # noqa: SIM110 - kernels know no generators
            if _reserve_in(hub, vehicle, cluster, now):
                return True
        return False
    if _reserve_in(hub, vehicle, target, now):
        return True
    if not hub.rerouting:
        return False
    free = np.zeros(hub.clusters.shape[0], dtype=np.int64)
    for cluster in range(free.shape[0]):
        if cluster != target:
            first, end = booked_stay(hub, vehicle, cluster, now)
            free[cluster] = count_free(hub, cluster, first, end, now)
    best = int(np.argmax(free))
    return free[best] > 0 and _reserve_in(hub, vehicle, best, now)


@kernel()
def admit(hub: Hub, now: int) -> None:
    """Give places to those who wait, then to those who arrive; the others wait or are turned away."""
    _serve_queue(hub, now)
    while hub.counts[NEXT_ARRIVAL] < hub.arrival_order.shape[0]:
        v = hub.arrival_order[hub.counts[NEXT_ARRIVAL]]
        visit, progress = hub.visits[v], hub.progress[v]
        if visit.arrival > now:
            return
        hub.counts[NEXT_ARRIVAL] += 1
        if progress.fate != NOT_YET:
            continue
        if visit.depart <= now:
            progress.fate = TOO_SHORT
        elif _place(hub, v, now):
            continue
        elif hub.queueing:
            hub.queue[hub.counts[QUEUED]] = v
            hub.counts[QUEUED] += 1
            hub.counts[QUEUE_LEAVES] = min(hub.counts[QUEUE_LEAVES], visit.depart)
        else:
            progress.fate = NO_FREE_EVSE
            b = progress.booking
            if b != NONE and hub.bookings[b].state == OPEN:
                release_at(hub, b, now + hub.grace)


@kernel()
def _serve_queue(hub: Hub, now: int) -> None:
    """Try those who wait, first come first, where something became free since they last tried.

    A try that failed would fail again while nothing is given free in the clusters it looks at, so
    that only these are tried.
    """
    queue, visits, progress, clusters = (
        hub.queue,
        hub.visits,
        hub.progress,
        hub.clusters,
    )  # once, not per visit
    some = False
    for cluster in range(clusters.shape[0]):
        clusters[cluster].news, clusters[cluster].freed = clusters[cluster].freed, 0
        some = some or clusters[cluster].news == 1
    if not some:
        return
    kept, leaves = 0, NEVER
    for q in range(hub.counts[QUEUED]):
        v = queue[q]
        goal = progress[v].goal
        if hub.rerouting or goal == NOWHERE:
            hopeful = True
        else:
            own = clusters[goal]
            full = own.connected == own.end - own.first
            hopeful = not full and (own.news == 1 or own.freed == 1)
        if hopeful and _place(hub, v, now):
            continue
        queue[kept] = v
        kept += 1
        leaves = min(leaves, visits[v].depart)
    hub.counts[QUEUED], hub.counts[QUEUE_LEAVES] = kept, leaves


@kernel()
def _place(hub: Hub, vehicle: int, now: int) -> bool:
    """Plug a vehicle in, at its booked unit or another; False where nothing is free."""
    visit, goal = hub.visits[vehicle], hub.progress[vehicle].goal
    b, end, contract = hub.progress[vehicle].booking, max(now + 1, visit.declared_end), NONE
    held = b != NONE and hub.bookings[b].state == OPEN
    if held:
        own = hub.bookings[b]
        end, contract = max(now + 1, own.end), own.contract
        if hub.taken[hub.units[own.evse].place] == 0 and (
            own.first <= now or is_free(hub, own.evse, now, own.first, now)
        ):
            own.first = min(own.first, now)
            connect(hub, vehicle, b, now)
            return True
    evse = NONE
    if goal != NOWHERE:
        evse = find_evse(hub, goal, visit.charge_kw, now, end, now)
    if evse == NONE and (hub.rerouting or goal == NOWHERE):
        free = np.zeros(hub.clusters.shape[0], dtype=np.int64)
        for cluster in range(free.shape[0]):
            if cluster != goal:
                free[cluster] = count_free(hub, cluster, now, end, now)
        best = int(np.argmax(free))
        if free[best] > 0:
            evse, contract = find_evse(hub, best, visit.charge_kw, now, end, now), NONE
    if evse == NONE:
        return False
    if held:
        close(hub, b, MOVED, now)
    connect(hub, vehicle, book(hub, vehicle, evse, now, end, now, contract), now)
    return True
