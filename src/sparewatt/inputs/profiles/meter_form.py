"""MeterForm: how a file of metered data is meant where it does not say so itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Unit = Literal["kW", "W", "kWh", "Wh"]
Layout = Literal["wide", "long"]
Match = Literal["by_id", "drawn"]
Kind = Literal["demand", "heat_pump", "pv"]

_UNIT = re.compile(r"(?:^|[^a-z])(kwh|kw|wh|w)(?:[^a-z]|$)")
_UNITS: dict[str, Unit] = {"kwh": "kWh", "kw": "kW", "wh": "Wh", "w": "W"}


@dataclass(frozen=True)
class MeterForm:
    """How to read metered data.

    Parameters
    ----------
    unit
        Of the values; left out: what the header of the values says (``"energy (kWh)"``).
    timezone
        IANA name for stamps without offset. In the hour that such a clock shows twice, the second reading
        of the same time means the second hour.
    stamps
        Whether a stamp is the start or the end of its interval.
    layout
        ``"wide"``: time, then a column per customer; ``"long"``: time, customer and value in every row.
        Left out: long where a column is called like a customer.
    match
        ``"by_id"``: columns are called like the customers; ``"drawn"``: customers get meters of the file
        at random, by seed and name.
    """

    unit: Unit | None = None
    timezone: str = "Europe/London"
    stamps: Literal["start", "end"] = "start"
    layout: Layout | None = None
    match: Match = "by_id"


def unit_in(header: str) -> Unit | None:
    """The unit that a header names, if any."""
    match = _UNIT.search(header.casefold())
    return _UNITS[match[1]] if match else None


def kw_per(unit: Unit, step_s: int) -> float:
    """Mean power over an interval per unit of its reading [kW per unit]."""
    share = 1.0 if unit in {"kW", "kWh"} else 1e-3
    return share if unit in {"kW", "W"} else share * 3600.0 / step_s
