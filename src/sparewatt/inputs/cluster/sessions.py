"""Recorded sessions as ACN-Data gives them (JSON) → visits, with what they do not tell assumed.

A session tells when a vehicle came and left, and the energy that it asked for and got; not its battery,
nor its state of charge. Those come from the assumptions: every vehicle wants the assumed target, and
arrives lower by requested energy / battery.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.inputs.cluster.visits import Visits
from sparewatt.inputs.tables.raw_table import read_id
from sparewatt.model.fleet import NO_TIME, NOWHERE, Fleet
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sparewatt.inputs.cluster.setting_kinds import AssumptionSettings
    from sparewatt.inputs.finding_log import FindingLog

_MAX_BYTES = 500_000_000
_LARGEST_KWH = 10_000.0
_MOST_DIGITS = 300
_LONGEST_MIN = 366 * 1440.0
_YEARS = (1971, 2199)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHEN = 'such as "Wed, 25 Apr 2018 11:08:04 GMT" or "2018-04-25T11:08:04Z"'
_FORM = 'sessions as ACN-Data gives them: {"_items": [{"sessionID": …, "connectionTime": …}, …]}'

NAMES = {
    "ids": "sessionID",
    "declared_arrival_s": "connectionTime",
    "declared_departure_s": "userInputs",
    "declared_soc": "kWhRequested",
    "target_soc": "kWhRequested",
    "real_arrival_s": "connectionTime",
    "real_departure_s": "disconnectTime",
    "real_soc": "kWhRequested",
}
"""Key of each field of `Fleet` in a session."""


@dataclass(frozen=True)
class _Session:
    id: str
    arrival_s: int
    departure_s: int
    declared_departure_s: int
    kwh: float
    cluster: int


def read_sessions(
    path: Path,
    assumptions: AssumptionSettings,
    log: FindingLog,
    *,
    cluster_of_unit: Mapping[str, int] | None = None,
) -> Visits | None:
    """Visits of a file of recorded sessions.

    Parameters
    ----------
    path
        JSON of the form of the ACN-Data interface, or a list of its items.
    assumptions
        What is assumed of every vehicle.
    log
        Where problems are noted.
    cluster_of_unit
        Row of the cluster by unit id: a session at one of these units drives to its cluster, all others
        to any.

    Returns
    -------
    ``None`` where the file holds no session that could be read.
    """
    items = _read_items(path, log)
    if items is None:
        return None
    reader = _Reader(path.name, cluster_of_unit or {}, log)
    known = [(n, s) for n, item in enumerate(items, start=1) if (s := reader.read(n, item)) is not None]
    if reader.without_inputs:
        message = (
            f"{reader.without_inputs} of {len(items)} sessions tell nothing that the driver asked for: what "
            "they took counts as asked, and the time they left as declared"
        )
        log.add("cluster.sessions.inputs", "info", path.name, message, str(reader.without_inputs))
    if not known:
        return None
    return _visits(path.name, known, assumptions, log)


def _visits(
    source: str, known: list[tuple[int, _Session]], assumptions: AssumptionSettings, log: FindingLog
) -> Visits:
    count = len(known)
    arrival = np.array([s.arrival_s for _, s in known], dtype=np.int64)
    kwh = np.array([s.kwh for _, s in known])
    soc = assumptions.target_soc - kwh / assumptions.battery_kwh
    fleet = Fleet(
        ids=tuple(s.id for _, s in known),
        battery_kwh=np.full(count, assumptions.battery_kwh),
        max_charge_kw=np.full(count, assumptions.max_charge_kw),
        max_discharge_kw=np.full(count, assumptions.max_discharge_kw),
        min_soc=np.zeros(count),
        max_soc=np.ones(count),
        power_table=PowerTable.empty(count),
        reservation_s=np.full(count, NO_TIME, dtype=np.int64),
        declared_arrival_s=arrival,
        declared_departure_s=np.array([s.declared_departure_s for _, s in known], dtype=np.int64),
        declared_soc=np.maximum(soc, 0.0),
        target_soc=np.full(count, assumptions.target_soc),
        v2g_allowance_kwh=np.full(count, assumptions.v2g_allowance_kwh),
        real_arrival_s=arrival.copy(),
        real_departure_s=np.array([s.departure_s for _, s in known], dtype=np.int64),
        real_soc=np.maximum(soc, 0.0),
        target_cluster=np.array([s.cluster for _, s in known], dtype=np.int64),
    )
    visits = Visits(fleet, source, "item", np.array([n for n, _ in known], dtype=np.int64), NAMES)
    room = assumptions.target_soc * assumptions.battery_kwh
    for v in np.flatnonzero(soc < 0).tolist():
        message = (
            f"{kwh[v]:g} kWh are asked for, but the assumed battery of {assumptions.battery_kwh:g} kWh takes "
            f"{room:g} kWh up to the target; it arrives empty"
        )
        remedy = "a larger battery_kwh in [cluster.assumptions]"
        visits.add(log, "cluster.sessions.battery", "warning", v, "real_soc", message, f"{kwh[v]:g}", remedy)
    return visits


def _read_items(path: Path, log: FindingLog) -> list[Any] | None:
    """The items of a file; ``None`` where it holds none, which is noted."""
    try:
        return _items(path)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        message = "is not UTF-8 text"
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    except RecursionError:
        message = "is not JSON that can be read: brackets stand inside each other without end"
    except ValueError as error:
        message = str(error)
    log.add("cluster.sessions.file", "error", path.name, message, "", _FORM)
    return None


def _items(path: Path) -> list[Any]:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"is larger than {_MAX_BYTES // 1_000_000} MB")
    content = json.loads(path.read_bytes().decode("utf-8-sig"), parse_int=_whole)
    items = content.get("_items") if isinstance(content, dict) else content
    if not isinstance(items, list) or not items:
        raise ValueError('holds no list "_items" with sessions')
    return items


def _whole(digits: str) -> float | int:
    """A whole number; one of very many digits, which nothing here needs, as a float."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


