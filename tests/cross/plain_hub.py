"""The protocol of a hub in plain Python, written from the specification and from nothing of ours.

Who books, is admitted, waits, moves or is turned away; powers play no part in it. Every period looks at
everything: departures → releases → reservations → queue → arrivals. Slow on purpose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules


@dataclass
class Booking:
    vehicle: int
    unit: int
    made: int
    first: int
    end: int
    due: int = -1
    closed: int = -1
    state: str = "OPEN"

    @property
    def live(self) -> bool:
        return self.state in {"OPEN", "ACTIVE"}


@dataclass
class Stay:
    vehicle: int
    unit: int
    booking: Booking
    first: int
    end: int


@dataclass
class PlainHub:
    """Simple reservations or none; run it with `simulate`."""

    system: ClusterSystem
    fleet: Fleet
    rules: OperatingRules
    bookings: list[Booking] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = range(len(self.fleet))
        f = self.fleet
        self.comes = [int(f.real_arrival_s[v]) >= 0 for v in n]
        self.arrive = [max(0, self.up(f.real_arrival_s[v])) if self.comes[v] else math.inf for v in n]
        beyond = f.real_departure_s > self.system.horizon.end_s
        self.leave = [math.inf if beyond[v] else self.down(f.real_departure_s[v]) for v in n]
        later = [self.up(f.declared_arrival_s[v]) >= self.system.horizon.periods for v in n]
        self.fate = ["NOT_YET" if self.comes[v] or later[v] else "NO_SHOW" for v in n]
        self.waited = [0 for _ in n]
        self.goal = [int(f.target_cluster[v]) for v in n]
        self.own: list[Booking | None] = [None for _ in n]
        self.clusters = range(len(self.system.cluster_ids))
        self.grace = math.ceil(self.rules.grace_s / self.system.horizon.step_s)

    def up(self, moment_s: int) -> int:
        h = self.system.horizon
        return math.ceil((int(moment_s) - h.start_s) / h.step_s)

    def down(self, moment_s: int) -> int:
        h = self.system.horizon
        return math.floor((int(moment_s) - h.start_s) / h.step_s)

    def units(self, cluster: int) -> list[int]:
        return [e for e in range(len(self.system.evses)) if self.system.evses.cluster[e] == cluster]

    def occupied(self, unit: int) -> bool:
        return any(b.unit == unit and b.state == "ACTIVE" for b in self.bookings)

    def is_free(self, unit: int, first: int, end: int, now: int, but: Booking | None = None) -> bool:
        if first <= now and self.occupied(unit):
            return False
        others = [b for b in self.bookings if b.live and b.unit == unit and b is not but]
        return all(b.end <= first or b.first >= end for b in others)

    def free(self, cluster: int, first: int, end: int, now: int) -> list[int]:
        return [e for e in self.units(cluster) if self.is_free(e, first, end, now)]

    def best(self, vehicle: int, units: list[int]) -> int:
        power = self.system.evses.max_charge_kw
        useful = self.fleet.max_charge_kw[vehicle]
        return min(units, key=lambda e: (-min(power[e], useful), power[e], e))

    def book(self, vehicle: int, unit: int, first: int, end: int, now: int) -> Booking:
        booking = Booking(vehicle, unit, now, first, end)
        self.bookings.append(booking)
        self.own[vehicle] = booking
        return booking

    def simulate(self) -> None:
        periods = self.system.horizon.periods
        order = sorted(
            range(len(self.fleet)), key=lambda v: (self.fleet.real_arrival_s[v], self.fleet.ids[v])
        )
        for now in range(periods + 1):
            self.depart(now)
            self.release(now)
            if now == periods:
                break
            if self.rules.reservation == "simple":
                self.reserve(now)
            self.queue = [v for v in self.queue if not self.place(v, now)]
            for v in order:
                if self.arrive[v] == now and self.fate[v] == "NOT_YET":
                    self.come(v, now)
        for v in self.queue:
            self.waited[v] = periods - int(self.arrive[v])

    def depart(self, now: int) -> None:
        for booking in self.bookings:
            v = booking.vehicle
            if booking.state == "ACTIVE" and self.leave[v] <= now:
                booking.state, booking.closed = "USED", now
                next(s for s in self.stays if s.booking is booking).end = now
        for v in [v for v in self.queue if self.leave[v] <= now]:
            self.queue.remove(v)
            self.fate[v], self.waited[v] = "LEFT_QUEUE", now - int(self.arrive[v])
            booking = self.own[v]
            if booking is not None and booking.state == "OPEN":
                booking.state, booking.closed = "RELEASED", now

    def release(self, now: int) -> None:
        """A booking is kept while its vehicle is here, to its end at the longest."""
        for booking in self.bookings:
            v = booking.vehicle
            if booking.state != "OPEN" or min(booking.due, booking.end) > now:
                continue
            here = self.fate[v] == "NOT_YET" and self.arrive[v] <= now < self.leave[v]
            if not here or booking.end <= now:
                booking.state, booking.closed = "RELEASED", now

    def reserve(self, now: int) -> None:
        f = self.fleet
        asking = [
            v for v in range(len(f)) if f.reservation_s[v] >= 0 and max(0, self.up(f.reservation_s[v])) == now
        ]
        for v in sorted(asking, key=lambda v: (f.reservation_s[v], f.ids[v])):
            if self.arrive[v] >= now and not self.reserve_somewhere(v, now) and self.fate[v] != "NO_SHOW":
                self.fate[v] = "RESERVATION_REFUSED"

    def booked_stay(self, vehicle: int, cluster: int, now: int) -> tuple[int, int]:
        f, traffic = self.fleet, self.system.traffic
        first = self.up(f.declared_arrival_s[vehicle] + traffic.arrival_delay_s[cluster])
        end = self.down(f.declared_departure_s[vehicle] + traffic.departure_delay_s[cluster])
        return max(now, first), max(end, max(now, first) + 1)

    def reserve_somewhere(self, vehicle: int, now: int) -> bool:
        target = self.goal[vehicle]
        count = {c: len(self.free(c, *self.booked_stay(vehicle, c, now), now)) for c in self.clusters}
        if target < 0:
            tried = list(self.clusters)
        else:
            others = sorted((c for c in self.clusters if c != target), key=lambda c: -count[c])
            tried = [target, *(others if self.rules.reroute else [])]
        for c in tried:
            if count[c]:
                first, end = self.booked_stay(vehicle, c, now)
                booking = self.book(
                    vehicle, self.best(vehicle, self.free(c, first, end, now)), first, end, now
                )
                booking.due, self.goal[vehicle] = first + self.grace, c
                return True
        return False

    def come(self, vehicle: int, now: int) -> None:
        if self.leave[vehicle] <= now:
            self.fate[vehicle] = "TOO_SHORT"
        elif not self.place(vehicle, now):
            if self.rules.queue:
                self.queue.append(vehicle)
                return
            self.fate[vehicle] = "NO_FREE_EVSE"
            booking = self.own[vehicle]
            if booking is not None and booking.state == "OPEN":
                booking.due = now + self.grace

    def place(self, vehicle: int, now: int) -> bool:
        booking, goal = self.own[vehicle], self.goal[vehicle]
        held = booking is not None and booking.state == "OPEN"
        until = booking.end if held else self.down(self.fleet.declared_departure_s[vehicle])
        until = max(until, now + 1)
        if (
            held
            and not self.occupied(booking.unit)
            and (booking.first <= now or self.is_free(booking.unit, now, booking.first, now, but=booking))
        ):
            booking.first = min(booking.first, now)
            self.connect(vehicle, booking, now)
            return True
        free = {c: self.free(c, now, until, now) for c in self.clusters}
        tried = [] if goal < 0 else [goal]
        if self.rules.reroute or goal < 0:
            tried += sorted((c for c in self.clusters if c != goal), key=lambda c: -len(free[c]))
        for c in tried:
            if free[c]:
                if held:
                    booking.state, booking.closed = "MOVED", now
                self.connect(vehicle, self.book(vehicle, self.best(vehicle, free[c]), now, until, now), now)
                return True
        return False

    def connect(self, vehicle: int, booking: Booking, now: int) -> None:
        booking.state = "ACTIVE"
        self.fate[vehicle], self.waited[vehicle] = "ADMITTED", now - int(self.arrive[vehicle])
        self.stays.append(Stay(vehicle, booking.unit, booking, now, self.system.horizon.periods))
