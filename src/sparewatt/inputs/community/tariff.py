"""tariff.csv: prices in steps, by UNIX seconds or by the local time of day, and on the minutes of a run."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import WRONG, number_between, read_stamp_s
from sparewatt.inputs.community.scaled_text import number_text
from sparewatt.inputs.community.settings import FEED_IN, MOST_PRICE, PRICE
from sparewatt.inputs.community.text_table import read_headed_table, read_values
from sparewatt.inputs.generate.visit_times import clock_of
from sparewatt.inputs.local_clock import local_text
from sparewatt.inputs.tables.parse import DAY_S, CellError
from sparewatt.model.market_rules import Tariff

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.minute_grid import MinuteGrid

TARIFF = "tariff.csv"
COLUMNS = ("time", "import_per_kwh", "feed_in_per_kwh")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_HOUR_S, _MINUTE_S = 3600, 60


@dataclass(frozen=True)
class TariffSteps:
    """Prices that hold from a time until the next.

    Parameters
    ----------
    is_daily
        Whether times are seconds after midnight on the local clock; otherwise UNIX seconds.
    time_s
        Rising, the first of a day is 0, shape (steps,) [s].
    import_per_kwh, feed_in_per_kwh
        Shape (steps,) [currency/kWh].
    """

    is_daily: bool
    time_s: NDArray[np.int64]
    import_per_kwh: NDArray[np.float64]
    feed_in_per_kwh: NDArray[np.float64]


def flat_steps(import_per_kwh: float = PRICE, feed_in_per_kwh: float = FEED_IN) -> TariffSteps:
    """One price at all times."""
    return TariffSteps(True, np.zeros(1, np.int64), np.array([import_per_kwh]), np.array([feed_in_per_kwh]))


def read_tariff_steps(name: str, text: str, log: FindingLog) -> TariffSteps | None:
    """Prices of a file; ``None`` where any line is wrong, which is noted."""
    before = log.errors
    table = read_headed_table(name, text, COLUMNS, log)
    if table is None:
        return None
    if not len(table) and log.errors > before:
        return None
    if not len(table):
        remedy = "a row 00:00,0.30,0.08"
        log.add("community.file.empty", "error", name, "there are no prices", "", remedy)
        return None
    is_daily = any(":" in t for t in table.columns["time"])
    reader = _read_clock if is_daily else read_stamp_s
    time_s = np.array(read_values(table, "time", reader, log, wrong=WRONG), np.int64)
    price = number_between(-MOST_PRICE, MOST_PRICE, "currency/kWh")
    prices = [np.array(read_values(table, c, price, log, wrong=math.nan), np.float64) for c in COLUMNS[1:]]
    for record in np.flatnonzero(np.diff(time_s) <= 0) + 1:
        if WRONG not in time_s[record - 1 : record + 1]:
            message = f"the time does not come after the one before it, {table.text('time', int(record) - 1)}"
            log.at("community.tariff.order", "error", table, int(record), "time", message, "rising times")
    if is_daily and time_s[0] > 0:
        message = f"there is a gap: no price from 00:00 to {table.text('time', 0)}"
        log.at("community.tariff.gap", "error", table, 0, "time", message, "a first row 00:00")
    for record in np.flatnonzero(prices[1] > prices[0]):
        message = "energy given to the grid earns more than energy from it costs"
        remedy = "a feed-in price up to the price; with it, sharing can leave somebody worse off"
        log.at("community.tariff.spread", "warning", table, int(record), "feed_in_per_kwh", message, remedy)
    return None if log.errors > before else TariffSteps(is_daily, time_s, prices[0], prices[1])


def _read_clock(text: str) -> int:
    """A local time of day as seconds after midnight."""
    match = _CLOCK.fullmatch(text)
    if match:
        hours, minutes, seconds = (int(g or 0) for g in match.groups())
        at = hours * _HOUR_S + minutes * _MINUTE_S + seconds
        if minutes < 60 and seconds < 60 and at < DAY_S:  # noqa: PLR2004 - the clock face
            return at
    remedy = "HH:MM in every row, or UNIX seconds in every row"
    raise CellError("community.value.clock", "is not a time of day", remedy)


def tariff_on_grid(
    steps: TariffSteps, grid: MinuteGrid, time_zone: str, name: str, log: FindingLog
) -> Tariff | None:
    """Prices in each minute; ``None`` where there is a gap, which is noted.

    Parameters
    ----------
    steps
        The prices.
    grid
        The minutes.
    time_zone
        IANA zone of the clock for times of day.
    name, log
        What people call the prices, and where problems are noted.
    """
    at_s = grid.origin_s + grid.edges_s[:-1]
    if steps.is_daily:
        at_s = clock_of(at_s, time_zone) % DAY_S
    row = np.searchsorted(steps.time_s, at_s, side="right") - 1
    if row.min(initial=0) < 0:
        first = int(steps.time_s[0])
        span = f"{local_text(grid.origin_s, 'UTC')} to {local_text(first, 'UTC')}"
        message = f"there is a gap: no price from {span}"
        remedy = f"a row at {grid.origin_s} or before"
        log.add("community.tariff.gap", "error", f"{name} row 2, column time", message, str(first), remedy)
        return None
    return Tariff(steps.import_per_kwh[row], steps.feed_in_per_kwh[row])


def tariff_text(steps: TariffSteps) -> str:
    """The prices as CSV, which reads as the same."""
    out = io.StringIO()
    out.write(",".join(COLUMNS) + "\n")
    for time_s, price, feed_in in zip(
        steps.time_s.tolist(), steps.import_per_kwh.tolist(), steps.feed_in_per_kwh.tolist(), strict=True
    ):
        clock = f"{time_s // _HOUR_S:02}:{time_s // _MINUTE_S % 60:02}:{time_s % 60:02}"
        time = clock.removesuffix(":00") if steps.is_daily else str(time_s)
        out.write(f"{time},{number_text(price)},{number_text(feed_in)}\n")
    return out.getvalue()
