"""Realistic fleets as a folder of depot tables, drawn from a seed."""

from __future__ import annotations

import csv
import json
import math
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.fleet_kinds import KINDS, SPECS, FleetKind, Kind
from sparewatt.inputs.generate.fleet_routes import Route, day_factors, draw_routes
from sparewatt.inputs.generate.half_hours import HalfHours, draw_price, draw_site_load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Row = tuple[object, ...]

TIMEZONE = "Europe/London"
DEMO_FIRST_DAY = date(2026, 10, 5)  # a Monday; 28 days from here hold the clock change of 25 October
_LATEST_DAY_START_H = 16  # the earliest route of an afternoon leaves then
_NIGHT_H = 9.0  # hours in which an ordinary night's charging should fit
_LOAD_SHARE = 0.35  # other load at night over mean charging power at night
_UTILISATION = 0.9
_EFFICIENCY = 0.9

_HEADERS: dict[str, str] = {
    "t_system_parameters": "current_run_id",
    "t_run_charging": "run_id,client_id,scheduling_app,scheduling_version,charging_mode,day_start_hours,"
    "asc_margin,soc_margin,num_days,allocation_ids",
    "t_client": "client_id,name",
    "t_allocation": "allocation_id,run_id,site_id,route_table,charger1,charger2,num_charger1,num_charger2,"
    "schedule_charge",
    "t_route_allocated": "allocation_id,route_id,allocated_vehicle_id,allocated_spec_id,date,"
    "energy_required_kwh,recharge_hours",
    "t_route_master": "route_id,departure_time,arrival_time",
    "t_sites": "site_id,asc_kw,distribution_id,min_to_connect,timezone,excess_capacity_price",
    "t_site_load": "site_id,datetime,clean_load",
    "t_electricity_price": "distribution_id,datetime,electricity_price_fixed",
    "t_vehicle_specifications": "spec_id,battery_size,charge_power_ac,charge_power_dc",
}

_DEMO_SCENARIO = """\
# Three depots, 28 days across the end of summer time, smart charging against unmanaged charging.
version = 1
study = "depot"
name = "Three depots in October"
seed = {seed}

[inputs]
tables = "tables/"        # a folder of CSV tables beside this file, or a database URL

[depot]
efficiency = 0.9          # energy into the battery per energy from the meter [0-1]
utilisation = 0.9         # share of the agreed supply capacity that is planned for [0-1]
horizon_days = 2          # days planned ahead; the first is kept
solve_seconds = 300       # deadline of one solve [s]
# min_power_kw = 1.38     # least power a charger can hold, here 6 A [kW]
# magic_fill = true       # spread unserved energy over the vehicle's plugged-in periods
# workers = 2             # processes that plan scenarios side by side
"""


def generate_fleet(
    directory: Path,
    *,
    seed: int,
    kind: Kind | Sequence[Kind] = ("vans", "mixed", "hgv"),
    vehicles: int | Sequence[int] = 20,
    allocations: int = 3,
    days: int = 28,
    first_day: date = DEMO_FIRST_DAY,
    day_start_hours: int = 12,
) -> None:
    """Write one run with some allocations as CSV tables (``<table>.csv``), the same bytes for the same seed.

    A planning day begins at noon by default, so that it holds a whole night, from the vehicles coming
    back to their departures next morning. Allocations have a site, fleet and chargers each, and share
    one price. Each is drawn from ``seed`` and its number alone, so more allocations leave the first
    ones as they are.

    Parameters
    ----------
    directory
        Folder for the tables; made if it is not there, tables in it are replaced.
    seed
        Of the random generator.
    kind
        One kind for all allocations, or several that they take in turn: ``"vans"`` (one shift),
        ``"tight_vans"`` (the same on a short supply), ``"second_shift"`` (30 % go out twice),
        ``"mixed"`` (vans, second shifts, box trucks), ``"hgv"`` (stays of fixed length, DC needed).
    vehicles
        Vehicles per allocation, one number or several taken in turn.
    allocations
        Number of allocations.
    days
        Number of days; routes are on each of them.
    first_day
        Local date of the first.
    day_start_hours
        When a planning day begins, 0 to 16 [h].
    """
    kinds: Sequence[Kind] = (kind,) if isinstance(kind, str) else tuple(kind)
    sizes: Sequence[int] = (vehicles,) if isinstance(vehicles, int) else tuple(vehicles)
    if days < 1 or allocations < 1 or min(sizes) < 1 or not kinds:
        raise ValueError("a fleet needs at least one day, one allocation and one vehicle")
    if not 0 <= day_start_hours <= _LATEST_DAY_START_H:
        raise ValueError(f"planning days of a generated fleet begin at 0 to {_LATEST_DAY_START_H} h")
    half_hours = HalfHours.of_days(first_day, days + 2, TIMEZONE)
    stamps = [s.isoformat(sep=" ") for s in half_hours.stamps]
    tables: dict[str, list[Row]] = {name: [] for name in _HEADERS}
    for a in range(allocations):
        _draw_allocation(
            np.random.default_rng([seed, a]),
            tables,
            a + 1,
            KINDS[kinds[a % len(kinds)]],
            sizes[a % len(sizes)],
            first_day,
            days,
            day_start_hours,
            half_hours,
            stamps,
        )
    price = draw_price(np.random.default_rng([seed, 0, 1]), half_hours)
    tables["t_electricity_price"] += [(1, s, p) for s, p in zip(stamps, price.tolist(), strict=True)]
    tables["t_vehicle_specifications"] += [(s.spec_id, s.battery_kwh, s.ac_kw, s.dc_kw) for s in SPECS]
    tables["t_client"].append((1, "Northgate Deliveries"))
    tables["t_system_parameters"].append((1,))
    ids, modes = json.dumps(list(range(1, allocations + 1))), json.dumps(["opt", "BAU"])
    tables["t_run_charging"].append(
        (1, 1, "sparewatt", "generated", modes, day_start_hours, 0.2, 0.05, days, ids)
    )
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        _write_csv(directory / f"{name}.csv", _HEADERS[name], rows)


