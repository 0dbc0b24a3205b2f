"""Results of the community study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.community_cards import community_cards
from sparewatt.results.community_house_kpis import house_kpis
from sparewatt.results.community_kpis import community_kpis, is_limit_broken
from sparewatt.results.overview import KpiTable
from sparewatt.results.part_results import check_parts, outcome_of_parts, work_seconds, write_folder
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.page import Card
    from sparewatt.results.run_folder import RunFolder

HOUSE = "house"
"""Kind of the parts of the outcome."""
SHOWN_HOUSES = 6


def community_outcome(
    run: CommunityRun,
    *,
    name: str,
    seed: int,
    input_hash: str,
    findings: Sequence[Finding] = (),
    versions: Mapping[str, str] | None = None,
) -> Outcome:
    """The outcome of a neighbourhood's run: ``breach`` where the import limit was broken.

    Parameters
    ----------
    run
        What happened.
    name, seed, input_hash, findings, versions
        As of `outcome_of_parts`.
    """
    return outcome_of_parts(
        "community",
        "breach" if is_limit_broken(run) else "normal",
        community_kpis(run),
        ((HOUSE, house, kpis) for house, kpis in zip(run.house_ids, house_kpis(run), strict=True)),
        name=name,
        seed=seed,
        input_hash=input_hash,
        findings=findings,
        versions=versions,
    )


def write_community_folder(
    directory: Path, outcome: Outcome, run: CommunityRun, *, simulate_s: float | None = None
) -> RunFolder:
    """Write what a neighbourhood came to; ``simulate_s`` is processor time [s]."""
    from sparewatt.results.community_export import write_community_tables  # noqa: PLC0415 - brings pyarrow's CSV
    from sparewatt.results.community_series import write_community_series  # noqa: PLC0415 - brings pyarrow

    return write_folder(
        directory,
        outcome,
        write_series=lambda folder: write_community_series(run, folder),
        write_tables=lambda folder: write_community_tables(outcome, run, folder),
        work_s=simulate_s,
    )


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    from sparewatt.results.community_words import community_sentences  # noqa: PLC0415 - as the others

    return community_sentences(outcome)


def cards(outcome: Outcome) -> list[Card]:
    """The numbers to see first."""
    return community_cards(outcome)


def overview(outcome: Outcome) -> KpiTable:
    """KPIs of the neighbourhood and of its first houses."""
    return KpiTable.of_outcome(outcome, "all houses", SHOWN_HOUSES)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report."""
    from sparewatt.results.community_report import render_report  # noqa: PLC0415 - brings matplotlib

    return render_report(outcome, _run(folder), work_seconds(folder))


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables and series of the run."""
    from sparewatt.results.community_export import export_community  # noqa: PLC0415 - brings openpyxl

    return export_community(folder.outcome(), _run(folder), to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """The series must be readable and those of the houses of the outcome."""
    return check_parts(lambda: _run(folder).house_ids, outcome, "houses")


def _run(folder: RunFolder) -> CommunityRun:
    from sparewatt.results.community_reading import read_community_run  # noqa: PLC0415 - brings pyarrow

    return read_community_run(folder.path / SERIES)
