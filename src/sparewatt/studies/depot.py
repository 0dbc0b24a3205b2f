"""The depot study: read, check, plan every scenario of a run, judge, and hand on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError, StoreError
from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.results.depot_series import read_depot_series
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome, find_versions
from sparewatt.results.report import write_report
from sparewatt.results.run_folder import SERIES, RunFolder, write_run_tables
from sparewatt.results.store import NewScenario, Store, current_owner
from sparewatt.studies.depot_scenario import DepotTask, plan_scenario
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.depot import Depot, DepotRun, Mode
    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.store import StoredRun, StoredScenario
    from sparewatt.tasks import Cancel

UNFINISHED = ("queued", "running", "failed", "cancelled")


@dataclass(frozen=True)
class RunPlace:
    """Where a run keeps its results.

    Parameters
    ----------
    store_url
        The store.
    directory
        Maps the run's number to its folder.
    workers
        Processes that plan scenarios side by side.
    """

    store_url: str
    directory: Callable[[int], Path]
    workers: int = 1


@dataclass(frozen=True)
class FinishedRun:
    """A run that came to its end.

    Parameters
    ----------
    run_id
        Its number in the store.
    outcome
        What it came to.
    folder
        Its files, the report among them.
    """

    run_id: int
    outcome: Outcome
    folder: RunFolder


def check_depot(scenario: Scenario) -> tuple[Finding, ...]:
    """All findings of the inputs of a scenario; nothing is run and nothing is written."""
    return sorted_findings(_read(scenario)[1])


def _read(scenario: Scenario) -> tuple[DepotRun | None, tuple[Finding, ...]]:
    if scenario.inputs.tables is None:
        remedy = 'tables = "tables/" (a folder beside the scenario file) or a database URL'
        missing = Finding(
            "scenario.inputs.tables", "error", "inputs.tables", "a depot study needs tables", "", remedy
        )
        return None, (missing,)
    return read_depot_run(scenario.inputs.tables, scenario.depot, scenario.base_dir)


def run_depot(
    scenario: Scenario,
    place: RunPlace,
    *,
    resume: bool = False,
    on_start: Callable[[int, tuple[str, ...]], None] | None = None,
    on_progress: Callable[[int, float], None] | None = None,
    cancel: Cancel | None = None,
) -> FinishedRun:
    """Plan every scenario of a depot run.

    Parameters
    ----------
    scenario
        What to plan.
    place
        Where results go, and how many work on it.
    resume
        Carry on the newest unfinished run of the same scenario and inputs.
    on_start, on_progress
        Called with the run's number and the names of its scenarios, and with (scenario, share done).
    cancel
        Set from anywhere, it stops the run after the days that are being planned.

    Returns
    -------
    FinishedRun

    Raises
    ------
    InputError
        The inputs break rules; nothing was written.
    RunCancelled
        The run was stopped; ``resume`` carries on.
    StoreError
        The store is away, or there is nothing to resume.
    SparewattError
        A scenario failed; the others are done.
    """
    run, findings = _read(scenario)
    if run is None or has_errors(findings):
        raise InputError(sorted_findings(findings))
    with Store.open(place.store_url) as store:
        stored = _begin(store, scenario, run, resume=resume)
        directory = place.directory(stored.id).resolve()
        store.set_run_state(stored.id, "running", owner=current_owner(), directory=str(directory))
        scenarios = store.find_scenarios(stored.id)
        store.write_findings(stored.id, findings)
        tasks = list(_tasks(scenario, run, place.store_url, stored.id, directory, scenarios))
        names = tuple(_name(s) for s in scenarios)
        if on_start is not None:
            on_start(stored.id, names)
        for index, known in enumerate(scenarios):
            if known.status == "d" and on_progress is not None:
                on_progress(index, 1.0)
        try:
            _plan(tasks, scenarios, names, place.workers, on_progress, cancel)
            return _finish(store, stored, findings, directory)
        except RunCancelled:
            store.set_run_state(stored.id, "cancelled")
            raise
        except (StoreError, RunElsewhere):
            raise
        except SparewattError as error:
            store.set_run_state(stored.id, "failed", error=str(error))
            raise


def _plan(
    tasks: list[DepotTask],
    scenarios: tuple[StoredScenario, ...],
    names: tuple[str, ...],
    workers: int,
    on_progress: Callable[[int, float], None] | None,
    cancel: Cancel | None,
) -> None:
    """Plan what is not done yet."""
    left = [i for i, s in enumerate(scenarios) if s.status != "d"]

    def progress(index: int, share: float) -> None:
        if on_progress is not None:
            on_progress(left[index], share)

    tasks_for(min(workers, max(1, len(left)))).map(
        plan_scenario,
        [tasks[i] for i in left],
        names=[names[i] for i in left],
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
        scenario=json.dumps(scenario.model_dump(mode="json"), sort_keys=True),
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
    """The newest unfinished run of the same name and inputs."""
    of_name = store.find_runs(study="depot", name=name)
    for stored in of_name:
        if stored.input_hash == digest and stored.state in UNFINISHED:
            store.requeue_failed(stored.id)
            return stored
    if any(stored.input_hash == digest for stored in of_name):
        done = next(stored.id for stored in of_name if stored.input_hash == digest)
        raise StoreError(f"Run {done} of {name!r} is done; there is nothing to resume.")
    unfinished = [stored.id for stored in of_name if stored.state in UNFINISHED]
    if unfinished:
        raise StoreError(
            f"Run {unfinished[0]} of {name!r} is unfinished, but its settings or tables have changed since; "
            "undo the changes to resume it, or run without --resume to begin anew."
        )
    raise StoreError(f"There is no run of {name!r} to resume; run it without --resume.")


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


def _tasks(
    scenario: Scenario,
    run: DepotRun,
    store_url: str,
    run_id: int,
    directory: Path,
    scenarios: tuple[StoredScenario, ...],
) -> Iterator[DepotTask]:
    settings = scenario.depot
    planner = DepotPlanner(settings.horizon_days, settings.gap, settings.solve_seconds)
    depots: dict[str, Depot] = {depot.allocation_id: depot for depot in run.depots}
    for stored in scenarios:
        mode: Mode = stored.what.mode
        depot = depots[stored.what.allocation_id]
        yield DepotTask(
            store_url, run_id, stored.scenario_id, directory, depot, mode, planner, settings.magic_fill
        )


def _name(scenario: StoredScenario) -> str:
    return f"allocation {scenario.what.allocation_id} {scenario.what.mode}"


def _finish(store: Store, stored: StoredRun, findings: tuple[Finding, ...], directory: Path) -> FinishedRun:
    """Write outcome, tables and report when every scenario is done."""
    scenarios = store.find_scenarios(stored.id)
    failed = [s for s in scenarios if s.status == "f"]
    if failed:
        why = "; ".join(f"{_name(s)}: {s.error}" for s in failed)
        raise SparewattError(
            f"{len(failed)} of {len(scenarios)} scenarios failed: {why}. The others are done; "
            "`--resume` tries the failed ones again."
        )
    elsewhere = [s for s in scenarios if s.status != "d"]
    if elsewhere:
        others = ", ".join(_name(s) for s in elsewhere)
        raise RunElsewhere(
            f"Another process is planning {others} of run {stored.id}; it will finish the run."
        )
    judged = [f for s in scenarios for f in store.read_findings(stored.id, scenario_id=s.scenario_id)]

    def view(scenario_id: int) -> DepotView:
        days = store.committed_days(scenario_id, shown=True)
        return read_depot_series(directory / SERIES, scenario_id, [d.report.solve_s for d in days])

    ids = [s.scenario_id for s in scenarios]
    outcome = depot_outcome(
        [ScenarioOutcome.of_view(view(i)) for i in ids],
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*findings, *judged]),
        versions=stored.versions,
    )
    folder = write_run_tables(directory, outcome, (view(i) for i in ids))
    write_report(folder)
    store.write_kpis(stored.id, outcome.kpis)
    store.set_run_state(stored.id, "done")
    return FinishedRun(stored.id, outcome, folder)
