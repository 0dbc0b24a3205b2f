"""Conversions at the border; inside, power is kW, energy kWh, time h or s, SoC 0-1 (rule 1)."""

from __future__ import annotations

SECONDS_PER_HOUR = 3600
MINUTES_PER_HOUR = 60


def hours(seconds: float) -> float:
    """Seconds [s] → hours [h]."""
    return seconds / SECONDS_PER_HOUR
