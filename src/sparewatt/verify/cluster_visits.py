"""Rules on visits: a stay is what really happened, its booking is its own, and its fate agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME
from sparewatt.model.trace import Fate
from sparewatt.verify.cluster_facts import NEVER
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts

_REFUSED = (Fate.RESERVATION_REFUSED, Fate.NO_OFFER)


def check_stays(facts: TraceFacts, tolerance_kwh: float) -> Iterator[Finding]:
    """A vehicle is connected from its real arrival (or from the queue) to its real departure.

    Only whole periods inside the stay: the first is the first boundary at or after the arrival, the
    end the last boundary at or before the departure, or the end of the horizon. It brings the SoC
    that it really has.
    """
    trace, c, fleet = facts.trace, facts.trace.connections, facts.trace.fleet
    stay = Tally("cluster.trace.stay", "connected from the real arrival to the real departure")
    arrive, leave = facts.arrive[c.vehicle], facts.leave[c.vehicle]
    until = np.minimum(leave, facts.periods)
    early, late = arrive - c.first, np.abs(c.end - until)
    if not trace.rules.queue:
        early = np.abs(early)
    # A departure on the last boundary may be told either way.
    departure_s, end_s = fleet.real_departure_s[c.vehicle], int(trace.system.horizon.end_s)
    flag = (c.still_connected != (departure_s > end_s)) & (departure_s != end_s)

    def place(k: int) -> Place:
        real = "never" if arrive[k] == NEVER else f"from {facts.stamp(int(arrive[k]))}"
        message = (
            f"connected until {facts.stamp(int(c.end[k]))}"
            f"{' and still then' if c.still_connected[k] else ''}; the vehicle is really there {real} "
            f"until {facts.stamp(int(leave[k]))}"
        )
        return Place(facts.connection_name(k), message, str(c.first[k]), facts.connection_ids(k))

    stay.look(np.maximum(np.maximum(early, late), flag).astype(np.float64), 0.0, place)
    yield from stay.findings()

    soc = Tally("cluster.trace.soc_arrival", "the SoC that the vehicle really arrives with")
    real_soc = fleet.real_soc[c.vehicle]
    soc.look(
        np.abs(c.soc_first - real_soc) * fleet.battery_kwh[c.vehicle],
        tolerance_kwh,
        lambda k: Place(
            facts.connection_name(k),
            f"SoC {c.soc_first[k]:.9g} at the beginning, the vehicle arrives with {real_soc[k]:.9g}",
            f"{c.soc_first[k]:.9g}",
            facts.connection_ids(k),
        ),
    )
    yield from soc.findings()


def check_fates(facts: TraceFacts) -> Iterator[Finding]:
    """What a visit is said to have become agrees with what happened to it."""
    trace, fleet = facts.trace, facts.trace.fleet
    visits = np.arange(len(fleet))
    connected = np.isin(visits, trace.connections.vehicle)
    came = fleet.real_arrival_s != NO_TIME
    inside = came & (facts.arrive < facts.periods)
    empty = came & (facts.leave <= facts.arrive)
    books = (fleet.reservation_s != NO_TIME) & (trace.rules.reservation != "none")
    refused = np.isin(trace.fate, _REFUSED)
    queue = np.full(len(fleet), trace.rules.queue)
    smart = trace.rules.reservation == "smart"

    fate = trace.fate
    broken: list[tuple[str, NDArray[np.bool_]]] = [
        ("was never connected", (fate == Fate.ADMITTED) & ~connected),
        ("was connected", (fate != Fate.ADMITTED) & connected),
        ("really came", (fate == Fate.NO_SHOW) & came),
        ("never came", ~came & ~refused & (fate != Fate.NO_SHOW) & (fate != Fate.NOT_YET)),
        ("came within the horizon, and there is no queue", (fate == Fate.NOT_YET) & inside & ~queue),
        ("comes after the horizon", came & ~inside & ~refused & ~empty & (fate != Fate.NOT_YET)),
        ("was there for a whole period", (fate == Fate.TOO_SHORT) & ~empty),
        ("there is no queue", (fate == Fate.LEFT_QUEUE) & ~queue),
        ("did not ask for a reservation", refused & ~books),
        ("only smart reservations make offers", (fate == Fate.NO_OFFER) & ~np.full(len(fleet), smart)),
    ]
    tally = Tally("cluster.trace.fate", "a fate that agrees with arrival, connection and rules")
    for message, where in broken:

        def place(v: int, message: str = message) -> Place:
            name = Fate(int(fate[v])).name
            return Place(facts.visit_name(v), f"its fate is {name}, but it {message}", name, (fleet.ids[v],))

        tally.look(where.astype(np.float64), 0.5, place)
    yield from tally.findings()


def check_waiting(facts: TraceFacts) -> Iterator[Finding]:
    """Waiting lasts from arrival to connection, departure or the end of the horizon; none without a queue."""
    trace, c = facts.trace, facts.trace.connections
    waited = trace.waited_h
    right = np.zeros(len(waited))
    if trace.rules.queue:
        until = np.where(trace.fate == Fate.NOT_YET, facts.periods, 0)
        until = np.where(trace.fate == Fate.LEFT_QUEUE, facts.leave, until)
        until[c.vehicle] = c.first
        right = np.maximum(until - facts.arrive, 0) * facts.step_h
    off = np.abs(waited - right)
    tally = Tally(
        "cluster.trace.waiting", "the time from arrival until connected, gone or the end; 0 without a queue"
    )

    def place(v: int) -> Place:
        return Place(
            facts.visit_name(v),
            f"waited {waited[v]:.6g} h, right is {right[v]:.6g} h",
            f"{waited[v]:.6g}",
            (trace.fleet.ids[v],),
        )

    tally.look(off, 1e-9, place)
    yield from tally.findings()
