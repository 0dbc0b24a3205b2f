"""Text of table cells → numbers, dates and times; each different text is read once."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

T = TypeVar("T")

DAY_S = 86400
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(
    r"(?:([0-9]+) days?,? )?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_LARGEST = 1e9
_YEARS = (1971, 2199)
_CLOCK_YEARS = (1899, 2199)  # spreadsheets keep times of day on 1899-12-30 or 1900-01-01
_EPOCH = date(1970, 1, 1)


class CellError(ValueError):
    """A cell that does not read as what its column holds.

    Parameters
    ----------
    rule
        Rule that it breaks.
    message, remedy
        What is wrong, as words that follow the name of the column, and what would be right.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy = rule, message, remedy


def read_cells(
    table: RawTable,
    column: str,
    reader: Callable[[str], T],
    log: FindingLog,
    *,
    missing: T | None = None,
    records: NDArray[np.int64] | None = None,
) -> list[T | None]:
    """Read a column; a cell that is wrong is noted with its row and gives ``None``.

    Parameters
    ----------
    table, column, log
        What to read, and where problems are noted.
    reader
        Reads one stripped text or raises `CellError`.
    missing
        What an empty cell, or a column that the table does not have, stands for; ``None``: it is an error.
    records
        Judge just these records; the others give ``None``.
    """
    texts = table.columns.get(column)
    if texts is None:
        return [missing] * len(table)
    chosen = range(len(table)) if records is None else records.tolist()
    known: dict[str, T | None] = {}
    problems: dict[str, CellError] = {}
    for text in {texts[i] for i in chosen}:
        stripped = text.strip()
        try:
            known[text] = reader(stripped) if stripped else _missing(missing)
        except CellError as problem:
            known[text], problems[text] = None, problem
    if problems:
        for i in chosen:
            if (error := problems.get(texts[i])) is not None:
                log.at(error.rule, "error", table, i, column, f"{column} {error.message}", error.remedy)
    if records is None:
        return [known[text] for text in texts]
    values: list[T | None] = [None] * len(table)
    for i in chosen:
        values[i] = known[texts[i]]
    return values


def _missing(missing: T | None) -> T:
    if missing is None:
        raise CellError("depot.value.missing", "is empty", "fill it in; empty never means zero here")
    return missing


def to_floats(values: list[float | None]) -> NDArray[np.float64]:
    """Numbers with NaN where a cell was wrong."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def read_number(text: str) -> float:
    """A finite number with a decimal point."""
    value = float(text) if _NUMBER.fullmatch(text) else float("nan")
    if not np.isfinite(value):
        remedy = "a finite number with a decimal point, such as 12.5"
        if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
            remedy = f"write {text.replace(',', '.')}, with a decimal point"
        raise CellError("depot.value.number", "is not a number", remedy)
    if abs(value) > _LARGEST:
        raise CellError("depot.value.range", "is too large to be meant", f"a number below {_LARGEST:g}")
    return value


def number_between(low: float, high: float, unit: str, *, above: bool = False) -> Callable[[str], float]:
    """Reader of numbers in [low, high], or (low, high] with ``above``."""

    def read(text: str) -> float:
        value = read_number(text)
        if value < low or value > high or (above and value == low):
            start = f"above {low:g}" if above else f"at least {low:g}"
            end = "" if np.isinf(high) else f" and at most {high:g}"
            rule = "depot.value.negative" if value < 0 <= low else "depot.value.range"
            message = "is negative" if value < 0 <= low else "is out of range"
            raise CellError(rule, message, f"{start}{end} {unit}".rstrip())
        return value

    return read


def whole_between(low: int, high: int, unit: str) -> Callable[[str], int]:
    """Reader of whole numbers in [low, high]; ``4.0`` counts as one."""
    read_in_range = number_between(low, high, unit)

    def read(text: str) -> int:
        value = read_in_range(text)
        if not value.is_integer():
            raise CellError(
                "depot.value.whole", "is not a whole number", f"a whole number of {unit}".rstrip()
            )
        return int(value)

    return read


def read_date(text: str) -> int:
    """A date ``YYYY-MM-DD`` (or midnight of one) as days since 1970-01-01."""
    remedy = "a date as YYYY-MM-DD, such as 2026-03-02"
    try:
        stamp = datetime.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        stamp = None
    if stamp is None or not _YEARS[0] <= stamp.year <= _YEARS[1]:
        raise CellError("depot.value.date", "is not a date", remedy)
    if stamp.time() != datetime.min.time():
        raise CellError("depot.value.date", "has a time of day; a date is expected", remedy)
    return (stamp.date() - _EPOCH).days


def read_stamp(text: str, years: tuple[int, int] = _YEARS) -> tuple[int, int | None]:
    """A date and time: what its clock shows [s since the epoch], and its UTC offset [s] or ``None``."""
    try:
        stamp = datetime.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        stamp = None
    if stamp is None or not years[0] <= stamp.year <= years[1] or stamp.microsecond:
        raise CellError(
            "depot.value.stamp",
            "is not a date and time",
            "YYYY-MM-DD HH:MM, such as 2026-03-02 17:30, with or without an offset from UTC (+01:00)",
        )
    offset = stamp.utcoffset()
    naive = (stamp.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(seconds=1)  # noqa: DTZ001 - a clock's reading
    return naive, None if offset is None else int(offset.total_seconds())


def read_clock(text: str) -> tuple[int, int | None, int | None]:
    """A time of day: seconds after midnight (above 24 h on the next day), UTC offset [s], date [days].

    Offset and date are ``None`` where the text has none.
    """
    remedy = (
        "a time of day as HH:MM, such as 05:30; after midnight add 24 hours: 26:30 is 02:30 on the next day"
    )
    if match := _CLOCK.fullmatch(text):
        days, hours, minutes, seconds = (int(g or 0) for g in match.groups()[:4])
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        if minutes < 60 and seconds < 60 and total < 2 * DAY_S:  # noqa: PLR2004 - the clock face
            return total, _read_offset(match[5]), None
    elif _DATE.match(text):
        naive, offset = read_stamp(text, _CLOCK_YEARS)
        return naive % DAY_S, offset, naive // DAY_S
    raise CellError("depot.value.clock", "is not a time of day", remedy)


def _read_offset(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    minutes = int(text[1:3]) * 60 + int(text[3:].removeprefix(":") or 0)
    return (-60 if text[0] == "-" else 60) * minutes


def read_json_list(text: str) -> list[object]:
    """A JSON list such as ``["opt", "BAU"]``."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise CellError(
            "depot.value.json", "is not JSON", 'a JSON list, such as ["opt", "BAU"] or [71, 72]'
        ) from None
    if not isinstance(value, list):
        raise CellError("depot.value.json", "is JSON, but not a list", f"put it in brackets: [{text}]")
    return value
