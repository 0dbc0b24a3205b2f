"""Scenarios of small generated networks that run in a second or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.run_place import RunPlace

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario

SMALL = {
    "cases": '["0PV0HP", "50PV50HP"]',
    "start": '"2026-01-12"',
    "days": "4",
    "step": '"60min"',
    "validate_days": "2",
    "streak": "2",
    "hosting": "{ samples = 3, managed_samples = 1, penetrations = [0.5, 1.0], days = 1 }",
    "workers": "1",
}


def write_network_scenario(folder: Path, *, customers: int = 14, feeders: int = 2, **settings: str) -> Path:
    """A scenario file with a generated network beside it; settings as they stand in TOML."""
    folder.mkdir(parents=True, exist_ok=True)
    write_dss_network(generate_network(5, customers, feeders), folder / "grid")
    lines = [f"{key} = {value}" for key, value in (SMALL | settings).items()]
    path = folder / "scenario.toml"
    path.write_text(
        'version = 1\nstudy = "network"\nname = "small net"\nseed = 4\n'
        '[inputs]\nmaster = "grid/Master.dss"\n[network]\n' + "\n".join(lines) + "\n",
        encoding="utf-8",
    )
    return path


def small_network(folder: Path, **settings: str) -> Scenario:
    """The same, read."""
    return read_scenario(write_network_scenario(folder, **settings))


def place_in(folder: Path, out: str = "out", workers: int = 1) -> RunPlace:
    """Store and folder of a run below a folder."""
    return RunPlace(str(folder / "sparewatt.db"), lambda _: folder / out, workers, named=True)
