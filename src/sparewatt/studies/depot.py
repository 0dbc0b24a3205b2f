"""The depot study: read, check, plan every scenario of a run, judge, and hand on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.errors import InputError
from sparewatt.finding import Finding, sorted_findings
from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.depot_finish import finish_run
from sparewatt.studies.depot_inputs import copy_depot_inputs, new_scenarios, read_depot
from sparewatt.studies.depot_scenario import DepotTask, plan_scenario
from sparewatt.studies.finished_run import FinishedRun, finished_run
from sparewatt.studies.run_begin import begin_run, find_taken, find_unfinished
from sparewatt.studies.run_files import clear_partials
from sparewatt.studies.run_life import log_begin
from sparewatt.studies.run_log import kept_log
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.run_trouble import trouble_in_log, trouble_in_store
from sparewatt.studies.run_watch import RunWatch
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.depot import Depot, DepotRun
    from sparewatt.results.store import RunState, StoredRun, StoredScenario
    from sparewatt.tasks import Cancel

__all__ = ["FinishedRun", "RunPlace", "run_depot"]

LOG = logging.getLogger(__name__)
_IDLE_S = 60.0
"""A file that nobody has written to for so long is not being written [s]."""


def run_depot(
    scenario: Scenario,
    place: RunPlace,
    *,
    resume: bool = False,
    on_start: Callable[[int, tuple[str, ...]], None] | None = None,
    on_progress: Callable[[int, float], None] | None = None,
    cancel: Cancel | None = None,
) -> FinishedRun:
    """Run a depot scenario to its end.

    Parameters
    ----------
    scenario
        A validated scenario of the study ``depot``.
    place
        Store, folder and workers.
    resume
        Carry on the newest unfinished run of this name and these inputs; where the newest is done
        already, hand that on.
    on_start
        Called once with the run's number and the names of its scenarios.
    on_progress
        Called with the index of a scenario and the share of its days that are done [0-1].
    cancel
        Stops after the days that are being planned.

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
        Another process plans the rest of the run and will finish it.
    StoreError
        The store is away, or there is nothing to resume.
    SparewattError
        The folder cannot be written, or a scenario failed; what is done stays done.
    """
    run, findings = read_depot(scenario, place.store_url)
    if run is None:
        raise InputError(sorted_findings(findings))
    place.check()
    with Store.open(place.store_url, create=not (resume or scenario.depot.scenario_ids)) as store:
        stored = _taken(store, scenario, run, place.taken) if place.taken is not None else None
        stored = stored or _begin(store, scenario, run, resume=resume)
        if stored.state == "done" and (old := finished_run(stored, place)) is not None:
            return old
        watch = RunWatch(on_start, on_progress, cancel)
        working = _Working(scenario, run, findings, place, store, stored, watch)
        with trouble_in_store(stored.id, lambda state, error: working.leave(state, error=error)):
            finished = working.to_the_end()
    return finished


@dataclass(frozen=True)
class _Working:
    """A run that has begun."""

    scenario: Scenario
    run: DepotRun
    findings: tuple[Finding, ...]
    place: RunPlace
    store: Store
    stored: StoredRun
    watch: RunWatch

    def to_the_end(self) -> FinishedRun:
        """Plan what is not done, then write what the run came to."""
        store, number = self.store, self.stored.id
        directory = self.place.find_folder(self.stored)
        with kept_log(directory), trouble_in_log(number):
            if self.place.taken is None:
                store.set_run_state(number, "running", owner=current_owner(), directory=str(directory))
            self._clear_partials(directory)
            scenarios = store.find_scenarios(number)
            store.write_findings(number, self.findings)
            copy_depot_inputs(self.scenario, self.run, directory)
            tasks = self._tasks(scenarios, directory)
            left = sum(s.status != "d" for s in scenarios)
            facts = f"{left} of {len(scenarios)} scenarios to plan, {self.place.workers} workers"
            log_begin(self.stored, facts, self.findings)
            self.watch.started(number, tuple(task.name for task in tasks))
            self._plan(tasks, scenarios)
            finished = finish_run(store, self.stored, self.findings, tasks, directory)
            self._clear_partials(directory)
            self.leave("done", directory=str(directory))
            LOG.info("run %d: done, level %s", number, finished.outcome.level)
        return finished

    def _clear_partials(self, directory: Path) -> None:
        """A run from the queue is this process's own; others may be shared, and somebody may be writing."""
        clear_partials(directory, untouched_s=_IDLE_S if self.place.taken is None else 0.0)

    def leave(self, state: RunState, *, error: str = "", directory: str | None = None) -> None:
        """Let go of the run; one from the queue is this process's own, in the folder that it has."""
        if self.place.taken is None:
            self.store.set_run_state(self.stored.id, state, error=error, directory=directory)
        else:
            self.store.leave_run(self.stored.id, current_owner(), state, error=error)

    def _tasks(self, scenarios: tuple[StoredScenario, ...], directory: Path) -> tuple[DepotTask, ...]:
        settings = self.scenario.depot
        planner = DepotPlanner(settings.horizon_days, settings.gap, settings.solve_seconds)
        depots: dict[str, Depot] = {depot.allocation_id: depot for depot in self.run.depots}
        return tuple(
            DepotTask(
                self.store.address,
                self.stored.id,
                s.scenario_id,
                directory,
                depots[s.what.allocation_id],
                s.what.mode,
                planner,
                settings.magic_fill,
            )
            for s in scenarios
        )

    def _plan(self, tasks: tuple[DepotTask, ...], scenarios: tuple[StoredScenario, ...]) -> None:
        """Plan what is not done yet."""
        left = [i for i, s in enumerate(scenarios) if s.status != "d"]
        for index in set(range(len(tasks))) - set(left):
            self.watch.progress(index, 1.0)
        tasks_for(min(self.place.workers, max(1, len(left))), self.place.cluster).map(
            plan_scenario,
            [tasks[i] for i in left],
            names=[tasks[i].name for i in left],
            on_progress=lambda index, share: self.watch.progress(left[index], share),
            cancel=self.watch.cancel,
        )


