"""Site load and electricity price on the periods of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.local_clock import (
    NO_OFFSET,
    clock_change_remedy,
    clocks_to_utc,
    local_text,
    reading_text,
)
from sparewatt.inputs.tables.parse import read_cells, read_number, read_stamp, to_floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable
    from sparewatt.model.horizon import Horizon

HALF_HOUR_S = 1800


@dataclass(frozen=True)
class Series:
    """Values that hold from their stamp to the next, ascending, one per stamp.

    Parameters
    ----------
    stamps_s
        Shape (stamps,) [s since the epoch].
    values
        Shape (stamps,), in the unit of their column.
    doubtful_s
        Stamps that a row means that was refused: their absence was told already [s since the epoch].
    """

    stamps_s: NDArray[np.int64]
    values: NDArray[np.float64]
    doubtful_s: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of stamps."""
        return len(self.stamps_s)


def find_series(
    table: RawTable, value_column: str, horizon: Horizon, log: FindingLog, *, with_last_before: bool = False
) -> Series:
    """The stamps of a run, judged; rows of other times are not judged beyond being a time.

    Parameters
    ----------
    table
        Records of one site or distribution, with a column ``datetime``.
    value_column
        Column with the numbers.
    horizon
        The run.
    log
        Where problems are noted; rows that are wrong are left out.
    with_last_before
        Whether the last stamp before the run belongs to it where none stands at its start.
    """
    read = read_cells(table, "datetime", read_stamp, log)
    at = np.array([i for i, stamp in enumerate(read) if stamp is not None], dtype=np.int64)
    pairs = [stamp for stamp in read if stamp is not None]
    naive = np.array([p[0] for p in pairs], dtype=np.int64)
    offset = np.array([NO_OFFSET if p[1] is None else p[1] for p in pairs], dtype=np.int64)
    utc, missing, ambiguous = clocks_to_utc(naive, offset, horizon.timezone)
    before = utc[utc <= horizon.start_s]
    start_s = int(before.max()) if with_last_before and len(before) else horizon.start_s
    inside = (utc >= start_s) & (utc < horizon.end_s)
    at, naive, utc = at[inside], naive[inside], utc[inside]
    doubtful = (missing | ambiguous)[inside]
    for k in np.flatnonzero(doubtful).tolist():
        rule, words = ("missing", "does not exist") if missing[inside][k] else ("ambiguous", "comes twice")
        log.at(
            f"depot.time.{rule}",
            "error",
            table,
            int(at[k]),
            "datetime",
            f"{reading_text(int(naive[k]))} {words} on the day the clock changes in {horizon.timezone}",
            clock_change_remedy(int(naive[k]), horizon.timezone),
        )
    grid_s = gcd(HALF_HOUR_S, horizon.step_s)
    off_grid = (utc - horizon.start_s) % grid_s != 0
    for k in np.flatnonzero(off_grid & ~doubtful).tolist():
        message = f"the stamp is not on a whole step of {grid_s // 60} minutes"
        log.at(
            "depot.time.off_grid",
            "error",
            table,
            int(at[k]),
            "datetime",
            message,
            "stamps at :00 and :30, or a finer depot.step",
        )
    values = to_floats(read_cells(table, value_column, read_number, log, records=at))[at]
    order = np.lexsort((at, utc))
    order = order[~(doubtful | off_grid)[order]]
    again = np.flatnonzero(np.diff(utc[order]) == 0)
    for k in again.tolist():
        first, second = int(at[order[k]]), int(at[order[k + 1]])
        message = f"{local_text(int(utc[order[k]]), horizon.timezone)} stands in {table.where(first)} already"
        log.at("depot.time.duplicate", "error", table, second, "datetime", message, "one row per stamp")
    order = np.delete(order, again + 1)
    refused = utc[doubtful | off_grid]
    meant = np.concatenate([refused, refused + 2 * HALF_HOUR_S])  # an ambiguous reading is one of two
    return Series(utc[order], np.nan_to_num(values[order]), meant - (meant - horizon.start_s) % grid_s)


def spacing_s(series: Series) -> int:
    """The usual distance of stamps, at most an hour [s]; half an hour where there are too few to tell."""
    distances, counts = np.unique(np.diff(series.stamps_s), return_counts=True)
    if len(distances) == 0:
        return HALF_HOUR_S
    usual = int(distances[np.argmax(counts)])
    return usual if 3600 % usual == 0 else HALF_HOUR_S


def find_gaps(series: Series, horizon: Horizon, every_s: int) -> list[tuple[int, int]]:
    """Stretches of the run without a stamp, as (first missing stamp, how many) [s since the epoch]."""
    wanted = np.arange(horizon.start_s, horizon.end_s, every_s, dtype=np.int64)
    absent = np.flatnonzero(~np.isin(wanted, np.concatenate([series.stamps_s, series.doubtful_s])))
    if len(absent) == 0:
        return []
    stretches = np.split(absent, np.flatnonzero(np.diff(absent) > 1) + 1)
    return [(int(wanted[s[0]]), len(s)) for s in stretches]


