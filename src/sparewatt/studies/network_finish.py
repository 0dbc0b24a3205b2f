"""The end of a network run: outcome, tables, series, and limits for other studies are written."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.results.network_results import network_limit_files, network_outcome, write_network_folder
from sparewatt.results.store import StoredLimit
from sparewatt.studies.run_life import log_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.finding import Finding
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.studies.run_life import RunUnderWay

LOG = logging.getLogger(__name__)
HEADROOM = "headroom"
"""Name of the limits that a run offers."""


def finish_network_run(
    run: RunUnderWay, view: NetworkView, judged: Sequence[Finding], work_s: float
) -> tuple[Outcome, RunFolder]:
    """Write what the run came to, and offer its limits.

    Parameters
    ----------
    run
        Which run.
    view
        What it shows.
    judged
        Findings of the judge.
    work_s
        Processor time of this process [s].
    """
    log_findings(judged)
    stored = run.stored
    outcome = network_outcome(
        view,
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*run.findings, *judged]),
        versions=stored.versions,
    )
    folder = write_network_folder(run.directory, outcome, view, simulate_s=work_s)
    run.store.write_limits(
        stored.id, [StoredLimit(HEADROOM, zone=zone, path=path) for zone, path in network_limit_files(view)]
    )
    LOG.info("limits of %d zones offered", len(view.offers))
    return outcome, folder
