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
    message, remedy = "the path leaves the folder of the scenario file", "a path beside the scenario file"
    link = _link_of(path, base_dir)
    if link is not None:
        message = f"{link} is a link that leads out of the folder of the scenario file, and is not followed"
        remedy = "copy what it links to into the folder"
    log.add("network.file.outside", "error", str(path), message, str(path), remedy)
    return None


def _link_of(path: Path, base_dir: Path) -> Path | None:
    """The first part of a path that is a link; none where the path is absolute or goes up itself."""
    if path.is_absolute() or ".." in path.parts:
        return None
    try:
        ways = [*reversed(path.parents), path]
        return next((way for way in ways if (base_dir / way).is_symlink()), None)
    except (ValueError, OSError):
        return None
