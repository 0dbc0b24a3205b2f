"""Depot runs in one picture: demand of the site as it was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.depot_choice import chosen_pair, mode_name
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid
from sparewatt.faces.web.pictures.picture import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder


def overlay(runs: Sequence[tuple[str, RunFolder]]) -> Figure | None:
    """Demand of the site of the first allocation of each run; the capacity where all have the same."""
    look, lines, capacities = Look(), [], set()
    for name, folder in runs:
        if not folder.outcome().scenarios:
            continue
        scenario, windows = chosen_pair(folder, look)[-1]
        values = windows.site(0, windows.horizon.periods)["site_kw"]
        label = f"{name}: allocation {scenario.allocation_id}, {mode_name(scenario.mode)}"
        lines.append(RunLine(label, windows.horizon, values))
        capacities.add(windows.asc_kw)
    if not lines:
        return None
    level = capacities.pop() if len(capacities) == 1 else None
    return overlaid(lines, "demand of the site [kW]", "kW", look, level)
