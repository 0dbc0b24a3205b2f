"""Hubs in one picture: power over each other, and what they came to in bars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import ALL, chosen_cluster, hub
from sparewatt.faces.web.pictures.cluster_sums import draw_sums, sums_height
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid, share_the_clock
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.results.buckets import periods_between
from sparewatt.results.hub_limits import summed_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.cluster_windows import ClusterWindows
    from sparewatt.results.run_folder import RunFolder


def compared(runs: Runs) -> tuple[Picture, ...]:
    """The pictures."""
    clocks = [hub(folder).horizon for _, folder in runs]
    return (
        Picture(
            name="sums",
            title="What the runs came to",
            words="A chart for each number that matters, with its own scale and a bar for each run.",
            draw=partial(draw_sums, runs),
            is_timed=False,
            height=sums_height(runs),
        ),
        Picture(
            name="lines",
            title="Power of the hub",
            words="Power at the grid of each run, and the upper limit where all have the same. Over many "
            "weeks: the highest of each 24 hours.",
            draw=partial(_draw_power, runs),
            choices=partial(_choices, runs),
            is_timed=share_the_clock(clocks),
            height=400,
        ),
        Picture(
            name="charged",
            title="Energy charged so far",
            words="Net energy from the grid since the start of each run: the steeper, the more power. A run "
            "that charges later lies lower.",
            draw=partial(_draw_charged, runs),
            choices=partial(_choices, runs),
            is_timed=share_the_clock(clocks),
            height=340,
        ),
    )


def _choices(runs: Runs, _folder: RunFolder) -> tuple[Choice, ...]:
    """All clusters together, or one that all runs have in the same place."""
    ids = [hub(folder).cluster_ids for _, folder in runs]
    common = [(str(k), name) for k, name in enumerate(ids[0]) if all(name in of[k : k + 1] for of in ids)]
    whole = [] if all(len(of) == 1 for of in ids) else [(ALL, "All clusters together")]
    return (Choice("cluster", "Cluster", (*whole, *common)),)


def _draw_power(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """Power of each hub at the grid, and the upper limit that they share."""
    cluster = chosen_cluster(look)
    lines, limits = [], []
    for name, folder in runs:
        windows = hub(folder)
        lines.append(
            RunLine(name, windows.horizon, windows.power(cluster, 0, windows.horizon.periods).grid_kw)
        )
        limits.append(_upper_kw(windows, cluster))
    first, horizon = limits[0], lines[0].horizon
    shared = first is not None and all(
        other is not None and np.array_equal(first, other) and line.horizon == horizon
        for other, line in zip(limits, lines, strict=True)
    )
    limit = RunLine("upper limit", horizon, first) if shared and first is not None else None
    return overlaid(lines, "power of the hub [kW]", "kW", look, limit)


def _draw_charged(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """Net energy of each hub since its start."""
    cluster, lines = chosen_cluster(look), []
    for name, folder in runs:
        windows = hub(folder)
        h = windows.horizon
        kwh = np.cumsum(windows.power(cluster, 0, h.periods).grid_kw) * h.step_h
        lines.append(RunLine(name, h, kwh))
    return overlaid(lines, "net energy since the start [kWh]", "kWh", look)


def _upper_kw(windows: ClusterWindows, cluster: int | None) -> NDArray[np.float64] | None:
    """The upper limit of what is shown, or those of the clusters added up; ``None`` where it is open."""
    lo, hi = periods_between(windows.horizon, None, None)
    if cluster is not None or windows.system_tolerance_kw is not None:
        upper = windows.power(cluster, lo, hi).upper_kw
    else:
        summed = summed_limits(windows, lo, hi)
        upper = np.full(hi, np.inf) if summed is None else summed[1]
    return upper if np.isfinite(upper).all() else None
