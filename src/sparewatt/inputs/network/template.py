"""A small network to start from: 75 homes on two feeders behind one transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.scenario_template import write_scenario_template

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
    grid = directory / GRID
    scenario = write_scenario_template(directory, "network", name, [grid])
    write_dss_network(generate_network(seed, customers, feeders), grid)
    return scenario, *sorted(grid.iterdir())
