"""What values of any study's table may be: lengths of time, moments, time zones."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from sparewatt.inputs.scenario_findings import nearest

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
"""How every table of a scenario file is read: unknown keys and infinite numbers are refused."""

_LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|sec|min|m|h|d)\s*")
_SECONDS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=366)


def read_length(value: object) -> timedelta:
    """A length of time such as ``"15min"``, in whole seconds, from 0 s to 366 days."""
    if isinstance(value, timedelta):
        length = value
    else:
        match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            msg = 'not a length of time such as "30s", "15min", "1h" or "1d"'
            raise ValueError(msg)
        length = timedelta(seconds=min(float(match[1]) * _SECONDS[match[2]], 1e9))
    if length % timedelta(seconds=1) or not timedelta(0) <= length <= _LONGEST:
        msg = "not a whole number of seconds from 0 s to 366 d"
        raise ValueError(msg)
    return length


def length_text(length: timedelta) -> str:
    """A length as written in a scenario file: ``"15min"``."""
    seconds = int(length / timedelta(seconds=1))
    for unit in ("h", "min"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"


def read_step(value: object) -> timedelta:
    """A length of one second at least."""
    length = read_length(value)
    if not length:
        msg = "a step has one second at least"
        raise ValueError(msg)
    return length


def _read_moment(value: object) -> datetime:
    """A moment: ISO text, or TOML's own date or date-time; without an offset it is local time."""
    moment: datetime | None = None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time.min)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = None
    if moment is None or moment.microsecond or not 1971 <= moment.year <= 2199:  # noqa: PLR2004 - years meant
        msg = 'not a date and time such as "2026-03-02 07:00", with or without an offset (+01:00)'
        raise ValueError(msg)
    return moment


def _read_timezone(value: object) -> str:
    if isinstance(value, str):
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            meant = nearest(value, available_timezones())
            msg = f"not a time zone{f'; did you mean {meant}?' if meant else ''}"
            raise ValueError(msg) from None
    msg = "not a time zone such as Europe/London"
    raise ValueError(msg)


LENGTH_SCHEMA: dict[str, Any] = {"type": "string", "examples": ["5min", "15min", "1h"]}

Length = Annotated[
    timedelta, BeforeValidator(read_length), PlainSerializer(length_text), WithJsonSchema(LENGTH_SCHEMA)
]
Step = Annotated[
    timedelta, BeforeValidator(read_step), PlainSerializer(length_text), WithJsonSchema(LENGTH_SCHEMA)
]
Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(lambda at: at.isoformat(" ")),
    WithJsonSchema({"type": "string", "examples": ["2026-03-02 07:00"]}),
]
Timezone = Annotated[str, BeforeValidator(_read_timezone)]
