"""The sheets ``Fleet`` and ``PowerSoC``: visits with their declared and real behaviour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster import schema
from sparewatt.inputs.cluster.visits import Visits
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers, read_texts, read_times
from sparewatt.inputs.sheets.columns import check_columns, check_unique
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE, Fleet
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.cells import Numbers
    from sparewatt.inputs.sheets.sheet import Sheet
    from sparewatt.model.operating_rules import Reservation

_POWER = NumberRange(0, float("inf"), "kW")
_ENERGY = NumberRange(0, float("inf"), "kWh")
_BATTERY = NumberRange(0, float("inf"), "kWh", above=True)
_SHARE = NumberRange(0, 1, "[0-1]")
_EDGE = 1e-9

COLUMN_OF = {
    "ids": schema.EV_ID,
    "battery_kwh": schema.BATTERY,
    "max_charge_kw": schema.CHARGE,
    "max_discharge_kw": schema.DISCHARGE,
    "min_soc": schema.MIN_SOC,
    "max_soc": schema.MAX_SOC,
    "reservation_s": schema.RESERVATION,
    "declared_arrival_s": schema.DECLARED_ARRIVAL,
    "declared_departure_s": schema.DECLARED_DEPARTURE,
    "declared_soc": schema.DECLARED_SOC,
    "target_soc": schema.TARGET_SOC,
    "v2g_allowance_kwh": schema.V2G,
    "real_arrival_s": schema.REAL_ARRIVAL,
    "real_departure_s": schema.REAL_DEPARTURE,
    "real_soc": schema.REAL_SOC,
    "target_cluster": schema.TARGET_CLUSTER,
}
"""Column of each field of `Fleet`."""


def read_fleet_sheet(
    sheet: Sheet, cluster_ids: Sequence[str], timezone: str, reservation: Reservation, log: FindingLog
) -> Visits | None:
    """Visits of the sheet ``Fleet``.

    Parameters
    ----------
    sheet
        The sheet.
    cluster_ids
        Clusters that Target Cluster may name.
    timezone
        Zone of times without an offset.
    reservation
        How vehicles book: it decides which declared values must be there.
    log
        Where problems are noted.

    Returns
    -------
    ``None`` where columns or records are missing; values that could not be read are NaN or `NO_TIME`.
    """
    if not check_columns(sheet, schema.FLEET_FORM, log):
        return None
    ids = read_texts(sheet, schema.EV_ID, log)
    check_unique(sheet, schema.EV_ID, ids, log)

    def numbers(column: str, allowed: NumberRange, *, required: bool = True) -> Numbers:
        return read_numbers(sheet, column, allowed, log, required=required)

    def or_else(read: Numbers, value: float) -> NDArray[np.float64]:
        return np.where(read.empty, value, read.values)

    battery = numbers(schema.BATTERY, _BATTERY).values
    charge, discharge = numbers(schema.CHARGE, _POWER).values, numbers(schema.DISCHARGE, _POWER).values
    booked = read_times(sheet, schema.RESERVATION, timezone, log)
    arrival = read_times(sheet, schema.DECLARED_ARRIVAL, timezone, log)
    departure = read_times(sheet, schema.DECLARED_DEPARTURE, timezone, log, required=True)
    declared_soc = numbers(schema.DECLARED_SOC, _SHARE, required=False)
    target = numbers(schema.TARGET_SOC, _SHARE).values
    v2g = or_else(numbers(schema.V2G, _ENERGY, required=False), 0.0)
    real_arrival = read_times(sheet, schema.REAL_ARRIVAL, timezone, log)
    real_soc = numbers(schema.REAL_SOC, _SHARE, required=False)
    real_departure = read_times(sheet, schema.REAL_DEPARTURE, timezone, log)
    min_soc = or_else(numbers(schema.MIN_SOC, _SHARE, required=False), 0.0)
    max_soc = or_else(numbers(schema.MAX_SOC, _SHARE, required=False), 1.0)
    fleet = Fleet(
        ids=tuple(name or "" for name in ids),
        battery_kwh=battery,
        max_charge_kw=charge,
        max_discharge_kw=discharge,
        min_soc=min_soc,
        max_soc=max_soc,
        power_table=PowerTable.empty(len(sheet)),
        reservation_s=booked.values,
        declared_arrival_s=arrival.values,
        declared_departure_s=departure.values,
        declared_soc=or_else(declared_soc, NO_SOC),
        target_soc=target,
        v2g_allowance_kwh=v2g,
        real_arrival_s=real_arrival.values,
        real_departure_s=np.where(real_arrival.empty, NO_TIME, real_departure.values),
        real_soc=np.where(real_arrival.empty, NO_SOC, or_else(real_soc, NO_SOC)),
        target_cluster=_read_targets(sheet, cluster_ids, log),
    )
    visits = Visits(fleet, sheet.name, "row", sheet.rows, COLUMN_OF)

    def missing(where: NDArray[np.bool_], field: str, why: str) -> None:
        for n in np.flatnonzero(where).tolist():
            message = f"{visits.name(field)} is empty, {why}"
            visits.add(log, "cluster.fleet.incomplete", "error", n, field, message, "", "fill it in")

    come, books = ~real_arrival.empty, ~booked.empty
    never = "so the vehicle neither comes nor books (no Reservation Time)"
    missing(real_arrival.empty & ~books, "real_arrival_s", never)
    missing(
        real_arrival.empty & books & ~real_departure.empty,
        "real_arrival_s",
        "but there is a Real Departure Time; leave both empty for one that never comes",
    )
    missing(come & real_departure.empty, "real_departure_s", "but the vehicle comes")
    missing(come & real_soc.empty, "real_soc", "but the vehicle comes")
    if reservation != "none":
        missing(books & arrival.empty, "declared_arrival_s", "but the vehicle books ahead")
    if reservation == "smart":
        missing(books & declared_soc.empty, "declared_soc", "which a smart reservation needs")
    return visits


def _read_targets(sheet: Sheet, cluster_ids: Sequence[str], log: FindingLog) -> NDArray[np.int64]:
    """Row of the cluster that each vehicle drives to, or `NOWHERE`."""
    known = {name: row for row, name in enumerate(cluster_ids)}
    rows = np.full(len(sheet), NOWHERE, dtype=np.int64)
    for n, text in enumerate(read_texts(sheet, schema.TARGET_CLUSTER, log, required=False)):
        if text is None:
            continue
        row = known.get(text.casefold())
        if row is not None:
            rows[n] = row
            continue
        meant = nearest(text, known)
        hint = f"; did you mean {meant}?" if meant else ""
        log.add(
            "cluster.fleet.cluster",
            "error",
            sheet.where(n, schema.TARGET_CLUSTER),
            f"there is no cluster {text}",
            text,
            f"one of {', '.join(known) or 'none, as there is no sheet Cluster…'}, or empty for any{hint}",
            table=sheet.name,
        )
    return rows


def read_power_soc(sheet: Sheet, visits: Visits, log: FindingLog) -> Visits:
    """The visits with their greatest charging power by state of charge, from the sheet ``PowerSoC``."""
    if not check_columns(sheet, schema.POWER_SOC_FORM, log):
        return visits
    before = log.errors
    ids = read_texts(sheet, schema.EV_ID, log)
    low, high = (
        read_numbers(sheet, column, _SHARE, log).values for column in (schema.SOC_FROM, schema.SOC_TO)
    )
    power = read_numbers(sheet, schema.SOC_POWER, _POWER, log).values
    of_vehicle: dict[str, list[int]] = {}
    for n, name in enumerate(ids):
        if name is not None:
            of_vehicle.setdefault(name, []).append(n)
    row_of = {name: v for v, name in enumerate(visits.fleet.ids)}
    ranges: dict[int, list[int]] = {}
    for name, records in of_vehicle.items():
        if name not in row_of:
            meant = nearest(name, row_of) if len(row_of) <= 10_000 else None  # noqa: PLR2004 - time to compare
            remedy = f"an ev_id of the fleet{f'; did you mean {meant}?' if meant else ''}"
            where, message = sheet.where(records[0], schema.EV_ID), f"{name} is no vehicle of the fleet"
            log.add("cluster.power_soc.vehicle", "warning", where, message, name, remedy, table=sheet.name)
            continue
        chosen = sorted(records, key=lambda n: (low[n], n))
        ranges[row_of[name]] = chosen
        _check_ranges(sheet, name, chosen, low, high, log)
    if log.errors > before:
        return visits
    counts = np.zeros(len(visits), dtype=np.int64)
    for v, chosen in ranges.items():
        counts[v] = len(chosen)
    order = np.array([n for v in sorted(ranges) for n in ranges[v]], dtype=np.int64)
    offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    table = PowerTable(offset, high[order], power[order])
    return replace(visits, fleet=replace(visits.fleet, power_table=table))


def _check_ranges(
    sheet: Sheet,
    name: str,
    records: Sequence[int],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    log: FindingLog,
) -> None:
    """Ranges of one vehicle reach from 0 to 1 without gap or overlap."""

    def note(record: int, column: str, message: str, value: float) -> None:
        remedy = "ranges from 0 to 1, each beginning where the one before ends"
        log.add(
            "cluster.power_soc.ranges",
            "error",
            sheet.where(record, column),
            message,
            f"{value:g}",
            remedy,
            ids=(name,),
            table=sheet.name,
        )

    reached = 0.0
    for n in records:
        if np.isnan(low[n]) or np.isnan(high[n]):
            return
        if high[n] <= low[n]:
            note(n, schema.SOC_TO, f"the range of {name} ends where or before it begins", high[n])
            return
        if abs(low[n] - reached) > _EDGE:
            kind = "leaves a gap after" if low[n] > reached else "overlaps the one up to"
            note(n, schema.SOC_FROM, f"the range of {name} {kind} {reached:g}", low[n])
        reached = float(high[n])
    if abs(reached - 1.0) > _EDGE:
        note(records[-1], schema.SOC_TO, f"the ranges of {name} end at {reached:g}, not at 1", reached)
