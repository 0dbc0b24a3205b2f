"""Time axis: real time runs evenly, labels say what the clock on the wall shows."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.horizon import local_time_problem, local_to_utc
from sparewatt.results.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_HOUR = timedelta(hours=1)
_NO_TWO_CHANGES = timedelta(hours=6)
"""No clock changes twice within this time."""
_SPANS_H = ((30, 3), (54, 6), (100, 12), (24 * 16, 24))
"""Up to this many hours: a label every so many local hours."""
_SHORT_SPANS_H = ((0.25, 1), (0.75, 5), (1.5, 10), (5, 30), (10, 60), (18, 120))
"""Up to this many hours: a label every so many local minutes."""
_MOST_LABELS = 12
_MONTHS_FROM_DAYS = 120
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def hours(horizon: Horizon, lo: int, hi: int) -> NDArray[np.float64]:
    """Boundaries ``lo..hi`` as hours since the start of the horizon, shape (hi - lo + 1,) [h]."""
    return np.asarray(np.arange(lo, hi + 1) * horizon.step_h, dtype=np.float64)


def day_name(day: date) -> str:
    """A day as ``Mon 27 Oct``, in English wherever the program runs."""
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]
    return f"{weekday} {short_date(day)}"


def short_date(day: date) -> str:
    """A day as ``27 Oct``."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def month_name(day: date) -> str:
    """A month as ``Nov``, in January with its year."""
    return f"Jan {day.year}" if day.month == 1 else _MONTHS[day.month - 1]


def local_ticks(horizon: Horizon, lo: int, hi: int, *, days_only: bool = False) -> list[tuple[float, str]]:
    """Positions [h since the start] and labels for boundaries ``lo..hi``.

    A local time that the clock skips gets no label, one that it shows twice is labelled once, at the
    first; so on a clock-change day the labels stand an hour closer together or further apart.
    """
    span_h = (hi - lo) * horizon.step_h
    every_h = next((h for limit, h in _SPANS_H if span_h <= limit), None)
    if days_only and every_h is not None:
        every_h = 24
    start, end = horizon.local(lo), horizon.local(hi)
    if span_h <= _SHORT_SPANS_H[-1][0] and not days_only:
        return _minute_ticks(horizon, lo, hi)
    midnight = datetime.combine(start.date(), datetime.min.time())
    days = (end.date() - start.date()).days + 1
    wanted: dict[datetime, str]
    if every_h is not None:
        times = [midnight + k * every_h * _HOUR for k in range(days * 24 // every_h + 1)]
        wanted = {t: f"{t:%H:%M}" if t.hour else day_name(t.date()) for t in times}
    elif days <= _MONTHS_FROM_DAYS:
        step = -(-days // _MOST_LABELS)
        times = [midnight + timedelta(days=d) for d in range(0, days, step)]
        wanted = {t: short_date(t.date()) for t in times}
    else:
        firsts = [t for d in range(days) if (t := midnight + timedelta(days=d)).day == 1]
        wanted = {t: month_name(t.date()) for t in firsts[:: -(-len(firsts) // (_MOST_LABELS + 1))]}
    ticks = []
    for local, label in wanted.items():
        if local_time_problem(local, horizon.timezone) == "missing":
            continue
        x = (local_to_utc(local, horizon.timezone) - horizon.start) / _HOUR
        if lo * horizon.step_h <= x <= hi * horizon.step_h:
            ticks.append((x, label))
    return ticks


def _minute_ticks(horizon: Horizon, lo: int, hi: int) -> list[tuple[float, str]]:
    """Labels of a short span, evenly spaced from a round time of the clock on the wall."""
    span_h = (hi - lo) * horizon.step_h
    every = timedelta(minutes=next(m for limit, m in _SHORT_SPANS_H if span_h <= limit))
    local = horizon.local(lo)
    behind = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) % every
    at, end = local.astimezone(UTC) - behind, horizon.local(hi).astimezone(UTC)
    ticks = []
    while at <= end:
        x, wall = (at - horizon.start) / _HOUR, at.astimezone(local.tzinfo)
        if x >= lo * horizon.step_h:
            ticks.append((x, f"{wall:%H:%M}" if wall.hour or wall.minute else day_name(wall.date())))
        at += every
    return ticks


def clock_changes(horizon: Horizon, lo: int, hi: int) -> list[tuple[float, str]]:
    """Position [h] and words of every clock change between boundaries ``lo`` and ``hi``."""

    def offset(t: int) -> timedelta:
        return horizon.local(t).utcoffset() or timedelta()

    changes = []
    stride = max(1, int(_NO_TWO_CHANGES / horizon.step))
    for a in range(lo, hi, stride):
        before, b = offset(a), min(a + stride, hi)
        shift = offset(b) - before
        if shift:
            t = bisect_left(range(a, b), 1, key=lambda t: offset(t) != before) + a
            word = "back" if shift < timedelta() else "forward"
            changes.append((t * horizon.step_h, f"clocks go {word} on {day_name(horizon.local(t).date())}"))
    return changes


def set_local_time(axes: Axes, horizon: Horizon, lo: int, hi: int) -> None:
    """Ticks, limits, label and clock changes of a local time axis for boundaries ``lo..hi``."""
    _set_ticks(axes, horizon, lo, hi)
    changes = clock_changes(horizon, lo, hi)
    note = "".join(f"; {words}" for _, words in changes)
    names = [text.get_text() for text in axes.get_xticklabels()]
    day = "" if any(" " in name for name in names) else f" on {_day_words(horizon, lo, hi)}"
    axes.set_xlabel(f"local time{day}, {horizon.timezone}{note}")
    for x, _ in changes:
        axes.axvline(x, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), alpha=0.6)


def _day_words(horizon: Horizon, lo: int, hi: int) -> str:
    """The day, or days, of a short span."""
    first, last = horizon.local(lo).date(), horizon.local(hi).date()
    return day_name(first) if first == last else f"{day_name(first)} to {day_name(last)}"


def set_local_days(axes: Axes, horizon: Horizon) -> None:
    """An axis over the whole horizon for values that stand for planning days."""
    _set_ticks(axes, horizon, 0, horizon.periods, days_only=True)
    axes.set_xlabel(f"planning day, {horizon.timezone}")


def _set_ticks(axes: Axes, horizon: Horizon, lo: int, hi: int, *, days_only: bool = False) -> None:
    """Ticks and limits."""
    ticks = local_ticks(horizon, lo, hi, days_only=days_only)
    axes.set_xticks([x for x, _ in ticks], [label for _, label in ticks])
    axes.set_xlim(lo * horizon.step_h, hi * horizon.step_h)


def period_words(horizon: Horizon, lo: int, hi: int) -> str:
    """Boundaries ``lo..hi`` in words: ``Fri 24 Oct 2025 12:00 to Mon 27 Oct 2025 12:00``."""
    ends = [horizon.local(lo), horizon.local(hi)]
    return " to ".join(f"{day_name(e.date())} {e.year} {e:%H:%M}" for e in ends)
