"""Generator workbooks: independent bins or joint bins, with the vehicle models (spec section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import has_errors
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.generate.bin_cells import (
    chances,
    clocks,
    in_order,
    note,
    probabilities,
    to_one,
)
from sparewatt.inputs.generate.visit_bins import (
    WEEKDAY,
    WEEKEND,
    IndependentBins,
    JointBins,
    SocBins,
    TimeBins,
    VehicleModels,
    VisitChances,
    find_soc_gaps,
    find_stay_gaps,
)
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers
from sparewatt.inputs.sheets.columns import SheetForm, check_columns
from sparewatt.inputs.sheets.sheet import cell_text, column_key
from sparewatt.inputs.sheets.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.sheets.sheet import Sheet

INDEPENDENT_SHEETS = ("ArrivalTime", "DepartureTime", "ArrivalSoC", "DepartureSoC", "EVData")
JOINT_SHEETS = ("TimeID", "TimeProbabilityDistribution", "SoCID", "SoCProbabilityDistribution", "EVData")

_TIME = ("TimeLowerBound", "TimeUpperBound")
_SOC = ("SoCLowerBound(%)", "SoCUpperBound(%)")
_BATTERY, _AC, _DC = "BatteryCapacity(kWh)", "MaxChargingPower(kW)", "MaxFastChargingPower(kW)"
_PER_CENT = NumberRange(0, 100, "%")
_MODEL = ("Model", _BATTERY, _AC, _DC, "Probability")


def read_bin_workbook(
    path: Path, *, min_stay_min: int = 30
) -> tuple[VisitChances | None, tuple[Finding, ...]]:
    """Distributions of a generator workbook, told apart by the names of its sheets.

    Parameters
    ----------
    path
        Workbook with the sheets `INDEPENDENT_SHEETS` or `JOINT_SHEETS`.
    min_stay_min
        Least stay that must be possible after every arrival [min].

    Returns
    -------
    What visits are drawn from, ``None`` where a finding is an error, and all findings.
    """
    log = FindingLog()
    names = {column_key(n) for n in (*INDEPENDENT_SHEETS, *JOINT_SHEETS)}
    sheets = read_workbook(path, lambda name: column_key(name) in names, log)
    read = None if sheets is None else _read(sheets, path.name, min_stay_min, log)
    findings = log.findings()
    return (None if has_errors(findings) else read), findings


def _read(sheets: Mapping[str, Sheet], file: str, min_stay_min: int, log: FindingLog) -> VisitChances | None:
    by_key = {column_key(name): sheet for name, sheet in sheets.items()}
    is_joint = sum(column_key(n) in by_key for n in JOINT_SHEETS) > sum(
        column_key(n) in by_key for n in INDEPENDENT_SHEETS
    )
    wanted = JOINT_SHEETS if is_joint else INDEPENDENT_SHEETS
    missing = [n for n in wanted if column_key(n) not in by_key]
    for name in missing:
        there = ", ".join(sheets) or "none"
        kind = "joint" if is_joint else "independent"
        message = f"the sheet {name} of {kind} bins is missing"
        log.add("generate.workbook.sheet", "error", file, message, name, f"add it; there are: {there}")
    if missing:
        return None
    first, second, third, fourth, fifth = (by_key[column_key(n)] for n in wanted)
    models = _models(fifth, log)
    bins: IndependentBins | JointBins | None
    if is_joint:
        bins = _joint(first, second, third, fourth, log)
    else:
        bins = _independent(first, second, third, fourth, min_stay_min, log)
    return None if bins is None or models is None else VisitChances(bins, models)


def _independent(
    arrival: Sheet, departure: Sheet, arrival_soc: Sheet, departure_soc: Sheet, stay: int, log: FindingLog
) -> IndependentBins | None:
    """Four tables; every arrival must have a departure, in time and in state of charge."""
    come = _times(arrival, "Arrival", log)
    leave = _times(departure, "Departure", log)
    soc_come, soc_leave = _socs(arrival_soc, log), _socs(departure_soc, log)
    if come is None or leave is None or soc_come is None or soc_leave is None:
        return None
    bins = IndependentBins(
        come[0], come[1], leave[0], leave[1], soc_come[0], soc_come[1], soc_leave[0], soc_leave[1]
    )
    for day, rows in zip(("Weekday", "Weekend"), find_stay_gaps(bins, stay), strict=True):
        for k in rows.tolist():
            column = f"{day}ArrivalPercentage"
            message = f"after some arrivals of this bin no departure leaves a stay of {stay} minutes"
            remedy = "a later departure bin with a probability above 0, or a shorter minimum stay"
            note(log, "generate.bin.no_departure", arrival, int(come[2][k]), column, message, remedy)
    for k in find_soc_gaps(bins).tolist():
        message = "no departure SoC bin with a probability above 0 lies above this arrival bin"
        remedy = "a departure bin above it, or probability 0 here"
        note(
            log, "generate.bin.no_soc_above", arrival_soc, int(soc_come[2][k]), "Probability", message, remedy
        )
    return bins


def _times(
    sheet: Sheet, what: str, log: FindingLog
) -> tuple[TimeBins, NDArray[np.float64], NDArray[np.int64]] | None:
    """Bins of the clock, probabilities by kind of day, and the record of each bin."""
    weekday, weekend = f"Weekday{what}Percentage", f"Weekend{what}Percentage"
    if not check_columns(sheet, SheetForm((*_TIME, weekday, weekend)), log):
        return None
    bins = _time_bins(sheet, log)
    table = np.zeros((2, len(sheet)))
    table[WEEKDAY], table[WEEKEND] = probabilities(sheet, weekday, log), probabilities(sheet, weekend, log)
    if bins is None or np.isnan(table).any():
        return None
    return bins[0], table[:, bins[1]], bins[1]


def _time_bins(sheet: Sheet, log: FindingLog) -> tuple[TimeBins, NDArray[np.int64]] | None:
    lower, upper = clocks(sheet, _TIME[0], log, end=False), clocks(sheet, _TIME[1], log, end=True)
    order = in_order(sheet, lower, upper, _TIME, log, minutes=True)
    return None if order is None else (TimeBins(lower[order], upper[order]), order)


def _socs(sheet: Sheet, log: FindingLog) -> tuple[SocBins, NDArray[np.float64], NDArray[np.int64]] | None:
    """Bins of the state of charge, their probabilities, and the record of each bin."""
    if not check_columns(sheet, SheetForm((*_SOC, "Probability")), log):
        return None
    bins = _soc_bins(sheet, log)
    table = probabilities(sheet, "Probability", log)
    return None if bins is None or np.isnan(table).any() else (bins[0], table[bins[1]], bins[1])


def _soc_bins(sheet: Sheet, log: FindingLog) -> tuple[SocBins, NDArray[np.int64]] | None:
    lower, upper = (read_numbers(sheet, c, _PER_CENT, log).values for c in _SOC)
    order = in_order(sheet, lower, upper, _SOC, log, minutes=False)
    return None if order is None else (SocBins(lower[order] / 100, upper[order] / 100), order)


def _joint(
    times: Sheet, time_table: Sheet, socs: Sheet, soc_table: Sheet, log: FindingLog
) -> JointBins | None:
    """Two lists of bins and two tables over pairs of them; the same table on all days."""
    tables, bins = [], []
    for sheet, key, columns, table in (
        (times, "TimeID", _TIME, time_table),
        (socs, "SoCID", _SOC, soc_table),
    ):
        if not check_columns(sheet, SheetForm((key, *columns)), log):
            continue
        own = _time_bins(sheet, log) if key == "TimeID" else _soc_bins(sheet, log)
        pairs = _pairs(table, key, [cell_text(sheet.cell(key, k)) for k in range(len(sheet))], sheet, log)
        if own is not None and pairs is not None:
            bins.append(own[0])
            tables.append(pairs[np.ix_(own[1], own[1])])
    match bins:
        case [TimeBins() as time, SocBins() as soc]:
            _check_soc_pairs(soc, tables[1], soc_table, log)
            return JointBins(time, np.stack([tables[0], tables[0]]), soc, tables[1])
    return None


def _pairs(
    table: Sheet, key: str, ids: list[str], bins: Sheet, log: FindingLog
) -> NDArray[np.float64] | None:
    """Probability of each pair of bins, arrivals down and departures across, shape (bins, bins)."""
    for k, name in enumerate(ids):
        if not name or name in ids[:k]:
            message = f"{key} {name} stands twice" if name else f"{key} is empty"
            note(log, "generate.bin.id", bins, k, key, message, "one number per bin")
            return None
    if not check_columns(table, SheetForm((key, *ids)), log):
        return None
    row_of = {cell_text(table.cell(key, k)): k for k in range(len(table))}
    right = True
    for name in ids:
        if name not in row_of:
            message = f"the row of {key} {name} is missing"
            log.add("generate.bin.id", "error", table.name, message, name, "a row per bin of arrival")
            right = False
    for k in range(len(table)):
        name = cell_text(table.cell(key, k))
        if name not in ids or row_of[name] != k:
            message = f"{key} {name} stands twice" if name in ids else f"{bins.name} has no bin {name}"
            note(log, "generate.bin.id", table, k, key, message, "the numbers of the bins, each once")
            right = False
    raw = np.stack([chances(table, name, log) for name in ids], axis=1)
    if not right:
        return None
    pairs = to_one(raw[[row_of[name] for name in ids]], table.name, log)
    return None if np.isnan(pairs).any() else pairs


def _check_soc_pairs(soc: SocBins, pairs: NDArray[np.float64], table: Sheet, log: FindingLog) -> None:
    """Nobody leaves with less than he came with."""
    for a, b in zip(*np.nonzero(np.tril(pairs, -1)), strict=True):
        message = (
            f"vehicles that come with {100 * soc.lower[a]:g} to {100 * soc.upper[a]:g} % would leave with "
            f"{100 * soc.lower[b]:g} to {100 * soc.upper[b]:g} %"
        )
        log.add("generate.bin.soc_falls", "error", table.name, message, f"{pairs[a, b]:g}", "probability 0")


def _models(sheet: Sheet, log: FindingLog) -> VehicleModels | None:
    """Vehicle models with their probabilities."""
    if not check_columns(sheet, SheetForm(_MODEL), log):
        return None
    names = tuple(cell_text(sheet.cell("Model", k)) for k in range(len(sheet)))
    battery, slow, fast = (
        read_numbers(sheet, column, NumberRange(0, 10_000, unit, above=True), log).values
        for column, unit in ((_BATTERY, "kWh"), (_AC, "kW"), (_DC, "kW"))
    )
    probability = probabilities(sheet, "Probability", log)
    if np.isnan(np.concatenate([battery, slow, fast, probability])).any():
        return None
    return VehicleModels(names, battery, slow, fast, probability)
