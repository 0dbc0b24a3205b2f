"""The copy of a run's inputs beside its outcome, for whoever wants to run it again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sparewatt.inputs.scenario_text import scenario_copy_text
from sparewatt.results.whole_file import whole_file, write_whole_text
from sparewatt.studies.run_files import SCENARIO_COPY, clear_inputs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario


def write_copies(
    scenario: Scenario,
    directory: Path,
    sources: Mapping[str, str],
    files: Sequence[tuple[Path, str]],
    *,
    kept: Collection[str] = (),
) -> None:
    """Write the scenario file with its sources as they lie beside it, copy them, and clear older copies.

    Parameters
    ----------
    scenario
        What is run.
    directory
        Folder of the run.
    sources
        The keys of ``[inputs]`` in the copy.
    files
        Each file, and its name below the folder of the run.
    kept
        Names below the folder of copies that are written in another way, and stay.
    """
    text = scenario_copy_text(scenario, sources)
    write_whole_text(directory / SCENARIO_COPY, text)  # first: it marks the folder as ours
    for original, target in files:
        with whole_file(directory / target) as partial:
            shutil.copyfile(original, partial)
    clear_inputs(directory, {*kept, *(target for _, target in files)})
