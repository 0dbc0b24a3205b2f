"""The depot study: read, check, plan every scenario of a run, judge, and hand on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.finding import Finding, sorted_findings
from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.results.outcome import find_versions
from sparewatt.results.store import NewScenario, Store, current_owner
from sparewatt.studies.depot_finish import finish_run
from sparewatt.studies.depot_inputs import copy_depot_inputs, read_depot, stored_scenario_text
from sparewatt.studies.depot_scenario import DepotTask, plan_scenario
from sparewatt.studies.finished_run import FinishedRun, finished_run
from sparewatt.studies.run_begin import find_unfinished
from sparewatt.studies.run_log import kept_log
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.run_trouble import os_error_text, trouble_in_log
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.depot import Depot, DepotRun
    from sparewatt.results.store import StoredRun, StoredScenario
    from sparewatt.tasks import Cancel

__all__ = ["FinishedRun", "RunPlace", "run_depot"]

LOG = logging.getLogger(__name__)


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
        stored = _begin(store, scenario, run, resume=resume)
        if stored.state == "done" and (old := finished_run(stored, place)) is not None:
            return old
        working = _Working(scenario, run, findings, place, store, stored)
        try:
            return working.to_the_end(on_start, on_progress, cancel)
        except (RunCancelled, KeyboardInterrupt) as state:
            store.set_run_state(stored.id, "cancelled")
            if isinstance(state, RunCancelled):
                raise
            raise RunCancelled("The run was stopped; what was committed stays.") from None
        except (StoreError, RunElsewhere):
            raise
        except (SparewattError, OSError) as error:
            said = (
                str(error)
                if isinstance(error, SparewattError)
                else f"Run {stored.id}: {os_error_text(error)}."
            )
            store.set_run_state(stored.id, "failed", error=said)
            if isinstance(error, SparewattError):
                raise
            raise SparewattError(f"{said} What was committed stays.") from error


@dataclass(frozen=True)
class _Working:
    """A run that has begun."""

    scenario: Scenario
    run: DepotRun
    findings: tuple[Finding, ...]
    place: RunPlace
    store: Store
    stored: StoredRun

    def to_the_end(
        self,
        on_start: Callable[[int, tuple[str, ...]], None] | None,
        on_progress: Callable[[int, float], None] | None,
        cancel: Cancel | None,
    ) -> FinishedRun:
        """Plan what is not done, then write what the run came to."""
        store, number = self.store, self.stored.id
        directory = self.place.find_folder(self.stored)
        with kept_log(directory), trouble_in_log(number):
            store.set_run_state(number, "running", owner=current_owner(), directory=str(directory))
            scenarios = store.find_scenarios(number)
            store.write_findings(number, self.findings)
            copy_depot_inputs(self.scenario, self.run, directory)
            tasks = self._tasks(scenarios, directory)
            self._log_begin(scenarios)
            if on_start is not None:
                on_start(number, tuple(task.name for task in tasks))
            self._plan(tasks, scenarios, on_progress, cancel)
            finished = finish_run(store, self.stored, self.findings, tasks, directory)
            LOG.info("run %d: done, level %s", number, finished.outcome.level)
        return finished

    def _log_begin(self, scenarios: tuple[StoredScenario, ...]) -> None:
        left = sum(s.status != "d" for s in scenarios)
        versions = ", ".join(f"{name} {version}" for name, version in find_versions().items())
        LOG.info(
            "run %d of %r: %d of %d scenarios to plan, %d workers, seed %d, inputs %s; %s",
            *(self.stored.id, self.stored.name, left, len(scenarios), self.place.workers),
            *(self.stored.seed, self.stored.input_hash, versions),
        )
        for finding in self.findings:
            LOG.info("%s", finding)

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

    def _plan(
        self,
        tasks: tuple[DepotTask, ...],
        scenarios: tuple[StoredScenario, ...],
        on_progress: Callable[[int, float], None] | None,
        cancel: Cancel | None,
    ) -> None:
        """Plan what is not done yet."""
        left = [i for i, s in enumerate(scenarios) if s.status != "d"]
        if on_progress is not None:
            for index in set(range(len(tasks))) - set(left):
                on_progress(index, 1.0)

        def progress(index: int, share: float) -> None:
            if on_progress is not None:
                on_progress(left[index], share)

        tasks_for(min(self.place.workers, max(1, len(left)))).map(
            plan_scenario,
            [tasks[i] for i in left],
            names=[tasks[i].name for i in left],
            on_progress=progress,
            cancel=cancel,
        )


def _begin(store: Store, scenario: Scenario, run: DepotRun, *, resume: bool) -> StoredRun:
    """The run to work on: the unfinished one, a new one, or a new one over existing scenarios."""
    digest = hash_depot_inputs(run, scenario.depot)
    name = scenario.name or scenario.base_dir.name
    if resume:
        return _unfinished(store, name, digest)
    again = scenario.depot.scenario_ids
    if again:
        _check_rerun(store, run, again)
    stored = store.create_run(
        study="depot",
        name=name,
        scenario=stored_scenario_text(scenario),
        input_hash=digest,
        seed=scenario.seed,
        versions=find_versions(),
    )
    if again:
        store.rerun_scenarios(again, stored.id)
    else:
        store.create_scenarios(
            stored.id,
            [NewScenario.of_depot(run.run_id, depot, mode) for depot in run.depots for mode in run.modes],
        )
    return stored


def _unfinished(store: Store, name: str, digest: str) -> StoredRun:
    """The run to carry on; one without scenarios was killed in the moment of its beginning."""
    stored = find_unfinished(
        store, "depot", name, digest, is_begun=lambda run: bool(store.find_scenarios(run.id))
    )
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
