"""The end of a depot run: outcome, tables and report from what its scenarios left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError, RunElsewhere, SparewattError
from sparewatt.finding import sorted_findings
from sparewatt.results.depot_series import read_depot_series
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from sparewatt.results.run_folder import SERIES, write_run_tables
from sparewatt.studies.depot_scenario import rewrite_series
from sparewatt.studies.run_life import hand_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.store import Store, StoredRun
    from sparewatt.studies.depot_scenario import DepotTask
    from sparewatt.studies.finished_run import FinishedRun


def finish_run(
    store: Store,
    stored: StoredRun,
    findings: Sequence[Finding],
    tasks: Sequence[DepotTask],
    directory: Path,
) -> FinishedRun:
    """Write outcome, tables and report when every scenario is done.

    Raises
    ------
    SparewattError
        Scenarios failed.
    RunElsewhere
        Another process has the rest.
    """
    _check_all_done(store, stored, tasks)
    judged = [f for t in tasks for f in store.read_findings(stored.id, scenario_id=t.scenario_id)]

    def view(task: DepotTask) -> DepotView:
        days = store.committed_days(task.scenario_id, shown=True)
        times = [d.report.solve_s for d in days]
        try:
            return read_depot_series(directory / SERIES, task.scenario_id, times)
        except InputError:  # lost, or planned in another folder or on another machine
            rewrite_series(task, store)
            return read_depot_series(directory / SERIES, task.scenario_id, times)

    outcome = depot_outcome(
        [ScenarioOutcome.of_view(view(task)) for task in tasks],
        name=stored.name,
        seed=stored.seed,
        input_hash=stored.input_hash,
        findings=sorted_findings([*findings, *judged]),
        versions=stored.versions,
    )
    folder = write_run_tables(directory, outcome, (view(task) for task in tasks))
    return hand_on(store, stored, outcome, folder)


def _check_all_done(store: Store, stored: StoredRun, tasks: Sequence[DepotTask]) -> None:
    names = {task.scenario_id: task.name for task in tasks}
    scenarios = store.find_scenarios(stored.id)
    failed = [s for s in scenarios if s.status == "f"]
    if failed:
        why = "; ".join(f"{names[s.scenario_id]}: {s.error}" for s in failed)
        raise SparewattError(
            f"{len(failed)} of {len(scenarios)} scenarios of run {stored.id} failed: {why}. "
            "What is done stays; --resume tries the failed ones again."
        )
    elsewhere = [s for s in scenarios if s.status != "d"]
    if elsewhere:
        others = ", ".join(names[s.scenario_id] for s in elsewhere)
        raise RunElsewhere(
            f"Another process is planning {others} of run {stored.id}; it will finish the run."
        )
