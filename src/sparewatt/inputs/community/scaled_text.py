"""Wh and W in files, kWh and kW inside: the decimal point moves by three places, and no bit is lost."""

from __future__ import annotations

from decimal import Decimal

_PLACES = 3


def read_thousandth(text: str) -> float:
    """The number that is written, divided by 1000 and rounded once: ``"320.4"`` Wh is 0.3204 kWh.

    Raises
    ------
    ValueError
        When the text is no number.
    """
    if "e" in text or "E" in text:
        return float(Decimal(text).scaleb(-_PLACES))
    return float(text + "e-3")


def thousandfold_text(value: float) -> str:
    """A number times 1000, in as few digits as read back as the very same number."""
    return plain_text(Decimal(repr(float(value))).scaleb(_PLACES))


def number_text(value: float) -> str:
    """A number in as few digits as read back as the very same number, without an exponent."""
    return plain_text(Decimal(repr(float(value))))


def plain_text(number: Decimal) -> str:
    """A decimal number without an exponent or noughts at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
