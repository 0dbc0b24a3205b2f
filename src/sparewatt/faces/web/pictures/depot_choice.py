"""What is chosen above the pictures of a depot run: an allocation, or one of its scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.picture import Choice
from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.depot_windows import DepotWindows
from sparewatt.results.run_folder import SERIES, by_allocation

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Look
    from sparewatt.model.depot import Mode
    from sparewatt.results.outcome import ScenarioOutcome
    from sparewatt.results.run_folder import RunFolder

MODES: tuple[Mode, ...] = ("opt", "BAU")
"""As they are listed: what was planned first, then what would have been."""


_MOST_VEHICLES = 2000
"""To choose from."""


def mode_name(mode: str) -> str:
    """``smart`` or ``unmanaged``."""
    return next((words for name, words in MODE_WORDS.items() if name == mode), mode)


def allocation_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """One of the allocations."""
    ids = dict.fromkeys(s.allocation_id for s in folder.outcome().scenarios)
    return (Choice("allocation", "Allocation", tuple((a, a) for a in ids)),)


def scenario_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """An allocation, and how it was charged."""
    scenarios = folder.outcome().scenarios
    modes = [m for m in MODES if any(s.mode == m for s in scenarios)]
    options = tuple((m, mode_name(m).capitalize()) for m in modes)
    return (*allocation_choice(folder), Choice("mode", "Charging", options))


def vehicle_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """A vehicle of an allocation; its value is both, a line each."""
    groups = by_allocation(folder.outcome().scenarios)
    options = [
        (f"{group[0].allocation_id}\n{v}", v if len(groups) == 1 else f"{v} in {group[0].allocation_id}")
        for group in groups
        for v in DepotWindows.of(folder.path / SERIES, group[0].scenario_id).vehicle_ids
    ]
    return (Choice("vehicle", "Vehicle", tuple(options[:_MOST_VEHICLES])),)


def chosen_pair(
    folder: RunFolder, look: Look, allocation: str | None = None
) -> list[tuple[ScenarioOutcome, DepotWindows]]:
    """The scenarios of the chosen allocation, unmanaged first."""
    groups = by_allocation(folder.outcome().scenarios)
    wanted = allocation or look.chosen.get("allocation")
    group = next((g for g in groups if g[0].allocation_id == wanted), groups[0])
    return [(s, DepotWindows.of(folder.path / SERIES, s.scenario_id)) for s in group]


def chosen_scenario(folder: RunFolder, look: Look) -> tuple[ScenarioOutcome, DepotWindows]:
    """The chosen scenario; the last of its allocation where it was not charged so."""
    pair = chosen_pair(folder, look)
    return next((found for found in pair if found[0].mode == look.chosen.get("mode")), pair[-1])


def has_scenarios(folder: RunFolder) -> bool:
    """Whether anything was planned."""
    return bool(folder.outcome().scenarios)


def part_files(part: str, folder: RunFolder) -> tuple[str, ...]:
    """Files of a part of every scenario."""
    return tuple(f"series/scenario_{s.scenario_id}_{part}.parquet" for s in folder.outcome().scenarios)
