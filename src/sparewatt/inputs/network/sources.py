"""NetworkSources: where the inputs of a network run are; the files of it, none outside its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.inputs.network.inside import path_inside
from sparewatt.inputs.sheets.diary import diary_files

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog


_TABLE, _PROFILES = "network.table.file", "network.profiles.file"
_RULES = {
    "inputs.profiles": _PROFILES,
    "inputs.heat_pump_profiles": _PROFILES,
    "inputs.pv_profiles": _PROFILES,
    "inputs.temperature": _PROFILES,
    "inputs.diaries": "cluster.diaries.file",
}
"""Of files that are not there."""


@dataclass(frozen=True)
class NetworkSources:
    """Where the inputs are, relative to the folder of the scenario.

    Parameters
    ----------
    master, network, simbench
        One of them: OpenDSS files, pandapower JSON, or a code of SimBench.
    profiles, heat_pump_profiles, pv_profiles, temperature
        What was measured; what is left out is generated.
    diaries, prices
        EV diaries and the tariff of charging at home; left out: drawn, and wear alone.
    """

    master: str | None = None
    network: str | None = None
    simbench: str | None = None
    profiles: str | None = None
    heat_pump_profiles: str | None = None
    pv_profiles: str | None = None
    temperature: str | None = None
    diaries: str | None = None
    prices: str | None = None


@dataclass(frozen=True)
class InputFiles:
    """Files beside the network, each in the folder of the scenario; ``None`` where none is given.

    Parameters
    ----------
    profiles, heat_pump_profiles, pv_profiles, temperature, diaries, prices
        As in `NetworkSources`.
    zones
        Table of zones.
    """

    profiles: Path | None
    heat_pump_profiles: Path | None
    pv_profiles: Path | None
    temperature: Path | None
    diaries: Path | None
    prices: Path | None
    zones: Path | None


def find_files(sources: NetworkSources, zones: str | None, base_dir: Path, log: FindingLog) -> InputFiles:
    """Files that are there and inside; the others are noted, and left out.

    Parameters
    ----------
    sources, zones
        As the scenario names them.
    base_dir
        Folder of the scenario: links that lead out of it are not followed.
    log
        Where problems are noted.
    """

    def find(name: str | None, key: str) -> Path | None:
        path = None if name is None else path_inside(Path(name), base_dir, log)
        if path is None or name is None:
            return None
        pair = diary_files(path) if key == "inputs.diaries" else (path,)
        if not any(file.is_file() for file in pair):
            message = f"{key}: there is no file {name}"
            log.add(_RULES.get(key, _TABLE), "error", name, message, name, "a file beside the scenario file")
            return None
        for file in pair:
            beside = Path(name).with_name(file.name)
            if file.is_file() and path_inside(beside, base_dir, log) is None:
                return None
        return base_dir / name

    return InputFiles(
        profiles=find(sources.profiles, "inputs.profiles"),
        heat_pump_profiles=find(sources.heat_pump_profiles, "inputs.heat_pump_profiles"),
        pv_profiles=find(sources.pv_profiles, "inputs.pv_profiles"),
        temperature=find(sources.temperature, "inputs.temperature"),
        diaries=find(sources.diaries, "inputs.diaries"),
        prices=find(sources.prices, "inputs.prices"),
        zones=find(zones, "zones"),
    )
