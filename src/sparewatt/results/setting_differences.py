"""Settings in which runs differ: their own copies of the scenario file, key by key."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from sparewatt.results.run_inputs import SCENARIO_NAME, TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.run_folder import RunFolder

_LEFT_OUT = ("name", "version", "inputs.")
"""What differs without being a setting: names, and where inputs lie."""


class SettingDifference(NamedTuple):
    """A setting that is not the same in all runs.

    Parameters
    ----------
    key
        As in a scenario file, such as ``depot.gap``.
    values
        One per run, as in a scenario file; ``None`` where the run's file has none.
    """

    key: str
    values: tuple[str | None, ...]


def setting_differences(folders: Sequence[RunFolder]) -> tuple[SettingDifference, ...]:
    """What differs in the settings of runs; nothing of runs that keep no scenario file is told."""
    read = [read_settings(folder) for folder in folders]
    if any(not settings for settings in read):
        return ()
    keys = dict.fromkeys(key for settings in read for key in settings)
    told = ((key, tuple(settings.get(key) for settings in read)) for key in keys)
    return tuple(SettingDifference(key, values) for key, values in told if len(set(values)) > 1)


def read_settings(folder: RunFolder) -> dict[str, str]:
    """The settings of a run by their keys, as text; empty where it keeps no scenario file."""
    try:
        with (folder.path / SCENARIO_NAME).open("rb") as file:
            scenario = tomllib.loads(file.read(TEXT_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: text for key, text in _flat("", scenario) if not key.startswith(_LEFT_OUT)}


def _flat(before: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(f"{before}{name}.", value)
        else:
            text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
            found.append((f"{before}{name}", text))
    return found
