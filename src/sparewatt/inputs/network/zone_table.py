"""Zones from a table: which loads get a zone other than the phase of their feeder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import has_errors
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.csv_table import check_csv_columns, read_csv_table
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.model.feeders import Zones
from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.topology import NO_ROW, find_zones

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.network.csv_table import CsvTable
    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network

COLUMNS = ("load", "node", "phase", "zone_id")
"""One of load and node; the phase (1, 2, 3) is asked for with a node only where it has loads on several."""


def read_zone_table(
    path: Path, network: Network, feeders: Feeders
) -> tuple[Zones | None, tuple[Finding, ...]]:
    """Zones of a network where a table says other ones than phase and feeder.

    A row names a load, or a node (all its single-phase loads, or those on the phase of the row), and its
    zone. Loads that no row names keep the zone of their phase and feeder. A zone lies on one phase of one
    feeder.

    Returns
    -------
    The zones, or ``None`` where any finding is an error; and all findings. Zones stand in the order of
    feeders and phases; within one the default zone first, then those of the table as they come in it.
    """
    log = FindingLog()
    table = read_csv_table(path, log)
    zones = None
    if table is not None and check_csv_columns(table, ("zone_id",), COLUMNS, log):
        named = _named_zones(table, network, log)
        zones = _zones(named, network, feeders, path.name, log)
    findings = log.findings()
    return None if has_errors(findings) else zones, findings


def _named_zones(table: CsvTable, network: Network, log: FindingLog) -> dict[int, tuple[str, str]]:
    """Zone that the table gives to each load row it names, and where."""
    found: dict[int, tuple[str, str]] = {}
    columns = (table.column(c) for c in COLUMNS)
    for record, (load, node, phase_text, zone) in enumerate(zip(*columns, strict=True)):
        if not zone:
            log.add(
                "network.zones.id",
                "error",
                table.where(record, "zone_id"),
                "the zone has no name",
                table="zones",
            )
            continue
        phase = _read_phase(phase_text, table.where(record, "phase"), log)
        if phase is None:
            continue
        where = table.where(record)
        for row in _loads_of(load, node, phase, network, where, log):
            first = found.setdefault(row, (zone, where))
            if first[0] != zone:
                name = network.loads.ids[row]
                message = f"load {name} is in zone {zone} here and in zone {first[0]} at {first[1]}"
                log.add(
                    "network.zones.twice", "error", where, message, name, "one zone per load", table="zones"
                )
    return found


def _read_phase(text: str, where: str, log: FindingLog) -> int | None:
    """Phase 0-2, `ALL_PHASES` where none is given, none where it is no phase."""
    if not text:
        return ALL_PHASES
    if text in {"1", "2", "3"}:
        return int(text) - 1
    log.add("network.zones.phase", "error", where, f"the phase is {text}, not 1, 2 or 3", text, table="zones")
    return None


def _loads_of(load: str, node: str, phase: int, network: Network, where: str, log: FindingLog) -> list[int]:
    """Rows of the single-phase loads that a row of the table names."""
    if bool(load) == bool(node):
        message = "both a load and a node are named" if load else "neither a load nor a node is named"
        log.add(
            "network.zones.place",
            "error",
            where,
            message,
            f"{load} {node}".strip(),
            "one of them",
            table="zones",
        )
        return []
    ids, name, kind = (network.loads.ids, load, "load") if load else (network.nodes.ids, node, "node")
    if name not in ids:
        close = nearest(name, ids)
        message, remedy = f"there is no {kind} {name}", f"did you mean {close}?" if close else ""
        log.add("network.zones.unknown", "error", where, message, name, remedy, table="zones")
        return []
    row = ids.index(name)
    rows = np.array([row]) if load else np.flatnonzero(network.loads.node == row)
    on = network.loads.phase[rows]
    fits = (on != ALL_PHASES) & ((on == phase) | (phase == ALL_PHASES))
    if not fits.any() or (load and not fits.all()):
        what = "no load on one phase" if phase == ALL_PHASES else f"no load on phase {phase + 1} alone"
        message = f"{kind} {name} has {what}"
        remedy = f"one of phases 1 to {PHASES}; loads of all three count for a third in each"
        log.add("network.zones.phase", "error", where, message, name, remedy, table="zones")
    return [int(r) for r in rows[fits]]


def _zones(
    named: dict[int, tuple[str, str]], network: Network, feeders: Feeders, file: str, log: FindingLog
) -> Zones:
    default = find_zones(network, feeders)
    keys: dict[str, tuple[int, int]] = {}
    load_zone: list[str] = []
    for row, zone in enumerate(default.load_zone.tolist()):
        name = named[row][0] if row in named else default.ids[zone] if zone != NO_ROW else ""
        load_zone.append(name)
        if not name:
            continue
        key = int(feeders.load_feeder[row]), int(network.loads.phase[row])
        first = keys.setdefault(name, key)
        if first != key:
            load = network.loads.ids[row]
            a, b = (f"feeder {feeders.ids[f]} phase {p + 1}" for f, p in (first, key))
            message = f"zone {name} holds loads of {a}, and load {load} of {b}"
            where = named[row][1] if row in named else file
            remedy = "one phase of one feeder per zone"
            log.add(
                "network.zones.mixed",
                "error",
                where,
                message,
                load,
                remedy,
                table="zones",
            )
    for zone, name in enumerate(default.ids):  # a zone of three-phase loads alone stays
        key = int(default.feeder[zone]), int(default.phase[zone])
        if key not in keys.values():
            keys[name] = key
    ids = sorted(keys, key=lambda name: (keys[name], name not in default.ids))
    rows = {name: row for row, name in enumerate(ids)}
    return Zones(
        ids=tuple(ids),
        feeder=np.array([keys[name][0] for name in ids], dtype=np.int64),
        phase=np.array([keys[name][1] for name in ids], dtype=np.int64),
        load_zone=np.array([rows.get(name, NO_ROW) for name in load_zone], dtype=np.int64),
    )
