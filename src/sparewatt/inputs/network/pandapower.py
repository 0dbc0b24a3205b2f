"""Pandapower JSON files to networks; read here, so that nothing a file names is imported or built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import has_errors
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.build import build_network
from sparewatt.inputs.network.inside import path_inside
from sparewatt.inputs.network.pandapower_buses import PpBuses
from sparewatt.inputs.network.pandapower_file import read_pandapower_file
from sparewatt.inputs.network.pandapower_parts import read_pp_generators, read_pp_lines, read_pp_loads
from sparewatt.inputs.network.pandapower_supply import read_pp_supply
from sparewatt.inputs.network.parts import NetworkParts

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.network.pandapower_file import PandapowerFile
    from sparewatt.model.network import Network

_NOT_MODELLED = (
    "gen", "shunt", "impedance", "ward", "xward", "motor", "dcline", "line_dc", "vsc", "svc", "ssc", "tcsc",
    "load_dc", "source_dc",
)  # fmt: skip
_LEFT_OUT = ("storage",)


def read_pandapower_network(
    path: Path, base_dir: Path | None = None
) -> tuple[Network | None, tuple[Finding, ...]]:
    """Read a network from a JSON file of pandapower 2 or 3.

    Parameters
    ----------
    path
        The file; relative to ``base_dir`` where that is given.
    base_dir
        Folder of the scenario.

    Returns
    -------
    The network, or ``None`` where any finding is an error; and all findings. Elements are called by their
    names, or by table and index where names are missing or not unique.
    """
    log = FindingLog()
    full = path_inside(path, base_dir, log)
    file = None if full is None else read_pandapower_file(full, log)
    network = None if file is None or log.errors else network_of_pandapower(file, path.stem, log)
    findings = log.findings()
    return None if has_errors(findings) else network, findings


def network_of_pandapower(file: PandapowerFile, name: str, log: FindingLog) -> Network | None:
    """The network of a file's tables."""
    for table in _NOT_MODELLED:
        for row in file.rows(table):
            message = f"elements of {table} are not modelled, and would change the power flow"
            log.add(
                "network.pandapower.not_supported", "error", file.where(row), message, table, "take it out"
            )
    for table in _LEFT_OUT:
        rows = file.rows(table)
        if rows:
            message = f"{len(rows)} elements of {table} are left out"
            log.add("network.pandapower.left_out", "warning", file.where(rows[0]), message, str(len(rows)))
    buses = PpBuses(file, log)
    supply = read_pp_supply(file, buses, log)
    lines = read_pp_lines(file, buses, log)
    generators = read_pp_generators(file, buses, log)
    if supply is None:
        return None
    parts = NetworkParts(
        name=name,
        busbar=supply.busbar,
        source=supply.source,
        transformer=supply.transformer,
        source_where=supply.source_where,
        transformer_where=supply.transformer_where,
        frequency_hz=file.frequency_hz,
        branches=lines,
        loads=read_pp_loads(file, buses, supply.transformer.lv_kv, log),
        generators=generators,
        places=buses.places(),
    )
    return build_network(parts, log)
