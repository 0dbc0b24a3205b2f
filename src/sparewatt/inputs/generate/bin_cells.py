"""Columns of bins and probabilities in generator workbooks, each problem with its sheet, row and column."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_bins import DAY_MIN
from sparewatt.inputs.sheets.cell_values import NumberRange
from sparewatt.inputs.sheets.cells import read_numbers
from sparewatt.inputs.sheets.sheet import cell_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Cell, Sheet

SUM_SLACK = 0.01
"""How far a sum of probabilities may be from 1 (or 100 %) and still be taken relative to itself."""

_ANY = NumberRange(float("-inf"), float("inf"), "")
_ROUNDING = 1e-6
_LARGEST_SHARE = 10.0  # sums above are percentages
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


def note(
    log: FindingLog,
    rule: str,
    sheet: Sheet,
    record: int,
    column: str,
    message: str,
    remedy: str,
    *,
    margin: float | None = None,
) -> None:
    """Note an error on one cell."""
    log.add(
        rule,
        "error",
        sheet.where(record, column),
        message,
        cell_text(sheet.cell(column, record)),
        remedy,
        margin=margin,
        table=sheet.name,
    )


def probabilities(sheet: Sheet, column: str, log: FindingLog) -> NDArray[np.float64]:
    """A column of probabilities or percentages, made to sum to 1; NaN where it cannot be."""
    raw = chances(sheet, column, log)
    return to_one(raw, f"{sheet.name}, column {column}", log)


def chances(sheet: Sheet, column: str, log: FindingLog) -> NDArray[np.float64]:
    """Cells of a column as written, at least 0; NaN where a cell is wrong."""
    out = read_numbers(sheet, column, _ANY, log).values
    for k in np.flatnonzero(out < 0).tolist():
        message = f"the probability {out[k]:g} is negative"
        margin = float(out[k])
        note(log, "generate.probability.negative", sheet, k, column, message, "at least 0", margin=margin)
        out[k] = np.nan
    return out


def to_one(raw: NDArray[np.float64], where: str, log: FindingLog) -> NDArray[np.float64]:
    """Probabilities that sum to 1, from any that sum to 1 or to 100; NaN where they do neither."""
    if np.isnan(raw).any():
        return np.full(raw.shape, np.nan)
    total = float(raw.sum())
    whole = 100.0 if total > _LARGEST_SHARE else 1.0
    off = abs(total / whole - 1)
    if off > SUM_SLACK:
        remedy = "probabilities that sum to 1, or percentages that sum to 100"
        message = f"the probabilities sum to {total:.6g}"
        log.add("generate.probability.sum", "error", where, message, f"{total:.6g}", remedy, margin=off)
        return np.full(raw.shape, np.nan)
    if off > _ROUNDING:
        message = f"the probabilities sum to {total:.6g}, and are taken relative to that"
        remedy = f"a sum of {whole:g}"
        log.add("generate.probability.sum", "warning", where, message, f"{total:.6g}", remedy, margin=off)
    return raw / total


def clocks(sheet: Sheet, column: str, log: FindingLog, *, end: bool) -> NDArray[np.float64]:
    """A column of times of day [min after midnight]; with ``end``, 00:00 is the end of the day."""
    out = np.full(len(sheet), np.nan)
    for k in range(len(sheet)):
        cell = sheet.cell(column, k)
        minute = _clock(cell)
        if minute is None:
            message = f"{column} is {'empty' if cell is None else 'not a time of day'}"
            note(log, "generate.value.time", sheet, k, column, message, "a time of day such as 07:30")
        else:
            out[k] = DAY_MIN if end and minute == 0 else minute
    return out


def in_order(
    sheet: Sheet,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    columns: tuple[str, str],
    log: FindingLog,
    *,
    minutes: bool,
) -> NDArray[np.int64] | None:
    """Records by ascending bins; ``None`` where a bin is reversed, empty or overlaps another."""
    if np.isnan(lower).any() or np.isnan(upper).any():
        return None
    before = log.errors
    for k in np.flatnonzero(lower >= upper).tolist():
        begin, end = _edge(lower[k], minutes), _edge(upper[k], minutes)
        message = f"the bin ends at {end}, not after its beginning {begin}"
        remedy = "an end after the beginning" + ("; a bin over midnight is written as two" if minutes else "")
        note(log, "generate.bin.order", sheet, k, columns[1], message, remedy)
    if minutes:
        for k in np.flatnonzero((lower < upper) & (np.ceil(lower) >= np.ceil(upper))).tolist():
            message = "the bin holds no whole minute, and times are drawn on whole minutes"
            note(log, "generate.bin.minute", sheet, k, columns[1], message, "a longer bin")
    order = np.argsort(lower, kind="stable")
    for a, b in zip(order[:-1].tolist(), order[1:].tolist(), strict=True):
        if lower[b] < upper[a] and log.errors == before:
            end = _edge(upper[a], minutes)
            message = f"the bin begins inside that of row {sheet.rows[a]}, which ends at {end}"
            note(log, "generate.bin.overlap", sheet, b, columns[0], message, "bins that do not overlap")
    return order.astype(np.int64) if log.errors == before else None


def _edge(value: float, minutes: bool) -> str:  # noqa: FBT001 - one of two forms
    return f"{int(value) // 60:02d}:{int(value) % 60:02d}" if minutes else f"{value:g}"


def _clock(cell: Cell) -> float | None:
    """Minutes after midnight of a time of day, 24:00 included."""
    if isinstance(cell, str) and (match := _CLOCK.fullmatch(cell)):
        hour, minute, second = (int(g or 0) for g in match.groups())
        total = hour * 60 + minute + second / 60
        return total if minute < 60 and second < 60 and total <= DAY_MIN else None  # noqa: PLR2004 - the clock face
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute + cell.second / 60
    if isinstance(cell, timedelta) and timedelta(0) <= cell <= timedelta(days=1):
        return cell / timedelta(minutes=1)
    return None
