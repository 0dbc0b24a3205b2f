"""Changes of a draft's curve files and prices: taken in and judged, reused, drawn, thrown away."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError, SparewattError
from sparewatt.inputs.community.cell_values import read_stamp_s
from sparewatt.inputs.community.curve_text import read_points
from sparewatt.inputs.community.names import file_words, producer_id
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS
from sparewatt.inputs.community.tariff import TARIFF, TariffSteps, read_tariff_steps, tariff_text
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.parse import CellError
from sparewatt.studies.neighbourhood_edits import find_device
from sparewatt.studies.neighbourhood_lines import ForecastLine
from sparewatt.studies.neighbourhood_view import curve_users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.inputs.community.curve_text import Points
    from sparewatt.studies.neighbourhood_draft import Draft

_SEPARATED = re.compile(r"(?m)^[ \t]*(-?[0-9.eE+-]+)[ \t]*[,;\t][ \t]*(-?[0-9.eE+-]+)[ \t]*$")
_MOST_TOLD = 3


def put_curve(draft: Draft, folder: str, name: str, content: bytes) -> tuple[Draft, str]:
    """A curve file more; the draft, and the name that the file has now.

    Parameters
    ----------
    draft
        What is changed.
    folder
        ``loads``, ``predictions`` or ``base_loads``.
    name, content
        Of the file. Commas, semicolons and tabs between the two numbers of a line are taken as blanks. A
        name that another file has already gets a number behind it; the same file twice is kept once.

    Raises
    ------
    InputError
        With every line that is wrong.
    """
    log, shown = FindingLog(), PurePosixPath(name).name or "the file"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.add("community.file.encoding", "error", shown, "is not UTF-8 text", "", "save it as UTF-8")
        raise InputError(log.findings()) from None
    text = _SEPARATED.sub(r"\1 \2", text.replace("\r\n", "\n"))
    points = read_points(shown, text, log, from_zero=folder == LOADS)
    if points is not None and folder != LOADS:
        _judge_stamps(shown, points, log)
    if points is None or log.errors:
        raise InputError(log.findings())
    stem = file_words(PurePosixPath(shown).stem) or "curve"
    taken = {path.lower(): path for path in draft.curves}
    number, path = 1, f"{folder}/{stem}.csv"
    while (other := taken.get(path.lower())) is not None:
        if draft.curves[other] == text:
            return draft, PurePosixPath(other).name
        number += 1
        path = f"{folder}/{stem}_{number}.csv"
    return replace(draft, curves={**draft.curves, path: text}), PurePosixPath(path).name


def _judge_stamps(name: str, points: Points, log: FindingLog) -> None:
    """Times of a forecast or base load are UNIX seconds of our time."""
    for row in dict.fromkeys((0, len(points[0]) - 1)):
        stamp = str(int(points[0][row]))
        try:
            read_stamp_s(stamp)
        except CellError as problem:
            where = f"{name} row {row + 1}"
            log.add(problem.rule, "error", where, f"the time {problem.message}", stamp, problem.remedy)


def remove_curve(draft: Draft, path: str) -> Draft:
    """A curve file less; one that something uses stays."""
    users = curve_users(draft).get(path, [])
    if users:
        more = f" and {len(users) - _MOST_TOLD} more" if len(users) > _MOST_TOLD else ""
        raise SparewattError(f"{path} is used by {', '.join(users[:_MOST_TOLD])}{more}; it stays.")
    return replace(draft, curves={one: text for one, text in draft.curves.items() if one != path})


def curve_points(draft: Draft, path: str) -> Points | None:
    """Times [s] and cumulative energies [kWh] of a curve file; ``None`` where it is none or not there."""
    text = draft.curves.get(path)
    return None if text is None else read_points(path, text, FindingLog(), from_zero=path.startswith(LOADS))


def mean_kw(points: Points) -> Points:
    """Mean power between the points of a curve, as times and powers of a line with steps [s], [kW]."""
    time_s, energy_kwh = points
    if len(time_s) < 2:  # noqa: PLR2004 - two points make a step
        return time_s, np.zeros(len(time_s))
    power = np.diff(energy_kwh) / np.diff(time_s) * 3600.0
    return time_s, np.append(power, power[-1])


def add_forecast(draft: Draft, house: str, device_id: str, file: str) -> Draft:
    """A forecast of a producer from a file of ``predictions``, issued at the time of its first row."""
    find_device(draft, house, device_id)
    points = curve_points(draft, f"{PREDICTIONS}/{file}")
    if points is None:
        raise SparewattError(f"There is no forecast file {file} any more.")
    line = ForecastLine(str(int(points[0][0])), producer_id(house, device_id), file)
    if line in draft.forecasts:
        raise SparewattError(f"The panels have the forecast {file} already.")
    lines = sorted((*draft.forecasts, line), key=lambda one: int(one.issued) if one.issued.isdecimal() else 0)
    return replace(draft, forecasts=tuple(lines))


def remove_forecast(draft: Draft, line: ForecastLine) -> Draft:
    """Without a forecast; its file stays."""
    return replace(draft, forecasts=tuple(one for one in draft.forecasts if one != line))


def price_steps(draft: Draft) -> TariffSteps | None:
    """The prices of a draft; ``None`` where it has none, or none that can be read."""
    return None if draft.tariff is None else read_tariff_steps(TARIFF, draft.tariff, FindingLog())


def put_tariff(draft: Draft, text: str, name: str = TARIFF) -> Draft:
    """The prices of a file, in the place of those that are there; an InputError where they are none."""
    log = FindingLog()
    steps = read_tariff_steps(name, text.removeprefix("\ufeff"), log)
    if steps is None:
        raise InputError(log.findings())
    return replace(draft, tariff=tariff_text(steps))


def put_price(draft: Draft, time: str, import_per_kwh: float, feed_in_per_kwh: float) -> Draft:
    """A price that holds from a time on: ``HH:MM`` of every day, or UNIX seconds where prices have those.

    The first price of a day holds from 00:00, whatever the time says.
    """
    rows = _price_rows(draft)
    daily = all(":" in clock for clock in rows)
    if daily != (":" in time):
        raise SparewattError(
            f"Give the time as {'HH:MM' if daily else 'a date and time'}, as the others are."
        )
    time = time if rows or not daily else "00:00"
    rows[f"{time:0>5}"] = (f"{import_per_kwh:g}", f"{feed_in_per_kwh:g}")
    return _with_prices(draft, rows, daily=daily)


def remove_price(draft: Draft, time: str) -> Draft:
    """Without one of the prices; without any where it was the last."""
    rows = {one: prices for one, prices in _price_rows(draft).items() if one != time}
    return _with_prices(draft, rows, daily=":" in time) if rows else replace(draft, tariff=None)


def price_rows(draft: Draft) -> list[tuple[str, str, str]]:
    """Time, price and feed-in of each step, as tariff.csv writes them."""
    return [(time, *prices) for time, prices in _price_rows(draft).items()]


def _price_rows(draft: Draft) -> dict[str, tuple[str, str]]:
    steps = price_steps(draft)
    lines = [] if steps is None else [line.split(",") for line in tariff_text(steps).splitlines()[1:]]
    return {line[0]: (line[1], line[2]) for line in lines}


def _with_prices(draft: Draft, rows: Mapping[str, tuple[str, str]], *, daily: bool) -> Draft:
    order = sorted(rows) if daily else sorted(rows, key=int)
    lines = [f"{time},{','.join(rows[time])}" for time in order]
    return put_tariff(draft, "\n".join(["time,import_per_kwh,feed_in_per_kwh", *lines, ""]))


FOLDER_WORDS = {
    LOADS: "Load profile",
    PREDICTIONS: "Forecast",
    BASE_LOADS: "Base load",
}
"""What files of each folder are."""
