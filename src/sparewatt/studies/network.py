"""The network study: read, check, work out piece by piece, judge, and hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.network.input_hash import hash_network_inputs
from sparewatt.studies.network_chain import run_chain
from sparewatt.studies.network_finish import finish_network_run
from sparewatt.studies.network_inputs import copy_network_inputs, read_network_scenario
from sparewatt.studies.network_work import Work
from sparewatt.studies.run_life import live_run
from sparewatt.studies.run_watch import RunWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.network.read import NetworkInputs
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_life import RunUnderWay
    from sparewatt.studies.run_place import RunPlace
    from sparewatt.tasks import Cancel


def run_network(
    scenario: Scenario,
    place: RunPlace,
    *,
    resume: bool = False,
    on_start: Callable[[int, tuple[str, ...]], None] | None = None,
    on_progress: Callable[[int, float], None] | None = None,
    cancel: Cancel | None = None,
) -> FinishedRun:
    """Run a network scenario to its end.

    Every finished piece (a block of days of the cases or the replays, the EVs of a zone, some samples of
    the hosting capacity) is kept in the run's folder, so that a run that was stopped or killed goes on
    from there and comes to the same bytes.

    Parameters
    ----------
    scenario
        A validated scenario of the study ``network``.
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
        Stops after the pieces that are being worked on.

    Raises
    ------
    InputError
        The inputs break rules; nothing was written.
    RunCancelled, RunElsewhere, StoreError, SparewattError
        As of `sparewatt.studies.run_life.live_run`.
    """
    inputs, findings = read_network_scenario(scenario)
    if inputs is None:
        raise InputError(sorted_findings(findings))
    watch = RunWatch(on_start, on_progress, cancel)
    steps, digest = _Steps(scenario, inputs), hash_network_inputs(inputs, scenario.seed)
    return live_run(steps, scenario, digest, findings, place, watch, resume=resume)


@dataclass(frozen=True)
class _Steps:
    """What a run of a network does of its own."""

    scenario: Scenario
    inputs: NetworkInputs

    def names(self, stored: StoredRun) -> tuple[str, ...]:
        """Its name."""
        return (stored.name,)

    def facts(self, run: RunUnderWay) -> str:
        """Network, cases and engine."""
        inputs = self.inputs
        return (
            f"{len(inputs.customers)} customers, {len(inputs.zones)} zones, {len(inputs.cases)} cases, "
            f"{inputs.horizon.periods} periods, engine {inputs.settings.engine}, {run.workers} workers"
        )

    def copy_inputs(self, directory: Path) -> None:
        """Network, profiles, cars and zones."""
        copy_network_inputs(self.scenario, directory)

    def work(self, run: RunUnderWay) -> tuple[NetworkView, Sequence[Finding]]:
        """Piece by piece; what it shows, and what the judge found on the way."""
        work = Work.begin(
            self.inputs,
            run.stored.seed,
            run.kept.pieces,
            workers=run.workers,
            cluster=run.cluster,
            tell=run.tell,
            is_stopped=run.is_stopped,
            cancel=run.stop,
        )
        return run_chain(work)

    def finish(
        self, run: RunUnderWay, result: tuple[NetworkView, Sequence[Finding]], work_s: float
    ) -> tuple[Outcome, RunFolder]:
        """Write."""
        return finish_network_run(run, *result, work_s)
