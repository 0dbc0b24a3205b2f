"""Our own optional files of a neighbourhood folder: EVs, batteries, base load, scores of producers."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import (
    WRONG,
    number_between,
    read_house,
    thousandth_between,
)
from sparewatt.inputs.community.events import NO_PLACE, job_place, stamps
from sparewatt.inputs.community.text_table import read_headed_table, read_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.community.curve_files import CurveFiles
    from sparewatt.inputs.community.folder_files import FolderFiles
    from sparewatt.inputs.community.names import Place
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

EVS, BATTERIES, BASE_LOAD, SCORES = "ev_jobs.csv", "batteries.csv", "base_load.csv", "producer_scores.json"
EV_COLUMNS = ("job_id", "registered", "earliest", "ready_by", "energy_wh", "min_w", "max_w")
BATTERY_COLUMNS = ("house", "capacity_wh", "charge_w", "discharge_w", "efficiency", "start_soc")
BASE_LOAD_COLUMNS = ("house", "file")
_MOST_WH, _MOST_W, _MOST_SCORE = 1e9, 1e8, 1e9
_MINUTE_H = 1 / 60


@dataclass(frozen=True)
class EvRows:
    """EVs as flexible jobs; a value that was wrong is -1 or NaN.

    Parameters
    ----------
    table, ids, places
        Where they stand, ids as written, house and device.
    registered_s, earliest_s, ready_by_s
        Shape (jobs,) [UNIX s].
    energy_kwh, min_kw, max_kw
        Shape (jobs,) [kWh], [kW].
    """

    table: RawTable
    ids: list[str]
    places: list[Place]
    registered_s: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    ready_by_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    min_kw: NDArray[np.float64]
    max_kw: NDArray[np.float64]


@dataclass(frozen=True)
class BatteryRows:
    """Batteries by the ids of their houses; numbers as in the model, NaN where one was wrong."""

    houses: tuple[str, ...]
    capacity_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    start_soc: NDArray[np.float64]


def last_start_s(end_s: int, energy_kwh: float, max_kw: float) -> int:
    """Last whole second from which full power still gives the energy until ``end_s``."""
    return end_s - math.ceil(energy_kwh / max_kw * 3600 - 1e-6)


def read_ev_rows(files: FolderFiles, log: FindingLog) -> EvRows | None:
    """EVs of ev_jobs.csv; none where there is no such file."""
    table = _table(files, EVS, EV_COLUMNS, log)
    if table is None:
        return None
    places = read_values(table, "job_id", job_place, log, wrong=NO_PLACE)
    registered_s, earliest_s, ready_by_s = (stamps(table, column, log) for column in EV_COLUMNS[1:4])
    energy = _numbers(table, "energy_wh", thousandth_between(0, _MOST_WH, "Wh", above=True), log)
    least = _numbers(table, "min_w", thousandth_between(0, _MOST_W, "W"), log)
    most = _numbers(table, "max_w", thousandth_between(0, _MOST_W, "W", above=True), log)
    ids = list(table.columns["job_id"])
    rows = EvRows(table, ids, places, registered_s, earliest_s, ready_by_s, energy, least, most)
    _check_evs(rows, log)
    return rows


def _check_evs(evs: EvRows, log: FindingLog) -> None:
    """The energy fits into the window at full power, and least power is not above full power."""
    for at in range(len(evs.ids)):
        energy, least, most = float(evs.energy_kwh[at]), float(evs.min_kw[at]), float(evs.max_kw[at])
        first, end = int(max(evs.earliest_s[at], evs.registered_s[at])), int(evs.ready_by_s[at])
        ids = (evs.ids[at],)
        if least > most:
            message = f"the least power is above the greatest, {1000 * most:g} W"
            log.at("community.ev.power", "error", evs.table, at, "min_w", message, "at most max_w", ids=ids)
        if WRONG in {evs.earliest_s[at], evs.registered_s[at], end} or not math.isfinite(
            energy + least + most
        ):
            continue
        if end <= first:
            message = f"the EV is to be ready {first - end} s before it may begin"
            remedy = "after registered and earliest"
            log.at("community.ev.window", "error", evs.table, at, "ready_by", message, remedy, ids=ids)
        elif most > 0 and last_start_s(end, energy, most) < first:
            could = 1000 * most * (end - first) / 3600
            message = f"at full power only {could:.0f} Wh fit between earliest and ready_by"
            remedy = "less energy, more power or a longer window"
            log.at(
                *("community.ev.energy", "error", evs.table, at, "energy_wh", message, remedy),
                ids=ids,
                margin=1000 * energy - could,
            )
        elif energy < least * _MINUTE_H:
            message = "the energy is less than one minute of the least power gives"
            log.at("community.ev.energy", "error", evs.table, at, "energy_wh", message, "more", ids=ids)


def read_battery_rows(files: FolderFiles, log: FindingLog) -> BatteryRows | None:
    """Batteries of batteries.csv; none where there is no such file."""
    table = _table(files, BATTERIES, BATTERY_COLUMNS, log)
    if table is None:
        return None
    houses = read_values(table, "house", read_house, log, wrong="")
    _check_once(table, houses, "battery", log)
    return BatteryRows(
        tuple(houses),
        _numbers(table, "capacity_wh", thousandth_between(0, _MOST_WH, "Wh", above=True), log),
        _numbers(table, "charge_w", thousandth_between(0, _MOST_W, "W"), log),
        _numbers(table, "discharge_w", thousandth_between(0, _MOST_W, "W"), log),
        _numbers(table, "efficiency", number_between(0, 1, "", above=True), log),
        _numbers(table, "start_soc", number_between(0, 1, ""), log),
    )


def read_base_load_rows(
    files: FolderFiles, curves: CurveFiles, log: FindingLog
) -> tuple[tuple[str, ...], list[int]]:
    """Houses with base load and the numbers of their curves; none where there is no base_load.csv."""
    table = _table(files, BASE_LOAD, BASE_LOAD_COLUMNS, log)
    if table is None:
        return (), []
    houses = read_values(table, "house", read_house, log, wrong="")
    _check_once(table, houses, "base load", log)
    return tuple(houses), curves.rows_of(table, "file")


def read_scores(files: FolderFiles, producers: Sequence[str], log: FindingLog) -> dict[str, float]:
    """Scores by producer from producer_scores.json; empty where there is no such file."""
    text = files.read(SCORES) if files.has(SCORES) else None
    if text is None:
        return {}
    form = f'{{"{producers[0] if producers else "pv_producer[57]:[220]"}": 10}}'
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1][:80] if text.strip() else ""
        message = f"is not JSON: {error.msg.lower()}"
        log.add("community.scores.json", "error", f"{SCORES} row {error.lineno}", message, line, form)
        return {}
    except (ValueError, RecursionError):
        log.add("community.scores.json", "error", SCORES, "is not JSON that can be read", "", form)
        return {}
    if not isinstance(content, dict):
        log.add("community.scores.json", "error", SCORES, "is JSON, but no object", text, form)
        return {}
    known, scores = set(producers), {}
    for name, score in content.items():
        where = f"{SCORES}, {name}"
        if isinstance(score, bool) or not isinstance(score, (int, float)) or not abs(score) <= _MOST_SCORE:
            message, remedy = "the score is not a number", f"a number up to {_MOST_SCORE:g}, 10 to begin with"
            log.add("community.scores.value", "error", where, message, str(score), remedy, table=SCORES)
        elif name not in known:
            message, remedy = (
                "there is no such producer; its score is not used",
                "an id of producer_event.csv",
            )
            log.add("community.scores.unknown", "warning", where, message, name, remedy, table=SCORES)
        else:
            scores[name] = float(score)
    return scores


def _table(files: FolderFiles, name: str, columns: Sequence[str], log: FindingLog) -> RawTable | None:
    text = files.read(name) if files.has(name) else None
    return None if text is None else read_headed_table(name, text, columns, log)


def _numbers(
    table: RawTable, column: str, reader: Callable[[str], float], log: FindingLog
) -> NDArray[np.float64]:
    return np.array(read_values(table, column, reader, log, wrong=math.nan), np.float64)


def _check_once(table: RawTable, houses: Sequence[str], what: str, log: FindingLog) -> None:
    """A house has one of a kind."""
    first: dict[str, int] = {}
    for record, house in enumerate(houses):
        if house and first.setdefault(house, record) != record:
            message = f"house {house} has a {what} in row {table.rows[first[house]]} already"
            log.at("community.house.twice", "error", table, record, "house", message, "one row per house")
