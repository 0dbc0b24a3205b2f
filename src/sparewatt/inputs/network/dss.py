"""OpenDSS folders to networks, through the engine's own parser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparewatt.finding import has_errors
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.build import build_network
from sparewatt.inputs.network.coordinates import read_coordinates
from sparewatt.inputs.network.dss_engine import read_values
from sparewatt.inputs.network.dss_files import DssFiles, find_master
from sparewatt.inputs.network.dss_lines import read_lines
from sparewatt.inputs.network.dss_loads import read_generators, read_loads
from sparewatt.inputs.network.dss_scan import scan_statements
from sparewatt.inputs.network.dss_supply import read_supply
from sparewatt.inputs.network.inside import path_inside
from sparewatt.inputs.network.parts import NetworkParts, plain_number

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.network.dss_engine import Values
    from sparewatt.inputs.network.dss_script import DssScript
    from sparewatt.model.network import Network

_BUSES = ("bus1", "bus2", "bus", "buses")


def read_dss_network(path: Path, base_dir: Path | None = None) -> tuple[Network | None, tuple[Finding, ...]]:
    """Read a network from OpenDSS files.

    Parameters
    ----------
    path
        A folder with a ``Master.dss``, or the file to begin with; relative to ``base_dir`` where that is
        given.
    base_dir
        Folder of the scenario.

    Returns
    -------
    The network, or ``None`` where any finding is an error; and all findings. Names are spelled as the files
    first spell them; rows of lines and loads are those of the files. All files must lie in the folder of the
    one to begin with.
    """
    log = FindingLog()
    place = path_inside(path, base_dir, log)
    master = None if place is None else find_master(place, log)
    if master is None:
        return None, log.findings()
    files = DssFiles(master.parent, log)
    script = scan_statements(files.statements(master), log)
    values = None if files.broken or not script.elements else read_values(script, log)
    network = None if values is None else _build(master, files, script, values, log)
    findings = log.findings()
    return None if has_errors(findings) else network, findings


def _build(
    master: Path, files: DssFiles, script: DssScript, values: dict[str, list[Values]], log: FindingLog
) -> Network | None:
    supply = read_supply(values, script, log)
    frequency_hz = plain_number(values["vsource"][0]["frequency"]) if values["vsource"] else 0.0
    if not frequency_hz > 0.0:
        return None
    base_v = 0.0 if supply is None else supply.transformer.lv_kv * 1000.0 / 3.0**0.5
    branches = read_lines(values["line"], script, frequency_hz, log)
    loads = read_loads(values["load"], script, base_v, log)
    generators = read_generators(values, script, log)
    spelled = _spelling(script)
    coordinates = _coordinates(files, script, spelled, log)
    if supply is None:
        return None
    parts = NetworkParts(
        name=master.parent.resolve().name or script.name,
        busbar=spelled.get(supply.busbar.lower(), supply.busbar),
        source=supply.source,
        transformer=supply.transformer,
        source_where=supply.source_where,
        transformer_where=supply.transformer_where,
        frequency_hz=frequency_hz,
        branches=[
            replace(
                b,
                from_bus=spelled.get(b.from_bus.lower(), b.from_bus),
                to_bus=spelled.get(b.to_bus.lower(), b.to_bus),
            )
            for b in branches
        ],
        loads=[replace(p, bus=spelled.get(p.bus.lower(), p.bus)) for p in loads],
        generators=[replace(p, bus=spelled.get(p.bus.lower(), p.bus)) for p in generators],
        places={spelled[name]: place for name, place in coordinates.items() if name in spelled},
    )
    return build_network(parts, log)


def _spelling(script: DssScript) -> dict[str, str]:
    """Buses in lower case to how they are spelled where they are first named."""
    spelled: dict[str, str] = {}
    for element in script.elements.values():
        for name in _BUSES:
            for bus in element.given.get(name, ("", None))[0].replace(",", " ").split():
                first = bus.partition(".")[0]
                spelled.setdefault(first.lower(), first)
    return spelled


def _coordinates(
    files: DssFiles, script: DssScript, buses: dict[str, str], log: FindingLog
) -> dict[str, tuple[float, float]]:
    places: dict[str, tuple[float, float]] = {}
    for name, beside, place in script.coordinates:
        path = files.find(name, beside, place, severity="warning")
        text = files.read_text(path, str(place)) if path is not None else None
        if text is not None and path is not None:
            places |= read_coordinates(text, path.name, buses, log)
    return places | script.places
