"""Runs side by side in the demo: some KPIs as a table, the reports, and the command that shows all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.cli.console import OUT, local_text, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sparewatt.results.outcome import Outcome
    from sparewatt.studies.finished_run import FinishedRun


def print_side_by_side(finished: Mapping[str, FinishedRun], kpis: Sequence[str], directory: Path) -> None:
    """Print what tells runs apart.

    Parameters
    ----------
    finished
        The runs by what they are called.
    kpis
        Names of the KPIs.
    directory
        Folder of the demo.
    """
    from sparewatt.results.run_folder import REPORT_FILE  # noqa: PLC0415 - loaded by now

    outcomes = [run.outcome for run in finished.values()]
    print_table(("KPI", "unit", *(name.replace("_", " ") for name in finished)), list(_rows(outcomes, kpis)))
    for run in finished.values():
        report = local_text(str(run.folder.path / REPORT_FILE))
        OUT.print(f"report: {report}", markup=False, soft_wrap=True)
    numbers = " ".join(str(run.run_id) for run in finished.values())
    OUT.print(
        f"all KPIs side by side: sparewatt compare {numbers} --db {directory / 'sparewatt.db'}",
        markup=False,
        soft_wrap=True,
    )


def _rows(outcomes: Sequence[Outcome], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The KPIs that tell runs apart, a column per run."""
    from sparewatt.results.kpis import number_text  # noqa: PLC0415 - loaded by now
    from sparewatt.results.overview import unit_head  # noqa: PLC0415 - loaded by now

    for name in names:
        kpi = next(k for k in outcomes[0].kpis if k.name == name)
        yield (kpi.label, unit_head(kpi.unit), *(number_text(o.value(name), kpi.unit) for o in outcomes))
