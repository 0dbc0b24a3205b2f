"""The life of a run that one process works on, whatever its study.

It is begun or found again, claimed, kept alive, told of, stopped, let go of in the state that it is in, and
written. What a study does of its own stands in its `RunSteps`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from sparewatt.errors import RunElsewhere
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.checkpoint import checkpoint_key
from sparewatt.studies.finished_run import FinishedRun, finished_run
from sparewatt.studies.kept_work import KeptWork, clear_kept
from sparewatt.studies.run_begin import UNFINISHED, begin_run, find_taken, find_unfinished
from sparewatt.studies.run_files import clear_partials
from sparewatt.studies.run_log import kept_log
from sparewatt.studies.run_trouble import trouble_in_log, trouble_in_store
from sparewatt.tasks import Cancel
from sparewatt.tasks.interface import interrupts_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.finding import Finding
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import RunPulse, StoredRun
    from sparewatt.studies.run_place import RunPlace
    from sparewatt.studies.run_watch import RunWatch

LOG = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True)
class RunUnderWay:
    """A run that this process has claimed and works on.

    Parameters
    ----------
    store, stored
        Where the run is noted, and what stands there of it.
    directory
        Its folder.
    findings
        Of its inputs.
    workers
        Processes that it may take.
    cluster
        See `RunPlace`.
    kept
        Where it keeps what it has done, to be carried on from.
    pulse, watch
        Who is told how far it is.
    stop
        Set by Ctrl-C while it is worked on; tasks in other processes see it.
    """

    store: Store
    stored: StoredRun
    directory: Path
    findings: tuple[Finding, ...]
    workers: int
    cluster: str
    kept: KeptWork
    pulse: RunPulse
    watch: RunWatch
    stop: Cancel = field(default_factory=Cancel)

    def tell(self, share: float) -> None:
        """So much of the run is done [0-1].

        Raises
        ------
        StoreError
            The store is away, or another process took the run over.
        """
        self.pulse.tell(share)
        self.watch.progress(0, share)

    def is_stopped(self) -> bool:
        """Whether to stop after what is being worked on."""
        return self.stop.is_set() or self.watch.is_cancelled()


class RunSteps(Protocol[Result]):
    """What a study does of its own in the life of a run."""

    def names(self, stored: StoredRun) -> tuple[str, ...]:
        """What people call the parts of the run whose progress they are shown."""

    def facts(self, run: RunUnderWay) -> str:
        """How large the task is, for the log: ``"3 clusters, 90 units"``."""

    def copy_inputs(self, directory: Path) -> None:
        """Keep scenario file and inputs beside the outcome, see `run_inputs.write_copies`."""

    def work(self, run: RunUnderWay) -> Result:
        """Work out what is not kept yet; tells progress, and stops where it is asked to.

        Raises
        ------
        RunCancelled
            It was asked to stop; what is done is kept.
        """

    def finish(self, run: RunUnderWay, result: Result, work_s: float) -> tuple[Outcome, RunFolder]:
        """Judge the result and write its files but the report; ``work_s`` is processor time [s]."""


def live_run(
    steps: RunSteps[Result],
    scenario: Scenario,
    digest: str,
    findings: tuple[Finding, ...],
    place: RunPlace,
    watch: RunWatch,
    *,
    resume: bool,
) -> FinishedRun:
    """Bring a run of a scenario to its end.

    Parameters
    ----------
    steps
        The study's own.
    scenario, digest, findings
        What to run, the hash of its inputs, and what was found in them (no errors).
    place
        Store, folder and number of processes; it may name a run that was taken from the queue.
    watch
        Who is told, and may stop it.
    resume
        Carry on the newest unfinished run of this name and these inputs; where the newest is done
        already, hand that on.

    Raises
    ------
    RunCancelled
        The run was stopped; ``resume`` carries on.
    RunElsewhere
        Another process works on the run and will finish it.
    StoreError
        The store is away, or there is nothing to resume.
    SparewattError
        The folder cannot be written.
    """
    place.check()
    with Store.open(place.store_url, create=not resume and place.taken is None) as store:
        owner = current_owner()
        if place.taken is not None:
            claimed = find_taken(store, place.taken, digest)
        else:
            stored = (
                find_unfinished(store, scenario, digest) if resume else begin_run(store, scenario, digest)
            )
            if stored.state == "done":
                if (old := finished_run(stored, place)) is not None:
                    _clear_after(store, stored)
                    return old
                store.reopen_run(stored.id)
            claimed = _claimed(store, stored, owner)
        number = claimed.id
        with trouble_in_store(
            number, lambda state, error: store.leave_run(number, owner, state, error=error)
        ):
            directory = place.find_folder(claimed)
            with (
                kept_log(directory),
                store.keep_run_alive(number, owner) as pulse,
                trouble_in_log(number),
            ):
                kept = KeptWork(directory, checkpoint_key(digest, claimed.seed, find_versions()))
                run = RunUnderWay(
                    store, claimed, directory, findings, place.workers, place.cluster, kept, pulse, watch
                )
                _move(run, owner)
                finished = _to_the_end(run, steps, owner)
                LOG.info("run %d: done, level %s", number, finished.outcome.level)
    return finished


def _clear_after(store: Store, stored: StoredRun) -> None:
    """Take away what a run that is done still keeps: it may have been killed just before it did."""
    runs = store.find_runs(study=stored.study)
    if not any(run.directory == stored.directory and run.state in UNFINISHED for run in runs):
        clear_kept(Path(stored.directory))


def _claimed(store: Store, stored: StoredRun, owner: str) -> StoredRun:
    """The run, which this process works on from now on."""
    claimed = store.claim_run(stored.id, owner)
    if claimed is None:
        raise RunElsewhere(f"Another process works on run {stored.id}; it will finish the run.")
    return claimed


def _to_the_end(run: RunUnderWay, steps: RunSteps[Result], owner: str) -> FinishedRun:
    """Work out what is left, and write what the run came to."""
    number, directory = run.stored.id, run.directory
    clear_partials(directory)
    steps.copy_inputs(directory)
    log_begin(run.stored, steps.facts(run), run.findings)
    run.watch.started(number, steps.names(run.stored))
    began = time.process_time()
    with interrupts_set(run.stop):
        result = steps.work(run)
    work_s = time.process_time() - began
    LOG.info("run %d: simulated in %.2f s of this process", number, work_s)
    outcome, folder = steps.finish(run, result, work_s)
    finished = hand_on(run.store, run.stored, outcome, folder)
    run.store.write_findings(number, outcome.findings)
    clear_partials(directory)  # workers of a killed process live on for a moment
    run.store.leave_run(number, owner, "done")
    clear_kept(directory)
    return finished


def hand_on(store: Store, stored: StoredRun, outcome: Outcome, folder: RunFolder) -> FinishedRun:
    """Write the report, and note the KPIs in the store."""
    from sparewatt.results.report import write_report  # noqa: PLC0415 - brings matplotlib, which workers need not load

    write_report(folder)
    store.write_kpis(stored.id, outcome.kpis)
    return FinishedRun(stored.id, outcome, folder)


def log_begin(stored: StoredRun, facts: str, findings: Sequence[Finding]) -> None:
    """Note in the log what is run, with which versions, and what was found in its inputs."""
    versions = ", ".join(f"{name} {version}" for name, version in find_versions().items())
    LOG.info(
        "run %d of %r: %s, seed %d, inputs %s; %s",
        *(stored.id, stored.name, facts, stored.seed, stored.input_hash, versions),
    )
    log_findings(findings)


def log_findings(findings: Sequence[Finding]) -> None:
    """Note findings in the log."""
    for finding in findings:
        LOG.info("%s", finding)


def _move(run: RunUnderWay, owner: str) -> None:
    """Note where the run's files are from now on; what is kept of it comes along."""
    before = Path(run.stored.directory or run.directory)
    run.kept.copy_from(before)
    run.store.hold_run(run.stored.id, owner, directory=str(run.directory))
    if before != run.directory:
        clear_kept(before)
