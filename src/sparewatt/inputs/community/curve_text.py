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

_PAIRS = re.compile(
    r"\s*+(?:-?[0-9]{1,15}+[ \t]++[0-9]++(?:\.[0-9]*+)?+[ \t]*+(?:\r?\n[ \t\r\n]*+|\Z))++", re.ASCII
)
"""Lines of a whole number and a plain decimal number."""
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
    points = _fast(text) or _slow(name, text.splitlines(), log)
    if points is None:
        return None
    time_s, energy_kwh = points
    fine = (time_s[1:] > time_s[:-1]).all() and (energy_kwh[1:] >= energy_kwh[:-1]).all()
    starts = (time_s[0] == 0 and energy_kwh[0] == 0) if from_zero else energy_kwh[0] >= 0
    if not fine or not starts:
        rows = [row for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
        _note_problems(name, time_s, energy_kwh, rows, log, from_zero)
        return None
    return points


def _fast(text: str) -> Points | None:
    """All lines at once; ``None`` where any needs a closer look."""
    if not _PAIRS.fullmatch(text):
        return None
    words = text.split()
    time_s = np.array(list(map(int, words[::2])), np.int64)
    energy_kwh = np.array([float(word + "e-3") for word in words[1::2]])
    return (time_s, energy_kwh) if len(words) and (np.abs(energy_kwh) < _LARGEST).all() else None


def _slow(name: str, lines: list[str], log: FindingLog) -> Points | None:
    """Line by line, with a finding for each that is wrong."""
    number = number_between(-_LARGEST, _LARGEST, "")
    before, time_s, energy_kwh = log.errors, [], []
    for row, line in enumerate(lines, start=1):
        parts = line.split()
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
        except CellError as problem:
            log.add(problem.rule, "error", where, problem.message, value, _FORM, table=name)
    if not time_s and log.errors == before:
        log.add("community.curve.empty", "error", name, "the file is empty", "", _FORM)
    if log.errors > before:
        return None
    return np.array(time_s, np.int64), np.array(energy_kwh, np.float64)


def _whole(seconds: float) -> int:
    if not seconds.is_integer():
        raise CellError("community.value.stamp", "is not a whole number of seconds", _FORM)
    return int(seconds)


def _note_problems(
    name: str,
    time_s: NDArray[np.int64],
    energy_kwh: NDArray[np.float64],
    rows: list[int],
    log: FindingLog,
    from_zero: bool,  # noqa: FBT001 - as in read_points
) -> None:
    """Say where a curve is none."""
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
