"""Kpi: one number about a run, with its unit and the direction in which it is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher"]

SHARE_UNIT = "share"
"""Unit of values 0-1, shown to people in per cent."""
MONEY_UNIT = "currency"
"""Unit of money: the currency of the price table, which names none."""

_MANY = 100.0
_SOME = 1.0
_NO_PERCENT = 1e-7
_LEAST_PERCENT = 0.001


@dataclass(frozen=True, slots=True)
class Kpi:
    """One number.

    Parameters
    ----------
    name
        Stable name, documented in ``docs/outputs.md``.
    label
        What people read.
    unit
        ``"kWh"``, ``"kW"``, ``"currency"``, ``"share"`` (0-1), ``"days"``, ``"s"``.
    value
        The number; ``None`` where it has no meaning (the gap of a rule).
    better
        Direction that is better; ``None`` where neither is.
    """

    name: str
    label: str
    unit: str
    value: float | int | None
    better: Better | None = None


def number_text(value: float | None, unit: str = "") -> str:
    """A number as people read it, without its unit: ``1,234``, ``56.7``, ``0.12``, ``8 %`` for shares."""
    if value is None:
        return "–"
    if unit == SHARE_UNIT:
        return percent_text(value)
    if isinstance(value, int) or unit == "days":
        return f"{value:,.0f}"
    if unit == MONEY_UNIT:
        return f"{value:,.2f}".replace("-", "−")
    size = abs(value)
    if size >= _MANY:
        text = f"{value:,.0f}"
    elif size >= _SOME or size == 0:
        text = f"{value:,.1f}"
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−") if text.strip("-0.,") else "0"


def percent_text(share: float) -> str:
    """A share in per cent: ``8 %``, ``0.02 %``, ``< 0.001 %``; noise of the arithmetic reads as 0."""
    percent = abs(share) * 100
    if percent < _NO_PERCENT:
        return "0 %"
    if percent < _LEAST_PERCENT:
        return f"< {_LEAST_PERCENT} %"
    return f"{'−' if share < 0 else ''}{percent:.3g} %"


def unit_text(unit: str) -> str:
    """A unit as people read it after a number; shares carry their per cent sign already."""
    return "" if unit in {SHARE_UNIT, MONEY_UNIT} else unit
