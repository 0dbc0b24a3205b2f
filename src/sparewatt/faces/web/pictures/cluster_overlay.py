"""Hubs in one picture: power of all clusters together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import hub
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid
from sparewatt.faces.web.pictures.picture import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder


def overlay(runs: Sequence[tuple[str, RunFolder]]) -> Figure | None:
    """Power of each hub at the grid; its upper limit where all have the same and it does not change."""
    lines, levels = [], set()
    for name, folder in runs:
        windows = hub(folder)
        cluster = 0 if len(windows.cluster_ids) == 1 else None
        power = windows.power(cluster, 0, windows.horizon.periods)
        lines.append(RunLine(name, windows.horizon, power.grid_kw))
        steady = np.ptp(power.upper_kw) == 0 if np.isfinite(power.upper_kw).all() else False
        levels.add(float(power.upper_kw[0]) if steady else None)
    if not lines:
        return None
    level = levels.pop() if len(levels) == 1 else None
    return overlaid(lines, "power of the hub [kW]", "kW", Look(), level)
