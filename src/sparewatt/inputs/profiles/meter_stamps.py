"""Stamps of metered data → UTC; the hour that a clock shows twice is told apart by its order."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sparewatt.inputs.local_clock import (
    NO_OFFSET,
    clock_change_remedy,
    clocks_to_utc,
    reading,
    reading_text,
)
from sparewatt.inputs.tables.parse import CellError, read_stamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.profiles.meter_file import MeterTable

_US = 1_000_000
_OLDEST_S, _LATEST_S = 31_536_000, 7_258_118_400  # 1971 to 2199, as text is read
_FIRST_ROW = 2


def read_stamps(table: MeterTable, timezone: str, log: FindingLog) -> NDArray[np.int64] | None:
    """Stamps of all rows in UTC, shape (rows,) [s since the epoch]; ``None`` where any is wrong, noted."""
    column = table.stamps
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0]) + _FIRST_ROW
        message = f"{column.null_count} rows have no time, the first is row {row}"
        log.add("network.profiles.stamp", "error", table.name, message, "", "a time in every row")
        return None
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        us = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64()).to_numpy()
        seconds = np.asarray(us, dtype=np.int64) // _US
        if len(seconds) and not _OLDEST_S <= seconds.min() <= seconds.max() < _LATEST_S:
            message = "some times are not of the years 1971 to 2199"
            log.add(
                "network.profiles.stamp", "error", table.name, message, "", "times of the days of the study"
            )
            return None
        if column.type.tz is not None:
            return seconds
        return _from_clock(table, seconds, np.full(len(seconds), NO_OFFSET), timezone, log)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        message = f"the times are {column.type}, not stamps"
        log.add("network.profiles.stamp", "error", table.name, message, "", "YYYY-MM-DD HH:MM")
        return None
    coded = column.combine_chunks().dictionary_encode()
    code = np.asarray(coded.indices.to_numpy(), dtype=np.int64)
    naive = np.zeros(len(coded.dictionary), dtype=np.int64)
    offset = np.full(len(coded.dictionary), NO_OFFSET, dtype=np.int64)
    fine = True
    for k, text in enumerate(coded.dictionary.to_pylist()):
        try:
            naive[k], shift = read_stamp(text.strip())
        except CellError as error:
            fine = False
            row = int(np.argmax(code == k)) + _FIRST_ROW
            message = f"{text!r} {error.message}"
            place = f"{table.name} row {row}"
            log.add("network.profiles.stamp", "error", place, message, text, error.remedy, table=table.name)
            continue
        if shift is not None:
            offset[k] = shift
    return _from_clock(table, naive[code], offset[code], timezone, log) if fine else None


def _from_clock(
    table: MeterTable,
    naive: NDArray[np.int64],
    offset: NDArray[np.int64],
    timezone: str,
    log: FindingLog,
) -> NDArray[np.int64] | None:
    pairs, row = np.unique(np.stack([naive, offset]), axis=1, return_inverse=True)
    each, missing, twice = clocks_to_utc(pairs[0], pairs[1], timezone)
    utc = each[row]
    for k in np.flatnonzero(missing).tolist():
        at = int(np.argmax(row == k)) + _FIRST_ROW
        stamp = int(pairs[0, k])
        message = f"{reading_text(stamp)} does not exist on the day the clock changes in {timezone}"
        remedy = f"{clock_change_remedy(stamp, timezone)}, or the time zone in which the clock was"
        log.add(
            "network.profiles.clock", "error", f"{table.name} row {at}", message, "", remedy, table=table.name
        )
    rows = np.flatnonzero(twice[row])
    who = np.zeros(len(rows), dtype=np.int64) if table.who is None else table.who[rows]
    order = np.lexsort((rows, naive[rows], who))
    same = np.zeros(len(rows), dtype=np.bool_)
    if len(rows):
        a, b = order[:-1], order[1:]
        same[b] = (naive[rows[a]] == naive[rows[b]]) & (who[a] == who[b])
    zone = ZoneInfo(timezone)
    for k in rows[same].tolist():  # few: the readings of one hour a year
        late = reading(int(naive[k])).replace(tzinfo=zone, fold=1)
        utc[k] = int(late.timestamp())
    return None if missing.any() else utc
