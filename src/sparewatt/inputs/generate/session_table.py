"""Recorded sessions as a CSV file with a row per visit, for fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster.setting_kinds import AssumptionSettings
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers, read_times
from sparewatt.inputs.sheets.columns import SheetForm, check_columns
from sparewatt.inputs.sheets.csv_sheets import read_csv_sheet
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE, Fleet
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.sheets.sheet import Sheet

ARRIVAL, DEPARTURE = "arrival", "departure"
SOC_ARRIVAL, SOC_DEPARTURE, ENERGY = "soc_arrival", "soc_departure", "energy_kwh"
BATTERY, POWER = "battery_kwh", "max_charge_kw"
SESSION_FORM = SheetForm((ARRIVAL, DEPARTURE), (SOC_ARRIVAL, SOC_DEPARTURE, ENERGY, BATTERY, POWER))

_MOST = 10_000.0
_SHARE = NumberRange(0, 1, "[0-1]")


def read_session_table(
    path: Path, timezone: str, assumptions: AssumptionSettings | None = None
) -> tuple[Fleet | None, tuple[Finding, ...]]:
    """Recorded sessions of a CSV file as a fleet whose declared values are the real ones.

    Columns: ``arrival``, ``departure`` (date and time; without an offset of ``timezone``), then
    ``soc_arrival`` and ``soc_departure`` [0-1] or ``energy_kwh`` [kWh into the battery]; optional
    ``battery_kwh`` and ``max_charge_kw``. Where no SoC is given, the vehicle leaves with the assumed
    target and came with that less energy / battery, at least 0.

    Parameters
    ----------
    path
        CSV file, UTF-8, separated by comma, semicolon or tab.
    timezone
        IANA name of the zone of times without an offset.
    assumptions
        What stands in for columns that are not there; ``None``: the defaults.

    Returns
    -------
    The sessions, ``None`` where a finding is an error, and all findings.
    """
    log = FindingLog()
    fleet = _read(read_csv_sheet(path, log), timezone, assumptions or AssumptionSettings(), log)
    return (None if log.errors else fleet), log.findings()


def _read(sheet: Sheet, timezone: str, assumed: AssumptionSettings, log: FindingLog) -> Fleet | None:
    if log.errors or not check_columns(sheet, SESSION_FORM, log):
        return None
    has_soc = SOC_ARRIVAL in sheet.columns and SOC_DEPARTURE in sheet.columns
    if not has_soc and ENERGY not in sheet.columns:
        message = f"neither {SOC_ARRIVAL} and {SOC_DEPARTURE} nor {ENERGY} are there"
        remedy = f"a column {ENERGY} with what went into the battery, or both states of charge"
        log.add("generate.sessions.energy", "error", f"{sheet.name} row 1", message, "", remedy)
        return None
    arrival, departure = (
        read_times(sheet, column, timezone, log, required=True).values for column in (ARRIVAL, DEPARTURE)
    )
    for k in np.flatnonzero((arrival != NO_TIME) & (departure != NO_TIME) & (departure <= arrival)).tolist():
        message = "the departure is not after the arrival"
        value = str(sheet.cell(DEPARTURE, k))
        where, remedy = sheet.where(k, DEPARTURE), "a later departure"
        log.add("generate.sessions.order", "error", where, message, value, remedy, table=sheet.name)
    battery = _or_else(sheet, BATTERY, "kWh", assumed.battery_kwh, log)
    power = _or_else(sheet, POWER, "kW", assumed.max_charge_kw, log)
    if has_soc:
        came, left = (read_numbers(sheet, c, _SHARE, log).values for c in (SOC_ARRIVAL, SOC_DEPARTURE))
        for k in np.flatnonzero(left < came).tolist():
            where, message = sheet.where(k, SOC_DEPARTURE), "the vehicle leaves with less than it came with"
            value, remedy = f"{left[k]:g}", f"at least {came[k]:g}"
            log.add("generate.sessions.soc", "error", where, message, value, remedy, table=sheet.name)
    else:
        energy = read_numbers(sheet, ENERGY, NumberRange(0, _MOST, "kWh"), log).values
        left = np.full(len(sheet), assumed.target_soc)
        came = left - energy / battery
        for k in np.flatnonzero(came < 0).tolist():
            where = sheet.where(k, ENERGY)
            message = f"{energy[k]:g} kWh do not fit into a battery of {battery[k]:g} kWh below its target"
            remedy = f"a column {BATTERY}, or a larger assumed battery"
            log.add(
                "generate.sessions.battery",
                "warning",
                where,
                message,
                f"{energy[k]:g}",
                remedy,
                table=sheet.name,
            )
        came = np.maximum(came, 0.0)
    return _fleet(arrival, departure, battery, power, came, left)


def _or_else(sheet: Sheet, column: str, unit: str, value: float, log: FindingLog) -> NDArray[np.float64]:
    """A column above 0, or the assumed value where it or a cell is missing."""
    read = read_numbers(sheet, column, NumberRange(0, _MOST, unit, above=True), log, required=False)
    return np.where(read.empty, value, read.values)


def _fleet(
    arrival: NDArray[np.int64],
    departure: NDArray[np.int64],
    battery: NDArray[np.float64],
    power: NDArray[np.float64],
    came: NDArray[np.float64],
    left: NDArray[np.float64],
) -> Fleet:
    """Sessions as visits that declare what they do."""
    count = len(arrival)
    return Fleet(
        ids=tuple(f"s{k + 1}" for k in range(count)),
        battery_kwh=battery,
        max_charge_kw=power,
        max_discharge_kw=np.zeros(count),
        min_soc=np.zeros(count),
        max_soc=np.ones(count),
        power_table=PowerTable.empty(count),
        reservation_s=np.full(count, NO_TIME),
        declared_arrival_s=arrival,
        declared_departure_s=departure,
        declared_soc=np.where(np.isnan(came), NO_SOC, came),
        target_soc=left,
        v2g_allowance_kwh=np.zeros(count),
        real_arrival_s=arrival,
        real_departure_s=departure,
        real_soc=np.where(np.isnan(came), NO_SOC, came),
        target_cluster=np.full(count, NOWHERE),
    )
