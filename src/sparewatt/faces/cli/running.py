"""Reading one scenario, running it with its bars, and saying what it found: what commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError
from sparewatt.faces.cli.console import OUT, Bars, local_text, print_findings
from sparewatt.studies.study import study_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_place import RunPlace


class BegunError(SparewattError):
    """An error after a run began; what it committed stays."""


def read_given(path: Path, overrides: Sequence[str]) -> Scenario:
    """The scenario of a file, or of the folder that holds one."""
    from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario  # noqa: PLC0415 - pydantic

    inside = path / SCENARIO_NAME
    return read_scenario(inside if inside.is_file() else path, overrides)


def run_one(scenario: Scenario, place: RunPlace, *, resume: bool, quiet: bool) -> FinishedRun:
    """Run a scenario with a bar per part; an error after it began says so."""
    begun = False
    with Bars(quiet=quiet) as bars:

        def start(run_id: int, names: tuple[str, ...]) -> None:
            nonlocal begun
            begun = True
            bars.start(run_id, names)

        try:
            return study_of(scenario).run(
                scenario, place, resume=resume, on_start=start, on_progress=bars.update
            )
        except (InputError, RunCancelled, RunElsewhere):
            raise
        except SparewattError as error:
            if begun:
                raise BegunError(str(error)) from error
            raise


def print_found(finished: FinishedRun) -> None:
    """What a run found, in words, and where its report is."""
    from sparewatt.results.run_folder import REPORT_FILE  # noqa: PLC0415 - loaded by now
    from sparewatt.results.words import outcome_sentences  # noqa: PLC0415 - as above

    for sentence in outcome_sentences(finished.outcome):
        OUT.print(f"• {sentence}", markup=False)
    shown = [f for f in finished.outcome.findings if f.severity != "info"]
    print_findings(shown)
    done = "was done before" if finished.is_old else "done"
    OUT.print(
        f"run {finished.run_id} of {finished.outcome.name}: {done}, level {finished.outcome.level}",
        markup=False,
    )
    report = local_text(str(finished.folder.path / REPORT_FILE))
    OUT.print(f"report: {report}", markup=False, soft_wrap=True)
