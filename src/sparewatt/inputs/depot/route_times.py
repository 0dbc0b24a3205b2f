"""RouteTimes: departure and arrival of each route as read from t_route_master."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.inputs.local_clock import NO_OFFSET
from sparewatt.inputs.tables.parse import DAY_S, read_cells, read_clock
from sparewatt.inputs.tables.raw_table import read_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

_Clock = tuple[int, int | None, int | None]
_UNKNOWN = (-1, NO_OFFSET, -1, NO_OFFSET)


@dataclass(frozen=True, slots=True)
class RouteTimes:
    """Times of the routes of one table.

    Parameters
    ----------
    name
        Name of the table.
    times
        By route id: departure clock [s after midnight] and its UTC offset [s], arrival clock [s after
        the midnight before departure] and its offset; a clock of -1 where the row was wrong, which the
        log has; `NO_OFFSET` where the clock is the site's.
    known
        False where the table itself is missing, so that nothing can be said about a route.
    """

    name: str
    times: dict[str, tuple[int, int, int, int]]
    known: bool = True

    def clocks(
        self, route_ids: Sequence[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Departure clock and offset, arrival clock and offset per route id, each of that shape."""
        found = np.array([self.times.get(r, _UNKNOWN) for r in route_ids], dtype=np.int64).reshape(-1, 4)
        return found[:, 0], found[:, 1], found[:, 2], found[:, 3]

    def check_known(self, table: RawTable, route_ids: Sequence[str], log: FindingLog) -> None:
        """Note every row of t_route_allocated whose route does not exist."""
        for i, route in enumerate(route_ids):
            if self.known and route and route not in self.times:
                message = f"route {route} is not in {self.name}"
                log.at(
                    "depot.routes.unknown",
                    "error",
                    table,
                    i,
                    "route_id",
                    message,
                    f"a route_id of {self.name}",
                )


def read_route_times(
    table: RawTable | None, name: str, wanted: frozenset[str], timezone: str, log: FindingLog
) -> RouteTimes:
    """Read and judge the rows of t_route_master that routes name; other rows are not judged.

    Parameters
    ----------
    table, name
        t_route_master or the table that stands for it; ``None`` where it is missing.
    wanted
        Route ids that are used.
    timezone
        Zone of the site, for full stamps with an offset.
    log
        Where problems are noted.
    """
    if table is None:
        return RouteTimes(name, {}, known=False)
    ids = [read_id(t) for t in table.columns["route_id"]]
    used = np.array([i for i, r in enumerate(ids) if r in wanted], dtype=np.int64)
    depart = read_cells(table, "departure_time", read_clock, log, records=used)
    arrive = read_cells(table, "arrival_time", read_clock, log, records=used)
    times: dict[str, tuple[int, int, int, int]] = {}
    first: dict[str, int] = {}
    for i in used.tolist():
        if ids[i] in first:
            message = f"route {ids[i]} stands in {table.where(first[ids[i]])} already"
            log.at(
                "depot.route_master.duplicate", "error", table, i, "route_id", message, "one row per route"
            )
            continue
        first[ids[i]] = i
        out, back = depart[i], arrive[i]
        times[ids[i]] = (
            _UNKNOWN
            if out is None or back is None
            else _judge(table, i, _local(out, timezone), _local(back, timezone), log)
        )
    return RouteTimes(name, times)


def _judge(
    table: RawTable, record: int, out: _Clock, back: _Clock, log: FindingLog
) -> tuple[int, int, int, int]:
    depart, arrive = out[0], back[0]
    if out[2] is not None and back[2] is not None:
        arrive += (back[2] - out[2]) * DAY_S
    route = read_id(table.text("route_id", record))
    lasts_s = arrive - depart
    if out[1] is not None and back[1] is not None:
        lasts_s -= back[1] - out[1]
    if depart >= DAY_S:
        message = "a route departs on its date, before 24:00"
        log.at(
            "depot.value.clock",
            "error",
            table,
            record,
            "departure_time",
            message,
            "a time from 00:00 to 23:59",
        )
    elif lasts_s <= 0:
        log.at(
            "depot.routes.arrival_before_departure",
            "error",
            table,
            record,
            "arrival_time",
            f"route {route} arrives no later than it departs ({table.text('departure_time', record)})",
            "a later time; for an arrival after midnight add 24 hours: 26:30 is 02:30 on the next day",
            ids=(route,),
            margin=lasts_s / 3600,
        )
    elif arrive >= 2 * DAY_S:
        message = f"route {route} arrives more than a day after the day of its departure"
        log.at(
            "depot.value.clock", "error", table, record, "arrival_time", message, "an arrival before 48:00"
        )
    else:
        return (
            depart,
            NO_OFFSET if out[1] is None else out[1],
            arrive,
            NO_OFFSET if back[1] is None else back[1],
        )
    return _UNKNOWN


def _local(clock: _Clock, timezone: str) -> _Clock:
    """A full stamp with an offset stands for what the site's clock shows then."""
    seconds, offset, day = clock
    if offset is None or day is None:
        return clock
    shown = datetime.fromtimestamp(day * DAY_S + seconds - offset, ZoneInfo(timezone))
    midnight = shown.replace(hour=0, minute=0, second=0, tzinfo=UTC)
    since_midnight = timedelta(hours=shown.hour, minutes=shown.minute, seconds=shown.second)
    return int(since_midnight.total_seconds()), None, int(midnight.timestamp()) // DAY_S


def wanted_routes(table: RawTable, records: NDArray[np.int64]) -> frozenset[str]:
    """Route ids that these records of t_route_allocated name."""
    texts = table.columns["route_id"]
    return frozenset(read_id(t) for t in {texts[i] for i in records.tolist()}) - {""}
