"""Routes of an allocation: who leaves when, who comes back when, how much energy it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.depot import schema
from sparewatt.inputs.local_clock import clock_change_remedy, clocks_to_utc, reading_text
from sparewatt.inputs.tables.parse import DAY_S, number_between, read_cells, read_date, to_floats
from sparewatt.inputs.tables.raw_table import id_order, read_id, records_with

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.depot.route_times import RouteTimes
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

_SECONDS_PER_HOUR = 3600
_MAX_RECHARGE_H = 1000.0


@dataclass(frozen=True)
class Routes:
    """Routes with energy of one allocation, ordered by vehicle and then by departure.

    Parameters
    ----------
    place
        Whose routes they are, in words.
    table, record
        Where each stands in t_route_allocated, shape (routes,).
    vehicle_ids, spec_ids
        The fleet, ascending by id; numbers by value.
    vehicle
        Row of the vehicle, shape (routes,).
    date
        Date as written, shape (routes,) [days since 1970-01-01].
    depart_s, arrive_s
        Shape (routes,) [s since the epoch].
    energy_kwh
        Battery side, shape (routes,) [kWh].
    recharge_s
        How long the vehicle is plugged in after return, 0 = until its next departure, shape (routes,) [s].
    """

    place: str
    table: RawTable
    record: NDArray[np.int64]
    vehicle_ids: tuple[str, ...]
    spec_ids: tuple[str, ...]
    vehicle: NDArray[np.int64]
    date: NDArray[np.int64]
    depart_s: NDArray[np.int64]
    arrive_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    recharge_s: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of routes."""
        return len(self.record)

    def route_id(self, route: int) -> str:
        """Id of a route."""
        return read_id(self.table.text("route_id", int(self.record[route])))

    def vehicle_id(self, route: int) -> str:
        """Id of the vehicle that drives a route."""
        return self.vehicle_ids[int(self.vehicle[route])]

    def departing_before(self, end_s: int) -> Routes:
        """Routes that depart before ``end_s`` [s since the epoch], and the vehicles that drive them."""
        keep = np.flatnonzero(self.depart_s < end_s)
        fleet, vehicle = np.unique(self.vehicle[keep], return_inverse=True)
        return Routes(
            self.place,
            self.table,
            self.record[keep],
            tuple(self.vehicle_ids[n] for n in fleet),
            tuple(self.spec_ids[n] for n in fleet),
            vehicle.astype(np.int64),
            self.date[keep],
            self.depart_s[keep],
            self.arrive_s[keep],
            self.energy_kwh[keep],
            self.recharge_s[keep],
        )


def find_routes(
    table: RawTable, allocation_id: str, times: RouteTimes, timezone: str, log: FindingLog
) -> Routes | None:
    """The routes of an allocation that need energy; every rule on single rows is judged here.

    Parameters
    ----------
    table
        t_route_allocated.
    allocation_id
        Whose routes.
    times
        Departure and arrival times by route.
    timezone
        Zone of the site.
    log
        Where problems are noted; rows that are wrong are left out.

    Returns
    -------
    ``None`` where the allocation has no route that needs energy.
    """
    mine = table.take(records_with(table, "allocation_id", frozenset({allocation_id})))
    place = f"{table.name}, allocation {allocation_id}"
    if len(mine) == 0:
        message = f"allocation {allocation_id} has no routes"
        remedy = f"add its routes to {table.name}, or leave the allocation out of the run"
        log.add("depot.routes.none", "error", place, message, allocation_id, remedy, ids=(allocation_id,))
        return None
    energy = to_floats(read_cells(mine, "energy_required_kwh", number_between(0, np.inf, "kWh"), log))
    hours = number_between(0, _MAX_RECHARGE_H, "hours")
    recharge_h = to_floats(read_cells(mine, "recharge_hours", hours, log, missing=0.0))
    date = np.array(
        [-1 if d is None else d for d in read_cells(mine, "date", read_date, log)], dtype=np.int64
    )
    route_ids = _ids(mine, "route_id", log)
    vehicle_ids = _ids(mine, "allocated_vehicle_id", log)
    specs = _ids(mine, "allocated_spec_id", log)
    times.check_known(mine, route_ids, log)
    if not np.any((energy > 0) | np.isnan(energy)):
        message = f"no route of allocation {allocation_id} needs energy"
        where = f"{place}, column energy_required_kwh"
        log.add(
            "depot.routes.no_energy",
            "error",
            where,
            message,
            "",
            "kWh above 0, battery side",
            ids=(allocation_id,),
        )
        return None
    named = np.array([bool(v) for v in vehicle_ids])
    depart, _, _, _ = clocks = times.clocks(route_ids)
    rows = np.flatnonzero((energy > 0) & (recharge_h >= 0) & (date >= 0) & (depart >= 0) & named)
    depart_s, arrive_s = _instants(mine, rows, date, clocks, timezone, log)
    fleet = tuple(sorted({vehicle_ids[i] for i in rows}, key=id_order))
    spec_ids = _one_spec_each(mine, rows, vehicle_ids, specs, fleet, log)
    number = {v: n for n, v in enumerate(fleet)}
    vehicle = np.array([number[vehicle_ids[i]] for i in rows], dtype=np.int64)
    order = np.lexsort((rows, arrive_s, depart_s, vehicle))
    order = order[(depart_s >= 0)[order]]
    kept = rows[order]
    recharge_s = np.round(recharge_h[kept] * _SECONDS_PER_HOUR).astype(np.int64)
    return Routes(
        f"allocation {allocation_id}",
        mine,
        kept,
        fleet,
        spec_ids,
        vehicle[order],
        date[kept],
        depart_s[order],
        arrive_s[order],
        energy[kept],
        recharge_s,
    )


