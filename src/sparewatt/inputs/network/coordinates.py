"""Coordinates of buses: a text file of name, x, y."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from sparewatt.inputs.finding_log import FindingLog

_SEPARATOR = re.compile(r"[,;\t ]+")
_WHOLE = re.compile(r"(\d+)\.0+")
_COLUMNS = 3
_NORTH_FIRST = ("lat", "y", "north")


def read_coordinates(
    text: str, file: str, buses: Collection[str], log: FindingLog
) -> dict[str, tuple[float, float]]:
    """Coordinates by bus in lower case; lines that are none are told together.

    A first line without numbers holds names of columns; where its second column is one of latitude or y, the
    two are taken the other way round. A bus may be written as a number (``11.0`` is bus 11).
    """
    found: dict[str, tuple[float, float]] = {}
    bad: list[int] = []
    north_first = False
    for number, line in enumerate(text.splitlines(), start=1):
        words = [w.strip("\"'") for w in _SEPARATOR.split(line.strip()) if w]
        if not words or words[0].startswith(("!", "//")):
            continue
        place = _numbers(words)
        if place is None:
            if number == 1 and len(words) >= _COLUMNS:
                north_first = words[1].lower().startswith(_NORTH_FIRST)
            else:
                bad.append(number)
            continue
        found[_bus(words[0].lower(), buses)] = place[::-1] if north_first else place
    if bad:
        message = f"{len(bad)} lines hold no bus with two numbers, the first is line {bad[0]}"
        log.add(
            "network.coordinates.form",
            "warning",
            f"{file} line {bad[0]}",
            message,
            str(len(bad)),
            "bus, x, y",
        )
    return found


def _numbers(words: list[str]) -> tuple[float, float] | None:
    try:
        x, y = float(words[1]), float(words[2])
    except (IndexError, ValueError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _bus(word: str, buses: Collection[str]) -> str:
    if word in buses:
        return word
    whole = _WHOLE.fullmatch(word)
    return whole.group(1) if whole else word.partition(".")[0]
