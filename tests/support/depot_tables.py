"""Depot tables written by hand, as files or in a database."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]


@dataclass
class Tables:
    """Tables of one site, written as the test says; `route` adds to them."""

    folder: Path
    tables: dict[str, Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {
            "t_system_parameters": [{"current_run_id": 1}],
            "t_run_charging": [{"run_id": 1, "asc_margin": 0.2, "allocation_ids": "[1]"}],
            "t_allocation": [
                {"allocation_id": 1, "site_id": 5, "charger1": 7, "charger2": 50, "num_charger2": 1}
            ],
            "t_route_allocated": [],
            "t_route_master": [],
            "t_sites": [{"site_id": 5, "asc_kw": 100, "distribution_id": 20}],
            "t_vehicle_specifications": [
                {"spec_id": 1, "battery_size": 60, "charge_power_ac": 7, "charge_power_dc": 50}
            ],
        }

    def __getitem__(self, name: str) -> Rows:
        return self.tables.setdefault(name, [])

    def route(self, vehicle, day, depart, arrive, energy_kwh, **more):
        route = f"{depart}-{arrive}"
        if route not in [r["route_id"] for r in self["t_route_master"]]:
            self["t_route_master"].append(
                {"route_id": route, "departure_time": depart, "arrival_time": arrive}
            )
        self["t_route_allocated"].append(
            {
                "allocation_id": 1,
                "route_id": route,
                "allocated_vehicle_id": vehicle,
                "allocated_spec_id": 1,
                "date": day,
                "energy_required_kwh": energy_kwh,
                **more,
            }
        )

    def write(self, **csv_options) -> Path:
        folder = self.folder / "tables"
        folder.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            columns = list(dict.fromkeys(c for row in rows for c in row))
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, **csv_options)
                writer.writeheader()
                writer.writerows(rows)
        return folder

    def write_database(self, url: str, types: dict[str, sa.types.TypeEngine] | None = None) -> None:
        engine = sa.create_engine(url)
        metadata = sa.MetaData()
        for name, rows in self.tables.items():
            columns = list(dict.fromkeys(c for row in rows for c in row)) or ["empty"]
            kinds = {
                c: (types or {}).get(c) or kind_of([row.get(c) for row in rows], engine) for c in columns
            }
            table = sa.Table(name, metadata, *(sa.Column(c, kind) for c, kind in kinds.items()))
            table.create(engine)
            if rows:
                records = [
                    {
                        c: text_of(row.get(c)) if isinstance(k, sa.Text) else row.get(c)
                        for c, k in kinds.items()
                    }
                    for row in rows
                ]
                with engine.begin() as connection:
                    connection.execute(table.insert(), records)
        engine.dispose()

    def read(self, **settings):
        self.write()
        return read_depot_run("tables", DepotSettings(**settings), self.folder)

    def depot(self, **settings):
        run, findings = self.read(**settings)
        assert run is not None, "\n".join(map(str, findings))
        return run.depots[0]


def kind_of(values: list[Any], engine: sa.Engine) -> sa.types.TypeEngine:
    """The column type in which a person would keep these values."""
    kinds = {type(v) for v in values} - {type(None)}
    if kinds == {datetime} and engine.dialect.name == "postgresql":
        return sa.DateTime(timezone=True)
    if kinds == {date}:
        return sa.Date()
    if kinds == {int}:
        return sa.Integer()
    return sa.Double() if kinds and kinds <= {int, float} else sa.Text()


def text_of(value: object) -> str | None:
    return None if value is None else str(value)


def half_hours(first: str, last: str, zone: str = "Europe/London") -> list[datetime]:
    """Left edges of the half-hours from one local midnight to another, with their offset."""
    begin, end = (datetime.fromisoformat(d).replace(tzinfo=ZoneInfo(zone)).timestamp() for d in (first, last))
    return [datetime.fromtimestamp(s, ZoneInfo(zone)) for s in range(int(begin), int(end), 1800)]


def at(text: str, offset_h: int = 0) -> int:
    """Seconds since the epoch of a clock reading, ``offset_h`` ahead of UTC."""
    return int((datetime.fromisoformat(text + "+00:00") - timedelta(hours=offset_h)).timestamp())