def write_demo_scenario(directory: Path, seed: int = 7) -> Path:
    """Write the example of the depot study: ``scenario.toml`` with ``tables/`` beside it.

    Three allocations, 28 days across the end of summer time, both modes: 24 vans with one DC charger,
    20 mixed vehicles with second shifts, 10 heavy trucks that need DC between their legs.

    Returns
    -------
    Path
        The scenario file.
    """
    generate_fleet(
        directory / "tables", seed=seed, kind=("vans", "mixed", "hgv"), vehicles=(24, 20, 10), allocations=3
    )
    path = directory / "scenario.toml"
    path.write_bytes(_DEMO_SCENARIO.format(seed=seed).encode())
    return path


def _draw_allocation(
    rng: np.random.Generator,
    tables: dict[str, list[Row]],
    allocation: int,
    kind: FleetKind,
    vehicles: int,
    first_day: date,
    days: int,
    day_start_hours: int,
    half_hours: HalfHours,
    stamps: Sequence[str],
) -> None:
    """Add the rows of one allocation with its site, load and routes."""
    routes = draw_routes(rng, kind, vehicles, first_day, day_factors(rng, days), day_start_hours)
    night_kw = _ordinary_day_kwh(routes) / _EFFICIENCY / _NIGHT_H
    load_kw = draw_site_load(rng, half_hours, _LOAD_SHARE * night_kw)
    asc_kw = math.ceil(kind.supply * (1 + _LOAD_SHARE) * night_kw / _UTILISATION)
    num_dc = max(1, round(kind.dc_per_vehicle * vehicles))
    tables["t_sites"].append((allocation, asc_kw, 1, int(rng.integers(3, 13)), TIMEZONE, 0.06))
    tables["t_site_load"] += [(allocation, s, kw) for s, kw in zip(stamps, load_kw.tolist(), strict=True)]
    tables["t_allocation"].append(
        (allocation, 1, allocation, "t_route_master", kind.ac_kw, kind.dc_kw, vehicles, num_dc, 2)
    )
    for k, r in enumerate(routes):
        route = 1_000_000 * allocation + k + 1
        tables["t_route_master"].append((route, r.departure.isoformat(sep=" "), r.arrival.isoformat(sep=" ")))
        tables["t_route_allocated"].append(
            (
                allocation,
                route,
                1000 * allocation + r.vehicle + 1,
                r.spec.spec_id,
                r.departure.date().isoformat(),
                r.energy_kwh,
                r.recharge_h or "",
            )
        )


def _ordinary_day_kwh(routes: Iterable[Route]) -> float:
    """Route energy of a day at the 60th percentile of all days, battery side [kWh]."""
    per_day: dict[int, float] = {}
    for r in routes:
        per_day[r.day] = per_day.get(r.day, 0.0) + r.energy_kwh
    return float(np.quantile(list(per_day.values()), 0.6))


def _write_csv(path: Path, header: str, rows: Iterable[Row]) -> None:
    """One table; lines end with a line feed on every system, so that the bytes are the same."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
