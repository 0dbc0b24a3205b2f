"""How long something took, for people."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_SHORT, _MINUTE, _HOUR, _DAY = 9.95, 60.0, 3600.0, 86400.0


def elapsed_s(start: datetime, end: datetime) -> float:
    """The time between two moments [s]; none where the clock was set back between them."""
    return max(0.0, (_utc(end) - _utc(start)).total_seconds())


def elapsed_words(start: datetime, end: datetime) -> str:
    """The time between two moments: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 days 4 h``."""
    seconds = elapsed_s(start, end)
    if seconds < _SHORT:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // 60} min {whole % 60} s"
    if whole < _DAY:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def _utc(moment: datetime) -> datetime:
    """A moment with its offset; the store keeps UTC where none is told."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
