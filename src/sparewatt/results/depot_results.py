"""Results of the depot study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.results.compare import compare_modes
from sparewatt.results.depot_cards import depot_cards
from sparewatt.results.depot_words import depot_sentences
from sparewatt.results.part_results import other_series

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.compare import Comparison
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.page import Card
    from sparewatt.results.run_folder import RunFolder


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    return depot_sentences(outcome)


def cards(outcome: Outcome) -> list[Card]:
    """The numbers to see first."""
    return depot_cards(outcome)


def overview(outcome: Outcome) -> Comparison:
    """Smart against unmanaged, by allocation."""
    return compare_modes(outcome.scenarios)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report, one allocation in memory at a time."""
    from sparewatt.results.depot_report import render_report  # noqa: PLC0415 - brings matplotlib

    return render_report(outcome, folder.pairs())


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables of the run."""
    from sparewatt.results.depot_export import export_depot  # noqa: PLC0415 - brings pyarrow and openpyxl

    return export_depot(folder, to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """Every scenario of the outcome must have readable series of its own."""
    findings: list[Finding] = []
    for scenario in outcome.scenarios:
        try:
            view = folder.view(scenario.scenario_id)
        except InputError as error:
            findings += error.findings
            continue
        told = (scenario.scenario_id, scenario.allocation_id, scenario.mode)
        if told != (view.scenario_id, view.allocation_id, view.mode):
            message = f"the series of scenario {scenario.scenario_id} belong to another one"
            findings.append(other_series(message))
    return findings
