"""Rules on bookings: every connection has one, and its state agrees with what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.trace import NONE, BookingState
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts


def check_booked(facts: TraceFacts) -> Iterator[Finding]:
    """Every connection has a booking of its own, of the same vehicle and unit, begun by then."""
    c, b = facts.trace.connections, facts.trace.bookings
    tally = Tally("cluster.trace.booking", "a booking of this vehicle and unit, begun by then, for it alone")
    broken: list[tuple[str, NDArray[np.bool_]]] = [
        ("is of another vehicle", b.vehicle[c.booking] != c.vehicle),
        ("is of another unit", b.evse[c.booking] != c.evse),
        ("begins later", b.first[c.booking] > c.first),
        ("belongs to several connections", np.bincount(c.booking, minlength=len(b))[c.booking] > 1),
    ]
    for message, where in broken:

        def place(k: int, message: str = message) -> Place:
            booking = int(c.booking[k])
            text = f"its booking {message}: {facts.booking_name(booking)}"
            return Place(facts.connection_name(k), text, str(booking), facts.connection_ids(k))

        tally.look(where.astype(np.float64), 0.5, place)
    yield from tally.findings()


def check_booking_states(facts: TraceFacts) -> Iterator[Finding]:
    """The state of a booking agrees with its connection, its closing and its grace time.

    USED closed when its vehicle left, ACTIVE still connected, OPEN without a connection and not
    beyond its grace, MOVED, RELEASED and CANCELLED closed without a connection.
    """
    trace, c, b = facts.trace, facts.trace.connections, facts.trace.bookings
    left = np.full(len(b), NONE, dtype=np.int64)
    left[c.booking] = c.end
    still = np.zeros(len(b), dtype=np.bool_)
    still[c.booking] = c.still_connected
    connected, open_now = left != NONE, b.closed == NONE
    # That of a vehicle which came is kept while it waits; at its end at the latest it is given free.
    came = facts.arrive[b.vehicle] < facts.periods
    grace = -(-trace.rules.grace_s // facts.step_s)
    due = np.maximum(np.where(came, b.end, np.minimum(b.first + grace, b.end)), b.made + 1)
    used, active, moved = (b.state == s for s in (BookingState.USED, BookingState.ACTIVE, BookingState.MOVED))
    opened = b.state == BookingState.OPEN
    given_up = (b.state == BookingState.RELEASED) | (b.state == BookingState.CANCELLED)

    broken: list[tuple[str, NDArray[np.bool_]]] = [
        ("its vehicle was never connected", (used | active) & ~connected),
        ("its vehicle was connected", (opened | moved | given_up) & connected),
        ("its vehicle is still connected", used & connected & still),
        ("its vehicle has left", active & connected & ~still),
        ("it was not closed when its vehicle left", used & connected & ~still & (b.closed != left)),
        ("it has a time of closing", (opened | active) & ~open_now),
        ("it has no time of closing", (used | moved | given_up) & open_now),
        ("it was closed before it was made", ~open_now & (b.closed < b.made)),
        ("it begins before it was made", b.first < b.made),
        ("its grace or its stay is over before the end of the horizon", opened & (due < facts.periods)),
    ]
    tally = Tally("cluster.trace.booking_state", "a state that agrees with connection, closing and grace")
    for message, where in broken:

        def place(k: int, message: str = message) -> Place:
            state = BookingState(int(b.state[k])).name
            vehicle = trace.fleet.ids[int(b.vehicle[k])]
            return Place(facts.booking_name(k), f"its state is {state}, but {message}", state, (vehicle,))

        tally.look(where.astype(np.float64), 0.5, place)
    yield from tally.findings()
