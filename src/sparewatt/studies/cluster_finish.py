"""The end of a cluster run: the trace is judged, and outcome, tables and series are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.results.cluster_results import cluster_outcome, write_cluster_folder
from sparewatt.results.cluster_view import ClusterView
from sparewatt.studies.run_life import log_findings
from sparewatt.verify.cluster_trace import check_trace

if TYPE_CHECKING:
    from sparewatt.model.trace import Trace
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.studies.run_life import RunUnderWay


def finish_cluster_run(run: RunUnderWay, trace: Trace, work_s: float) -> tuple[Outcome, RunFolder]:
    """Judge a trace and write what the run came to.

    Parameters
    ----------
    run
        Whose trace it is.
    trace
        What happened.
    work_s
        Processor time of the simulation [s].
    """
    judged = check_trace(trace)
    log_findings(judged)
    view, stored = ClusterView(trace), run.stored
    outcome = cluster_outcome(
        view,
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*run.findings, *judged]),
        versions=stored.versions,
    )
    return outcome, write_cluster_folder(run.directory, outcome, view, simulate_s=work_s)
