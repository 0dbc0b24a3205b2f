"""What cells of a neighbourhood folder hold: stamps in UNIX seconds, energies in Wh, powers in W."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sparewatt.inputs.community.scaled_text import read_thousandth
from sparewatt.inputs.tables.parse import CellError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_S, LAST_S = 31_536_000, 7_258_118_399
"""Stamps that are meant: years 1971 to 2199 [UNIX s]."""
WRONG = -1
"""Stands for a stamp that could not be read."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}(\.0*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_MOST = 1e15


def read_stamp_s(text: str) -> int:
    """A time in whole UNIX seconds."""
    if not _WHOLE.fullmatch(text):
        message = "is not a time in whole UNIX seconds"
        raise CellError("community.value.stamp", message, "UNIX seconds, such as 1460246400")
    stamp = int(text.partition(".")[0])
    if not FIRST_S <= stamp <= LAST_S:
        remedy = "UNIX seconds of the years 1971 to 2199"
        if FIRST_S <= stamp // 1000 <= LAST_S:
            remedy = f"these look like milliseconds: {stamp // 1000}"
        raise CellError("community.value.stamp", "is not a time that can be meant", remedy)
    return stamp


def thousandth_between(low: float, high: float, unit: str, *, above: bool = False) -> Callable[[str], float]:
    """Reader of numbers in [low, high], or (low, high] with ``above``; it gives a thousandth of them."""
    read_checked = number_between(low, high, unit, above=above)

    def read(text: str) -> float:
        read_checked(text)
        return read_thousandth(text)

    return read


def number_between(low: float, high: float, unit: str, *, above: bool = False) -> Callable[[str], float]:
    """Reader of numbers in [low, high], or (low, high] with ``above``."""

    def read(text: str) -> float:
        value = float(text) if _NUMBER.fullmatch(text) else float("nan")
        if not abs(value) < _MOST:  # NaN too
            message, remedy = "is not a number", "a finite number with a decimal point, such as 12.5"
            raise CellError("community.value.number", message, remedy)
        if value < low or value > high or (above and value == low):
            bounds = f"{'above' if above else 'at least'} {low:g} and at most {high:g} {unit}".rstrip()
            raise CellError("community.value.range", "is out of range", bounds)
        return value

    return read


def is_plain(text: str) -> bool:
    """Whether a text has no control characters and no line breaks."""
    return all(c.isprintable() or unicodedata.category(c) == "Zs" for c in text)


def read_name(text: str) -> str:
    """Any text on one line."""
    if not is_plain(text):
        raise CellError("community.value.name", "holds characters that cannot be shown", "plain text")
    return text


def read_house(text: str) -> str:
    """Id of a house, with or without its brackets."""
    name = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not name or not name.isprintable() or set(name) & set("[]:;#") or name != name.strip():
        raise CellError("community.value.name", "is not the id of a house", "such as 57, without [ ] : ; #")
    return name
