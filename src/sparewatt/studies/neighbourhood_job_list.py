"""The jobs of a draft as a table: its rows, and which of them are found, in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sparewatt.inputs.community.names import read_job_id
from sparewatt.studies.neighbourhood_timeline import stamp_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sparewatt.studies.neighbourhood_draft import Draft
    from sparewatt.studies.neighbourhood_timeline import JobSpan

_DIGITS = re.compile(r"([0-9]+)")


class JobRow(NamedTuple):
    """A job as people look at it; times in words, UTC.

    Parameters
    ----------
    kind, row
        ``job`` or ``ev``, and the row in the table of its kind.
    job, house, device
        Its id, whose it is, and the device as people call it.
    registered, earliest, latest, ready_by
        When it becomes known, and the window of its start; of a car until when it has to be charged.
    load
        File of its profile; of a car its power.
    energy
        What it takes [kWh]; ``None`` where its profile cannot be read.
    runs
        How long it runs [min]; ``None`` of a car, which chooses its power.
    """

    kind: str
    row: int
    job: str
    house: str
    device: str
    registered: str
    earliest: str
    latest: str
    ready_by: str
    load: str
    energy: float | None
    runs: float | None


def job_rows(draft: Draft, spans: Iterable[JobSpan]) -> tuple[JobRow, ...]:
    """The jobs of a draft in the order of their tables, cars last."""
    names = {(d.house, d.device_id): d.name for d in draft.devices}
    by_id = {span.job_id: span for span in spans}

    def made(kind: str, row: int, name: str, times: tuple[str, str, str, str], load: str) -> JobRow:
        place, span = read_job_id(name), by_id.get(name)
        house, device = ("", "") if place is None else (place.house, place.device)
        energy = None if span is None else round(span.energy_kwh, 3)
        runs = None if span is None or kind == "ev" else round(span.duration_s / 60, 1)
        called = names.get((house, device)) or device
        registered, earliest, latest, ready_by = map(stamp_words, times)
        return JobRow(
            kind, row, name, house, called, registered, earliest, latest, ready_by, load, energy, runs
        )

    rows = [
        made("job", n, line.job_id, (line.registered, line.earliest, line.latest, ""), line.file)
        for n, line in enumerate(draft.jobs)
    ]
    for n, ev in enumerate(draft.evs):
        times = (ev.registered, ev.earliest, "", ev.ready_by)
        rows.append(made("ev", n, ev.job_id, times, f"{_kw(ev.min_w)} to {_kw(ev.max_w)} kW"))
    return tuple(rows)


def find_rows(
    rows: Sequence[JobRow],
    filters: Mapping[str, Mapping[str, Any]] | None,
    order: Sequence[Mapping[str, str]] | None = None,
) -> list[JobRow]:
    """The rows that all filters let through, sorted.

    Parameters
    ----------
    rows
        All rows.
    filters
        By column as AG Grid tells them: ``type`` (``contains``, ``equals``, ``lessThan``, …) and ``filter``.
        What is no column or no filter lets everything through.
    order
        Columns to sort by, the first first: ``colId``, and ``sort``, which is ``asc`` or ``desc``. Numbers in
        names count as numbers; what has no value comes last.
    """
    tests = [
        (JobRow._fields.index(column), test)
        for column, told in (filters or {}).items()
        if column in JobRow._fields and (test := _test(told)) is not None
    ]
    found = [row for row in rows if all(test(row[at]) for at, test in tests)]
    for one in reversed(order or ()):
        if one.get("colId") in JobRow._fields:
            _sort(found, JobRow._fields.index(one["colId"]), is_down=one.get("sort") == "desc")
    return found


def _sort(rows: list[JobRow], at: int, *, is_down: bool) -> None:
    """Sort rows by a column, what is empty last either way."""
    rows.sort(key=lambda row: _rank(row[at]), reverse=is_down)
    rows.sort(key=lambda row: row[at] in (None, ""))


def _rank(value: Any) -> Any:  # noqa: ANN401 - of the column's kind
    """By what a cell is sorted: numbers in a text count as numbers."""
    if not isinstance(value, str):
        return 0.0 if value is None else value
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in _DIGITS.split(value)]


_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, asked: asked in text,
    "notContains": lambda text, asked: asked not in text,
    "equals": lambda text, asked: text == asked,
    "startsWith": lambda text, asked: text.startswith(asked),
}
_NUMBER_TESTS: dict[str, Callable[[float, float], bool]] = {
    "equals": lambda number, asked: number == asked,
    "lessThanOrEqual": lambda number, asked: number <= asked,
    "greaterThanOrEqual": lambda number, asked: number >= asked,
}
TEXT_FILTERS, NUMBER_FILTERS = tuple(_TEXT_TESTS), tuple(_NUMBER_TESTS)
"""Kinds of filters of columns of text and of numbers, as AG Grid calls them; the first is the usual one."""


def _test(told: Mapping[str, Any]) -> Callable[[Any], bool] | None:
    """Whether a cell is let through; ``None`` where everything is."""
    kind, asked = str(told.get("type", "")), told.get("filter")
    if told.get("filterType") == "number" and kind in _NUMBER_TESTS and isinstance(asked, (int, float)):
        numbers = _NUMBER_TESTS[kind]
        return lambda cell: cell is not None and numbers(cell, asked)
    if kind in _TEXT_TESTS and isinstance(asked, str) and asked:
        texts, small = _TEXT_TESTS[kind], asked.lower()
        return lambda cell: texts(str(cell).lower(), small)
    return None


def _kw(watts: str) -> str:
    return watts if not watts.replace(".", "", 1).isdecimal() else f"{float(watts) / 1000:g}"
