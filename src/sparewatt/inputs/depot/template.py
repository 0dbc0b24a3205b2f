"""A small depot to start from: four vans, one of them with a second shift, over two days."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sparewatt.inputs.scenario_template import write_scenario_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FIRST = date(2026, 3, 2)
_DAYS = 2
_STAMPS = 48
_Rows = list[tuple[object, ...]]

_ROUTES: _Rows = [
    (1, "06:30", "14:10"),
    (2, "07:00", "16:20"),
    (3, "07:45", "17:30"),
    (4, "15:15", "21:40"),
    (5, "22:30", "28:15"),  # back at 04:15 on the next day
]
_DRIVEN: _Rows = [
    # route, vehicle, specification, energy on the first and on the second day
    (1, 101, 1, 31.5, 28.0),
    (4, 101, 1, 22.0, 24.5),
    (2, 102, 1, 40.0, 37.0),
    (3, 103, 1, 44.5, 41.0),
    (5, 104, 2, 52.0, 0),
]


def write_depot_template(directory: Path) -> tuple[Path, ...]:
    """Write a scenario file and its tables, ready to run.

    Parameters
    ----------
    directory
        Where to; made where it does not exist.

    Returns
    -------
    The files that were written, the scenario file first.

    Raises
    ------
    InputError
        When a file would be overwritten; then nothing is written.
    """
    folder, tables = directory / "tables", _tables()
    paths = [folder / f"{name}.csv" for name in tables]
    scenario = write_scenario_template(directory, "depot", "Four vans, one limit", paths)
    folder.mkdir(exist_ok=True)
    for path, (header, rows) in zip(paths, tables.values(), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
    return scenario, *paths


def _tables() -> dict[str, tuple[Sequence[str], _Rows]]:
    days = [_FIRST + timedelta(days=d) for d in range(_DAYS)]
    driven: _Rows = [
        (1, route, vehicle, spec, day.isoformat(), energy, "")
        for route, vehicle, spec, *energies in _DRIVEN
        for day, energy in zip(days, energies, strict=True)
    ]
    midnight = datetime.combine(_FIRST, datetime.min.time())
    stamps = [midnight + k * timedelta(minutes=30) for k in range(_DAYS * _STAMPS)]
    return {
        "t_system_parameters": (("current_run_id",), [(1,)]),
        "t_client": (("client_id", "name"), [(1, "Example Couriers")]),
        "t_run_charging": (
            (
                "run_id",
                "client_id",
                "charging_mode",
                "day_start_hours",
                "asc_margin",
                "soc_margin",
                "num_days",
                "allocation_ids",
            ),
            [(1, 1, '["BAU", "opt"]', 0, 0.2, 0.05, _DAYS, "[1]")],
        ),
        "t_allocation": (
            (
                "allocation_id",
                "run_id",
                "site_id",
                "route_table",
                "charger1",
                "charger2",
                "num_charger1",
                "num_charger2",
                "schedule_charge",
            ),
            [(1, 1, 1, "t_route_master", 7.4, 50, 4, 1, 2)],
        ),
        "t_route_allocated": (
            (
                "allocation_id",
                "route_id",
                "allocated_vehicle_id",
                "allocated_spec_id",
                "date",
                "energy_required_kwh",
                "recharge_hours",
            ),
            driven,
        ),
        "t_route_master": (("route_id", "departure_time", "arrival_time"), _ROUTES),
        "t_sites": (
            (
                "site_id",
                "asc_kw",
                "distribution_id",
                "min_to_connect",
                "timezone",
                "excess_capacity_price",
            ),
            [(1, 60, 10, 10, "Europe/London", 0.05)],
        ),
        "t_site_load": (
            ("site_id", "datetime", "clean_load"),
            [(1, s.isoformat(" ", "minutes"), _load_kw(s)) for s in stamps],
        ),
        "t_electricity_price": (
            ("distribution_id", "datetime", "electricity_price_fixed"),
            [(10, s.isoformat(" ", "minutes"), _price(s)) for s in stamps],
        ),
        "t_vehicle_specifications": (
            ("spec_id", "battery_size", "charge_power_ac", "charge_power_dc"),
            [(1, 60, 7.4, 50), (2, 75, 11, 80)],
        ),
    }


def _load_kw(stamp: datetime) -> float:
    """A warehouse: busy from seven to seven, busier before noon."""
    hour = stamp.hour + stamp.minute / 60
    return 38.0 if 8 <= hour < 12 else 30.0 if 7 <= hour < 19 else 14.0  # noqa: PLR2004 - the example's day


def _price(stamp: datetime) -> float:
    """Cheap at night, dear from four to seven."""
    hour = stamp.hour + stamp.minute / 60
    return 0.34 if 16 <= hour < 19 else 0.13 if hour < 5 else 0.19  # noqa: PLR2004 - the example's tariff