def _ids(table: RawTable, column: str, log: FindingLog) -> list[str]:
    return [text or "" for text in read_cells(table, column, read_id, log)]


def _instants(
    table: RawTable,
    rows: NDArray[np.int64],
    date: NDArray[np.int64],
    clocks: tuple[NDArray[np.int64], ...],
    timezone: str,
    log: FindingLog,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Departure and arrival per row [s since the epoch]; -1 for both where a clock change forbids one."""
    depart, depart_offset, arrive, arrive_offset = (c[rows] for c in clocks)
    wrong = np.zeros(len(rows), dtype=bool)
    ends = []
    for column, clock, offset in (
        ("departure_time", depart, depart_offset),
        ("arrival_time", arrive, arrive_offset),
    ):
        naive = date[rows] * DAY_S + clock
        utc, missing, ambiguous = clocks_to_utc(naive, offset, timezone)
        for k in np.flatnonzero(missing | ambiguous).tolist():
            record, route = int(rows[k]), read_id(table.text("route_id", int(rows[k])))
            rule, words = ("missing", "does not exist") if missing[k] else ("ambiguous", "comes twice")
            remedy = clock_change_remedy(int(naive[k]), timezone)
            log.at(
                f"depot.time.{rule}",
                "error",
                table,
                record,
                "date",
                f"{column} of route {route} {words} on this day, when the clock changes in {timezone}",
                f"give this day a route of its own in t_route_master, and {remedy}",
                value=reading_text(int(naive[k])),
                ids=(route,),
            )
        wrong |= missing | ambiguous
        ends.append(utc)
    for k in np.flatnonzero((ends[1] <= ends[0]) & ~wrong).tolist():
        record, route = int(rows[k]), read_id(table.text("route_id", int(rows[k])))
        message = f"route {route} arrives no later than it departs on this day"
        log.at(
            "depot.routes.arrival_before_departure",
            "error",
            table,
            record,
            "date",
            message,
            "a later arrival",
        )
        wrong[k] = True
    return np.where(wrong, -1, ends[0]), np.where(wrong, -1, ends[1])


def _one_spec_each(
    table: RawTable,
    rows: NDArray[np.int64],
    vehicle_ids: list[str],
    specs: list[str],
    fleet: tuple[str, ...],
    log: FindingLog,
) -> tuple[str, ...]:
    first: dict[str, int] = {}
    for i in rows.tolist():
        vehicle, known = vehicle_ids[i], first.setdefault(vehicle_ids[i], i)
        if specs[i] != specs[known] and specs[i] and specs[known]:
            elsewhere = f"{specs[known]} in {table.where(known)}"
            message = f"vehicle {vehicle} has specification {specs[i]} here and {elsewhere}"
            remedy = "one specification per vehicle and allocation"
            log.at(
                "depot.routes.two_specs",
                "error",
                table,
                i,
                "allocated_spec_id",
                message,
                remedy,
                ids=(vehicle,),
            )
    return tuple(specs[first[v]] for v in fleet)


def check_allocations_known(texts: dict[str, int], known: frozenset[str], log: FindingLog) -> None:
    """Note routes of allocations that t_allocation does not have: a slip that would drop them unseen.

    Parameters
    ----------
    texts
        Each text of t_route_allocated.allocation_id with its first row (0 where rows have no number).
    known
        Every allocation_id of t_allocation.
    log
        Where problems are noted.
    """
    name = schema.ROUTE_ALLOCATED.name
    for text, row in sorted(texts.items(), key=lambda item: (item[1], id_order(item[0]))):
        allocation = read_id(text)
        if allocation in known:
            continue
        log.add(
            "depot.routes.unknown_allocation" if allocation else "depot.value.missing",
            "error",
            f"{name} row {row}, column allocation_id" if row else f"{name}, column allocation_id",
            f"allocation {allocation} is not in {schema.ALLOCATION.name}"
            if allocation
            else "allocation_id is empty",
            text,
            f"an allocation_id of {schema.ALLOCATION.name}, or take these rows out",
            table=name,
        )
