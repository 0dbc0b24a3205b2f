"""The end of a cluster run: the trace is judged, and outcome, tables, series and report are written."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.results.cluster_results import cluster_outcome, write_cluster_folder
from sparewatt.results.cluster_view import ClusterView
from sparewatt.studies.finished_run import FinishedRun
from sparewatt.verify.cluster_trace import check_trace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.trace import Trace
    from sparewatt.results.store import Store, StoredRun

LOG = logging.getLogger(__name__)


def finish_cluster_run(
    store: Store,
    stored: StoredRun,
    findings: Sequence[Finding],
    trace: Trace,
    directory: Path,
    *,
    simulate_s: float,
) -> FinishedRun:
    """Judge a trace and write everything that the run came to; its state in the store is left alone.

    Parameters
    ----------
    store, stored
        Where the run is noted.
    findings
        Of the inputs.
    trace
        What happened.
    directory
        Folder of the run.
    simulate_s
        Processor time of the simulation [s].
    """
    judged = check_trace(trace)
    for finding in judged:
        LOG.info("%s", finding)
    view = ClusterView(trace)
    outcome = cluster_outcome(
        view,
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*findings, *judged]),
        versions=stored.versions,
    )
    folder = write_cluster_folder(directory, outcome, view, simulate_s=simulate_s)
    from sparewatt.results.report import write_report  # noqa: PLC0415 - brings matplotlib

    write_report(folder)
    store.write_kpis(stored.id, outcome.kpis)
    store.write_findings(stored.id, outcome.findings)
    return FinishedRun(stored.id, outcome, folder)
