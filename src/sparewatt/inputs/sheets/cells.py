"""Columns of cells → arrays of numbers and times, and texts; each wrong cell is noted with its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.local_clock import (
    NO_OFFSET,
    clock_change_remedy,
    clocks_to_utc,
    reading_text,
)
from sparewatt.inputs.sheets.cell_values import Wrong, number_of, stamp_of, unreadable
from sparewatt.inputs.sheets.sheet import cell_text, column_key
from sparewatt.inputs.tables.raw_table import read_id
from sparewatt.model.fleet import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.finding import Severity
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.cell_values import NumberRange, Stamp
    from sparewatt.inputs.sheets.sheet import Cell, Sheet


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, shape (records,).

    Parameters
    ----------
    values
        NaN where the cell is empty or wrong.
    empty
        Where nothing stands.
    """

    values: NDArray[np.float64]
    empty: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where a number was read."""
        return ~np.isnan(self.values)


@dataclass(frozen=True)
class Times:
    """A column of times, shape (records,).

    Parameters
    ----------
    values
        Whole seconds since the epoch; `NO_TIME` where the cell is empty or wrong.
    empty
        Where nothing stands.
    """

    values: NDArray[np.int64]
    empty: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where a time was read."""
        known: NDArray[np.bool_] = self.values != NO_TIME
        return known


def read_numbers(
    sheet: Sheet, column: str, allowed: NumberRange, log: FindingLog, *, required: bool = True
) -> Numbers:
    """Numbers of a range; each wrong cell is noted with its row, and with ``required`` an empty one too."""
    values = np.full(len(sheet), np.nan)
    empty = np.zeros(len(sheet), dtype=bool)
    known: dict[object, float | Wrong] = {}
    for n, cell in enumerate(_cells(sheet, column)):
        if cell is None:
            empty[n] = True
            if required:
                _note_empty(sheet, n, column, log)
            continue
        key = (type(cell), cell)
        if key not in known:
            known[key] = number_of(cell, allowed)
        read = known[key]
        if isinstance(read, Wrong):
            _note(sheet, n, column, read, log)
            continue
        values[n] = read
        if sheet.typed and isinstance(cell, str):
            message = f"{column} is a number stored as text; it is read as {read:g}"
            rule, remedy = "cluster.value.number_text", "store it as a number"
            _add(sheet, n, column, rule, message, remedy, log, severity="warning")
    return Numbers(values, empty)


def read_texts(
    sheet: Sheet, column: str, log: FindingLog, *, required: bool = True
) -> tuple[str | None, ...]:
    """Ids and names as text, ``None`` where empty or wrong; 71 and 71.0 are ``"71"``."""
    out: list[str | None] = []
    for n, cell in enumerate(_cells(sheet, column)):
        if cell is None:
            if required:
                _note_empty(sheet, n, column, log)
            out.append(None)
        elif (problem := unreadable(cell)) is not None:
            _note(sheet, n, column, problem, log)
            out.append(None)
        else:
            out.append(read_id(cell_text(cell)))
    return tuple(out)


def read_times(sheet: Sheet, column: str, timezone: str, log: FindingLog, *, required: bool = False) -> Times:
    """Times, rounded to the second; without an offset they are local times of ``timezone``."""
    naive = np.full(len(sheet), 0, dtype=np.int64)
    offset = np.full(len(sheet), NO_OFFSET, dtype=np.int64)
    empty, fine = np.zeros(len(sheet), dtype=bool), np.zeros(len(sheet), dtype=bool)
    known: dict[object, Stamp | Wrong] = {}
    for n, cell in enumerate(_cells(sheet, column)):
        if cell is None:
            empty[n] = True
            if required:
                _note_empty(sheet, n, column, log)
            continue
        key = (type(cell), cell)
        if key not in known:
            known[key] = stamp_of(cell, typed=sheet.typed)
        read = known[key]
        if isinstance(read, Wrong):
            _note(sheet, n, column, read, log)
            continue
        fine[n] = True
        naive[n] = read[0]
        if read[1] is not None:
            offset[n] = read[1]
    values = np.full(len(sheet), NO_TIME, dtype=np.int64)
    at = np.flatnonzero(fine)
    utc, missing, twice = clocks_to_utc(naive[at], offset[at], timezone)
    for k in np.flatnonzero(missing | twice).tolist():
        rule, words = (
            ("cluster.time.missing", "does not exist")
            if missing[k]
            else ("cluster.time.ambiguous", "comes twice")
        )
        stamp = int(naive[at[k]])
        message = f"{column}: {reading_text(stamp)} {words} on the day the clock changes in {timezone}"
        remedy = f'{clock_change_remedy(stamp, timezone)} (as text), or timezone = "UTC" and times in UTC'
        _add(sheet, int(at[k]), column, rule, message, remedy, log)
    good = ~(missing | twice)
    values[at[good]] = utc[good]
    return Times(values, empty)


def _cells(sheet: Sheet, column: str) -> Sequence[Cell]:
    return sheet.columns.get(column_key(column), (None,) * len(sheet))


def _note_empty(sheet: Sheet, record: int, column: str, log: FindingLog) -> None:
    _add(
        sheet,
        record,
        column,
        "cluster.value.missing",
        f"{column} is empty",
        "fill it in; empty never means zero here",
        log,
    )


def _note(sheet: Sheet, record: int, column: str, wrong: Wrong, log: FindingLog) -> None:
    _add(sheet, record, column, wrong.rule, f"{column} {wrong.message}", wrong.remedy, log)


def _add(
    sheet: Sheet,
    record: int,
    column: str,
    rule: str,
    message: str,
    remedy: str,
    log: FindingLog,
    *,
    severity: Severity = "error",
) -> None:
    value = cell_text(sheet.cell(column, record))
    log.add(rule, severity, sheet.where(record, column), message, value, remedy, table=sheet.name)
