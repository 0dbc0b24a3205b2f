"""Inputs of the depot study: tables and limits, checked together; and their copy beside the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import Finding, has_errors, sorted_findings
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.scenario_text import COPY_TABLES, scenario_copy_text
from sparewatt.studies.run_files import SCENARIO_COPY, clear_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.depot import DepotRun
    from sparewatt.results.store import NewScenario


def check_depot(scenario: Scenario, store_url: str) -> tuple[Finding, ...]:
    """All findings of the inputs of a scenario; nothing is run and nothing is written.

    Parameters
    ----------
    scenario
        What to check.
    store_url
        Where the runs are whose limits the scenario takes.
    """
    return read_depot(scenario, store_url)[1]


def read_depot(scenario: Scenario, store_url: str) -> tuple[DepotRun | None, tuple[Finding, ...]]:
    """What a scenario asks for, with the limits of its sites, and all findings, errors first.

    The run is ``None`` where any finding is an error.
    """
    if scenario.inputs.tables is None:
        remedy = 'tables = "tables/" (a folder beside the scenario file) or a database URL'
        missing = Finding(
            "scenario.inputs.tables", "error", "inputs.tables", "a depot study needs tables", "", remedy
        )
        return None, (missing,)
    run, findings = read_depot_run(scenario.inputs.tables, scenario.depot, scenario.base_dir)
    if run is not None and scenario.limits:
        from sparewatt.studies.depot_limits import with_limits  # noqa: PLC0415 - opens the store, rarely needed

        run, more = with_limits(run, scenario.limits, store_url)
        findings = sorted_findings([*findings, *more])
    return (None if has_errors(findings) else run), findings


def new_scenarios(run: DepotRun) -> list[NewScenario]:
    """The scenarios that a run makes: every allocation in every mode."""
    from sparewatt.results.store import NewScenario  # noqa: PLC0415 - not needed to check

    return [NewScenario.of_depot(run.run_id, depot, mode) for depot in run.depots for mode in run.modes]


def copy_depot_inputs(scenario: Scenario, run: DepotRun, directory: Path) -> None:
    """Keep scenario file and tables of a run beside its outcome, for whoever wants to run it again."""
    from sparewatt.inputs.depot.table_copy import depot_table_texts  # noqa: PLC0415 - not needed to check
    from sparewatt.results.whole_file import write_whole_text  # noqa: PLC0415 - as above

    write_whole_text(
        directory / SCENARIO_COPY, scenario_copy_text(scenario)
    )  # first: it marks the folder as ours
    copied = set()
    for name, text in depot_table_texts(scenario.inputs.tables or "", scenario.base_dir, run):
        copied.add(f"{COPY_TABLES}{name}.csv")
        write_whole_text(directory / COPY_TABLES / f"{name}.csv", text)
    clear_inputs(directory, copied)
