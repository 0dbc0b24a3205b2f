"""The allocations of a run, their sites and vehicle specifications."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.depot import schema
from sparewatt.inputs.depot.source import read_table
from sparewatt.inputs.local_clock import read_timezone
from sparewatt.inputs.tables.parse import number_between, read_cells, whole_between
from sparewatt.inputs.tables.raw_table import id_order, read_id

if TYPE_CHECKING:
    from sparewatt.inputs.depot.rules_run import RunRow
    from sparewatt.inputs.depot.settings import DepotSettings
    from sparewatt.inputs.depot.source import TableSource
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

DEFAULT_TIMEZONE = "Europe/London"
"""Zone of a site that names none."""

_TO_BE_PLANNED = "2"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """One row of t_allocation; a rating of 0 means that kind of charger is absent.

    ``num_ac`` is ``None`` where the row does not say.
    """

    table: RawTable
    record: int
    allocation_id: str
    site_id: str
    route_table: str
    ac_kw: float
    dc_kw: float
    num_ac: int | None
    num_dc: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One row of t_sites."""

    site_id: str
    asc_kw: float
    distribution_id: str
    connect_s: int
    timezone: str
    excess_capacity_price: float


@dataclass(frozen=True, slots=True)
class SpecRow:
    """One row of t_vehicle_specifications."""

    spec_id: str
    battery_kwh: float
    ac_kw: float
    dc_kw: float


NO_SPEC = SpecRow("", math.nan, math.nan, math.nan)
"""Stands for a specification that is not known, where the log has an error."""


def read_allocations(
    source: TableSource, run: RunRow, settings: DepotSettings, log: FindingLog
) -> tuple[AllocationRow, ...]:
    """The allocations that a run asks for, in ascending order of their ids."""
    table = read_table(source, schema.ALLOCATION, log)
    if table is None:
        return ()
    ids = [read_id(t) for t in table.columns["allocation_id"]]
    chosen = _choose_records(table, ids, run, log)
    first: dict[str, int] = {}
    for i in chosen:
        if ids[i] in first:
            message = f"allocation {ids[i]} stands in {table.where(first[ids[i]])} already"
            log.at(
                "depot.allocation.duplicate",
                "error",
                table,
                i,
                "allocation_id",
                message,
                "one row per allocation",
            )
        first.setdefault(ids[i], i)
    if not first:
        named = "allocation_ids" if run.allocation_ids else "allocations with schedule_charge = 2"
        log.add(
            "depot.run.empty",
            "error",
            run.table.where(run.record, "allocation_ids"),
            f"run {run.run_id} has no allocation to plan: no {named} in {table.name}",
            run.table.text("allocation_ids", run.record),
            "list allocations in allocation_ids, or set schedule_charge = 2 in t_allocation",
        )
    order = sorted(first, key=id_order)
    return tuple(_read_allocation(table, first[i], i, settings, log) for i in order)


def _choose_records(table: RawTable, ids: list[str], run: RunRow, log: FindingLog) -> list[int]:
    run_ids = [read_id(t) for t in table.columns.get("run_id", ())]
    if run.allocation_ids:
        for wanted in run.allocation_ids:
            if wanted not in ids:
                log.add(
                    "depot.allocation.unknown",
                    "error",
                    run.table.where(run.record, "allocation_ids"),
                    f"allocation {wanted} is not in {table.name}",
                    wanted,
                    f"one of: {', '.join(sorted(set(ids) - {''}, key=id_order)[:10])}",
                )
        chosen = [i for i, a in enumerate(ids) if a in run.allocation_ids]
        for i in chosen:
            if run_ids and run_ids[i] not in {"", run.run_id}:
                message = (
                    f"allocation {ids[i]} belongs to run {run_ids[i]}; run {run.run_id} names it and takes it"
                )
                log.at("depot.allocation.other_run", "warning", table, i, "run_id", message)
        return chosen
    states = [read_id(t) for t in table.columns.get("schedule_charge", ())]
    if not states:
        message = "there is no such column: every allocation of the run is planned"
        log.add("depot.allocation.all", "info", f"{table.name}, column schedule_charge", message)
    chosen = [
        i
        for i in range(len(ids))
        if (not run_ids or run_ids[i] == run.run_id) and (not states or states[i] == _TO_BE_PLANNED)
    ]
    for i in chosen:
        if not ids[i]:
            message = "the allocation has no id"
            log.at("depot.value.missing", "error", table, i, "allocation_id", message, "an id of its own")
    return chosen


