"""Tariff of charging at home by half-hours from noon: distribution charge, battery wear, value of V2G."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers, read_texts
from sparewatt.inputs.sheets.columns import SheetForm, check_columns
from sparewatt.inputs.sheets.csv_sheets import read_csv_sheet
from sparewatt.inputs.tables.parse import CellError, read_clock

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.sheets.sheet import Sheet

DUOS, TIME, V2G, WEAR = "DUoS", "Time", "V2G", "DegradationLow (V2GB)"
FORM = SheetForm((DUOS, TIME), (V2G, WEAR))
HALF_HOURS = 48
_HALF_HOUR_S = 1800
_NOON_S = 43_200
_DAY_S = 86_400
_PENCE = NumberRange(-1000, 1000, "pence per kWh")


@dataclass(frozen=True)
class EvTariff:
    """Prices by half-hour of a day from noon, shape (48,).

    Parameters
    ----------
    duos_per_kwh
        Charge for the use of the distribution network [currency/kWh].
    wear_per_kwh
        What charging costs the battery [currency/kWh].
    v2g_per_kwh
        What is paid for energy given back; 0 where the table does not say [currency/kWh].
    """

    duos_per_kwh: NDArray[np.float64]
    wear_per_kwh: NDArray[np.float64]
    v2g_per_kwh: NDArray[np.float64]


def per_period(half_hours: NDArray[np.float64], step: timedelta) -> NDArray[np.float64]:
    """Values of half-hours on the periods of a day; a longer period has their mean, shape (24 h / step,)."""
    step_s = int(step.total_seconds())
    minutes = np.repeat(half_hours, _HALF_HOUR_S // 60)
    return np.asarray(minutes.reshape(_DAY_S // step_s, -1).mean(axis=1))


def read_ev_tariff(path: Path, *, wear_per_kwh: float = 0.032) -> tuple[EvTariff | None, tuple[Finding, ...]]:
    """Read a tariff as CSV: ``Time`` (HH:MM, left edge) and ``DUoS``, also ``V2G`` and wear [pence].

    Rows stand in any order; a second row of a half-hour must say the same (noon at both ends does).

    Parameters
    ----------
    path
        The file.
    wear_per_kwh
        Wear of the battery where the table does not say [currency/kWh].

    Returns
    -------
    ``None`` where any finding is an error; and all findings.
    """
    log = FindingLog()
    sheet = read_csv_sheet(path, log)
    sheet = replace(sheet, name=path.name)
    if log.errors or not check_columns(sheet, FORM, log):
        return None, log.findings()
    slot = _read_slots(sheet, log)
    duos = _by_slot(sheet, DUOS, slot, log, required=True)
    wear = np.nan_to_num(_by_slot(sheet, WEAR, slot, log, required=False), nan=wear_per_kwh * 100)
    v2g = np.nan_to_num(_by_slot(sheet, V2G, slot, log, required=False))
    absent = np.setdiff1d(np.arange(HALF_HOURS), slot)
    if len(absent):
        at = _clock(int(absent[0]))
        message = f"{len(absent)} half-hours have no price, the first is {at}"
        log.add("network.tariff.gap", "error", sheet.name, message, at, "a row per half-hour of the day")
    findings = log.findings()
    return (None if log.errors else EvTariff(duos / 100, wear / 100, v2g / 100)), findings


def _clock(slot: int) -> str:
    minutes = (slot * 30 + 720) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read_slots(sheet: Sheet, log: FindingLog) -> NDArray[np.int64]:
    """Half-hour from noon of each row, -1 where it is none."""
    slot = np.full(len(sheet), -1, dtype=np.int64)
    for n, text in enumerate(read_texts(sheet, TIME, log)):
        if text is None:
            continue
        try:
            second = read_clock(text)[0]
        except CellError:
            second = -1
        if second % _HALF_HOUR_S or not 0 <= second < _DAY_S:
            message = f"{text!r} is not the start of a half-hour"
            log.add("network.tariff.time", "error", sheet.where(n, TIME), message, text, "HH:00 or HH:30")
            continue
        slot[n] = (second - _NOON_S) % _DAY_S // _HALF_HOUR_S
    return slot


def _by_slot(
    sheet: Sheet, column: str, slot: NDArray[np.int64], log: FindingLog, *, required: bool
) -> NDArray[np.float64]:
    """Values of a column by half-hour from noon, NaN where there is none, shape (48,)."""
    out = np.full(HALF_HOURS, np.nan)
    values = read_numbers(sheet, column, _PENCE, log, required=required).values
    for n in np.flatnonzero((slot >= 0) & ~np.isnan(values)).tolist():
        k = int(slot[n])
        if not np.isnan(out[k]) and out[k] != values[n]:
            message = f"{column} of {_clock(k)} is {values[n]:g} here and {out[k]:g} above"
            log.add(
                "network.tariff.twice",
                "error",
                sheet.where(n, column),
                message,
                f"{values[n]:g}",
                "one price",
            )
            continue
        out[k] = values[n]
    return out
