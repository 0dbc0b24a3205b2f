"""Clock ticks: real time runs evenly along an axis, labels say what the clock on the wall shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sparewatt.model.horizon import local_time_problem, local_to_utc

_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_STEPS_DAYS = (1, 2, 3, 7, 14)
_STEPS_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = timedelta(days=1)
_DAY_MIN = 1440
_LONGEST = timedelta(days=366 * 120)


@dataclass(frozen=True)
class ClockTick:
    """A label of a time axis.

    Parameters
    ----------
    time
        Where it stands, UTC.
    label
        What the clock on the wall shows there, in English wherever the program runs.
    day
        The day, on the first label of each day of a short window; else empty.
    """

    time: datetime
    label: str
    day: str = ""


def clock_ticks(start: datetime, end: datetime, timezone: str, most: int = 10) -> tuple[ClockTick, ...]:
    """Labels of a window of time at round local times, at most about ``most``.

    A local time that the clock skips gets no label, one that it shows twice is labelled at the first; so on
    the day of a clock change labels stand closer together or further apart.

    Parameters
    ----------
    start, end
        The window, tz-aware.
    timezone
        IANA name of the zone of the labels.
    most
        Labels at most.
    """
    zone = ZoneInfo(timezone)
    end = min(end, start + _LONGEST)
    first, last = (moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end))
    span_min = max((end - start) / timedelta(minutes=1), 1e-6)
    minutes = next((step for step in _STEPS_MIN if span_min / step <= most), None)
    if minutes is not None:
        return _within_days(start, end, timezone, minutes)
    days = next((step for step in _STEPS_DAYS if span_min / (step * _DAY_MIN) <= most), None)
    if days is not None:
        wanted = _every_days(first, last, days)
        return _placed(wanted, start, end, timezone)
    months = next(
        (step for step in _STEPS_MONTHS if span_min / (step * 30.4 * _DAY_MIN) <= most), _STEPS_MONTHS[-1]
    )
    return _placed(_every_months(first, last, months), start, end, timezone)


def local_words(moment: datetime, timezone: str) -> str:
    """A moment as ``Mon 27 Oct 2025 07:30`` of the clock on the wall."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{_WEEKDAYS[local.weekday()]} {_date_words(local)} {local.year} {local:%H:%M}"


def _within_days(start: datetime, end: datetime, timezone: str, minutes: int) -> tuple[ClockTick, ...]:
    """Round times of each day; a day is named at its first label."""
    zone = ZoneInfo(timezone)
    day = start.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    ticks: list[ClockTick] = []
    while local_to_utc(day, timezone) <= end:
        name = f"{_WEEKDAYS[day.weekday()]} {_date_words(day)}"
        for minute in range(0, _DAY_MIN, minutes):
            local = day + timedelta(minutes=minute)
            time = local_to_utc(local, timezone)
            if start <= time <= end and local_time_problem(local, timezone) != "missing":
                ticks.append(ClockTick(time, f"{local:%H:%M}", name))
                name = ""
        day += _DAY
    return tuple(ticks)


def _every_days(first: datetime, last: datetime, days: int) -> list[tuple[datetime, str]]:
    """Every so many days, counted alike whatever the window, so that labels stay while it is moved."""
    day = datetime.combine(first.date(), datetime.min.time())
    day -= (day.toordinal() - 1) % days * _DAY
    found = []
    while day <= last:
        found.append(
            (day, f"{_WEEKDAYS[day.weekday()]} {_date_words(day)}" if days == 1 else _date_words(day))
        )
        day += days * _DAY
    return found


def _every_months(first: datetime, last: datetime, months: int) -> list[tuple[datetime, str]]:
    """First days of every so many months."""
    count = (first.year * 12 + first.month - 1) // months * months
    found: list[tuple[datetime, str]] = []
    while (day := datetime(count // 12, count % 12 + 1, 1)) <= last:  # noqa: DTZ001 - of the clock on the wall
        found.append((day, f"{_MONTHS[day.month - 1]} {day.year}"))
        count += months
    return found


def _placed(
    wanted: list[tuple[datetime, str]], start: datetime, end: datetime, timezone: str
) -> tuple[ClockTick, ...]:
    found = []
    for local, label in wanted:
        time = local_to_utc(local, timezone)  # where a zone skips midnight, the first moment of the day
        if start <= time <= end:
            found.append(ClockTick(time.astimezone(UTC), label))
    return tuple(found)


def _date_words(day: datetime) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
