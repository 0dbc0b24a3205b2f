"""The cluster study: read, check, simulate a hub in resumable blocks, judge, and hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs
from sparewatt.studies.cluster_finish import finish_cluster_run
from sparewatt.studies.cluster_inputs import copy_cluster_inputs, read_hub
from sparewatt.studies.cluster_steps import simulate_resumable
from sparewatt.studies.run_life import live_run
from sparewatt.studies.run_watch import RunWatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.cluster.read import ClusterInputs
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.trace import Trace
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_life import RunUnderWay
    from sparewatt.studies.run_place import RunPlace
    from sparewatt.tasks import Cancel


def run_cluster(
    scenario: Scenario,
    place: RunPlace,
    *,
    resume: bool = False,
    on_start: Callable[[int, tuple[str, ...]], None] | None = None,
    on_progress: Callable[[int, float], None] | None = None,
    cancel: Cancel | None = None,
) -> FinishedRun:
    """Run a cluster scenario to its end.

    One process simulates a run. Its state is kept in the run's folder now and then, so that a run that
    was stopped or killed goes on from there and comes to the same bytes.

    Parameters
    ----------
    scenario
        A validated scenario of the study ``cluster``.
    place
        Store and folder.
    resume
        Carry on the newest unfinished run of this name and these inputs; where the newest is done
        already, hand that on.
    on_start
        Called once with the run's number and the control rule as its only scenario.
    on_progress
        Called with 0 and the share of the periods that are done [0-1].
    cancel
        Stops after the block of periods that is being simulated.

    Raises
    ------
    InputError
        The inputs break rules; nothing was written.
    RunCancelled, RunElsewhere, StoreError, SparewattError
        As of `sparewatt.studies.run_life.live_run`.
    """
    inputs, findings = read_hub(scenario, place.store_url)
    if inputs is None:
        raise InputError(sorted_findings(findings))
    watch = RunWatch(on_start, on_progress, cancel)
    steps, digest = _Steps(scenario, inputs), hash_cluster_inputs(inputs)
    return live_run(steps, scenario, digest, findings, place, watch, resume=resume)


@dataclass(frozen=True)
class _Steps:
    """What a run of a hub does of its own."""

    scenario: Scenario
    inputs: ClusterInputs

    def names(self, stored: StoredRun) -> tuple[str, ...]:
        """The control rule."""
        del stored
        return (self.inputs.rules.control,)

    def facts(self, run: RunUnderWay) -> str:
        """Hub, fleet and rules."""
        del run
        system, fleet, rules = self.inputs.system, self.inputs.fleet, self.inputs.rules
        return (
            f"{len(system.cluster_ids)} clusters, {len(system.evses)} units, {len(fleet)} visits, "
            f"{system.horizon.periods} periods, control {rules.control}, reservation {rules.reservation}"
        )

    def copy_inputs(self, directory: Path) -> None:
        """Workbook or sheets, sessions and diaries."""
        copy_cluster_inputs(self.scenario, directory)

    def work(self, run: RunUnderWay) -> Trace:
        """Simulate block by block."""
        return simulate_resumable(
            self.inputs,
            run.stored.seed,
            run.kept.checkpoint,
            on_progress=run.tell,
            is_stopped=run.is_stopped,
        )

    def finish(self, run: RunUnderWay, result: Trace, work_s: float) -> tuple[Outcome, RunFolder]:
        """Judge and write."""
        return finish_cluster_run(run, result, work_s)
