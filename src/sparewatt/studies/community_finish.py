"""The end of a community run: findings of all repetitions, scores for the next run, outcome and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.inputs.community.scores import write_producer_scores
from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.studies.community_findings import find_run_findings
from sparewatt.studies.community_scores import keep_run_scores
from sparewatt.studies.run_life import log_findings

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.community.kept_mark import KeptMark
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.studies.run_life import RunUnderWay


def finish_community_run(
    under_way: RunUnderWay,
    run: CommunityRun,
    work_s: float,
    kept_in: Path | None,
    kept_as: KeptMark | None = None,
) -> tuple[Outcome, RunFolder]:
    """Write what the run came to, and the scores.

    Parameters
    ----------
    under_way
        Which run.
    run
        What it shows.
    work_s
        Processor time of this process [s].
    kept_in
        Folder that keeps the scores for the next run; ``None`` where none does.
    kept_as
        Neighbourhood of the store that keeps them; ``None`` where none does.
    """
    found = [*find_run_findings(run)]
    if kept_in is not None:
        found += write_producer_scores(kept_in, run.neighbourhood.producers.ids, run.scores)
    if kept_as is not None:
        keep_run_scores(under_way.store, kept_as, run.neighbourhood.producers.ids, run.scores)
    log_findings(found)
    stored = under_way.stored
    outcome = community_outcome(
        run,
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*under_way.findings, *found]),
        versions=stored.versions,
    )
    seconds = max(work_s, sum(r.seconds for r in run.repetitions))
    folder = write_community_folder(under_way.directory, outcome, run, simulate_s=seconds)
    return outcome, folder
