"""A small network to start from: 75 homes on two feeders behind one transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.scenario_file import SCENARIO_NAME
from sparewatt.inputs.scenario_template import scenario_template

if TYPE_CHECKING:
    from pathlib import Path

GRID = "grid"
"""Folder of the OpenDSS files."""
SEED, CUSTOMERS, FEEDERS = 2, 75, 2


def write_network_template(
    directory: Path,
    *,
    name: str = "Two streets behind one transformer",
    seed: int = SEED,
    customers: int = CUSTOMERS,
    feeders: int = FEEDERS,
) -> tuple[Path, ...]:
    """Write a scenario file and its network, ready to run.

    Parameters
    ----------
    directory
        Where to; made where it does not exist.
    name
        What people call the scenario.
    seed, customers, feeders
        Of the network.

    Returns
    -------
    The files that were written, the scenario file first.

    Raises
    ------
    InputError
        When a file would be overwritten; then nothing is written.
    """
    scenario, grid = directory / SCENARIO_NAME, directory / GRID
    there = [p.name for p in (scenario, grid) if p.exists()]
    if there:
        message = "there is a scenario already, nothing was written"
        remedy = "another folder, or take these away"
        finding = Finding("scenario.exists", "error", str(directory), message, ", ".join(there), remedy)
        raise InputError([finding])
    directory.mkdir(parents=True, exist_ok=True)
    write_dss_network(generate_network(seed, customers, feeders), grid)
    scenario.write_text(scenario_template("network", name=name), encoding="utf-8")
    return scenario, *sorted(grid.iterdir())
