"""Reading what a depot run asks for: tables in, allocations ready to plan out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.inputs.depot import schema
from sparewatt.inputs.depot.route_times import read_route_times, wanted_routes
from sparewatt.inputs.depot.routes import check_allocations_known, find_routes
from sparewatt.inputs.depot.rules_allocation import (
    DEFAULT_TIMEZONE,
    NO_SPEC,
    check_specs_known,
    read_allocations,
    read_sites,
    read_specs,
)
from sparewatt.inputs.depot.rules_routes import (
    check_battery,
    check_chargers,
    check_overlaps,
    check_stays,
)
from sparewatt.inputs.depot.rules_run import MAX_DAYS, read_run_row
from sparewatt.inputs.depot.series import check_load, check_price
from sparewatt.inputs.depot.source import check_columns, open_source, read_table
from sparewatt.inputs.depot.stays import find_stays
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.raw_table import read_id, records_with
from sparewatt.model.depot import Depot, DepotChargers, DepotRun
from sparewatt.model.horizon import Horizon
from sparewatt.model.sessions import Sessions
from sparewatt.model.vehicles import Vehicles

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.depot.routes import Routes
    from sparewatt.inputs.depot.rules_allocation import AllocationRow, SiteRow, SpecRow
    from sparewatt.inputs.depot.rules_run import RunRow
    from sparewatt.inputs.depot.schema import TableForm
    from sparewatt.inputs.depot.settings import DepotSettings
    from sparewatt.inputs.depot.source import TableSource
    from sparewatt.inputs.tables.raw_table import RawTable

_EPOCH = date(1970, 1, 1)


def read_depot_run(
    source: str, settings: DepotSettings, base_dir: Path
) -> tuple[DepotRun | None, tuple[Finding, ...]]:
    """Read and judge the tables of a depot run.

    Parameters
    ----------
    source
        Folder of CSV files, relative to ``base_dir`` and inside it, or a database URL.
    settings
        The `[depot]` table of the scenario.
    base_dir
        Folder of the scenario file.

    Returns
    -------
    The run, or ``None`` where any finding is an error; and all findings, errors first.
    """
    log = FindingLog()
    run: DepotRun | None = None
    try:
        with open_source(source, base_dir) as tables:
            run = _Reader(tables, settings, log).read()
    except InputError as error:
        for f in error.findings:
            log.add(f.rule, f.severity, f.where, f.message, f.value, f.remedy)
    return (None if log.errors else run), log.findings()


class _Reader:
    """One reading of the tables; what several allocations share is read and judged once."""

    def __init__(self, source: TableSource, settings: DepotSettings, log: FindingLog) -> None:
        self._source, self._settings, self._log = source, settings, log
        self._tables: dict[tuple[str, str], RawTable | None] = {}
        self._series: dict[tuple[str, str, Horizon], NDArray[np.float64]] = {}

    def read(self) -> DepotRun | None:
        """The run; ``None`` or a run without some allocation where the log has errors."""
        source, log = self._source, self._log
        self._check_tables()
        row = read_run_row(source, self._settings, log)
        if row is None:
            return None
        self._check_settings(row)
        allocations = read_allocations(source, row, self._settings, log)
        routes_of = self._read_routes(allocations)
        sites = read_sites(source, allocations, log) if allocations else {}
        if routes_of is None:
            return None
        column = routes_of.columns["allocated_spec_id"]
        specs = read_specs(source, frozenset(read_id(t) for t in set(column)) - {""}, log)
        if specs is not None:
            check_specs_known(routes_of, specs, source, log)
        masters = self._read_masters(allocations, routes_of)
        depots = []
        for allocation in allocations:
            site = sites.get(allocation.site_id)
            timezone = site.timezone if site else DEFAULT_TIMEZONE
            name = allocation.route_table
            mine = records_with(routes_of, "allocation_id", frozenset({allocation.allocation_id}))
            times = read_route_times(masters.get(name), name, wanted_routes(routes_of, mine), timezone, log)
            routes = find_routes(routes_of, allocation.allocation_id, times, timezone, log)
            if routes is None or len(routes) == 0:
                continue
            check_overlaps(routes, timezone, log)
            horizon = self._find_horizon(row, routes, timezone)
            if horizon is None:
                continue
            routes = routes.departing_before(horizon.end_s)
            depot = self._read_depot(row, allocation, site, specs or {}, routes, horizon)
            if depot is not None:
                depots.append(depot)
        return DepotRun(row.run_id, row.client_id, row.client_name, row.modes, tuple(depots))

    def _check_tables(self) -> None:
        """Missing tables and columns are told together, whatever else is wrong."""
        for form in schema.REQUIRED:
            if form is not schema.SYSTEM_PARAMETERS or self._settings.run_id is None:
                check_columns(self._source, form, self._log)
        for form in schema.OPTIONAL:
            check_columns(self._source, form, self._log, required=False)

    def _check_settings(self, row: RunRow) -> None:
        if self._settings.initial_soc < row.reserve:
            self._log.add(
                "depot.settings.initial_soc",
                "warning",
                "depot.initial_soc",
                f"vehicles start below the reserve of {row.reserve:.0%} (soc_margin): the plan reports what "
                "is missing as unserved",
                f"{self._settings.initial_soc:g}",
                f"at least {row.reserve:g}",
                margin=self._settings.initial_soc - row.reserve,
            )

    def _read_routes(self, allocations: tuple[AllocationRow, ...]) -> RawTable | None:
        source, log = self._source, self._log
        routed, allocated = schema.ROUTE_ALLOCATED, schema.ALLOCATION
        wanted = frozenset(a.allocation_id for a in allocations)
        table = read_table(source, routed, log, only=("allocation_id", wanted))
        if table is not None and check_columns(source, allocated, log) is not None:
            known = frozenset(read_id(t) for t in source.first_rows(allocated.name, "allocation_id", log))
            check_allocations_known(source.first_rows(routed.name, "allocation_id", log), known - {""}, log)
        return table

    def _read_masters(
        self, allocations: tuple[AllocationRow, ...], routes_of: RawTable
    ) -> dict[str, RawTable | None]:
        masters: dict[str, RawTable | None] = {}
        for name in sorted({a.route_table for a in allocations} - {""}):
            ids = frozenset(a.allocation_id for a in allocations if a.route_table == name)
            wanted = wanted_routes(routes_of, records_with(routes_of, "allocation_id", ids))
            form = schema.route_master_named(name)
            masters[name] = read_table(self._source, form, self._log, only=("route_id", wanted))
        return masters

    def _find_horizon(self, row: RunRow, routes: Routes, timezone: str) -> Horizon | None:
        first, last = int(routes.date.min()), int(routes.date.max())
        first_date, last_date = _EPOCH + timedelta(days=first), _EPOCH + timedelta(days=last)
        days = last - first + 1
        if row.num_days is not None and row.num_days > days:
            self._log.at(
                "depot.run.num_days",
                "warning",
                row.table,
                row.record,
                "num_days",
                f"the routes of {routes.place} cover {days} days, {first_date} to {last_date}; the run too",
                f"at most {days}",
                margin=float(days - row.num_days),
            )
        days = min(days, row.num_days or days)
        if days > MAX_DAYS:
            self._log.add(
                "depot.run.too_long",
                "error",
                f"{routes.table.name}, column date",
                f"the routes of {routes.place} go from {first_date} to {last_date}, {days} days",
                f"{first_date}, {last_date}",
                f"at most {MAX_DAYS} days: correct the dates or give num_days",
            )
            return None
        try:
            return Horizon.of_days(
                first_date,
                days,
                day_start_hours=row.day_start_hours,
                step=self._settings.step,
                timezone=timezone,
            )
        except ValueError as error:
            where, remedy = "depot.step", "a step that divides the half-hour, such as 30min or 15min"
            self._log.add("depot.settings.step", "error", where, str(error), str(self._settings.step), remedy)
            return None

    def _read_depot(
        self,
        row: RunRow,
        allocation: AllocationRow,
        site: SiteRow | None,
        specs: dict[str, SpecRow],
        routes: Routes,
        horizon: Horizon,
    ) -> Depot | None:
        settings, log = self._settings, self._log
        connect_s = site.connect_s if site else 0
        check_stays(routes, horizon.start_s, connect_s, horizon.timezone, log)
        check_chargers(routes, specs, allocation, settings, log)
        stays = find_stays(routes, horizon.start_s, horizon.end_s, connect_s)
        fleet = [specs.get(s, NO_SPEC) for s in routes.spec_ids]
        vehicles = Vehicles(
            routes.vehicle_ids,
            routes.spec_ids,
            np.array([s.battery_kwh for s in fleet]),
            np.array([s.ac_kw for s in fleet]),
            np.array([s.dc_kw for s in fleet]),
        )
        check_battery(routes, stays, vehicles.battery_kwh, row.reserve, log)
        if site is None:
            return None
        load = self._read_load(site, horizon)
        price = self._read_price(site, horizon) if site.distribution_id else np.zeros(horizon.periods)
        num_ac = len(vehicles) if allocation.num_ac is None else allocation.num_ac
        return Depot(
            allocation_id=allocation.allocation_id,
            site_id=site.site_id,
            horizon=horizon,
            vehicles=vehicles,
            sessions=Sessions.from_stays(
                horizon,
                stays.vehicle,
                stays.plug_in_s,
                stays.plug_out_s,
                stays.use_kwh,
                settings.availability,
            ),
            chargers=DepotChargers(
                allocation.ac_kw, allocation.dc_kw, num_ac, allocation.num_dc, settings.limit_ac_chargers
            ),
            asc_kw=site.asc_kw,
            asc_margin=row.asc_margin,
            utilisation=settings.utilisation,
            site_load_kw=load,
            price_per_kwh=price,
            efficiency=settings.efficiency,
            reserve=row.reserve,
            initial_soc=settings.initial_soc,
            min_power_kw=settings.min_power_kw,
            excess_capacity_price=site.excess_capacity_price,
        )

    def _read_load(self, site: SiteRow, horizon: Horizon) -> NDArray[np.float64]:
        key = ("site_id", site.site_id, horizon)
        if key not in self._series:
            table = self._table_of(schema.SITE_LOAD, "site_id", site.site_id)
            place = f"{schema.SITE_LOAD.name}, site_id {site.site_id}"
            self._series[key] = check_load(table, place, horizon, self._log)
        return self._series[key]

    def _read_price(self, site: SiteRow, horizon: Horizon) -> NDArray[np.float64]:
        key = ("distribution_id", site.distribution_id, horizon)
        if key not in self._series:
            form = schema.ELECTRICITY_PRICE
            table = self._table_of(form, "distribution_id", site.distribution_id)
            place = f"{form.name}, distribution_id {site.distribution_id}"
            self._series[key] = check_price(table, place, self._settings.default_price, horizon, self._log)
        return self._series[key]

    def _table_of(self, form: TableForm, column: str, wanted: str) -> RawTable | None:
        key = (form.name, wanted)
        if key not in self._tables:
            only = (column, frozenset({wanted}))
            self._tables[key] = read_table(self._source, form, self._log, only=only, required=False)
        return self._tables[key]
