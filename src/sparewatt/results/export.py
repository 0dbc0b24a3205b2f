"""Export a run from its files: CSV, XLSX, Parquet, HTML; a bundle is in :mod:`sparewatt.results.bundle`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sparewatt.results.report import write_report
from sparewatt.results.study_results import results_of

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.run_folder import RunFolder

TableFormat = Literal["csv", "xlsx", "parquet"]
Format = Literal["csv", "xlsx", "parquet", "html"]


def export_run(folder: RunFolder, to: Format, target: Path) -> tuple[Path, ...]:
    """Export a run.

    Parameters
    ----------
    folder
        The run.
    to
        ``csv`` and ``parquet``: ``target`` is a folder, one file per table of the study. ``xlsx`` and
        ``html``: ``target`` is a file.

    Returns
    -------
    tuple of Path
        The files written, each whole.
    """
    if to == "html":
        return (write_report(folder, target),)
    return results_of(folder.outcome().study).export_tables(folder, to, target)
