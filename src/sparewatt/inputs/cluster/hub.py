"""Clusters of a hub: units, limits and tariff from the sheets ``Cluster*``, ``Capacity*`` and ``Price``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster import schema
from sparewatt.inputs.cluster.held import Held, on_periods
from sparewatt.inputs.local_clock import local_text
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers, read_texts, read_times
from sparewatt.inputs.sheets.columns import check_columns, check_unique
from sparewatt.model.evses import Evses
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet
    from sparewatt.model.horizon import Horizon

_POWER = NumberRange(0, float("inf"), "kW")
_ANY_POWER = NumberRange(float("-inf"), float("inf"), "kW")
_PRICE = NumberRange(float("-inf"), float("inf"), "currency/kWh")
_EFFICIENCY = NumberRange(0, 1, "[0-1]", above=True)


@dataclass(frozen=True)
class HubSheets:
    """The sheets of a hub by what they are.

    Parameters
    ----------
    place
        What people call the workbook or folder.
    clusters, capacities
        By suffix, in natural order (2 before 10), whatever the order of the sheets.
    fleet, price, power_soc
        ``None`` where there is none.
    """

    place: str
    clusters: Mapping[str, Sheet]
    capacities: Mapping[str, Sheet]
    fleet: Sheet | None
    price: Sheet | None
    power_soc: Sheet | None

    @property
    def cluster_ids(self) -> tuple[str, ...]:
        """What Target Cluster may name."""
        return tuple(schema.cluster_id(suffix) for suffix in self.clusters)


@dataclass(frozen=True)
class HeldLimit:
    """A limit before there is a horizon: bounds by stamps, and the sheet they come from."""

    name: str
    lower: Held
    upper: Held


def sort_sheets(place: str, sheets: Mapping[str, Sheet], log: FindingLog) -> HubSheets:
    """Tell the sheets of a hub by their names; what is missing, alone or misspelt is noted."""
    single: dict[str, Sheet] = {}
    numbered: dict[str, dict[str, Sheet]] = {schema.CLUSTER: {}, schema.CAPACITY: {}}
    unknown = []
    for name, sheet in sheets.items():
        kind, suffix = schema.sheet_kind(name)
        if not kind:
            unknown.append(name)
            continue
        into = numbered.get(kind, single)
        key = suffix if kind in numbered else kind
        if key in into:
            message = f"{name} and {into[key].name} are the same sheet by name"
            log.add("cluster.sheet.twice", "error", name, message, name, "keep one of them, or rename it")
            continue
        into[key] = sheet
    for name in unknown:
        meant = schema.meant_kind(name)
        message = f"the sheet is not read{f'; is {meant} meant?' if meant else ''}"
        remedy = f"call it {meant}" if meant else "nothing, if it is a note"
        log.add("cluster.sheet.unknown", "warning" if meant else "info", name, message, name, remedy)
    clusters, capacities = (
        dict(sorted(numbered[kind].items(), key=lambda item: schema.natural_order(item[0])))
        for kind in (schema.CLUSTER, schema.CAPACITY)
    )
    listed = ", ".join(sheets) or "nothing"
    if not clusters:
        message = f"there is no sheet Cluster… in {place}"
        remedy = (
            f"add Cluster1 with the columns {', '.join(schema.CLUSTER_FORM.required)}; there is: {listed}"
        )
        log.add("cluster.sheet.missing", "error", place, message, "", remedy)
    for suffix, sheet in clusters.items():
        if suffix not in capacities:
            wanted = schema.CAPACITY + sheet.name.strip()[len(schema.CLUSTER) :]
            message = f"{sheet.name} has no sheet {wanted} with its limits"
            remedy = f"add {wanted} with the columns {', '.join(schema.CAPACITY_FORM.required)}; there is: "
            log.add("cluster.sheet.missing", "error", place, message, wanted, remedy + listed)
    for suffix, sheet in capacities.items():
        if suffix not in clusters:
            message = f"{sheet.name} belongs to no sheet Cluster…, so its limits are not read"
            remedy = f"rename it after its cluster; there is: {listed}"
            log.add("cluster.sheet.alone", "warning", sheet.name, message, sheet.name, remedy)
    return HubSheets(
        place,
        clusters,
        capacities,
        single.get(schema.FLEET),
        single.get(schema.PRICE),
        single.get(schema.POWER_SOC),
    )


def read_units(sheets: HubSheets, log: FindingLog) -> Evses | None:
    """Units of all clusters; ``None`` where any could not be read."""
    ids: list[str] = []
    parts: list[tuple[NDArray[np.float64], ...]] = []
    cluster: list[NDArray[np.int64]] = []
    before = log.errors
    for row, sheet in enumerate(sheets.clusters.values()):
        if not check_columns(sheet, schema.CLUSTER_FORM, log):
            continue
        names = read_texts(sheet, schema.UNIT_ID, log)
        check_unique(sheet, schema.UNIT_ID, names, log)
        charge = read_numbers(sheet, schema.UNIT_CHARGE, _POWER, log)
        discharge = read_numbers(sheet, schema.UNIT_DISCHARGE, _POWER, log)
        efficiency = read_numbers(sheet, schema.UNIT_EFFICIENCY, _EFFICIENCY, log)
        ids += [name or "" for name in names]
        parts.append((charge.values, discharge.values, efficiency.values))
        cluster.append(np.full(len(sheet), row, dtype=np.int64))
    if log.errors > before or not parts:
        return None
    charge_kw, discharge_kw, share = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Evses(tuple(ids), np.concatenate(cluster), charge_kw, discharge_kw, share)


def read_capacity(sheet: Sheet, timezone: str, log: FindingLog) -> HeldLimit | None:
    """Limits of one cluster by stamps; ``None`` where the sheet is not whole."""
    if not check_columns(sheet, schema.CAPACITY_FORM, log):
        return None
    before = log.errors
    at = read_times(sheet, schema.TIME, timezone, log, required=True).values
    bounds = [read_numbers(sheet, column, _ANY_POWER, log).values for column in (schema.LOWER, schema.UPPER)]
    for n in np.flatnonzero(bounds[0] > bounds[1]).tolist():
        log.add(
            "cluster.capacity.crossed",
            "error",
            sheet.where(n, schema.LOWER),
            f"the lower bound of {bounds[0][n]:g} kW is above the upper bound of {bounds[1][n]:g} kW",
            f"{bounds[0][n]:g}",
            "LB (kW) at most UB (kW); consumption is positive",
            margin=float(bounds[1][n] - bounds[0][n]),
            table=sheet.name,
        )
    order = _order(sheet, at, timezone, log)
    if log.errors > before:
        return None
    return HeldLimit(sheet.name, *(_held(sheet, at, b, order) for b in bounds))


def read_price(sheet: Sheet, timezone: str, log: FindingLog) -> Held | None:
    """Tariff by stamps; ``None`` where the sheet is not whole."""
    if not check_columns(sheet, schema.PRICE_FORM, log):
        return None
    before = log.errors
    at = read_times(sheet, schema.TIME, timezone, log, required=True).values
    price = read_numbers(sheet, schema.PRICE_KWH, _PRICE, log).values
    order = _order(sheet, at, timezone, log)
    return None if log.errors > before else _held(sheet, at, price, order)


def _held(sheet: Sheet, at: NDArray[np.int64], values: NDArray[np.float64], order: NDArray[np.int64]) -> Held:
    rows = sheet.rows[order]
    return Held(at[order], values[order], int(rows[0]), int(rows[-1]))


def _order(sheet: Sheet, at: NDArray[np.int64], timezone: str, log: FindingLog) -> NDArray[np.int64]:
    """Records by time; a stamp that stands twice is noted."""
    order = np.argsort(at, kind="stable")
    for k in np.flatnonzero((np.diff(at[order]) == 0) & (at[order][1:] >= 0)).tolist():
        first, second = int(order[k]), int(order[k + 1])
        log.add(
            "cluster.time.twice",
            "error",
            sheet.where(second, schema.TIME),
            f"{local_text(int(at[second]), timezone)} stands in row {sheet.rows[first]} already",
            local_text(int(at[second]), timezone),
            "one row per stamp, to the second",
            table=sheet.name,
        )
    return order


def limit_on(held: HeldLimit, horizon: Horizon, tolerance_kw: float, log: FindingLog) -> Limit:
    """A limit on the periods: what holds through each of them whole."""
    check_covered(held.name, held.lower, horizon, log)
    lower = on_periods(held.lower, horizon, "max")
    upper = on_periods(held.upper, horizon, "min")
    crossed = np.flatnonzero(lower > upper)
    if len(crossed):
        at = horizon.local(int(crossed[0])).isoformat(" ", "minutes")
        message = (
            f"in {len(crossed)} periods no power keeps every limit that holds in them, the first at {at}: "
            f"at least {lower[crossed[0]]:g} kW and at most {upper[crossed[0]]:g} kW"
        )
        remedy = "stamps on the edges of periods, or a shorter step"
        log.add("cluster.capacity.crossed", "error", held.name, message, "", remedy)
    return Limit(lower, upper, f"sheet {held.name}", tolerance_kw)


def check_covered(name: str, held: Held, horizon: Horizon, log: FindingLog) -> None:
    """Note where the values of a sheet do not reach over the whole horizon."""
    zone = horizon.timezone
    first, until = int(held.at_s[0]), held.until_s
    if first > horizon.start_s:
        message = (
            f"the first value holds from {local_text(first, zone)}, but the run starts at "
            f"{local_text(horizon.start_s, zone)}"
        )
        remedy = f"a stamp at or before {local_text(horizon.start_s, zone)}, or a later start"
        _note_uncovered(name, held.first_row, local_text(first, zone), message, remedy, log)
    if until is not None and until < horizon.end_s:
        last = int(held.at_s[-1])
        message = (
            f"the last value, of {local_text(last, zone)}, holds until {local_text(until, zone)}, as long as "
            f"the longest other one, but the run ends at {local_text(horizon.end_s, zone)}"
        )
        remedy = f"a stamp at {local_text(horizon.end_s, zone)}, or an earlier end"
        _note_uncovered(name, held.last_row, local_text(last, zone), message, remedy, log)


def _note_uncovered(name: str, row: int, value: str, message: str, remedy: str, log: FindingLog) -> None:
    where = f"{name} row {row}, column {schema.TIME}"
    log.add("cluster.horizon.uncovered", "error", where, message, value, remedy)