def _taken(store: Store, scenario: Scenario, run: DepotRun, number: int) -> StoredRun:
    """The run that was taken from the queue; its scenarios were noted with it."""
    stored = find_taken(store, number, hash_depot_inputs(run, scenario.depot))
    store.requeue_failed(number)
    return stored


def _begin(store: Store, scenario: Scenario, run: DepotRun, *, resume: bool) -> StoredRun:
    """The run to work on: the unfinished one, a new one, or a new one over existing scenarios."""
    digest = hash_depot_inputs(run, scenario.depot)
    if resume:
        return _unfinished(store, scenario, digest)
    again = scenario.depot.scenario_ids
    if again:
        _check_rerun(store, run, again)
    stored = begin_run(store, scenario, digest)
    if again:
        store.rerun_scenarios(again, stored.id)
    else:
        store.create_scenarios(
            stored.id,
            new_scenarios(run),
        )
    return stored


def _unfinished(store: Store, scenario: Scenario, digest: str) -> StoredRun:
    """The run to carry on; one without scenarios was killed in the moment of its beginning."""
    stored = find_unfinished(store, scenario, digest, is_begun=lambda run: bool(store.find_scenarios(run.id)))
    if stored.state != "done":
        store.requeue_failed(stored.id)
    return stored


def _check_rerun(store: Store, run: DepotRun, scenario_ids: tuple[int, ...]) -> None:
    known = {depot.allocation_id for depot in run.depots}
    odd = []
    for scenario_id in scenario_ids:
        what = store.find_scenario(scenario_id).what
        if what.allocation_id not in known or what.run_id != run.run_id:
            odd.append((scenario_id, what))
    if odd:
        raise InputError(
            [
                Finding(
                    "depot.scenario_ids.other_run",
                    "error",
                    "depot.scenario_ids",
                    f"scenario {i} is allocation {what.allocation_id} of run {what.run_id}, "
                    f"which is not in run {run.run_id} of these tables",
                    str(i),
                    "a scenario of this run; `sparewatt runs` lists them",
                )
                for i, what in odd
            ]
        )
