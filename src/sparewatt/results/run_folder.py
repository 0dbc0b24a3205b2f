"""RunFolder: the files of one run, written by a run and read by report, compare and export.

The folder has the same form in every study; what is read from the series by name here is the depot's.
The hub's is read by :mod:`sparewatt.results.cluster_reading`.

::

    outcome.json      what it came to; same inputs, same bytes
    tables/*.csv      of the study, e.g. scenarios, days, comparison, findings; same bytes
    series/*.parquet  of the study, e.g. five files per scenario; same bytes
    timing.json       measured times, the only wall-clock values; left out when bytes are compared
    report.html       made from the above; shows solve times, so its bytes differ
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sparewatt.results.compare import compare_modes
from sparewatt.results.depot_series import read_depot_series, write_depot_series
from sparewatt.results.outcome import read_outcome, read_timing, timing_json, write_outcome
from sparewatt.results.tables import DAY_COLUMNS, Table, day_rows, finding_table, scenario_table
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.outcome import Outcome, ScenarioOutcome

OUTCOME_FILE, TIMING_FILE, REPORT_FILE = "outcome.json", "timing.json", "report.html"
TABLES: Final = "tables"
SERIES: Final = "series"


@dataclass(frozen=True)
class RunFolder:
    """A folder that holds a run.

    Parameters
    ----------
    path
        The folder.
    """

    path: Path

    def outcome(self) -> Outcome:
        """What the run came to; an InputError where the file is missing or odd."""
        return read_outcome(self.path / OUTCOME_FILE)

    def timing(self) -> dict[int, list[float]]:
        """Solve seconds per planning day of each scenario; empty where not kept."""
        return read_timing(self.path / TIMING_FILE)

    def view(self, scenario_id: int) -> DepotView:
        """One scenario from its series."""
        return read_depot_series(self.path / SERIES, scenario_id, self.timing().get(scenario_id))

    def views(self) -> Iterator[DepotView]:
        """Every scenario in the order of the outcome, one at a time in memory."""
        for scenario in self.outcome().scenarios:
            yield self.view(scenario.scenario_id)

    def pairs(self) -> Iterator[tuple[DepotView, ...]]:
        """The scenarios of each allocation together, unmanaged first; one allocation at a time in memory."""
        for scenarios in by_allocation(self.outcome().scenarios):
            yield tuple(self.view(s.scenario_id) for s in scenarios)


def by_allocation(scenarios: Iterable[ScenarioOutcome]) -> list[list[ScenarioOutcome]]:
    """Scenarios grouped by allocation in order of appearance, unmanaged before smart."""
    groups: dict[str, list[ScenarioOutcome]] = {}
    for s in scenarios:
        groups.setdefault(s.allocation_id, []).append(s)
    return [sorted(group, key=lambda s: s.mode == "opt") for group in groups.values()]


def write_run_folder(directory: Path, outcome: Outcome, views: Iterable[DepotView]) -> RunFolder:
    """Write series, tables and, last, the outcome; ``views`` may be a generator, one is held at a time."""

    def written() -> Iterator[DepotView]:
        for view in views:
            write_depot_series(view, directory / SERIES)
            yield view

    return write_run_tables(directory, outcome, written())


def write_run_tables(directory: Path, outcome: Outcome, views: Iterable[DepotView]) -> RunFolder:
    """Write tables, times and, last, the outcome of a run whose series are written already."""
    rows, times = [], []
    for view in views:
        rows += day_rows(view)
        times.append((view.scenario_id, [d.solve_s for d in view.days]))
    for table in run_tables(outcome, Table("days", DAY_COLUMNS, tuple(rows))):
        write_whole_text(directory / TABLES / f"{table.name}.csv", table.csv_text())
    write_whole_text(directory / TIMING_FILE, timing_json(times))
    write_outcome(outcome, directory / OUTCOME_FILE)
    return RunFolder(directory)


def run_tables(outcome: Outcome, days: Table) -> tuple[Table, ...]:
    """The small tables of a run."""
    comparison = compare_modes(outcome.scenarios).table()
    return scenario_table(outcome.scenarios), days, comparison, finding_table(outcome.findings)
