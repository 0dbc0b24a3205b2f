"""Results of the cluster study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.model.schedule import Level  # noqa: TC001 - told to mypy, cheap
from sparewatt.results.cluster_kpis import LIMIT_KPIS, cluster_kpis, hub_kpis
from sparewatt.results.cluster_reading import read_cluster_view
from sparewatt.results.cluster_state import write_cluster_series
from sparewatt.results.cluster_words import cluster_sentences
from sparewatt.results.outcome import Outcome, PartOutcome, find_versions, timing_json, write_outcome
from sparewatt.results.overview import KpiTable
from sparewatt.results.run_folder import OUTCOME_FILE, SERIES, TABLES, TIMING_FILE, RunFolder
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.export import TableFormat

CLUSTER = "cluster"
"""Kind of the parts of the outcome."""
SIMULATION = 0
"""Number under which ``timing.json`` keeps the time of the simulation."""
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
    """The outcome of a simulated hub.

    Parameters
    ----------
    view
        What happened.
    name, seed, input_hash
        Of the scenario and its inputs.
    findings
        Of inputs and of the judge.
    versions
        Of what decides on the numbers; found where not given.
    """
    kpis = hub_kpis(view)
    level: Level = "breach" if any(k.value for k in kpis if k.name in LIMIT_KPIS) else "normal"
    return Outcome(
        study="cluster",
        name=name,
        seed=seed,
        versions=dict(versions) if versions is not None else find_versions(),
        input_hash=input_hash,
        level=level,
        kpis=kpis,
        findings=tuple(findings),
        parts=tuple(
            PartOutcome(CLUSTER, i, k) for i, k in zip(view.cluster_ids, cluster_kpis(view), strict=True)
        ),
    )


def write_cluster_folder(
    directory: Path, outcome: Outcome, view: ClusterView, *, simulate_s: float | None = None
) -> RunFolder:
    """Write series, tables and, last, the outcome; the report is made by ``report.write_report``.

    Parameters
    ----------
    directory
        The folder of the run.
    outcome
        From :func:`cluster_outcome`.
    view
        What happened.
    simulate_s
        Processor time of the simulation, kept in ``timing.json`` alone [s].
    """
    from sparewatt.results.cluster_export import write_cluster_tables  # noqa: PLC0415 - brings pyarrow's CSV

    write_cluster_series(view, directory / SERIES)
    write_cluster_tables(outcome, view, directory / TABLES)
    write_whole_text(
        directory / TIMING_FILE, timing_json([] if simulate_s is None else [(SIMULATION, [simulate_s])])
    )
    write_outcome(outcome, directory / OUTCOME_FILE)
    return RunFolder(directory)


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    return cluster_sentences(outcome)


def overview(outcome: Outcome) -> KpiTable:
    """KPIs of the hub and of its first clusters."""
    whole = "all clusters" if len(outcome.parts) > 1 else "hub"
    return KpiTable.of_outcome(outcome, whole, SHOWN_CLUSTERS)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report."""
    from sparewatt.results.cluster_report import render_report  # noqa: PLC0415 - brings matplotlib

    simulate_s = sum(folder.timing().get(SIMULATION, []))
    return render_report(outcome, read_cluster_view(folder.path / SERIES), simulate_s)


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables and series of the run."""
    from sparewatt.results.cluster_export import export_cluster  # noqa: PLC0415 - brings openpyxl

    return export_cluster(folder.outcome(), read_cluster_view(folder.path / SERIES), to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """The series must be readable and those of the clusters of the outcome."""
    try:
        view = read_cluster_view(folder.path / SERIES)
    except InputError as error:
        return list(error.findings)
    if view.cluster_ids == tuple(p.id for p in outcome.parts):
        return []
    message = "the series are those of other clusters than the outcome's"
    return [Finding("results.bundle.match", "error", "bundle", message, remedy="export the run again")]
