"""Results of the cluster study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.cluster_cards import cluster_cards
from sparewatt.results.cluster_kpis import LIMIT_KPIS, cluster_kpis, hub_kpis
from sparewatt.results.cluster_reading import read_cluster_view
from sparewatt.results.cluster_state import write_cluster_series
from sparewatt.results.cluster_words import cluster_sentences
from sparewatt.results.overview import KpiTable
from sparewatt.results.part_results import check_parts, outcome_of_parts, work_seconds, write_folder
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.page import Card
    from sparewatt.results.run_folder import RunFolder

CLUSTER = "cluster"
"""Kind of the parts of the outcome."""
SHOWN_CLUSTERS = 6


def cluster_outcome(
    view: ClusterView,
    *,
    name: str,
    seed: int,
    input_hash: str,
    findings: Sequence[Finding] = (),
    versions: Mapping[str, str] | None = None,
) -> Outcome:
    """The outcome of a simulated hub: ``breach`` where a limit was left by more than its tolerance.

    Parameters
    ----------
    view
        What happened.
    name, seed, input_hash, findings, versions
        As of `outcome_of_parts`.
    """
    kpis = hub_kpis(view)
    return outcome_of_parts(
        "cluster",
        "breach" if any(k.value for k in kpis if k.name in LIMIT_KPIS) else "normal",
        kpis,
        ((CLUSTER, i, k) for i, k in zip(view.cluster_ids, cluster_kpis(view), strict=True)),
        name=name,
        seed=seed,
        input_hash=input_hash,
        findings=findings,
        versions=versions,
    )


def write_cluster_folder(
    directory: Path, outcome: Outcome, view: ClusterView, *, simulate_s: float | None = None
) -> RunFolder:
    """Write what a hub came to; ``simulate_s`` is processor time [s], else as of `write_folder`."""
    from sparewatt.results.cluster_export import write_cluster_tables  # noqa: PLC0415 - brings pyarrow's CSV

    return write_folder(
        directory,
        outcome,
        write_series=lambda folder: write_cluster_series(view, folder),
        write_tables=lambda folder: write_cluster_tables(outcome, view, folder),
        work_s=simulate_s,
    )


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    return cluster_sentences(outcome)


def cards(outcome: Outcome) -> list[Card]:
    """The numbers to see first."""
    return cluster_cards(outcome)


def overview(outcome: Outcome) -> KpiTable:
    """KPIs of the hub and of its first clusters."""
    whole = "all clusters" if len(outcome.parts) > 1 else "hub"
    return KpiTable.of_outcome(outcome, whole, SHOWN_CLUSTERS)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report."""
    from sparewatt.results.cluster_report import render_report  # noqa: PLC0415 - brings matplotlib

    return render_report(outcome, _view(folder), work_seconds(folder))


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables and series of the run."""
    from sparewatt.results.cluster_export import export_cluster  # noqa: PLC0415 - brings openpyxl

    return export_cluster(folder.outcome(), _view(folder), to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """The series must be readable and those of the clusters of the outcome."""
    return check_parts(lambda: _view(folder).cluster_ids, outcome, "clusters")


def _view(folder: RunFolder) -> ClusterView:
    return read_cluster_view(folder.path / SERIES)
