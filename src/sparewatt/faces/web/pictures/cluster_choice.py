"""What is chosen above the pictures of a hub: one of its clusters, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.picture import Choice
from sparewatt.results.cluster_windows import ClusterWindows
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Look
    from sparewatt.results.run_folder import RunFolder

ALL = "all"
_MOST = 500


def hub(folder: RunFolder) -> ClusterWindows:
    """The series of a run."""
    return ClusterWindows.of(folder.path / SERIES)


def cluster_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """All clusters together, or one."""
    ids = hub(folder).cluster_ids[:_MOST]
    options = [(str(row), name) for row, name in enumerate(ids)]
    whole = [(ALL, "All clusters together")] if len(ids) > 1 else []
    return (Choice("cluster", "Cluster", (*whole, *options)),)


def one_cluster_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """One of the clusters."""
    ids = hub(folder).cluster_ids[:_MOST]
    return (Choice("cluster", "Cluster", tuple((str(row), name) for row, name in enumerate(ids))),)


def chosen_cluster(look: Look) -> int | None:
    """Row of the chosen cluster; ``None``: all together."""
    value = look.chosen.get("cluster", ALL)
    return None if value == ALL else int(value)
