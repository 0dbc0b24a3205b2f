"""The network study: read, check, work out piece by piece, judge, and hand on."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.network.input_hash import hash_network_inputs
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.checkpoint import checkpoint_key
from sparewatt.studies.finished_run import finished_run
from sparewatt.studies.network_chain import run_chain
from sparewatt.studies.network_finish import finish_network_run
from sparewatt.studies.network_inputs import (
    copy_network_inputs,
    read_network_scenario,
    stored_network_text,
)
from sparewatt.studies.network_pieces import Pieces
from sparewatt.studies.network_work import Work
from sparewatt.studies.run_begin import find_unfinished
from sparewatt.studies.run_log import kept_log
from sparewatt.studies.run_place import clear_partials
from sparewatt.studies.run_trouble import os_error_text, trouble_in_log
from sparewatt.tasks import Cancel
from sparewatt.tasks.interface import interrupts_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.finding import Finding
    from sparewatt.inputs.network.read import NetworkInputs
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import RunPulse, StoredRun
    from sparewatt.studies.finished_run import FinishedRun
    from sparewatt.studies.run_place import RunPlace

LOG = logging.getLogger(__name__)
STUDY = "network"


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
    inputs, findings = read_network_scenario(scenario)
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
        return _Working(scenario, inputs, findings, place, store, claimed, owner).to_the_end(
            on_start, on_progress, cancel
        )


def _begin(store: Store, scenario: Scenario, inputs: NetworkInputs, *, resume: bool) -> StoredRun:
    """The run to work on: the unfinished one, or a new one."""
    digest = hash_network_inputs(inputs, scenario.seed)
    name = scenario.name or scenario.base_dir.name
    if resume:
        return find_unfinished(store, STUDY, name, digest)
    return store.create_run(
        study=STUDY,
        name=name,
        scenario=stored_network_text(scenario),
        input_hash=digest,
        seed=scenario.seed,
        versions=find_versions(),
    )


@dataclass(frozen=True)
class _Working:
    """A run that this process has claimed."""

    scenario: Scenario
    inputs: NetworkInputs
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
        """Work out what is left and finish, or let go of the run in the state that it is in."""
        store, number = self.store, self.stored.id
        try:
            directory = self.place.find_folder(self.stored)
            with (
                kept_log(directory),
                store.keep_run_alive(number, self.owner) as pulse,
                trouble_in_log(number),
            ):
                finished = self._finished(directory, pulse, on_start, on_progress, cancel)
                LOG.info("run %d: done, level %s", number, finished.outcome.level)
        except (RunCancelled, KeyboardInterrupt) as state:
            store.leave_run(number, self.owner, "cancelled")
            if isinstance(state, RunCancelled):
                raise
            raise RunCancelled("The run was stopped; what was finished is kept.") from None
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
        versions = find_versions()
        pieces = Pieces(directory, checkpoint_key(self.stored.input_hash, self.stored.seed, versions))
        pieces.move_from(Path(self.stored.directory or directory))
        self.store.hold_run(self.stored.id, self.owner, directory=str(directory))
        clear_partials(directory)
        copy_network_inputs(self.scenario, directory)
        self._log_begin()
        if on_start is not None:
            on_start(self.stored.id, (self.stored.name,))

        def tell(share: float) -> None:
            pulse.tell(share)
            if on_progress is not None:
                on_progress(0, share)

        stop, began = Cancel(), time.process_time()
        with interrupts_set(stop):
            work = Work.begin(
                self.inputs,
                self.stored.seed,
                pieces,
                workers=self.place.workers,
                tell=tell,
                is_stopped=lambda: stop.is_set() or (cancel is not None and cancel.is_set()),
                cancel=stop,
            )
            view, judged = run_chain(work)
        for finding in judged:
            LOG.info("%s", finding)
        simulate_s = time.process_time() - began
        LOG.info("run %d: worked out in %.2f s of this process", self.stored.id, simulate_s)
        finished = finish_network_run(
            self.store,
            self.stored,
            [*self.findings, *judged],
            view,
            directory,
            simulate_s=simulate_s,
        )
        self.store.leave_run(self.stored.id, self.owner, "done")
        pieces.remove()
        return finished

    def _log_begin(self) -> None:
        inputs = self.inputs
        versions = ", ".join(f"{name} {version}" for name, version in find_versions().items())
        LOG.info(
            "run %d of %r: %d customers, %d zones, %d cases, %d periods, engine %s, %d workers, seed %d, "
            "inputs %s; %s",
            *(self.stored.id, self.stored.name, len(inputs.customers), len(inputs.zones), len(inputs.cases)),
            *(inputs.horizon.periods, inputs.settings.engine, self.place.workers, self.stored.seed),
            *(self.stored.input_hash, versions),
        )
        for finding in self.findings:
            LOG.info("%s", finding)