def mean_per_period(series: Series, horizon: Horizon, before: float) -> NDArray[np.float64]:
    """Time-weighted mean per period of values that hold until the next stamp, shape (periods,).

    Parameters
    ----------
    series, horizon
        What, and on which periods.
    before
        Value that holds before the first stamp.
    """
    edges = np.unique(np.concatenate([horizon.boundaries_s, series.stamps_s]))
    edges = edges[(edges >= horizon.start_s) & (edges <= horizon.end_s)]
    last = np.searchsorted(series.stamps_s, edges[:-1], side="right") - 1
    held = np.where(last >= 0, np.append(series.values, before)[last], before)
    if len(edges) == horizon.periods + 1:
        return held
    period = (edges[:-1] - horizon.start_s) // horizon.step_s
    weighted = np.bincount(period, weights=held * np.diff(edges), minlength=horizon.periods)
    mean: NDArray[np.float64] = weighted / horizon.step_s
    return mean


def check_load(table: RawTable | None, place: str, horizon: Horizon, log: FindingLog) -> NDArray[np.float64]:
    """Site load per period, shape (periods,) [kW]: zero where the site has no rows at all.

    Parameters
    ----------
    table
        Rows of t_site_load of one site; ``None`` where there is no such table.
    place
        What findings name, e.g. ``"t_site_load, site_id 5"``.
    horizon, log
        The run, and where problems are noted.
    """
    if table is None or len(table) == 0:
        message = "there is no load on the site beside the chargers: none is known, so it is zero"
        log.add("depot.load.none", "info", place, message)
        return np.zeros(horizon.periods)
    series = find_series(table, "clean_load", horizon, log)
    every_s = spacing_s(series)
    for first_s, count in find_gaps(series, horizon, every_s):
        last_s = first_s + (count - 1) * every_s
        begin, end = local_text(first_s, horizon.timezone), local_text(last_s, horizon.timezone)
        log.add(
            "depot.load.gap",
            "error",
            f"{place}, column datetime",
            f"the load is missing at {_stamps(count)}, from {begin} to {end}",
            begin,
            f"a row every {every_s // 60} minutes of the run, or none at all for a site without load",
            margin=-float(count),
            table=place,
        )
    if len(series) and every_s > HALF_HOUR_S:
        message = f"the load comes every {every_s // 60} minutes; each value holds until the next"
        log.add("depot.load.coarse", "info", place, message)
    negative = int(np.sum(series.values < 0))
    if negative:
        message = (
            f"the load is negative at {_stamps(negative)}: the site exports, which leaves more to charge"
        )
        log.add(
            "depot.load.negative",
            "warning",
            place,
            message,
            f"{series.values.min():g}",
            "a load of at least 0 kW",
        )
    return mean_per_period(series, horizon, 0.0)


def check_price(
    table: RawTable | None, place: str, default_price: float, horizon: Horizon, log: FindingLog
) -> NDArray[np.float64]:
    """Price per period, shape (periods,) [currency/kWh]; missing stamps carry the last price.

    Parameters
    ----------
    table
        Rows of t_electricity_price of one distribution; ``None`` where there is no such table.
    place
        What findings name.
    default_price
        Price where there is none to carry [currency/kWh].
    horizon, log
        The run, and where problems are noted.
    """
    no_stamps = np.zeros(0, dtype=np.int64)
    series = Series(no_stamps, np.zeros(0), no_stamps)
    if table is not None and len(table):
        series = find_series(table, "electricity_price_fixed", horizon, log, with_last_before=True)
    if len(series) == 0:
        known = table is not None and len(table) > 0
        log.add(
            "depot.price.default",
            "warning" if known else "info",
            place,
            f"there is no price {'for the days of the run' if known else 'at all'}: "
            f"every period costs default_price = {default_price:g} per kWh",
            f"{default_price:g}",
            "half-hourly prices, or depot.default_price as it should be",
        )
        return np.full(horizon.periods, default_price)
    every_s = min(spacing_s(series), HALF_HOUR_S)
    gaps = find_gaps(series, horizon, every_s)
    unknown = [g for g in gaps if g[0] < series.stamps_s[0]]
    carried = [g for g in gaps if g[0] > series.stamps_s[0]]
    if unknown:
        end = local_text(int(series.stamps_s[0]), horizon.timezone)
        stamps = _stamps(unknown[0][1])
        message = f"there is no price before {end}: {stamps} cost default_price = {default_price:g} per kWh"
        log.add(
            "depot.price.default",
            "warning",
            place,
            message,
            f"{default_price:g}",
            "prices from the first half-hour on",
        )
    if carried:
        longest_s, longest = max((n * every_s, first) for first, n in carried)
        total = sum(n for _, n in carried)
        log.add(
            "depot.price.carried",
            "warning" if timedelta(seconds=longest_s) > timedelta(days=1) else "info",
            place,
            f"the price is missing at {_stamps(total)}, which carry the last one, the longest "
            f"stretch {longest_s / 3600:g} h from {local_text(longest, horizon.timezone)}",
            str(total),
            "one price per half-hour",
        )
    negative = int(np.sum(series.values < 0))
    if negative:
        message = f"the price is negative at {_stamps(negative)}: charging earns money then"
        log.add("depot.price.negative", "info", place, message, f"{series.values.min():g}")
    return mean_per_period(series, horizon, default_price)


def _stamps(count: int) -> str:
    return f"{count} stamp{'s' if count != 1 else ''}"
