"""DepotOutline: what a folder of depot tables amounts to, as far as it can be read; for editors."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sparewatt.inputs.depot.csv_folder import CsvFolder
from sparewatt.inputs.depot.schema import (
    ALLOCATION,
    ELECTRICITY_PRICE,
    ROUTE_ALLOCATED,
    ROUTE_MASTER,
    SITE_LOAD,
    SITES,
    TableForm,
)
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.parse import DAY_S, CellError, read_clock, read_date, read_number, read_stamp
from sparewatt.inputs.tables.raw_table import read_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")
_HOUR_S = 3600
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class RouteClock:
    """When a route leaves and comes back [h after midnight of its day], and how often it is driven."""

    route_id: str
    leaves_h: float
    returns_h: float
    trips: int


@dataclass(frozen=True)
class DepotOutline:
    """Sums over depot tables; cells that cannot be read are left out, which a check tells.

    Parameters
    ----------
    vehicles, trips
        Vehicles that drive, and routes driven.
    energy_kwh
        Energy that routes take from batteries, by date as days since 1970-01-01 [kWh].
    asc_kw
        Agreed supply capacity by site [kW].
    ac_chargers, dc_chargers
        Chargers of all allocations.
    clocks
        Routes in the order in which they leave.
    load_kw, price_per_kwh
        Mean by time of day [h] of each site [kW] and of each price area [currency/kWh].
    """

    vehicles: int = 0
    trips: int = 0
    energy_kwh: dict[int, float] = field(default_factory=dict)
    asc_kw: dict[str, float] = field(default_factory=dict)
    ac_chargers: int = 0
    dc_chargers: int = 0
    clocks: tuple[RouteClock, ...] = ()
    load_kw: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    price_per_kwh: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)


def outline_depot(folder: Path) -> DepotOutline:
    """What the tables of a folder amount to; an empty outline where there are none."""
    if not folder.is_dir():
        return DepotOutline()
    tables = CsvFolder(folder)
    driven = list(_records(folder, tables, ROUTE_ALLOCATED))
    energy: defaultdict[int, float] = defaultdict(float)
    for record in driven:
        day, kwh = _read(record, "date", read_date), _read(record, "energy_required_kwh", read_number)
        if day is not None and kwh is not None:
            energy[day] += kwh
    trips = Counter(read_id(record.get("route_id", "")) for record in driven)
    sites = {
        read_id(record.get("site_id", "")): kw
        for record in _records(folder, tables, SITES)
        if (kw := _read(record, "asc_kw", read_number)) is not None
    }
    chargers = [
        [_read(record, column, read_number) or 0.0 for column in ("num_charger1", "num_charger2")]
        for record in _records(folder, tables, ALLOCATION)
    ]
    return DepotOutline(
        vehicles=len({read_id(r.get("allocated_vehicle_id", "")) for r in driven} - {""}),
        trips=len(driven),
        energy_kwh=dict(sorted(energy.items())),
        asc_kw=sites,
        ac_chargers=int(sum(ac for ac, _ in chargers)),
        dc_chargers=int(sum(dc for _, dc in chargers)),
        clocks=_clocks(list(_records(folder, tables, ROUTE_MASTER)), trips),
        load_kw=_by_time(_records(folder, tables, SITE_LOAD), "site_id", "clean_load"),
        price_per_kwh=_by_time(
            _records(folder, tables, ELECTRICITY_PRICE), "distribution_id", "electricity_price_fixed"
        ),
    )


def _records(folder: Path, tables: CsvFolder, form: TableForm) -> Iterator[dict[str, str]]:
    """Records of a table with the columns that it has; none where it is not there, or very large."""
    sizes = (p.stat().st_size for p in folder.iterdir() if p.name.lower() == f"{form.name}.csv")
    if max(sizes, default=0) > _MOST_BYTES:
        return
    log = FindingLog()
    there = tables.find_columns(form.name, log) or ()
    columns = [c for c in form.columns if c in there]
    if not columns:
        return
    table = tables.read(form, columns, log, None)
    for texts in zip(*(table.columns[c] for c in columns), strict=True):
        yield dict(zip(columns, texts, strict=True))


def _read(record: dict[str, str], column: str, reader: Callable[[str], T]) -> T | None:
    text = record.get(column, "").strip()
    try:
        return reader(text) if text else None
    except CellError:
        return None


def _clocks(records: Sequence[dict[str, str]], trips: Counter[str]) -> tuple[RouteClock, ...]:
    found = []
    for record in records:
        leaves, returns = (
            _read(record, "departure_time", read_clock),
            _read(record, "arrival_time", read_clock),
        )
        if leaves is None or returns is None:
            continue
        end_s = returns[0] if returns[0] > leaves[0] else returns[0] + DAY_S
        route = read_id(record.get("route_id", ""))
        found.append(RouteClock(route, leaves[0] / _HOUR_S, end_s / _HOUR_S, trips[route]))
    return tuple(sorted(found, key=lambda clock: (clock.leaves_h, clock.returns_h, clock.route_id)))


def _by_time(
    records: Iterator[dict[str, str]], owner: str, column: str
) -> dict[str, tuple[tuple[float, float], ...]]:
    """Mean of a column by time of day [h], for each owner."""
    sums: defaultdict[str, defaultdict[float, list[float]]] = defaultdict(
        lambda: defaultdict(lambda: [0.0, 0.0])
    )
    for record in records:
        stamp, value = _read(record, "datetime", read_stamp), _read(record, column, read_number)
        if stamp is None or value is None:
            continue
        cell = sums[read_id(record.get(owner, ""))][stamp[0] % DAY_S / _HOUR_S]
        cell[0] += value
        cell[1] += 1
    return {
        one: tuple((hour, total / count) for hour, (total, count) in sorted(times.items()))
        for one, times in sums.items()
    }
