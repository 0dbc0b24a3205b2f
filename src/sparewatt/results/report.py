"""Report: one self-contained page on a run, to be handed on, opened offline and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.run_folder import REPORT_FILE
from sparewatt.results.study_results import results_of
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.run_folder import RunFolder


def write_report(folder: RunFolder, path: Path | None = None) -> Path:
    """Write ``report.html`` of a run from its files; no inputs needed."""
    target = path if path is not None else folder.path / REPORT_FILE
    outcome = folder.outcome()
    write_whole_text(target, results_of(outcome.study).render_run(folder, outcome))
    return target
