"""The inputs that a run keeps a copy of: which files there are, and a look into those that are text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.run_folder import RunFolder

SCENARIO_NAME = "scenario.toml"
INPUTS = "inputs"
TEXT_BYTES = 200_000
"""Of a longer text the beginning is shown [bytes]."""


@dataclass(frozen=True)
class InputFile:
    """A file of a run's inputs.

    Parameters
    ----------
    name
        Below the folder of the run, with ``/``.
    size
        [bytes].
    path
        Where it is.
    """

    name: str
    size: int
    path: Path


def list_inputs(folder: RunFolder) -> tuple[InputFile, ...]:
    """Scenario file and inputs of a run, by name, the scenario first; links are left out."""
    found = [folder.path / SCENARIO_NAME, *sorted((folder.path / INPUTS).rglob("*"))]
    return tuple(
        InputFile(path.relative_to(folder.path).as_posix(), path.stat().st_size, path)
        for path in found
        if path.is_file() and not path.is_symlink()
    )


def input_text(file: InputFile, most: int = TEXT_BYTES) -> str | None:
    """The beginning of a file as text; ``None`` where it is none."""
    with file.path.open("rb") as opened:
        content = opened.read(most)
    if b"\0" in content:
        return None
    return content.decode("utf-8", "replace")