class _Reader:
    """Sessions one by one; what is wrong is noted with the number of the item, from 1."""

    def __init__(self, source: str, cluster_of_unit: Mapping[str, int], log: FindingLog) -> None:
        self._source, self._clusters, self._log = source, cluster_of_unit, log
        self._seen: dict[str, int] = {}
        self.without_inputs = 0

    def read(self, number: int, item: object) -> _Session | None:
        """One session; ``None`` where it is wrong, which was noted."""
        if not isinstance(item, dict):
            self._note(number, "", "cluster.sessions.item", "is not a session", item, _FORM)
            return None
        name = self._id(number, item)
        arrival = self._time(number, item, "connectionTime")
        departure = self._time(number, item, "disconnectTime")
        wanted = self._inputs(number, item)
        kwh = (
            self._number(number, wanted, "kWhRequested", _LARGEST_KWH) if wanted.get("kWhRequested") else None
        )
        if kwh is None:
            kwh = self._number(number, item, "kWhDelivered", _LARGEST_KWH)
        declared = self._declared(number, wanted, arrival)
        self.without_inputs += not wanted
        if name is None or arrival is None or departure is None or kwh is None:
            return None
        declared = departure if declared is None else declared
        return _Session(name, arrival, departure, declared, kwh, self._cluster(item))

    def _id(self, number: int, item: dict[str, Any]) -> str | None:
        value = item.get("sessionID", item.get("_id"))
        name = read_id(str(value)) if isinstance(value, (str, int)) else ""
        if not name:
            message, remedy = "the session has no sessionID", "an id, once for every session"
            self._note(number, "sessionID", "cluster.sessions.item", message, value, remedy)
            return None
        first = self._seen.setdefault(name, number)
        if first != number:
            message = f"{name} is the id of item {first} already"
            self._note(number, "sessionID", "cluster.id.twice", message, name, "every id once")
            return None
        return name

    def _time(self, number: int, item: dict[str, Any], key: str) -> int | None:
        value = item.get(key)
        if value is None:
            message = f"{key} is not given"
            self._note(number, key, "cluster.sessions.item", message, value, f"a date and time {_WHEN}")
            return None
        at_s = _read_time(value)
        if at_s is None:
            message = f"{key} is not a date and time"
            self._note(number, key, "cluster.value.date", message, value, _WHEN)
        return at_s

    def _number(self, number: int, item: dict[str, Any], key: str, most: float) -> float | None:
        value = item.get(key)
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
        if not fits or value is None:
            message = f"{key} is not given" if value is None else f"{key} is not a number from 0 to {most:g}"
            self._note(number, key, "cluster.sessions.item", message, value, f"a number from 0 to {most:g}")
            return None
        return float(value)

    def _inputs(self, number: int, item: dict[str, Any]) -> dict[str, Any]:
        """What the driver asked for last; empty where nothing was."""
        value = item.get("userInputs")
        if value is None or value == []:
            return {}
        if not isinstance(value, list) or not isinstance(value[-1], dict):
            message, remedy = "userInputs is not a list of inputs", "a list of inputs, or null"
            self._note(number, "userInputs", "cluster.sessions.item", message, value, remedy)
            return {}
        return value[-1]

    def _declared(self, number: int, wanted: dict[str, Any], arrival: int | None) -> int | None:
        """When the driver said to leave; ``None`` where nothing was said."""
        if wanted.get("requestedDeparture") is not None:
            return self._time(number, wanted, "requestedDeparture")
        if wanted.get("minutesAvailable") is not None and arrival is not None:
            minutes = self._number(number, wanted, "minutesAvailable", _LONGEST_MIN)
            return None if minutes is None else arrival + round(minutes * 60)
        return None

    def _cluster(self, item: dict[str, Any]) -> int:
        for key in ("spaceID", "stationID"):
            row = self._clusters.get(str(item.get(key)))
            if row is not None:
                return row
        return NOWHERE

    def _note(self, number: int, key: str, rule: str, message: str, value: object, remedy: str) -> None:
        where = f"{self._source} item {number}" + (f", column {key}" if key else "")
        shown = "" if value is None else str(value)
        self._log.add(rule, "error", where, message, shown, remedy, table=self._source)


def _read_time(value: object) -> int | None:
    """Seconds since the epoch, rounded; a time without an offset is UTC, as ACN-Data has it."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        stamp = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
        stamp = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not _YEARS[0] <= stamp.year <= _YEARS[1]:
        return None
    return (stamp + timedelta(milliseconds=500) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
