"""Names of jobs and producers: ``[57]:[219]:[3]``, ``[57]:kettle``, ``pv_producer[57]:[220]``."""

from __future__ import annotations

import re
from typing import NamedTuple

JOB_FORM = "[house]:[device]:[n] or [house]:name"
PRODUCER_FORM = "pv_producer[house]:[device]"

_PART = r"\[([^\[\]:;#]+)\]"
_NAME = r"([^\[\]:;#]+)"
_AGAIN = r"(#[0-9]+)?"
_JOB = re.compile(rf"{_PART}:{_PART}:\[([^\[\]:;#]+)\]{_AGAIN}")
_NAMED_JOB = re.compile(rf"{_PART}:{_NAME}{_AGAIN}")
_PRODUCER = re.compile(rf"pv_producer{_PART}:{_PART}")
_SAFE = re.compile(r"[^A-Za-z0-9_-]+")


class Place(NamedTuple):
    """House and device that an id names; ``is_device`` is false where it names the job alone."""

    house: str
    device: str
    is_device: bool


def read_job_id(text: str) -> Place | None:
    """House and device of a job; the name of a job without a device stands for its device."""
    if not text.isprintable():
        return None
    if match := _JOB.fullmatch(text):
        return _place(match[1], match[2], is_device=True)
    if match := _NAMED_JOB.fullmatch(text):
        return _place(match[1], match[2], is_device=False)
    return None


def read_producer_id(text: str) -> Place | None:
    """House and device of a producer."""
    match = _PRODUCER.fullmatch(text)
    return _place(match[1], match[2], is_device=True) if match else None


def _place(house: str, device: str, *, is_device: bool) -> Place | None:
    if house != house.strip() or device != device.strip():
        return None
    return Place(house, device, is_device) if house.isprintable() and device.isprintable() else None


def job_id(house: str, device: str, number: int) -> str:
    """Id of the n-th job of a device."""
    return f"[{house}]:[{device}]:[{number}]"


def producer_id(house: str, device: str) -> str:
    """Id of a PV system."""
    return f"pv_producer[{house}]:[{device}]"


def unique_names(names: list[str]) -> tuple[tuple[str, ...], list[int]]:
    """Names of which each stands once, ``#2``, ``#3``, … behind repeats, and the rows that were changed."""
    taken = set(names)
    seen: dict[str, int] = {}
    unique, changed = [], []
    for row, name in enumerate(names):
        if name not in seen:
            seen[name] = 1
            unique.append(name)
            continue
        base = name.partition("#")[0]
        number = seen[name] + 1
        while f"{base}#{number}" in taken:
            number += 1
        seen[name] = number
        taken.add(f"{base}#{number}")
        unique.append(f"{base}#{number}")
        changed.append(row)
    return tuple(unique), changed


def file_words(text: str) -> str:
    """A text as part of a file name."""
    return _SAFE.sub("_", text).strip("_")[:60]
