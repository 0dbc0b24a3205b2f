"""The end of a network run: outcome, tables, series, limits for other studies, and the report."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.results.network_results import network_limit_files, network_outcome, write_network_folder
from sparewatt.results.store import StoredLimit
from sparewatt.studies.finished_run import FinishedRun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.store import Store, StoredRun

LOG = logging.getLogger(__name__)
HEADROOM = "headroom"
"""Name of the limits that a run offers."""


def finish_network_run(
    store: Store,
    stored: StoredRun,
    findings: Sequence[Finding],
    view: NetworkView,
    directory: Path,
    *,
    simulate_s: float,
) -> FinishedRun:
    """Write everything that a run came to; its state in the store is left alone.

    Parameters
    ----------
    store, stored
        Where the run is noted.
    findings
        Of the inputs and the judge.
    view
        What the run shows.
    directory
        Folder of the run.
    simulate_s
        Processor time of this process [s].
    """
    outcome = network_outcome(
        view,
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings(findings),
        versions=stored.versions,
    )
    folder = write_network_folder(directory, outcome, view, simulate_s=simulate_s)
    from sparewatt.results.report import write_report  # noqa: PLC0415 - brings matplotlib

    write_report(folder)
    store.write_kpis(stored.id, outcome.kpis)
    store.write_findings(stored.id, outcome.findings)
    store.write_limits(
        stored.id, [StoredLimit(HEADROOM, zone=zone, path=path) for zone, path in network_limit_files(view)]
    )
    LOG.info("limits of %d zones offered", len(view.offers))
    return FinishedRun(stored.id, outcome, folder)
