"""Metered values on one time axis, judged: gaps, stamps that stand twice, axes that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.finding_log import MAX_REPEATS
from sparewatt.inputs.local_clock import local_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.profiles.meter_file import MeterTable
    from sparewatt.model.horizon import Horizon

_NAMED = 5
_FIRST_ROW = 2
_HOUR_S = 3600


@dataclass(frozen=True)
class MeterGrid:
    """Values of meters at equal steps.

    Parameters
    ----------
    first_s, step_s
        Left edge of the first step [s since the epoch], and its length [s].
    values
        Shape (ids, steps); NaN where there is none.
    other
        Rows of meters whose own step is another, which was noted.
    left_s
        Left edge of each row of the file, shape (rows,) [s since the epoch].
    """

    first_s: int
    step_s: int
    values: NDArray[np.float64]
    other: NDArray[np.int64]
    left_s: NDArray[np.int64]

    def place(self, table: MeterTable, meter: int, step: int) -> str:
        """Where a reading stands in the file, or after which row it should: file, row, column if wide.

        Parameters
        ----------
        table
            The file.
        meter, step
            Row and column of ``values``.
        """
        at = self.first_s + step * self.step_s
        mine = np.arange(len(self.left_s)) if table.who is None else np.flatnonzero(table.who == meter)
        there = mine[self.left_s[mine] == at]
        if len(there):
            column = f", column {table.ids[meter]}" if table.who is None else ""
            return f"{table.name} row {there[0] + _FIRST_ROW}{column}"
        before = mine[self.left_s[mine] < at]
        if not len(before):
            return f"{table.name} row {mine[0] + _FIRST_ROW if len(mine) else 1}"
        return f"{table.name} after row {before[np.argmax(self.left_s[before])] + _FIRST_ROW}"


def find_grid(
    table: MeterTable, stamps_s: NDArray[np.int64], horizon: Horizon, *, at_end: bool, log: FindingLog
) -> MeterGrid | None:
    """The values that touch a horizon on one axis; ``None`` where there is no such axis, which is noted.

    Parameters
    ----------
    table, stamps_s
        What was read, and its stamps in UTC [s since the epoch].
    horizon
        Rows of other times are not judged.
    at_end
        Whether stamps are the ends of the steps.
    log
        Where problems are noted.
    """
    who = np.zeros(len(stamps_s), dtype=np.int64) if table.who is None else table.who
    order = np.lexsort((np.arange(len(who)), stamps_s, who))
    apart = np.diff(stamps_s[order])
    inside = np.diff(who[order]) == 0
    steps, counts = np.unique(apart[inside & (apart > 0)], return_counts=True)
    if not len(steps):
        message = "no customer has two different stamps, so there is no step"
        log.add("network.profiles.stamp", "error", table.name, message, "", "a series of stamps")
        return None
    step_s = int(steps[np.argmax(counts)])
    if step_s > _HOUR_S * 24:
        message = f"values come every {step_s / _HOUR_S:g} h"
        log.add("network.profiles.axis", "error", table.name, message, "", "a value at least every day")
        return None
    left_s = stamps_s - step_s if at_end else stamps_s
    near = (left_s > horizon.start_s - step_s) & (left_s < horizon.end_s)
    if not (near & (left_s >= horizon.start_s)).any():
        first, last = (local_text(int(t), horizon.timezone) for t in (left_s.min(), left_s.max() + step_s))
        message = f"the values go from {first} to {last}; none is in the days of the study"
        start = local_text(horizon.start_s, horizon.timezone)
        log.add("network.profiles.days", "error", table.name, message, first, f"values from {start} on")
        return None
    other = _find_other_steps(table, who[order][:-1][inside], apart[inside], step_s, log)
    phases, counts = np.unique(left_s[near & (left_s >= horizon.start_s)] % step_s, return_counts=True)
    phase = int(phases[np.argmax(counts)])
    off = _note_other_axes(table, left_s, near, step_s, phase, other, horizon, log)
    other = np.union1d(other, off)
    first_s = horizon.start_s - (horizon.start_s - phase) % step_s
    size = -(-(horizon.end_s - first_s) // step_s)
    rows = np.flatnonzero(near & (left_s % step_s == phase))
    cell = (left_s[rows] - first_s) // step_s
    kept = (cell >= 0) & (cell < size)
    rows, cell = rows[kept], cell[kept]
    _note_twice(table, left_s, rows, who, horizon, log)
    values = np.full((len(table.ids), size), np.nan)
    if table.who is None:
        values[:, cell] = table.values[:, rows]
    else:
        values[who[rows], cell] = table.values[rows]
    return MeterGrid(first_s, step_s, values, other, left_s)


def _find_other_steps(
    table: MeterTable, who: NDArray[np.int64], apart: NDArray[np.int64], step_s: int, log: FindingLog
) -> NDArray[np.int64]:
    """Meters most of whose stamps are another step apart than those of most others, noted."""
    count = np.bincount(who, minlength=len(table.ids))
    same = np.bincount(who[apart == step_s], minlength=len(table.ids))
    other = np.flatnonzero((count > 0) & (2 * same < count))
    for k in other.tolist():
        steps, often = np.unique(apart[who == k], return_counts=True)
        usual = int(steps[np.argmax(often)])
        message = f"{table.ids[k]} comes every {usual / 60:g} min, most others every {step_s / 60:g} min"
        first = 0 if table.who is None else int(np.argmax(table.who == k))
        place, remedy = f"{table.name} row {first + _FIRST_ROW}", "one step for all customers of a file"
        ids = (table.ids[k],)
        log.add("network.profiles.axis", "error", place, message, f"{usual / 60:g} min", remedy, ids=ids)
    return np.asarray(other if table.who is not None else other[:0], dtype=np.int64)


def _note_other_axes(
    table: MeterTable,
    left_s: NDArray[np.int64],
    near: NDArray[np.bool_],
    step_s: int,
    phase: int,
    noted: NDArray[np.int64],
    horizon: Horizon,
    log: FindingLog,
) -> NDArray[np.int64]:
    """Note stamps that are not on the axis that most are on; the meters that have them.

    Meters of another step were noted before.
    """
    off = np.flatnonzero(near & (left_s % step_s != phase))
    remedy = f"all values every {step_s / 60:g} min, from {local_text(horizon.start_s, horizon.timezone)} on"
    if table.who is None:
        for row in off.tolist():
            at = local_text(int(left_s[row]), horizon.timezone)
            message = f"{at} is not on the axis of the others, every {step_s / 60:g} min"
            place = f"{table.name} row {row + _FIRST_ROW}"
            log.add("network.profiles.axis", "error", place, message, at, remedy, table=table.name)
        return off[:0]
    theirs = np.setdiff1d(table.who[off], noted)
    for k in theirs.tolist():
        mine = off[table.who[off] == k]
        at = local_text(int(left_s[mine[0]]), horizon.timezone)
        count = "1 stamp of {} is" if len(mine) == 1 else f"{len(mine)} stamps of {{}} are"
        message = (
            f"{count.format(table.ids[k])} not on the axis of the others, "
            f"every {step_s / 60:g} min; the first is {at}"
        )
        place = f"{table.name} row {mine[0] + _FIRST_ROW}"
        ids = (table.ids[k],)
        log.add("network.profiles.axis", "error", place, message, at, remedy, ids=ids, table=table.name)
    return theirs


def _note_twice(
    table: MeterTable,
    left_s: NDArray[np.int64],
    rows: NDArray[np.int64],
    who: NDArray[np.int64],
    horizon: Horizon,
    log: FindingLog,
) -> None:
    """Stamps that stand twice for one customer."""
    order = rows[np.lexsort((rows, left_s[rows], who[rows]))]
    again = np.flatnonzero((np.diff(left_s[order]) == 0) & (np.diff(who[order]) == 0))
    for k in again.tolist():
        first, second = int(order[k]), int(order[k + 1])
        at = local_text(int(left_s[second]), horizon.timezone)
        whose = "" if table.who is None else f" of {table.ids[int(who[second])]}"
        message = f"{at}{whose} stands in row {first + _FIRST_ROW} already"
        place = f"{table.name} row {second + _FIRST_ROW}"
        log.add(
            "network.profiles.twice", "error", place, message, at, "one value per stamp", table=table.name
        )


def note_gaps(
    table: MeterTable, grid: MeterGrid, used: NDArray[np.int64], horizon: Horizon, log: FindingLog
) -> None:
    """Note where values are missing and how long; one finding for all customers with the same gap.

    Parameters
    ----------
    table, grid, horizon
        What was read.
    used
        Rows of the meters that are used, shape (used,).
    log
        Where problems are noted.
    """
    gaps: dict[tuple[int, int], list[str]] = {}
    for k in used.tolist():
        absent = np.isnan(grid.values[k])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], absent, [False]])))
        for begin, end in edges.reshape(-1, 2).tolist():
            gaps.setdefault((begin, end), []).append(table.ids[k])
    row_of = {name: k for k, name in enumerate(table.ids)}
    for number, ((begin, end), ids) in enumerate(sorted(gaps.items())):
        first, last = (local_text(grid.first_s + t * grid.step_s, horizon.timezone) for t in (begin, end))
        some = ", ".join(ids[:_NAMED]) + ("…" if len(ids) > _NAMED else "")
        whose = some if len(ids) == 1 else f"{len(ids)} columns ({some})"
        hours = (end - begin) * grid.step_s / _HOUR_S
        count = "1 value of {} is" if end - begin == 1 else f"{end - begin} values of {{}} are"
        message = f"{count.format(whose)} missing, {hours:g} h from {first} to {last}"
        place = grid.place(table, row_of[ids[0]], begin) if number < MAX_REPEATS else table.name
        log.add(
            "network.profiles.gap",
            "error",
            place,
            message,
            first,
            f"a value every {grid.step_s / 60:g} min, or days without the gap",
            ids=tuple(ids),
            margin=-hours,
            table=table.name,
        )
