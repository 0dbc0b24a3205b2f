"""The community study: read, check, simulate repetitions side by side, judge, keep the scores, hand on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import sorted_findings
from sparewatt.results.store import Store
from sparewatt.studies.community_finish import finish_community_run
from sparewatt.studies.community_inputs import (
    copy_community_inputs,
    hash_run,
    is_copy,
    read_community_scenario,
    with_copied_scores,
)
from sparewatt.studies.community_scores import with_kept_scores
from sparewatt.studies.community_work import work_community
from sparewatt.studies.run_begin import UNFINISHED, run_name
from sparewatt.studies.run_life import live_run
from sparewatt.studies.run_watch import RunWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.inputs.community.inputs import CommunityInputs
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_life import RunUnderWay
    from sparewatt.studies.run_place import RunPlace
    from sparewatt.tasks import Cancel


def run_community(
    scenario: Scenario,
    place: RunPlace,
    *,
    resume: bool = False,
    on_start: Callable[[int, tuple[str, ...]], None] | None = None,
    on_progress: Callable[[int, float], None] | None = None,
    cancel: Cancel | None = None,
) -> FinishedRun:
    """Run a community scenario to its end.

    Every repetition starts from the same scores; the mean of their scores at the end is written to the
    neighbourhood's folder, for the next run, and to the neighbourhood of the store that the folder was taken
    out of (see `sparewatt.studies.community_scores`). Every finished repetition is kept in the run's folder,
    so that a run that was stopped or killed goes on from there and comes to the same bytes, with the scores
    that it began with.

    Parameters
    ----------
    scenario
        A validated scenario of the study ``community``.
    place
        Store, folder and number of processes.
    resume
        Carry on the newest unfinished run of this name and these inputs; where the newest is done
        already, hand that on.
    on_start
        Called once with the run's number and its name.
    on_progress
        Called with 0 and the share of the run that is done [0-1].
    cancel
        Stops within the repetitions that are being worked on.

    Raises
    ------
    InputError
        The inputs break rules; nothing was written.
    RunCancelled, RunElsewhere, StoreError, SparewattError
        As of `sparewatt.studies.run_life.live_run`.
    """
    inputs, findings = read_community_scenario(scenario)
    if inputs is None:
        raise InputError(sorted_findings(findings))
    if place.taken is None:  # what was queued begins as it was queued
        inputs = with_kept_scores(inputs, scenario, place.store_url)
    if resume:
        inputs = _as_begun(scenario, inputs, place)
    watch = RunWatch(on_start, on_progress, cancel)
    steps, digest = _Steps(scenario, inputs), hash_run(inputs, scenario.seed)
    return live_run(steps, scenario, digest, findings, place, watch, resume=resume)


def _as_begun(scenario: Scenario, inputs: CommunityInputs, place: RunPlace) -> CommunityInputs:
    """The inputs with the scores that the run to carry on began with.

    Scores move whenever a run of the neighbourhood ends, also where it was killed just after it wrote them.
    """
    digest = hash_run(inputs, scenario.seed)
    with Store.open(place.store_url, create=False) as store:
        runs = store.find_runs(study=scenario.study, name=run_name(scenario))
    unfinished = [stored for stored in runs if stored.state in UNFINISHED]
    for stored in (*unfinished, *(stored for stored in runs if stored.state == "done")):
        if stored.input_hash == digest:
            return inputs
        begun = with_copied_scores(inputs, Path(stored.directory)) if stored.directory else None
        if begun is not None and hash_run(begun, scenario.seed) == stored.input_hash:
            return begun
    return inputs


@dataclass(frozen=True)
class _Steps:
    """What a run of a neighbourhood does of its own."""

    scenario: Scenario
    inputs: CommunityInputs

    def names(self, stored: StoredRun) -> tuple[str, ...]:
        """Its name."""
        return (stored.name,)

    def facts(self, run: RunUnderWay) -> str:
        """Houses, jobs, producers, algorithm and repetitions."""
        n, settings = self.inputs.neighbourhood, self.inputs.settings
        return (
            f"{len(n.house_ids)} houses, {len(n.jobs)} jobs, {len(n.producers)} producers, "
            f"{self.inputs.grid.minutes} minutes, {settings.algorithm}, "
            f"repetitions {settings.repetitions}, {run.workers} workers"
        )

    def copy_inputs(self, directory: Path) -> None:
        """Neighbourhood and prices."""
        copy_community_inputs(self.scenario, self.inputs, directory)

    def work(self, run: RunUnderWay) -> CommunityRun:
        """Bounds and repetitions."""
        return work_community(self.inputs, run)

    def finish(self, run: RunUnderWay, result: CommunityRun, work_s: float) -> tuple[Outcome, RunFolder]:
        """Write, and keep the scores for the next run."""
        kept_in = None if is_copy(self.scenario) else self.inputs.folder
        return finish_community_run(run, result, work_s, kept_in, self.inputs.mark)
