"""A copy of the tables that a depot run was made of, as CSV: from files or a database, nothing else of it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.depot import schema
from sparewatt.inputs.depot.source import open_source
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.raw_table import RawTable, read_id, records_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.inputs.depot.schema import TableForm
    from sparewatt.inputs.depot.source import TableSource
    from sparewatt.model.depot import DepotRun

Only = tuple[str, frozenset[str]] | None


def depot_table_texts(source: str, base_dir: Path, run: DepotRun) -> Iterator[tuple[str, str]]:
    """The tables of a run as ``(name, CSV text)``: the columns that are read, long tables cut to the run.

    Parameters
    ----------
    source, base_dir
        Where the tables are, as for :func:`sparewatt.inputs.depot.run.read_depot_run`.
    run
        What was read from them.

    Raises
    ------
    InputError
        The source is away.
    """
    with open_source(source, base_dir) as tables:
        yield from ((table.name, _csv_text(table)) for table in _tables(tables, run))


def _tables(source: TableSource, run: DepotRun) -> Iterator[RawTable]:
    planned = frozenset(depot.allocation_id for depot in run.depots)
    sites = frozenset(depot.site_id for depot in run.depots)
    current = {"current_run_id": (run.run_id,)}  # also where the scenario file chose the run
    yield RawTable(schema.SYSTEM_PARAMETERS.name, current, np.ones(1, dtype=np.int64))
    for form, only in (
        (schema.RUN_CHARGING, ("run_id", frozenset({run.run_id}))),
        (schema.CLIENT, ("client_id", frozenset({run.client_id}))),
        (schema.ROUTE_ALLOCATED, ("allocation_id", planned)),
        (schema.VEHICLE_SPECIFICATIONS, None),
        (schema.SITE_LOAD, ("site_id", sites)),
    ):
        yield from _read(source, form, only)
    for allocations in _read(source, schema.ALLOCATION, None):
        yield allocations
        names = {t.strip() for t in allocations.columns.get("route_table", ())} - {""}
        for name in sorted(names | {schema.ROUTE_MASTER.name}):
            yield from _read(source, schema.route_master_named(name), None)
    for table in _read(source, schema.SITES, None):
        yield table
        mine = table.take(records_with(table, "site_id", sites))
        prices = frozenset(read_id(t) for t in mine.columns["distribution_id"])
        yield from _read(source, schema.ELECTRICITY_PRICE, ("distribution_id", prices))


def _read(source: TableSource, form: TableForm, only: Only) -> Iterator[RawTable]:
    """A table with the columns that are read; nothing where there is none."""
    log = FindingLog()
    present = source.find_columns(form.name, log)
    if not present or not set(form.required) <= set(present):
        return
    table = source.read(form, [c for c in form.columns if c in present], log, only)
    yield table.take(records_with(table, *only)) if only else table


def _csv_text(table: RawTable) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*table.columns.values(), strict=True))
    return out.getvalue()
