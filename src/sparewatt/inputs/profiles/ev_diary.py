"""EV diaries → sessions at home: cars, and their stays in steps of ten minutes from noon.

The tables are those that the cluster study reads too (`sparewatt.inputs.sheets.diary`): cars with
``name``, ``capacity(kW)``, ``battery(kWh)``, ``ChargingEfficiency(%)``; stays with ``name``, ``t_in``,
``t_out``, ``EStart``, ``EEnd`` (kWh); sheets ``EVs`` and ``EVsTravelDiary`` of a workbook, or NAME.csv and
NAMETD.csv. A stay takes the steps t_in..t_out-1: at t_out the car is gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers, read_texts
from sparewatt.inputs.sheets.columns import check_columns, check_unique
from sparewatt.inputs.sheets.diary import (
    BATTERY,
    BEGIN,
    CAPACITY,
    EFFICIENCY,
    END,
    EV_FORM,
    FIRST_KWH,
    LAST_KWH,
    NAME,
    STAY_FORM,
    STEP_S,
    diary_files,
    read_diary_sheets,
)
from sparewatt.model.ev_sessions import EvSessions

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.sheets.sheet import Sheet

DAY_STEPS = 144
_INF = float("inf")
_STEPS = NumberRange(0, DAY_STEPS, "steps of 10 min after noon")
_KWH = NumberRange(0, _INF, "kWh")
_BATTERY = NumberRange(0, _INF, "kWh", above=True)
_KW = NumberRange(0, _INF, "kW", above=True)
_SHARE = NumberRange(0, 100, "a share from 0 to 1, or per cent", above=True)
_SLACK = 1e-6
_FEW = 10_000


def read_ev_diary(
    path: Path, step: timedelta, *, reserve_share: float = 0.0, v2g: bool = True
) -> tuple[EvSessions | None, tuple[Finding, ...]]:
    """Read cars and the stays of one day, noon to noon.

    Parameters
    ----------
    path
        Workbook, or one of the two CSV files.
    step
        Length of a period of the study. Where it is not ten minutes, a stay begins with the first period that
        it fills and ends with the last.
    reserve_share
        State of charge below which a battery must not be discharged [0-1].
    v2g
        Whether cars can discharge, with the power of their charger.

    Returns
    -------
    ``None`` where any finding is an error; and all findings.
    """
    log = FindingLog()
    sessions = _read(path, int(step.total_seconds()), reserve_share, v2g=v2g, log=log)
    findings = log.findings()
    return (None if log.errors else sessions), findings


def _read(path: Path, step_s: int, reserve_share: float, *, v2g: bool, log: FindingLog) -> EvSessions | None:
    sheets = read_diary_sheets(path, log)
    if sheets is None:
        return None
    cars, stays = _as_files(path, sheets)
    fine = [check_columns(cars, EV_FORM, log), check_columns(stays, STAY_FORM, log)]
    if not all(fine):
        return None
    names = read_texts(cars, NAME, log)
    check_unique(cars, NAME, names, log)
    battery = read_numbers(cars, BATTERY, _BATTERY, log).values
    power = read_numbers(cars, CAPACITY, _KW, log).values
    share = read_numbers(cars, EFFICIENCY, _SHARE, log).values
    row_of = {name: n for n, name in enumerate(names) if name is not None}
    whose = read_texts(stays, NAME, log)
    begin, end = (read_numbers(stays, c, _STEPS, log).values for c in (BEGIN, END))
    first, last = (read_numbers(stays, c, _KWH, log).values for c in (FIRST_KWH, LAST_KWH))
    car = np.array([row_of.get(name or "", -1) for name in whose], dtype=np.int64)
    _check_cars(stays, cars, whose, car, row_of, log)
    size = np.where(car >= 0, battery[car], np.nan)
    for column, kwh in ((FIRST_KWH, first), (LAST_KWH, last)):
        for n in np.flatnonzero(kwh > size * (1 + _SLACK)).tolist():
            message = f"{column} {kwh[n]:g} kWh of {whose[n]} is beyond its battery of {size[n]:g} kWh"
            _note(stays, n, column, "network.ev.energy", message, f"at most {size[n]:g} kWh", log)
    _check_times(stays, whose, begin, end, log)
    if log.errors:
        return None
    order = np.lexsort((begin, car))
    arrival = -(-np.rint(begin[order]).astype(np.int64) * STEP_S // step_s)
    departure = np.rint(end[order]).astype(np.int64) * STEP_S // step_s
    kept = departure > arrival
    if not kept.all():
        lost = int((~kept).sum())
        message = f"{lost} stays are shorter than a period of {step_s / 60:g} min and are left out"
        log.add("network.ev.short", "info", stays.name, message, str(lost))
    rows = order[kept]
    return EvSessions(
        step_h=step_s / 3600.0,
        periods=DAY_STEPS * STEP_S // step_s,
        ids=tuple(str(n) for n in names),
        battery_kwh=battery,
        reserve_kwh=reserve_share * battery,
        charge_kw=power,
        discharge_kw=power.copy() if v2g else np.zeros(len(power)),
        efficiency=np.where(share > 1, share / 100, share),
        car=car[rows],
        arrival=arrival[kept],
        departure=departure[kept],
        start_kwh=np.minimum(first, size)[rows],
        wanted_kwh=np.minimum(last, size)[rows],
    )


def _as_files(path: Path, sheets: tuple[Sheet, Sheet]) -> tuple[Sheet, Sheet]:
    """The sheets, called as a person finds them: their files, or the workbook and its sheets."""
    files = diary_files(path)
    names = [f.name for f in files] if len(files) > 1 else [f"{path.name}, {s.name}" for s in sheets]
    return replace(sheets[0], name=names[0]), replace(sheets[1], name=names[1])


def _check_cars(
    stays: Sheet,
    cars: Sheet,
    whose: tuple[str | None, ...],
    car: NDArray[np.int64],
    row_of: dict[str, int],
    log: FindingLog,
) -> None:
    """Stays of cars that are in the list of cars."""
    for n in np.flatnonzero(car < 0).tolist():
        if (name := whose[n]) is not None:
            meant = nearest(name, row_of) if len(row_of) <= _FEW else None
            remedy = f"a name of {cars.name}{f'; did you mean {meant}?' if meant else ''}"
            _note(stays, n, NAME, "network.ev.car", f"{name} is no car of {cars.name}", remedy, log)


def _check_times(
    stays: Sheet,
    whose: tuple[str | None, ...],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    log: FindingLog,
) -> None:
    """Whole steps; each stay ends after it begins, and those of a car do not overlap."""
    for column, steps in ((BEGIN, begin), (END, end)):
        for n in np.flatnonzero(~np.isnan(steps) & (steps != np.rint(steps))).tolist():
            message = f"{column} {steps[n]:g} is no whole step of 10 min"
            _note(stays, n, column, "network.ev.step", message, "a whole number", log)
    for n in np.flatnonzero(end <= begin).tolist():
        message = f"{whose[n]} leaves in step {end[n]:g}, not after it comes in step {begin[n]:g}"
        remedy = "t_out above t_in, both from noon to noon; a stay past noon belongs to two days"
        _note(stays, n, END, "network.ev.times", message, remedy, log)
    latest: dict[str, int] = {}
    for n in np.argsort(begin, kind="stable").tolist():
        name = whose[n]
        if name is None or np.isnan(begin[n]) or not end[n] > begin[n]:
            continue
        before = latest.get(name)
        if before is not None and begin[n] < end[before]:
            message = (
                f"{name} comes in step {begin[n]:g}, before it leaves in step {end[before]:g} "
                f"(row {stays.rows[before]})"
            )
            _note(stays, n, BEGIN, "network.ev.overlap", message, "stays one after the other", log)
        if before is None or end[n] > end[before]:
            latest[name] = n


def _note(
    sheet: Sheet, record: int, column: str, rule: str, message: str, remedy: str, log: FindingLog
) -> None:
    value = str(sheet.cell(column, record))
    place = sheet.where(record, column)
    log.add(rule, "error", place, message, value, remedy, table=sheet.name)
