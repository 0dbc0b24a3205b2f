"""Depot runs in one picture: demand of the site as it was planned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import MODES, chosen_scenario, has_scenarios, mode_name
from sparewatt.faces.web.pictures.depot_smart import CHARTS
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid, share_the_clock
from sparewatt.faces.web.pictures.picture import Choice, Look, Picture
from sparewatt.faces.web.pictures.style import message
from sparewatt.faces.web.pictures.sum_bars import sum_bars, sum_height

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder


def compared(runs: Runs) -> tuple[Picture, ...]:
    """The pictures."""
    planned = tuple((name, folder) for name, folder in runs if has_scenarios(folder))
    if not planned:
        return ()
    clocks = [chosen_scenario(folder, Look())[1].horizon for _, folder in planned]
    site = Picture(
        name="lines",
        title="Demand of the site",
        words="Demand of the site in each run, charging and other load together. Over many weeks: the "
        "highest of each 24 hours.",
        draw=partial(_draw_site, planned),
        choices=partial(_choices, planned),
        is_timed=share_the_clock(clocks),
        height=380,
    )
    sums = Picture(
        name="sums",
        title="What the runs came to",
        words="A chart for each number that matters, with its own scale and a bar for each run.",
        draw=partial(_draw_sums, planned),
        choices=partial(_choices, planned),
        is_timed=False,
        height=sum_height(CHARTS, [chosen_scenario(folder, Look())[0] for _, folder in planned]),
    )
    return sums, site


def _draw_sums(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """A bar for each run in each chart."""
    return sum_bars(CHARTS, [(name, chosen_scenario(folder, look)[0]) for name, folder in runs], look)


def _choices(runs: Runs, _folder: RunFolder) -> tuple[Choice, ...]:
    """How it was charged, and an allocation that all runs have."""
    scenarios = [folder.outcome().scenarios for _, folder in runs]
    ids = dict.fromkeys(s.allocation_id for s in scenarios[0])
    common = [i for i in ids if all(any(s.allocation_id == i for s in of) for of in scenarios)]
    modes = [m for m in MODES if any(s.mode == m for of in scenarios for s in of)]
    return (
        Choice("allocation", "Allocation", tuple((i, i) for i in common)),
        Choice("mode", "Charging", tuple((m, mode_name(m).capitalize()) for m in modes)),
    )


def _draw_site(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """Demand of the site of an allocation of each run; the capacity where all have the same."""
    lines, capacities = [], set()
    for name, folder in runs:
        scenario, windows = chosen_scenario(folder, look)
        values = windows.site(0, windows.horizon.periods)["site_kw"]
        is_asked = scenario.allocation_id == look.chosen.get("allocation")
        label = name if is_asked else f"{name}: allocation {scenario.allocation_id}"
        lines.append(RunLine(label, windows.horizon, values))
        capacities.add(windows.asc_kw)
    if not lines:
        return message("Nothing was planned in these runs.")
    level = capacities.pop() if len(capacities) == 1 else None
    longest = max((one.horizon for one in lines), key=lambda h: h.end)
    limit = RunLine("limit", longest, np.full(longest.periods, level)) if level is not None else None
    return overlaid(lines, "demand of the site [kW]", "kW", look, limit)