def _read_allocation(
    table: RawTable, record: int, allocation_id: str, settings: DepotSettings, log: FindingLog
) -> AllocationRow:
    row = table.take(np.array([record]))

    def rating(column: str) -> float:
        value = read_cells(row, column, number_between(0, math.inf, "kW"), log, missing=0.0)[0]
        return math.nan if value is None else value

    def count(column: str) -> int | None:
        value = read_cells(row, column, whole_between(0, 100_000, "chargers"), log, missing=-1)[0]
        return None if value is None or value < 0 else value

    ac_kw, dc_kw = rating("charger1"), rating("charger2")
    num_ac, num_dc = count("num_charger1"), count("num_charger2")
    limits_ac = settings.limit_ac_chargers and ac_kw > 0
    for column, needed in (("num_charger1", limits_ac), ("num_charger2", dc_kw > 0)):
        if needed and not row.text(column, 0):
            message = f"{column} is empty, and charger{column[-1]} has a rating"
            log.at(
                "depot.value.missing",
                "error",
                row,
                0,
                column,
                message,
                "how many chargers of this kind there are",
            )
    ac_there = ac_kw > 0 and not (settings.limit_ac_chargers and num_ac == 0)
    dc_there = dc_kw > 0 and num_dc != 0
    none_counted = num_ac == 0 and num_dc in {0, None}
    if (ac_kw == 0 and dc_kw == 0) or none_counted or not (ac_there or dc_there or math.isnan(ac_kw + dc_kw)):
        log.at(
            "depot.allocation.no_chargers",
            "error",
            row,
            0,
            "charger1, charger2, num_charger1, num_charger2",
            f"allocation {allocation_id} has no charger for its routes",
            "a rating above 0 kW and a number above 0 for at least one kind",
            value=", ".join(row.text(c, 0) for c in ("charger1", "charger2", "num_charger1", "num_charger2")),
            ids=(allocation_id,),
        )
    route_table = row.text("route_table", 0) or schema.ROUTE_MASTER.name
    if not _IDENTIFIER.fullmatch(route_table):
        message = "route_table is not the name of a table"
        log.at(
            "depot.allocation.route_table",
            "error",
            row,
            0,
            "route_table",
            message,
            "letters, digits and _ only",
        )
        route_table = ""
    site_id = read_id(row.text("site_id", 0))
    if not site_id:
        message = f"allocation {allocation_id} has no site"
        log.at("depot.value.missing", "error", row, 0, "site_id", message, "a site_id of t_sites")
    return AllocationRow(row, 0, allocation_id, site_id, route_table, ac_kw, dc_kw, num_ac, num_dc or 0)


def read_sites(
    source: TableSource, allocations: tuple[AllocationRow, ...], log: FindingLog
) -> dict[str, SiteRow]:
    """The sites of the allocations, by id."""
    wanted = frozenset(a.site_id for a in allocations) - {""}
    table = read_table(source, schema.SITES, log, only=("site_id", wanted))
    if table is None:
        return {}
    first = _first_records(table, "site_id", "depot.sites.duplicate", "site", log)
    asc = read_cells(table, "asc_kw", number_between(0, math.inf, "kW"), log)
    connect = read_cells(table, "min_to_connect", number_between(0, 1440, "minutes"), log, missing=0.0)
    zone = read_cells(table, "timezone", read_timezone, log, missing=DEFAULT_TIMEZONE)
    excess = read_cells(
        table, "excess_capacity_price", number_between(0, math.inf, "per kW and day"), log, missing=0.0
    )
    distribution = read_cells(table, "distribution_id", read_id, log)
    for i in first.values():
        if asc[i] == 0:
            message = "asc_kw leaves no power: every route will go unserved, apart from what breaches allow"
            log.at("depot.sites.no_capacity", "warning", table, i, "asc_kw", message, "kW above 0")
    for a in allocations:
        if a.site_id and a.site_id not in first:
            known = sorted(
                {read_id(t) for t in source.first_rows(table.name, "site_id", log)} - {""}, key=id_order
            )
            message = f"site {a.site_id} is not in {table.name}"
            remedy = f"one of: {', '.join(known[:10])}" if known else f"add it to {table.name}"
            log.at("depot.sites.unknown", "error", a.table, a.record, "site_id", message, remedy)
    return {
        site_id: SiteRow(
            site_id,
            _or_nan(asc[i]),
            distribution[i] or "",
            round((connect[i] or 0.0) * 60),
            zone[i] or DEFAULT_TIMEZONE,
            _or_nan(excess[i]),
        )
        for site_id, i in first.items()
    }


def read_specs(source: TableSource, wanted: frozenset[str], log: FindingLog) -> dict[str, SpecRow] | None:
    """The vehicle specifications that routes name, by id; ``None`` where there is no such table."""
    table = read_table(source, schema.VEHICLE_SPECIFICATIONS, log, only=("spec_id", wanted))
    if table is None:
        return None
    first = _first_records(table, "spec_id", "depot.specs.duplicate", "specification", log)
    battery = read_cells(table, "battery_size", number_between(0, math.inf, "kWh", above=True), log)
    rating = number_between(0, math.inf, "kW")
    ac = read_cells(table, "charge_power_ac", rating, log, missing=0.0)
    dc = read_cells(table, "charge_power_dc", rating, log, missing=0.0)
    return {s: SpecRow(s, _or_nan(battery[i]), _or_nan(ac[i]), _or_nan(dc[i])) for s, i in first.items()}


def _first_records(table: RawTable, column: str, rule: str, noun: str, log: FindingLog) -> dict[str, int]:
    first: dict[str, int] = {}
    for i, text in enumerate(table.columns[column]):
        key = read_id(text)
        if key in first:
            message = f"{noun} {key} stands in {table.where(first[key])} already"
            log.at(rule, "error", table, i, column, message, f"one row per {noun}")
        first.setdefault(key, i)
    return first


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def check_specs_known(
    table: RawTable, specs: dict[str, SpecRow], source: TableSource, log: FindingLog
) -> None:
    """Note every row of t_route_allocated whose specification does not exist."""
    name = schema.VEHICLE_SPECIFICATIONS.name
    unknown = {t for t in set(table.columns["allocated_spec_id"]) if read_id(t) and read_id(t) not in specs}
    if not unknown:
        return
    known = sorted({read_id(t) for t in source.first_rows(name, "spec_id", log)} - {""}, key=id_order)
    remedy = f"one of: {', '.join(known[:10])}; or add it there" if known else "add it there"
    for i, text in enumerate(table.columns["allocated_spec_id"]):
        if text in unknown:
            message = f"specification {read_id(text)} is not in {name}"
            log.at("depot.specs.unknown", "error", table, i, "allocated_spec_id", message, remedy)
