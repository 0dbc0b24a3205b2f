"""Rules on the routes of a vehicle together: overlaps, short stays, more energy than the battery holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.local_clock import local_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.depot.routes import Routes
    from sparewatt.inputs.depot.rules_allocation import AllocationRow, SpecRow
    from sparewatt.inputs.depot.settings import DepotSettings
    from sparewatt.inputs.depot.stays import Stays
    from sparewatt.inputs.finding_log import FindingLog

_HOUR_S = 3600
_MINUTE_S = 60


def check_overlaps(routes: Routes, timezone: str, log: FindingLog) -> None:
    """A vehicle drives one route at a time; a row that stands twice is told as such."""
    depart, arrive, vehicle = (a.tolist() for a in (routes.depart_s, routes.arrive_s, routes.vehicle))
    latest = 0
    for r in range(1, len(routes)):
        before = latest
        if vehicle[r] != vehicle[before] or arrive[r] > arrive[before]:
            latest = r
        if vehicle[r] != vehicle[before] or depart[r] >= arrive[before]:
            continue
        name, other = routes.route_id(r), routes.route_id(before)
        table, record, row = routes.table, int(routes.record[r]), int(routes.record[before])
        if name == other and depart[r] == depart[before]:
            message = (
                f"vehicle {routes.vehicle_id(r)} has route {name} on this day in {table.where(row)} already"
            )
            rule, remedy = "depot.routes.duplicate", "one row per vehicle, route and day"
        else:
            message = (
                f"vehicle {routes.vehicle_id(r)} leaves on route {name} at "
                f"{local_text(depart[r], timezone)}, before it is back from route {other} of "
                f"{table.where(row)} at {local_text(arrive[before], timezone)}"
            )
            rule, remedy = (
                "depot.routes.overlap",
                "give one of the routes to another vehicle, or correct the times",
            )
        log.at(
            rule,
            "error",
            table,
            record,
            "allocated_vehicle_id",
            message,
            remedy,
            ids=(routes.vehicle_id(r), other, name),
            margin=(depart[r] - arrive[before]) / _HOUR_S,
        )


def check_stays(routes: Routes, start_s: int, connect_s: int, timezone: str, log: FindingLog) -> None:
    """Routes that begin before the run, and stays that are shorter than asked for."""
    for r in np.flatnonzero(routes.depart_s < start_s).tolist():
        log.at(
            "depot.routes.before_start",
            "warning",
            routes.table,
            int(routes.record[r]),
            "date",
            f"route {routes.route_id(r)} departs at {local_text(int(routes.depart_s[r]), timezone)}, before "
            f"the run starts at {local_text(start_s, timezone)}; its energy leaves the battery at the start",
            "an earlier day_start_hours, or a route table that begins later",
            ids=(routes.vehicle_id(r), routes.route_id(r)),
        )
    follows = routes.vehicle[1:] == routes.vehicle[:-1]
    lead_s = routes.depart_s[1:] - routes.arrive_s[:-1] - connect_s
    positive = follows & (routes.depart_s[1:] >= routes.arrive_s[:-1])
    for r in np.flatnonzero(positive & (lead_s <= 0) & (connect_s > 0)).tolist():
        log.at(
            "depot.routes.no_time_to_connect",
            "info",
            routes.table,
            int(routes.record[r + 1]),
            "date",
            f"vehicle {routes.vehicle_id(r)} leaves on route {routes.route_id(r + 1)} before the "
            f"{connect_s / _MINUTE_S:g} minutes to connect after route {routes.route_id(r)} are over: "
            "it does not charge between them",
            ids=(routes.vehicle_id(r), routes.route_id(r), routes.route_id(r + 1)),
        )
    asked_s = routes.recharge_s[:-1]
    for r in np.flatnonzero(positive & (asked_s > 0) & (lead_s < asked_s)).tolist():
        asked, left = asked_s[r] / _HOUR_S, max(0.0, lead_s[r] / _HOUR_S)
        log.at(
            "depot.routes.recharge_cut",
            "warning",
            routes.table,
            int(routes.record[r]),
            "recharge_hours",
            f"vehicle {routes.vehicle_id(r)} is to recharge {asked:g} h after route {routes.route_id(r)}, "
            f"but leaves again after {left:.3g} h",
            "fewer recharge_hours, or a later departure",
            ids=(routes.vehicle_id(r), routes.route_id(r), routes.route_id(r + 1)),
            margin=float(left - asked),
        )


def check_battery(
    routes: Routes, stays: Stays, battery_kwh: NDArray[np.float64], reserve: float, log: FindingLog
) -> None:
    """Routes that take more than a full battery gives; the plan will report the rest as unserved.

    Parameters
    ----------
    routes, stays
        Of one allocation.
    battery_kwh
        Usable battery per vehicle, shape (vehicles,) [kWh].
    reserve
        Share of the battery that is kept [0-1].
    log
        Where problems are noted.
    """
    usable = (1 - reserve) * battery_kwh[stays.vehicle]
    for s in np.flatnonzero(stays.use_kwh > usable + 1e-9).tolist():
        first, last = (int(x) for x in stays.routes[s])
        names = [routes.route_id(r) for r in range(first, last)]
        driven = (
            f"route {names[0]}" if len(names) == 1 else f"routes {', '.join(names)} without a charge between"
        )
        log.at(
            "depot.routes.battery",
            "warning",
            routes.table,
            int(routes.record[last - 1]),
            "energy_required_kwh",
            f"vehicle {routes.vehicle_id(first)} needs {stays.use_kwh[s]:g} kWh for {driven}; its full "
            f"battery gives {usable[s]:g} kWh" + (f" above the reserve of {reserve:.0%}" if reserve else ""),
            "a shorter route or a larger battery; otherwise the plan reports the rest as unserved",
            ids=(routes.vehicle_id(first), *names),
            margin=float(usable[s] - stays.use_kwh[s]),
        )


def check_chargers(
    routes: Routes,
    specs: dict[str, SpecRow],
    allocation: AllocationRow,
    settings: DepotSettings,
    log: FindingLog,
) -> None:
    """Vehicles whose specification is unknown, or that no charger of the depot fits."""
    first = np.searchsorted(routes.vehicle, np.arange(len(routes.vehicle_ids)))
    ac_there = not (settings.limit_ac_chargers and allocation.num_ac == 0)
    dc_there = allocation.num_dc > 0
    if max(allocation.ac_kw * ac_there, allocation.dc_kw * dc_there) == 0:
        return  # said of the allocation itself
    for n, spec_id in enumerate(routes.spec_ids):
        spec = specs.get(spec_id)
        if spec is None or first[n] >= len(routes):
            continue
        record, vehicle = int(routes.record[first[n]]), routes.vehicle_ids[n]
        ac_kw = min(spec.ac_kw, allocation.ac_kw) if ac_there else 0.0
        dc_kw = min(spec.dc_kw, allocation.dc_kw) if dc_there else 0.0
        best_kw = max(ac_kw, dc_kw)
        if best_kw == 0:
            log.at(
                "depot.vehicles.no_charger",
                "warning",
                routes.table,
                record,
                "allocated_spec_id",
                f"vehicle {vehicle} (specification {spec_id}: AC {spec.ac_kw:g} kW, DC {spec.dc_kw:g} kW) "
                f"fits no charger of allocation {allocation.allocation_id} (AC {allocation.ac_kw:g} kW, "
                f"DC {allocation.dc_kw:g} kW × {allocation.num_dc}): it never charges",
                "a charger of a kind that the vehicle has",
                ids=(vehicle,),
            )
        elif best_kw < settings.min_power_kw:
            message = f"vehicle {vehicle} takes at most {best_kw:g} kW, below min_power_kw: it never charges"
            log.at(
                "depot.vehicles.min_power",
                "warning",
                routes.table,
                record,
                "allocated_spec_id",
                message,
                f"min_power_kw (now {settings.min_power_kw:g}) no higher than that",
                ids=(vehicle,),
                margin=best_kw - settings.min_power_kw,
            )
