"""Paths of a scenario stay inside its folder (rule 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog


def path_inside(path: Path, base_dir: Path | None, log: FindingLog) -> Path | None:
    """The path under a base folder; none where it leaves it, which is noted. Without a base: the path."""
    if base_dir is None:
        return path
    try:
        full = (base_dir / path).resolve()
        inside = full.is_relative_to(base_dir.resolve())
    except (ValueError, OSError, RuntimeError):
        inside = False
    if inside:
        return full
    message = "the path leaves the folder of the scenario file"
    log.add("network.file.outside", "error", str(path), message, str(path), "a path beside the scenario file")
    return None
