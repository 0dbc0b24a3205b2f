"""The cluster study: read, check, simulate a hub in resumable blocks, judge, and hand on."""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import Store, current_owner
from sparewatt.results.whole_file import whole_file
from sparewatt.studies.checkpoint import CHECKPOINT_FILE, Checkpoint, checkpoint_key
from sparewatt.studies.cluster_finish import finish_cluster_run
from sparewatt.studies.cluster_inputs import copy_cluster_inputs, read_hub, stored_hub_text
from sparewatt.studies.cluster_steps import simulate_resumable
from sparewatt.studies.finished_run import finished_run
from sparewatt.studies.run_begin import find_unfinished
from sparewatt.studies.run_log import kept_log
from sparewatt.studies.run_place import clear_partials
from sparewatt.studies.run_trouble import os_error_text, trouble_in_log
from sparewatt.tasks import Cancel
from sparewatt.tasks.interface import interrupts_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.finding import Finding
    from sparewatt.inputs.cluster.read import ClusterInputs
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import RunPulse, StoredRun
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_place import RunPlace

LOG = logging.getLogger(__name__)
STUDY = "cluster"


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

    Returns
    -------
    FinishedRun

    Raises
    ------
    InputError
        The inputs break rules; nothing was written.
    RunCancelled
        The run was stopped; ``resume`` carries on.
    RunElsewhere
        Another process works on the run and will finish it.
    StoreError
        The store is away, or there is nothing to resume.
    SparewattError
        The folder cannot be written.
    """
    inputs, findings = read_hub(scenario, place.store_url)
    if inputs is None:
        raise InputError(sorted_findings(findings))
    place.check()
    with Store.open(place.store_url, create=not resume) as store:
        stored = _begin(store, scenario, inputs, resume=resume)
        if stored.state == "done":
            if (old := finished_run(stored, place)) is not None:
                return old
            store.reopen_run(stored.id)
        owner = current_owner()
        claimed = store.claim_run(stored.id, owner)
        if claimed is None:
            raise RunElsewhere(f"Another process works on run {stored.id}; it will finish the run.")
        working = _Working(scenario, inputs, findings, place, store, claimed, owner)
        return working.to_the_end(on_start, on_progress, cancel)


def _begin(store: Store, scenario: Scenario, inputs: ClusterInputs, *, resume: bool) -> StoredRun:
    """The run to work on: the unfinished one, or a new one."""
    digest = hash_cluster_inputs(inputs)
    name = scenario.name or scenario.base_dir.name
    if resume:
        return find_unfinished(store, STUDY, name, digest)
    return store.create_run(
        study=STUDY,
        name=name,
        scenario=stored_hub_text(scenario),
        input_hash=digest,
        seed=scenario.seed,
        versions=find_versions(),
    )


@dataclass(frozen=True)
class _Working:
    """A run that this process has claimed."""

    scenario: Scenario
    inputs: ClusterInputs
    findings: tuple[Finding, ...]
    place: RunPlace
    store: Store
    stored: StoredRun
    owner: str

    def to_the_end(
        self,
        on_start: Callable[[int, tuple[str, ...]], None] | None,
        on_progress: Callable[[int, float], None] | None,
        cancel: Cancel | None,
    ) -> FinishedRun:
        """Simulate what is left and finish, or let go of the run in the state that it is in."""
        store, number = self.store, self.stored.id
        try:
            directory = self.place.find_folder(self.stored)
            with (
                kept_log(directory),
                store.keep_run_alive(number, self.owner) as pulse,
                trouble_in_log(number),
            ):
                self._move_to(directory)
                finished = self._finished(directory, pulse, on_start, on_progress, cancel)
                LOG.info("run %d: done, level %s", number, finished.outcome.level)
        except (RunCancelled, KeyboardInterrupt) as state:
            store.leave_run(number, self.owner, "cancelled")
            if isinstance(state, RunCancelled):
                raise
            raise RunCancelled("The run was stopped; what was kept stays.") from None
        except StoreError:
            raise
        except OSError as error:
            said = f"Run {number}: {os_error_text(error)}."
            store.leave_run(number, self.owner, "failed", error=said)
            raise SparewattError(f"{said} What was kept stays.") from error
        except Exception as error:
            said = str(error) if isinstance(error, SparewattError) else f"{type(error).__name__}: {error}"
            store.leave_run(number, self.owner, "failed", error=said)
            raise
        return finished

    def _finished(
        self,
        directory: Path,
        pulse: RunPulse,
        on_start: Callable[[int, tuple[str, ...]], None] | None,
        on_progress: Callable[[int, float], None] | None,
        cancel: Cancel | None,
    ) -> FinishedRun:
        clear_partials(directory)
        copy_cluster_inputs(self.scenario, directory)
        self._log_begin()
        if on_start is not None:
            on_start(self.stored.id, (self.inputs.rules.control,))

        def progress(share: float) -> None:
            pulse.tell(share)
            if on_progress is not None:
                on_progress(0, share)

        checkpoint = Checkpoint(directory / CHECKPOINT_FILE, self._key())
        stop, began = Cancel(), time.process_time()
        with interrupts_set(stop):
            trace = simulate_resumable(
                self.inputs,
                self.stored.seed,
                checkpoint,
                on_progress=progress,
                is_stopped=lambda: stop.is_set() or (cancel is not None and cancel.is_set()),
            )
        simulate_s = time.process_time() - began
        LOG.info("run %d: simulated in %.2f s of processor time", self.stored.id, simulate_s)
        finished = finish_cluster_run(
            self.store, self.stored, self.findings, trace, directory, simulate_s=simulate_s
        )
        self.store.leave_run(self.stored.id, self.owner, "done")
        checkpoint.remove()
        return finished

    def _move_to(self, directory: Path) -> None:
        """Note where the run's files are from now on; what is kept of it comes along."""
        before = Path(self.stored.directory or directory) / CHECKPOINT_FILE
        is_elsewhere = before.parent != directory and before.is_file()
        if is_elsewhere:
            with whole_file(directory / CHECKPOINT_FILE) as partial:
                shutil.copyfile(before, partial)
        self.store.hold_run(self.stored.id, self.owner, directory=str(directory))
        if is_elsewhere:
            before.unlink(missing_ok=True)

    def _key(self) -> bytes:
        return checkpoint_key(self.stored.input_hash, self.stored.seed, find_versions())

    def _log_begin(self) -> None:
        system, fleet, rules = self.inputs.system, self.inputs.fleet, self.inputs.rules
        versions = ", ".join(f"{name} {version}" for name, version in find_versions().items())
        LOG.info(
            "run %d of %r: %d clusters, %d units, %d visits, %d periods, control %s, reservation %s, "
            "seed %d, inputs %s; %s",
            *(self.stored.id, self.stored.name, len(system.cluster_ids), len(system.evses), len(fleet)),
            *(system.horizon.periods, rules.control, rules.reservation, self.stored.seed),
            *(self.stored.input_hash, versions),
        )
        for finding in self.findings:
            LOG.info("%s", finding)
