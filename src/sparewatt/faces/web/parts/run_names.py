"""Names of runs side by side: short, and told apart by who or what decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.control_words import control_label
from sparewatt.results.setting_differences import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun


def run_names(runs: Sequence[StoredRun], folders: Sequence[RunFolder]) -> list[str]:
    """Number and name of runs; with the rule or the algorithm that decided where they differ in it.

    Where the names are the same but for that, it stands in their place.

    Parameters
    ----------
    runs, folders
        The runs and their files.
    """
    decides = [_decider(folder) for folder in folders]
    if len(set(decides)) == 1 or not all(decides):
        return [f"{run.id} {run.name}" for run in runs]
    plain = {_without(run.name, who) for run, who in zip(runs, decides, strict=True)}
    if len(plain) == 1:
        return [f"{run.id} {who}" for run, who in zip(runs, decides, strict=True)]
    return [
        f"{run.id} {run.name}" if who in run.name else f"{run.id} {run.name} · {who}"
        for run, who in zip(runs, decides, strict=True)
    ]


def _decider(folder: RunFolder) -> str:
    """The control rule of a hub or the algorithm of a neighbourhood, in words; empty of other runs."""
    settings = read_settings(folder)
    return control_label(settings.get("cluster.control", "")) or settings.get("community.algorithm", "")


def _without(name: str, decider: str) -> str:
    """The name of a run without what decided behind it."""
    return name.removesuffix(f" · {decider}")
