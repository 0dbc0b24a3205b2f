"""A neighbourhood to start from, made with a seed, and the scenario that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.tariff import TariffSteps
from sparewatt.inputs.community.write import write_neighbourhood
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.scenario_template import write_scenario_template

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "neighbourhood"
SEED = 5
EXAMPLE = NeighbourhoodPlan(
    houses=6,
    days=1,
    jobs_per_day=3.0,
    pv_share=0.5,
    forecast_error=0.25,
    ev_share=0.2,
    battery_share=0.2,
    base_load=True,
    name="Six houses",
)
"""Six houses: three with PV, one of these with a battery, one with an EV."""
_TIMES_H = (0, 6, 16, 21)
_PRICES = ((0.22, 0.07), (0.30, 0.07), (0.38, 0.07), (0.30, 0.07))
"""By night, by day, at the evening's peak, and after it: price and feed-in [currency/kWh]."""


def write_community_template(
    directory: Path,
    *,
    name: str = "Six houses share their sun",
    seed: int = SEED,
    plan: NeighbourhoodPlan = EXAMPLE,
) -> tuple[Path, ...]:
    """Write a scenario file and its neighbourhood folder, ready to run.

    Parameters
    ----------
    directory
        Where to; made where it does not exist.
    name
        What people call the scenario.
    seed, plan
        Of the neighbourhood.

    Returns
    -------
    The files that were written, the scenario file first.

    Raises
    ------
    InputError
        When a file would be overwritten; then nothing is written.
    """
    folder = directory / FOLDER
    made = generate_neighbourhood(seed, plan=plan)
    scenario = write_scenario_template(directory, "community", name, [folder])
    files = write_neighbourhood(made, folder, steps=example_prices())
    return scenario, *sorted(files)


def example_prices() -> TariffSteps:
    """Cheap by night, dear in the evening."""
    prices = np.array(_PRICES)
    time_s = np.array(_TIMES_H, np.int64) * 3600
    return TariffSteps(True, time_s, prices[:, 0].copy(), prices[:, 1].copy())
