"""One committed planning day of a depot, and the state that chains it to the next."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.schedule import DepotSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot
    from sparewatt.model.schedule import DayReport


@dataclass(frozen=True)
class DayState:
    """What the next day needs to know.

    Parameters
    ----------
    day
        The next planning day.
    deficit_kwh
        Battery energy that each vehicle misses at its start (≥ 0), shape (vehicles,) [kWh].
    held_session, held_charger
        Sessions that go on across the boundary and the charger kind they keep.
    """

    day: int
    deficit_kwh: NDArray[np.float64]
    held_session: NDArray[np.int64]
    held_charger: NDArray[np.int8]

    @classmethod
    def initial(cls, depot: Depot) -> DayState:
        """Before the first day: every vehicle at ``initial_soc``, nothing held."""
        deficit = (1.0 - depot.initial_soc) * depot.vehicles.battery_kwh
        return cls(0, deficit, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8))


@dataclass(frozen=True)
class DepotDay:
    """What was committed for one planning day, in rows of ``depot.sessions``.

    Parameters
    ----------
    day
        The planning day.
    soc_kwh
        Battery energy per vehicle at the start of the day [kWh].
    sessions, charger, unserved_kwh
        Sessions that the day decided, their charger kind, and battery-side energy their routes missed [kWh].
    entries, energy_kwh
        Entries of the day and their meter-side energy [kWh].
    after
        State at the end of the day.
    report
        How it was decided; ``None`` until known.
    """

    day: int
    soc_kwh: NDArray[np.float64]
    sessions: NDArray[np.int64]
    charger: NDArray[np.int8]
    unserved_kwh: NDArray[np.float64]
    entries: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    after: DayState
    report: DayReport | None = None

    @classmethod
    def committed(
        cls,
        depot: Depot,
        day: int,
        state: DayState,
        *,
        sessions: NDArray[np.int64],
        charger: NDArray[np.int8],
        unserved_kwh: NDArray[np.float64],
        entries: NDArray[np.int64],
        energy_kwh: NDArray[np.float64],
    ) -> DepotDay:
        """Book a decided day and derive the state after it."""
        s, edges = depot.sessions, depot.horizon.day_edges
        first, end = edges[day], edges[day + 1]
        begins = s.first[sessions] >= first
        vehicles = len(depot.vehicles)
        used = np.bincount(
            s.vehicle[sessions], weights=np.where(begins, s.use_kwh[sessions], 0.0), minlength=vehicles
        )
        missed = np.bincount(s.vehicle[sessions], weights=unserved_kwh, minlength=vehicles)
        charged = np.bincount(s.vehicle[s.entry_session[entries]], weights=energy_kwh, minlength=vehicles)
        deficit = np.maximum(0.0, state.deficit_kwh + used - missed - depot.efficiency * charged)
        goes_on = (s.end[sessions] > end) & (s.first[sessions] < end)
        after = DayState(day + 1, deficit, sessions[goes_on], charger[goes_on])
        soc_kwh = depot.vehicles.battery_kwh - state.deficit_kwh
        return cls(day, soc_kwh, sessions, charger, unserved_kwh, entries, energy_kwh, after)

    def with_report(self, report: DayReport) -> DepotDay:
        """The same day with its report."""
        return replace(self, report=report)

    def ranks(self, depot: Depot) -> tuple[float, float, float, float]:
        """Unserved (battery side), breach, delivered (meter side) [kWh] and cost of the day."""
        first, end = depot.horizon.day_edges[self.day : self.day + 2]
        per_period = np.bincount(
            depot.sessions.entry_period[self.entries] - first, weights=self.energy_kwh, minlength=end - first
        )
        over = per_period - depot.free_kw[first:end] * depot.horizon.step_h
        breach = over[over > NOTHING_KWH].sum()
        cost = per_period @ depot.price_per_kwh[first:end]
        return float(self.unserved_kwh.sum()), float(breach), float(per_period.sum()), float(cost)

    def to_bytes(self) -> bytes:
        """The decisions and the state after them, for the store; the same day gives the same bytes."""
        a = self.after
        arrays: tuple[NDArray[Any], ...] = (
            self.soc_kwh,
            self.sessions,
            self.charger,
            self.unserved_kwh,
            self.entries,
            self.energy_kwh,
            a.deficit_kwh,
            a.held_session,
            a.held_charger,
        )
        head = np.array([len(x) for x in arrays], dtype="<i8").tobytes()
        body = b"".join(x.astype(t).tobytes() for x, t in zip(arrays, STORED_TYPES, strict=True))
        return zlib.compress(head + body, 6)

    @classmethod
    def from_bytes(cls, day: int, data: bytes) -> DepotDay:
        """Read what ``to_bytes`` wrote."""
        raw = zlib.decompress(data)
        lengths = np.frombuffer(raw, dtype="<i8", count=len(STORED_TYPES))
        at, arrays = lengths.nbytes, []
        for length, kind in zip(lengths, STORED_TYPES, strict=True):
            arrays.append(np.frombuffer(raw, dtype=kind, count=length, offset=at).copy())
            at += length * np.dtype(kind).itemsize
        soc, sessions, charger, unserved, entries, energy, deficit, held_session, held_charger = arrays
        after = DayState(day + 1, deficit, held_session, held_charger)
        return cls(day, soc, sessions, charger, unserved, entries, energy, after)


NOTHING_KWH = 1e-6
STORED_TYPES = ("<f8", "<i8", "<i1", "<f8", "<i8", "<f8", "<f8", "<i8", "<i1")


def schedule_of_days(depot: Depot, days: Iterable[DepotDay]) -> DepotSchedule:
    """The schedule that committed days make together."""
    energy = np.zeros(len(depot.sessions.fraction))
    charger = np.zeros(len(depot.sessions), dtype=np.int8)
    unserved = np.zeros(len(depot.sessions))
    for day in days:
        energy[day.entries] = day.energy_kwh
        charger[day.sessions] = day.charger
        unserved[day.sessions] += day.unserved_kwh
    return DepotSchedule(depot, energy, charger, unserved)


def days_of_schedule(schedule: DepotSchedule) -> list[DepotDay]:
    """Cut a schedule that was decided at once (unmanaged charging) into its days."""
    depot, s = schedule.depot, schedule.depot.sessions
    edges = depot.horizon.day_edges
    booked = np.minimum(s.first, depot.horizon.periods - 1)
    entry_period = s.entry_period
    state, days = DayState.initial(depot), []
    for day in range(depot.horizon.days):
        first, end = edges[day], edges[day + 1]
        rows = np.flatnonzero((booked < end) & ((booked >= first) | (s.end > first)))
        entries = np.flatnonzero((entry_period >= first) & (entry_period < end))
        begins = booked[rows] >= first
        days.append(
            DepotDay.committed(
                depot,
                day,
                state,
                sessions=rows,
                charger=schedule.charger[rows],
                unserved_kwh=np.where(begins, schedule.unserved_kwh[rows], 0.0),
                entries=entries,
                energy_kwh=schedule.energy_kwh[entries],
            )
        )
        state = days[-1].after
    return days
