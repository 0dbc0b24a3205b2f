"""Text of a load, prediction or base-load file → points of a cumulative curve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import number_between
from sparewatt.inputs.community.scaled_text import read_thousandth
from sparewatt.inputs.tables.parse import CellError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog

_PLAIN = re.compile(r"[0-9.eE+\-\s]*")
_FORM = "two numbers separated by a blank: seconds and cumulative Wh"
_LARGEST = 1e15

Points = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Times [s] and cumulative energy [kWh]."""


def read_points(name: str, text: str, log: FindingLog, *, from_zero: bool) -> Points | None:
    """Points of one curve.

    Parameters
    ----------
    name, text
        Of the file.
    log
        Where problems are noted.
    from_zero
        Whether the curve has to begin with 0 s and 0 Wh, as load profiles do.

    Returns
    -------
    Times [s] and energies [kWh], shape (points,) each, or ``None`` where any line is wrong.
    """
    lines = [line.split() for line in text.splitlines()]
    points = _fast(text, lines) or _slow(name, lines, log)
    if points is None:
        return None
    time_s, energy_kwh, rows = points
    return (time_s, energy_kwh) if _is_curve(name, time_s, energy_kwh, rows, log, from_zero) else None


Rows = tuple["NDArray[np.int64]", "NDArray[np.float64]", list[int]]


def _fast(text: str, lines: list[list[str]]) -> Rows | None:
    """All lines at once; ``None`` where any needs a closer look."""
    rows = [row for row, parts in enumerate(lines, start=1) if parts]
    parts = [p for p in lines if p]
    if not parts or not _PLAIN.fullmatch(text) or any(len(p) != 2 for p in parts):  # noqa: PLR2004 - a pair
        return None
    try:
        seconds = np.array([float(p[0]) for p in parts])
        energy_kwh = np.array([read_thousandth(p[1]) for p in parts])
    except (ValueError, ArithmeticError):
        return None
    if not (np.abs(seconds) < _LARGEST).all() or not (np.abs(energy_kwh) < _LARGEST).all():
        return None
    time_s = seconds.astype(np.int64)
    return (time_s, energy_kwh, rows) if (time_s == seconds).all() else None


def _slow(name: str, lines: list[list[str]], log: FindingLog) -> Rows | None:
    """Line by line, with a finding for each that is wrong."""
    number = number_between(-_LARGEST, _LARGEST, "")
    before, time_s, energy_kwh, rows = log.errors, [], [], []
    for row, parts in enumerate(lines, start=1):
        if not parts:
            continue
        where, value = f"{name} row {row}", " ".join(parts)
        if len(parts) != 2:  # noqa: PLR2004 - a pair
            message = f"the line has {len(parts)} values, not 2"
            log.add("community.curve.fields", "error", where, message, value, _FORM, table=name)
            continue
        try:
            seconds = number(parts[0])
            number(parts[1])
            time_s.append(_whole(seconds))
            energy_kwh.append(read_thousandth(parts[1]))
            rows.append(row)
        except CellError as problem:
            log.add(problem.rule, "error", where, problem.message, value, _FORM, table=name)
    if not rows and log.errors == before:
        log.add("community.curve.empty", "error", name, "the file is empty", "", _FORM)
    if log.errors > before:
        return None
    return np.array(time_s, np.int64), np.array(energy_kwh, np.float64), rows


def _whole(seconds: float) -> int:
    if not seconds.is_integer():
        raise CellError("community.value.stamp", "is not a whole number of seconds", _FORM)
    return int(seconds)


def _is_curve(
    name: str,
    time_s: NDArray[np.int64],
    energy_kwh: NDArray[np.float64],
    rows: list[int],
    log: FindingLog,
    from_zero: bool,  # noqa: FBT001 - as in read_points
) -> bool:
    before = log.errors
    for at in np.flatnonzero(np.diff(time_s) <= 0) + 1:
        message = f"the time does not come after the one before it, {time_s[at - 1]} s"
        place, value = f"{name} row {rows[at]}", str(time_s[at])
        log.add("community.curve.time", "error", place, message, value, "rising times", table=name)
    for at in np.flatnonzero(np.diff(energy_kwh) < 0) + 1:
        message = f"the cumulative energy falls from {1000 * energy_kwh[at - 1]:g} Wh"
        place, value = f"{name} row {rows[at]}", f"{1000 * energy_kwh[at]:g}"
        remedy = "cumulative Wh, which never falls"
        log.add("community.curve.falls", "error", place, message, value, remedy, table=name)
    if from_zero and (time_s[0] != 0 or energy_kwh[0] != 0):
        message = "the profile does not begin with 0 s and 0 Wh"
        value = f"{time_s[0]} {1000 * energy_kwh[0]:g}"
        log.add("community.curve.start", "error", f"{name} row {rows[0]}", message, value, "a first line 0 0")
    if not from_zero and energy_kwh[0] < 0:
        message = "the cumulative energy is negative"
        value = f"{1000 * energy_kwh[0]:g}"
        log.add("community.curve.start", "error", f"{name} row {rows[0]}", message, value, "0 Wh or above")
    return log.errors == before
