"""The horizon of a cluster run: from the settings, or from what the fleet does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.inputs.cluster.visits import first_event_s, last_event_s
from sparewatt.inputs.local_clock import clock_change_remedy, local_text
from sparewatt.model.fleet import NO_TIME
from sparewatt.model.horizon import Horizon, local_time_problem

if TYPE_CHECKING:
    from sparewatt.inputs.cluster.settings import ClusterSettings
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.fleet import Fleet

MAX_PERIODS = 50_000_000
_HOUR_S = 3600
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - clocks are read without a zone here


def moment_s(moment: datetime, timezone: str, where: str, log: FindingLog) -> int:
    """A moment of the settings [s since the epoch]; one that the clock skips or repeats is noted."""
    if moment.tzinfo is None:
        problem = local_time_problem(moment, timezone)
        if problem is not None:
            words = "does not exist" if problem == "missing" else "comes twice"
            message = f"{moment.isoformat(' ')} {words} on the day the clock changes in {timezone}"
            naive_s = (moment - _EPOCH) // timedelta(seconds=1)
            remedy = clock_change_remedy(naive_s, timezone)
            log.add("cluster.settings.moment", "error", where, message, moment.isoformat(" "), remedy)
        moment = moment.replace(tzinfo=ZoneInfo(timezone), fold=0)
    return int(moment.timestamp())


def find_horizon(settings: ClusterSettings, fleet: Fleet | None, log: FindingLog) -> Horizon | None:
    """Periods of the run; ``None`` where they cannot be told, which is noted.

    Parameters
    ----------
    settings
        Start and end, where they are given.
    fleet
        Whose events give what is left out: from the full hour before the first to the full hour after
        the last.
    log
        Where problems are noted.
    """
    zone, step_s = settings.timezone, int(settings.step.total_seconds())
    start = None if settings.start is None else moment_s(settings.start, zone, "cluster.start", log)
    end = None if settings.end is None else moment_s(settings.end, zone, "cluster.end", log)
    if start is None or end is None:
        events = _events(fleet)
        if events is None:
            if log.errors == 0:
                message, remedy = "there is no visit to tell the run's time by", "start and end in [cluster]"
                log.add("cluster.settings.horizon", "error", "cluster.start", message, "", remedy)
            return None
        if start is None:
            start = _hour_before(events[0], zone)
        if end is None:
            end = -_hour_before(-events[1], zone, back=True)
            end = start + -(-max(end - start, step_s) // step_s) * step_s
    begins, ends = local_text(start, zone), local_text(end, zone)
    if end <= start:
        message = f"the run ends at {ends}, not after its start at {begins}"
        log.add("cluster.settings.horizon", "error", "cluster.end", message, ends, "an end after the start")
        return None
    periods, rest = divmod(end - start, step_s)
    if rest:
        fitting = local_text(start + periods * step_s, zone)
        message = f"the run from {begins} to {ends} is not a whole number of steps of {step_s} s"
        remedy = f"end = {fitting}, or another step"
        log.add("cluster.settings.step", "error", "cluster.step", message, f"{step_s} s", remedy)
        return None
    if periods > MAX_PERIODS:
        message = f"the run has {periods:,} periods, more than {MAX_PERIODS:,}"
        log.add(
            "cluster.settings.horizon",
            "error",
            "cluster.step",
            message,
            f"{periods}",
            "a longer step, or an earlier end",
        )
        return None
    return Horizon(
        datetime.fromtimestamp(start, UTC),
        settings.step,
        periods,
        zone,
        _day_edges(start, periods, step_s, zone),
    )


def _events(fleet: Fleet | None) -> tuple[int, int] | None:
    """First and last event of a fleet [s since the epoch]."""
    if fleet is None or not len(fleet):
        return None
    first, last = first_event_s(fleet), last_event_s(fleet)
    first, last = first[first != NO_TIME], last[last != NO_TIME]
    return (int(first.min()), int(last.max())) if len(first) and len(last) else None


def _hour_before(at_s: int, timezone: str, *, back: bool = False) -> int:
    """The full local hour at or before a time; with ``back`` of the mirrored time, so at or after it."""
    at = datetime.fromtimestamp(-at_s if back else at_s, ZoneInfo(timezone))
    offset = int((at.utcoffset() or timedelta(0)).total_seconds())
    if back:
        offset = -offset
    return (at_s + offset) // _HOUR_S * _HOUR_S - offset


def _day_edges(start_s: int, periods: int, step_s: int, timezone: str) -> tuple[int, ...]:
    """First boundary of each local day, and the last boundary of all."""
    zone = ZoneInfo(timezone)
    end_s = start_s + periods * step_s
    day = datetime.fromtimestamp(start_s, zone).replace(hour=0, minute=0, second=0, tzinfo=None)
    edges = [0]
    while True:
        day += timedelta(days=1)
        midnight_s = int(day.replace(tzinfo=zone).timestamp())
        if midnight_s >= end_s:
            break
        edges.append(-((start_s - midnight_s) // step_s))
    return tuple(int(e) for e in np.unique([*edges, periods]))
