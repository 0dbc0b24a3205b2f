"""One cell → a number, a text or a clock reading; or what it is instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.sheets.sheet import Unsolved, cell_text

if TYPE_CHECKING:
    from sparewatt.inputs.sheets.sheet import Cell

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ERRORS = frozenset(
    {
        "#REF!",
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#VALUE!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#GETTING_DATA",
    }
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - clocks are read without a zone here
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - as above
_YEARS = (1971, 2199)
_SERIALS = (25_934.0, 109_574.0)  # the same years as Excel counts days
_LARGEST = 1e9
_WHEN = "YYYY-MM-DD HH:MM, such as 2026-03-02 17:30, with or without an offset from UTC (+01:00)"


@dataclass(frozen=True)
class Wrong:
    """Why a cell does not read.

    Parameters
    ----------
    rule
        Rule that it breaks.
    message, remedy
        What is wrong, as words that follow the name of the column, and what would be right.
    """

    rule: str
    message: str
    remedy: str


@dataclass(frozen=True)
class NumberRange:
    """Numbers in [low, high], or in (low, high] with ``above``, of a unit."""

    low: float
    high: float
    unit: str
    above: bool = False

    def wrong(self, value: float) -> Wrong | None:
        """Why a number is none of the range."""
        if self.low <= value <= self.high and not (self.above and value == self.low):
            return None
        start = "" if np.isinf(self.low) else f"{'above' if self.above else 'at least'} {self.low:g}"
        end = "" if np.isinf(self.high) else f"at most {self.high:g}"
        bounds = " and ".join(w for w in (start, end) if w)
        if self.unit == "[0-1]":
            if 1 < value <= 100:  # noqa: PLR2004 - per cent
                bounds = f"a share from 0 to 1; write {value / 100:g} for {value:g} per cent"
            return Wrong("cluster.value.share", "is outside 0-1", f"{bounds} [0-1]")
        if value < 0 <= self.low:
            return Wrong("cluster.value.negative", "is negative", f"{bounds} {self.unit}")
        return Wrong("cluster.value.range", "is out of range", f"{bounds} {self.unit}")


def unreadable(cell: Cell) -> Wrong | None:
    """What is wrong with a cell whatever its column holds."""
    if isinstance(cell, Unsolved):
        return Wrong(
            "cluster.value.formula",
            "is a formula whose result is not stored",
            "open the workbook in a spreadsheet program and save it, or put the value there",
        )
    if isinstance(cell, str) and cell.upper() in _ERRORS:
        return Wrong(
            "cluster.value.error",
            "is an error of the spreadsheet",
            "mend the formula, or put the value there",
        )
    return None


def number_of(cell: Cell, allowed: NumberRange) -> float | Wrong:
    """A finite number with a decimal point, within its range."""
    problem = unreadable(cell) or _no_number(cell)
    if problem is not None or isinstance(cell, (date, time, timedelta)) or cell is None:
        return problem or Wrong("cluster.value.number", "is not a number", "a number")
    too_large = isinstance(cell, int) and abs(cell) > _LARGEST  # maybe for a float at all
    value = float("inf") if too_large else float(cell)
    if not abs(value) <= _LARGEST:
        return Wrong("cluster.value.range", "is too large to be meant", f"a number below {_LARGEST:g}")
    return allowed.wrong(value) or value


def _no_number(cell: Cell) -> Wrong | None:
    remedy = "a finite number with a decimal point, such as 12.5"
    if isinstance(cell, str):
        if _NUMBER.fullmatch(cell):
            return None
        if _COMMA.fullmatch(cell):
            remedy = f"write {cell.replace(',', '.')}, with a decimal point"
        return Wrong("cluster.value.number", "is not a number", remedy)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return None
    kind = cell_text(cell) if isinstance(cell, bool) else "a date" if isinstance(cell, date) else "a time"
    message = f"is {kind}, not a number"
    return Wrong("cluster.value.number", message, f"{remedy}; give the cell the format of a number")


Stamp = tuple[int, int | None]
"""What a clock shows [s since the epoch on that clock], and its offset from UTC [s] or ``None``."""


def stamp_of(cell: Cell, *, typed: bool) -> Stamp | Wrong:
    """A date and time, rounded to the second.

    Parameters
    ----------
    cell
        What stands there.
    typed
        Whether dates have a type of their own (workbooks); then text is none, unless it carries an
        offset from UTC, which those dates cannot.
    """
    if (problem := unreadable(cell)) is not None:
        return problem
    if isinstance(cell, date):
        return _clock(cell if isinstance(cell, datetime) else datetime.combine(cell, time.min))
    if isinstance(cell, str):
        return _stamp_of_text(cell, typed=typed)
    return _no_date(cell)


def _stamp_of_text(text: str, *, typed: bool) -> Stamp | Wrong:
    try:
        stamp = datetime.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        stamp = None
    if typed and (stamp is None or stamp.tzinfo is None):
        shown = f"; as a date it would be {stamp.isoformat(' ')}" if stamp else ""
        remedy = f"store a date, not text (or text with its offset from UTC: 2026-03-02 17:30+00:00){shown}"
        return Wrong("cluster.value.date_text", "is text, not a date", remedy)
    if stamp is None:
        return Wrong("cluster.value.date", "is not a date and time", _WHEN)
    return _clock(stamp)


def _no_date(cell: Cell) -> Wrong:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        remedy = f"a date and time: {_WHEN}"
        if _SERIALS[0] <= cell <= _SERIALS[1]:
            shown = _EXCEL_EPOCH + timedelta(seconds=round(float(cell) * 86400))
            remedy = f"give the cell the format of a date; it then shows {shown.isoformat(' ')}"
        return Wrong("cluster.value.date_number", "is a number, not a date", remedy)
    if isinstance(cell, (time, timedelta)):
        return Wrong("cluster.value.date", "is a time without its day", f"a date and time: {_WHEN}")
    return Wrong("cluster.value.date", "is not a date and time", _WHEN)


def _clock(stamp: datetime) -> Stamp | Wrong:
    if not _YEARS[0] <= stamp.year <= _YEARS[1]:
        remedy = f"a year from {_YEARS[0]} to {_YEARS[1]}"
        return Wrong("cluster.value.date", "is not of our time", remedy)
    offset = stamp.utcoffset()
    naive = stamp.replace(tzinfo=None) + timedelta(milliseconds=500)
    return (naive - _EPOCH) // timedelta(seconds=1), None if offset is None else int(offset.total_seconds())
