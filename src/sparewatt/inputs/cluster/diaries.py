"""EV diaries → visits: when each vehicle of a list is plugged in, in steps of ten minutes from noon.

The tables are those of `sparewatt.inputs.sheets.diary`. The capacity is what a vehicle draws
from the grid, so its battery takes capacity · efficiency (the diaries' own energies say the same).
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster.visits import Visits
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
    read_diary_sheets,
)
from sparewatt.model.fleet import NO_TIME, NOWHERE, Fleet
from sparewatt.model.horizon import local_to_utc
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.inputs.cluster.settings import ClusterSettings
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet


_MOST_STEPS = 144 * 366
_INF = float("inf")
_STEPS = NumberRange(0, _MOST_STEPS, "steps of 10 min after noon")
_KWH = NumberRange(0, _INF, "kWh")
_BATTERY = NumberRange(0, _INF, "kWh", above=True)
_KW = NumberRange(0, _INF, "kW")
_SHARE = NumberRange(0, 100, "a share from 0 to 1, or per cent", above=True)
_SLACK = 1e-6

NAMES = {
    "ids": NAME,
    "declared_arrival_s": BEGIN,
    "real_arrival_s": BEGIN,
    "declared_departure_s": END,
    "real_departure_s": END,
    "declared_soc": FIRST_KWH,
    "real_soc": FIRST_KWH,
    "target_soc": LAST_KWH,
}
"""Column of each field of `Fleet` in a diary."""


def read_diaries(path: Path, settings: ClusterSettings, log: FindingLog) -> Visits | None:
    """Visits of a diary.

    Parameters
    ----------
    path
        Workbook, or one of its two CSV files.
    settings
        ``start`` gives the local date on whose noon the diary begins.
    log
        Where problems are noted.

    Returns
    -------
    ``None`` where tables or the date are missing; values that could not be read are NaN or `NO_TIME`.
    """
    if settings.start is None:
        message = "a diary counts from noon of a day, and start is not given"
        log.add("cluster.diaries.start", "error", "cluster.start", message, "", 'start = "2026-03-02 12:00"')
    sheets = read_diary_sheets(path, log)
    if sheets is None:
        return None
    vehicles, stays = sheets
    fine = [check_columns(vehicles, EV_FORM, log), check_columns(stays, STAY_FORM, log)]
    if not all(fine):
        return None
    noon = None
    if settings.start is not None:
        noon = datetime.combine(settings.start.date(), time(12))
        noon_s = int(local_to_utc(noon, settings.timezone).timestamp())
    else:
        noon_s = 0
    visits = _read_stays(vehicles, stays, noon_s, log)
    return None if noon is None else visits


def _read_stays(vehicles: Sheet, stays: Sheet, noon_s: int, log: FindingLog) -> Visits:
    names = read_texts(vehicles, NAME, log)
    check_unique(vehicles, NAME, names, log)
    battery = read_numbers(vehicles, BATTERY, _BATTERY, log).values
    share = read_numbers(vehicles, EFFICIENCY, _SHARE, log).values
    power = read_numbers(vehicles, CAPACITY, _KW, log).values * np.where(share > 1, share / 100, share)
    row_of = {name: n for n, name in enumerate(names) if name is not None}

    whose = read_texts(stays, NAME, log)
    begin, end = (read_numbers(stays, c, _STEPS, log).values for c in (BEGIN, END))
    first, last = (read_numbers(stays, c, _KWH, log).values for c in (FIRST_KWH, LAST_KWH))
    row = np.array([row_of.get(name or "", -1) for name in whose], dtype=np.int64)
    size = np.where(row >= 0, battery[row], np.nan)

    def times(steps: NDArray[np.float64]) -> NDArray[np.int64]:
        known = ~np.isnan(steps)
        return np.where(known, noon_s + np.rint(np.where(known, steps, 0) * STEP_S), NO_TIME).astype(np.int64)

    arrival, departure = times(begin), times(end)
    soc, target = (np.minimum(kwh / size, 1.0) for kwh in (first, last))
    count = len(stays)
    fleet = Fleet(
        ids=_visit_ids(whose, begin),
        battery_kwh=size,
        max_charge_kw=np.where(row >= 0, power[row], np.nan),
        max_discharge_kw=np.zeros(count),
        min_soc=np.zeros(count),
        max_soc=np.ones(count),
        power_table=PowerTable.empty(count),
        reservation_s=np.full(count, NO_TIME, dtype=np.int64),
        declared_arrival_s=arrival,
        declared_departure_s=departure,
        declared_soc=soc,
        target_soc=target,
        v2g_allowance_kwh=np.zeros(count),
        real_arrival_s=arrival.copy(),
        real_departure_s=departure.copy(),
        real_soc=soc.copy(),
        target_cluster=np.full(count, NOWHERE, dtype=np.int64),
    )
    visits = Visits(fleet, stays.name, "row", stays.rows, NAMES)
    for n in np.flatnonzero(row < 0).tolist():
        if (name := whose[n]) is not None:
            meant = nearest(name, row_of) if len(row_of) <= _FEW else None
            remedy = f"a name of {vehicles.name}{f'; did you mean {meant}?' if meant else ''}"
            message = f"{name} is no vehicle of {vehicles.name}"
            visits.add(log, "cluster.diaries.vehicle", "error", n, "ids", message, name, remedy)
    for column, kwh, field in ((FIRST_KWH, first, "real_soc"), (LAST_KWH, last, "target_soc")):
        for n in np.flatnonzero(kwh > size * (1 + _SLACK)).tolist():
            message = f"{column} {kwh[n]:g} kWh is above the battery of {size[n]:g} kWh"
            remedy = f"at most {size[n]:g} kWh"
            visits.add(log, "cluster.diaries.energy", "error", n, field, message, f"{kwh[n]:g}", remedy)
    _check_overlaps(visits, whose, begin, end, log)
    return visits


_FEW = 10_000


def _visit_ids(names: tuple[str | None, ...], begin: NDArray[np.float64]) -> tuple[str, ...]:
    """``NAME-1``, ``NAME-2``, … in the order of time."""
    ids = [""] * len(names)
    count: dict[str, int] = {}
    for n in np.argsort(begin, kind="stable").tolist():
        if (name := names[n]) is not None:
            count[name] = count.get(name, 0) + 1
            ids[n] = f"{name}-{count[name]}"
    return tuple(ids)


def _check_overlaps(
    visits: Visits,
    names: tuple[str | None, ...],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    log: FindingLog,
) -> None:
    """A vehicle is in one place at a time."""
    latest: dict[str, int] = {}
    for n in np.argsort(begin, kind="stable").tolist():
        name = names[n]
        if name is None:
            continue
        before = latest.get(name)
        if before is not None and begin[n] < end[before]:
            message = (
                f"{name} comes in step {begin[n]:g}, before it leaves in step {end[before]:g} "
                f"({visits.unit} {visits.rows[before]})"
            )
            remedy = "stays of one vehicle one after the other"
            value = f"{begin[n]:g}"
            visits.add(log, "cluster.diaries.overlap", "error", n, "real_arrival_s", message, value, remedy)
        if before is None or end[n] > end[before]:
            latest[name] = n
