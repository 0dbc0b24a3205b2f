"""Hubs side by side: bars of the numbers that matter, a chart for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.style import BLUE, GREEN, ORANGE, PURPLE, VERMILION
from sparewatt.faces.web.pictures.sum_bars import SumChart, sum_bars, sum_height

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

CHARTS = (
    SumChart(
        "Charged, and missing to the targets [kWh]",
        "kWh",
        (
            ("g2v_kwh", "charged", BLUE, ""),
            ("short_of_target_kwh", "missing to the targets", ORANGE, "/"),
        ),
    ),
    SumChart("Missing to the contracts [kWh]", "kWh", (("short_of_contract_kwh", "missing", ORANGE, "x"),)),
    SumChart("Vehicles turned away", "vehicles", (("turned_away", "turned away", VERMILION, "/"),)),
    SumChart("Highest power [kW]", "kW", (("peak_kw", "highest power", BLUE, ""),)),
    SumChart(
        "Beyond the limits and their tolerance [kWh]",
        "kWh",
        (
            ("over_limit_kwh", "above the upper limit", VERMILION, "x"),
            ("under_limit_kwh", "missing to the lower limit", PURPLE, "."),
        ),
    ),
    SumChart("Given back by vehicles, V2G [kWh]", "kWh", (("v2g_kwh", "given back", GREEN, "\\"),)),
    SumChart("Energy cost [currency]", "currency", (("energy_cost", "energy cost", PURPLE, ""),)),
)


def draw_sums(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """A bar for each run in each chart."""
    return sum_bars(CHARTS, [(name, folder.outcome()) for name, folder in runs], look)


def sums_height(runs: Runs) -> int:
    """Height of the picture [px]."""
    return sum_height(CHARTS, [folder.outcome() for _, folder in runs])
