"""Depot: cost and peak of smart against unmanaged charging, over the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.depot_choice import MODES, allocation_choice, mode_name
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import BLUE, ORANGE, PURPLE, VERMILION
from sparewatt.faces.web.pictures.sum_bars import SumChart, sum_bars
from sparewatt.results.run_folder import by_allocation

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

CHARTS = (
    SumChart(
        "Electricity, and excess capacity [currency]",
        "currency",
        (("cost", "electricity", PURPLE, ""), ("excess_capacity_cost", "excess capacity", ORANGE, "/")),
    ),
    SumChart("Peak demand of the site [kW]", "kW", (("peak_site_kw", "peak demand", BLUE, ""),)),
    SumChart(
        "Energy above the planned limit [kWh]", "kWh", (("breach_kwh", "above the limit", VERMILION, "x"),)
    ),
    SumChart(
        "Energy delivered, and unserved [kWh]",
        "kWh",
        (
            ("energy_delivered_kwh", "delivered", BLUE, ""),
            ("energy_unserved_kwh", "unserved", VERMILION, "/"),
        ),
    ),
)


def draw_smart(folder: RunFolder, look: Look) -> Figure:
    """A bar for each way to charge, in the chosen allocation."""
    groups = by_allocation(folder.outcome().scenarios)
    wanted = look.chosen.get("allocation")
    group = next((g for g in groups if g[0].allocation_id == wanted), groups[0])
    return sum_bars(CHARTS, [(mode_name(s.mode), s) for s in reversed(group)], look)


def has_both(folder: RunFolder) -> bool:
    """Whether there is something to compare with."""
    return {s.mode for s in folder.outcome().scenarios} >= set(MODES)


SMART = Picture(
    name="smart",
    title="Smart against unmanaged",
    words="What the whole run came to when charging is planned, and when every vehicle charges as soon as "
    "it is plugged in: cost, peak, and energy.",
    draw=draw_smart,
    choices=allocation_choice,
    is_there=has_both,
    is_timed=False,
    height=410,
    behind=lambda _folder: ("tables/scenarios.csv",),
)
