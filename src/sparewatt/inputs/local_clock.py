"""Local clock readings → UTC, in bulk, with the readings that a clock change skips or repeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np

from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.tables.parse import DAY_S, CellError
from sparewatt.model.horizon import local_time_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_OFFSET = np.iinfo(np.int64).min
"""Stands for a reading that came without an offset."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - clocks are read without a zone here


def read_timezone(text: str) -> str:
    """The IANA name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        meant = nearest(text, available_timezones())
        hint = f"; did you mean {meant}?" if meant else ""
        raise CellError(
            "depot.sites.timezone",
            "is not a time zone",
            f"an IANA name such as Europe/London, or empty for that{hint}",
        ) from None


def reading(naive_s: int) -> datetime:
    """A clock reading [s since the epoch on that clock] as a naive datetime."""
    return _EPOCH + timedelta(seconds=naive_s)


def reading_text(naive_s: int) -> str:
    """A clock reading as people write it."""
    return reading(naive_s).isoformat(" ", "minutes")


def local_text(utc_s: int, timezone: str) -> str:
    """A UTC time as the local clock shows it, with its offset."""
    return datetime.fromtimestamp(utc_s, ZoneInfo(timezone)).isoformat(" ", "minutes")


def clocks_to_utc(
    naive_s: NDArray[np.int64], offset_s: NDArray[np.int64], timezone: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Clock readings in UTC.

    Parameters
    ----------
    naive_s
        What the clock shows [s since the epoch on that clock].
    offset_s
        Offset from UTC where the reading came with one [s], else `NO_OFFSET`: then it is local.
    timezone
        Zone of local readings.

    Returns
    -------
    UTC [s since the epoch] (an ambiguous reading as its first occurrence), and which readings do
    not exist and which are ambiguous.
    """
    zone = ZoneInfo(timezone)
    own = offset_s != NO_OFFSET
    offset = np.where(own, offset_s, 0)
    missing, ambiguous = np.zeros(len(naive_s), dtype=bool), np.zeros(len(naive_s), dtype=bool)
    days, day_of = np.unique(naive_s // DAY_S, return_inverse=True)
    starts = {int(d): _offset(int(d) * DAY_S, zone) for d in np.union1d(days, days + 1)}
    day_offset = np.array([starts[int(d)] for d in days], dtype=np.int64)
    changing = np.array([starts[int(d)] != starts[int(d) + 1] for d in days], dtype=bool)
    if len(days):
        offset = np.where(own, offset, day_offset[day_of])
        for i in np.flatnonzero(~own & changing[day_of]):
            at = int(naive_s[i])
            offset[i] = _offset(at, zone)
            problem = local_time_problem(reading(at), timezone)
            missing[i], ambiguous[i] = problem == "missing", problem == "ambiguous"
    return naive_s - offset, missing, ambiguous


def clock_change_remedy(naive_s: int, timezone: str) -> str:
    """How to write a reading that is missing or ambiguous."""
    zone, at = ZoneInfo(timezone), reading(naive_s)
    written = [at.replace(tzinfo=zone, fold=f).isoformat(" ", "minutes") for f in (0, 1)]
    return f"write it with its offset from UTC: {written[0]} or {written[1]}"


def _offset(naive_s: int, zone: ZoneInfo) -> int:
    offset = reading(naive_s).replace(tzinfo=zone, fold=0).utcoffset() or timedelta(0)
    return int(offset.total_seconds())
