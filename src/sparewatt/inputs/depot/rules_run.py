"""Which run is asked for, and what its row in t_run_charging says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.inputs.depot import schema
from sparewatt.inputs.depot.source import read_table
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.tables.parse import (
    CellError,
    number_between,
    read_cells,
    read_json_list,
    whole_between,
)
from sparewatt.inputs.tables.raw_table import id_order, read_id
from sparewatt.model.depot import MODES

if TYPE_CHECKING:
    from sparewatt.inputs.depot.settings import DepotSettings
    from sparewatt.inputs.depot.source import TableSource
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable
    from sparewatt.model.depot import Mode

DEFAULT_ASC_MARGIN = 0.2
"""Breach that is allowed where ``asc_margin`` is empty, as a share of the agreed supply capacity."""

MAX_DAYS = 3660
"""Longest run [days]."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of t_run_charging; values that were wrong stand at their defaults, the log has the errors.

    Parameters
    ----------
    table, record
        Where it stands.
    run_id, client_id, client_name
        Ids as text; empty where not given.
    modes
        ``"BAU"`` before ``"opt"``.
    day_start_hours
        Hour at which planning days begin [h, 0-23].
    asc_margin, reserve
        Shares [-].
    num_days
        Most days of the run; ``None`` = all.
    allocation_ids
        Allocations that the row names; empty = every allocation of the run.
    """

    table: RawTable
    record: int
    run_id: str
    client_id: str
    client_name: str
    modes: tuple[Mode, ...]
    day_start_hours: int
    asc_margin: float
    reserve: float
    num_days: int | None
    allocation_ids: tuple[str, ...]


def read_run_row(source: TableSource, settings: DepotSettings, log: FindingLog) -> RunRow | None:
    """The run that the settings or t_system_parameters ask for."""
    run_id = settings.run_id or _current_run_id(source, log)
    runs = schema.RUN_CHARGING
    if run_id is None:
        return None
    run_id = read_id(run_id)
    table = read_table(source, runs, log, only=("run_id", frozenset({run_id})))
    if table is None:
        return None
    if len(table) == 0:
        known = sorted({read_id(t) for t in source.first_rows(runs.name, "run_id", log)} - {""}, key=id_order)
        log.add(
            "depot.run.unknown",
            "error",
            f"{runs.name}, column run_id",
            f"there is no run {run_id}",
            run_id,
            f"one of: {', '.join(known[:10])}" if known else f"add a row to {runs.name}",
        )
        return None
    for extra in range(1, len(table)):
        message = f"run {run_id} stands here again; it is in {table.where(0)} already"
        log.at("depot.run.duplicate", "error", table, extra, "run_id", message, "one row per run")
    return _read_row(source, table, run_id, log)


def _current_run_id(source: TableSource, log: FindingLog) -> str | None:
    table = read_table(source, schema.SYSTEM_PARAMETERS, log)
    if table is None:
        return None
    ids = sorted({read_id(t) for t in table.columns["current_run_id"]} - {""}, key=id_order)
    if len(ids) == 1:
        return ids[0]
    log.add(
        "depot.run.current",
        "error",
        f"{table.name}, column current_run_id",
        "names more than one run" if ids else "names no run",
        ", ".join(ids[:10]),
        "one row with the run_id to plan, or set depot.run_id",
    )
    return None


def _read_row(source: TableSource, table: RawTable, run_id: str, log: FindingLog) -> RunRow:
    def number(column: str, low: float, high: float, default: float, unit: str) -> float:
        value = read_cells(table, column, number_between(low, high, unit), log, missing=default)[0]
        return default if value is None else value

    def whole(column: str, low: int, high: int, default: int, unit: str) -> int:
        value = read_cells(table, column, whole_between(low, high, unit), log, missing=default)[0]
        return default if value is None else value

    if not table.text("asc_margin", 0):
        log.add(
            "depot.run.asc_margin_default",
            "info",
            table.where(0, "asc_margin"),
            f"asc_margin is empty: a breach may add {DEFAULT_ASC_MARGIN:.0%} of the agreed supply capacity",
        )
    margin = number("asc_margin", 0.0, 10.0, DEFAULT_ASC_MARGIN, "as a share: 0.2 = 20 %")
    if margin > 1:
        message = f"asc_margin lets a breach add {margin:.0%} of the agreed supply capacity"
        log.at(
            "depot.run.asc_margin", "warning", table, 0, "asc_margin", message, "a share: 0.2 = up to 120 %"
        )
    reserve = number("soc_margin", 0.0, 1.0, 0.0, "as a share of the battery: 0.1 = 10 %")
    if reserve == 1:
        message = "soc_margin keeps the whole battery as reserve, nothing is left for routes"
        log.at("depot.value.range", "error", table, 0, "soc_margin", message, "a share below 1: 0.1 = 10 %")
        reserve = 0.0
    num_days = whole("num_days", 1, 100_000, 0, "days")
    client_id = read_id(table.text("client_id", 0))
    return RunRow(
        table,
        0,
        run_id,
        client_id,
        _client_name(source, table, client_id, log),
        _modes(table, log),
        whole("day_start_hours", 0, 23, 0, "hours"),
        margin,
        reserve,
        num_days or None,
        _allocation_ids(table, log),
    )


def _modes(table: RawTable, log: FindingLog) -> tuple[Mode, ...]:
    none: list[object] = []
    asked = read_cells(table, "charging_mode", read_json_list, log, missing=none)[0] or none
    for mode in asked:
        if mode not in MODES:
            meant = nearest(str(mode), MODES)
            hint = f"; did you mean {meant}?" if meant else ""
            log.at(
                "depot.run.mode",
                "error",
                table,
                0,
                "charging_mode",
                f"{json.dumps(mode)} is not a charging mode",
                f'a JSON list of "BAU" and "opt"; empty = both{hint}',
            )
    return tuple(m for m in MODES if m in asked) or MODES


def _allocation_ids(table: RawTable, log: FindingLog) -> tuple[str, ...]:
    every: tuple[str, ...] = ()
    listed = read_cells(table, "allocation_ids", _read_ids, log, missing=every)[0] or every
    return tuple(dict.fromkeys(listed))


def _read_ids(text: str) -> tuple[str, ...]:
    ids = []
    for item in read_json_list(text):
        text_item = read_id(str(item)) if isinstance(item, (str, int, float)) else ""
        if isinstance(item, bool) or text_item in {"", "nan", "inf", "-inf"}:
            raise CellError(
                "depot.value.json",
                f"holds {json.dumps(item)}, which is not an id",
                "a JSON list of ids, such as [71, 72]",
            )
        ids.append(text_item)
    return tuple(ids)


def _client_name(source: TableSource, run: RawTable, client_id: str, log: FindingLog) -> str:
    if not client_id:
        return ""
    only = ("client_id", frozenset({client_id}))
    table = read_table(source, schema.CLIENT, log, only=only, required=False)
    if table is None:
        return ""
    if len(table) == 0:
        message = f"client {client_id} is not in {schema.CLIENT.name}"
        log.at(
            "depot.run.client",
            "warning",
            run,
            0,
            "client_id",
            message,
            "add it; the run goes without its name",
        )
        return ""
    for extra in range(1, len(table)):
        message = f"client {client_id} stands here again; the name of the first is taken"
        log.at("depot.client.duplicate", "error", table, extra, "client_id", message, "one row per client")
    return table.text("name", 0)
