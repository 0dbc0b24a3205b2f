"""What the results floor knows of each study: one module per study, with the same functions.

The module of the study ``depot`` is :mod:`sparewatt.results.depot_results`, and so on. Report, words, show,
compare, export and bundle read ``outcome.study`` and ask that module; a further study is a further module
and a name in ``STUDIES``. Studies whose outcome has parts share :mod:`sparewatt.results.part_results`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from sparewatt.errors import InputError
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.overview import Overview
    from sparewatt.results.page import Card
    from sparewatt.results.run_folder import RunFolder

STUDIES = ("depot", "cluster", "network", "community")
"""Studies that have results."""


class StudyResults(Protocol):
    """The functions that a study's module has."""

    @staticmethod
    def sentences(outcome: Outcome) -> tuple[str, ...]:
        """What the run found, most important first."""

    @staticmethod
    def cards(outcome: Outcome) -> list[Card]:
        """The numbers to see first."""

    @staticmethod
    def overview(outcome: Outcome) -> Overview:
        """The KPIs of one run as a table for people."""

    @staticmethod
    def render_run(folder: RunFolder, outcome: Outcome) -> str:
        """The report as HTML, from the files of the run."""

    @staticmethod
    def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
        """Write the tables of the run; the files written."""

    @staticmethod
    def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
        """What is wrong with the series of an unpacked bundle."""


def results_of(study: str) -> StudyResults:
    """The module of a study, loaded when it is first asked for.

    Raises
    ------
    InputError
        No study has that name: the outcome was written by a newer version, or by somebody else.
    """
    if study not in STUDIES:
        message = f"there is no study {study[:40]!r}"
        remedy = f"one of {', '.join(STUDIES)}"
        raise InputError([Finding("results.outcome", "error", "outcome.json", message, study[:40], remedy)])
    return cast("StudyResults", import_module(f"sparewatt.results.{study}_results"))
