"""A community run as a workbook.

``about``, ``summary`` (means and deviations), ``repetitions``, ``houses``, ``devices``, ``contracts``,
``cancelled``, ``scores``, ``answers``, ``findings``. What would not fit into a workbook is left out, and
``about`` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.community_tables import DECISION_COLUMNS, LONG_TABLES, repetition_table
from sparewatt.results.community_words import community_sentences
from sparewatt.results.tables import Table, finding_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.tables import Cell

MOST_CELLS = 300_000
"""More cells in one sheet than this are left to CSV and Parquet."""
SHEETS = ("houses", "devices", "contracts", "cancelled", "scores", "answers", "decisions")
"""Long tables that are sheets where they fit, in order."""


def community_sheets(outcome: Outcome, run: CommunityRun) -> Iterator[Table]:
    """The sheets in order."""
    left_out = [name for name in SHEETS if sum(_cell_counts(run, name)) > MOST_CELLS]
    yield Table("about", ("what", "value"), tuple(_about(outcome, left_out)))
    yield _summary(outcome)
    yield repetition_table(run)
    for name in SHEETS:
        if name not in left_out:
            yield _sheet(run, name)
    yield finding_table(outcome.findings)


def _cell_counts(run: CommunityRun, name: str) -> Iterator[int]:
    """Cells of a table, part by part; answers are counted without making them."""
    if name == "decisions":
        answers = [len(r.decisions) for r in run.repetitions if r.decisions is not None]
        yield len(DECISION_COLUMNS) * (sum(answers) + len(run.not_asked))
    else:
        yield from (len(part) * part.num_columns for part in LONG_TABLES[name](run))


def _sheet(run: CommunityRun, name: str) -> Table:
    """A long table that fits."""
    columns: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = []
    for part in LONG_TABLES[name](run):
        columns = tuple(part.column_names)
        rows += zip(*(part[column].to_pylist() for column in columns), strict=True)
    return Table(name, columns, tuple(rows))


def _summary(outcome: Outcome) -> Table:
    """Every KPI of the run, its deviation beside it."""
    deviations = {k.name.removesuffix("_sd"): k.value for k in outcome.kpis if k.name.endswith("_sd")}
    return Table(
        "summary",
        ("kpi", "what", "unit", "mean", "deviation"),
        tuple(
            (k.name, k.label, k.unit, k.value, deviations.get(k.name))
            for k in outcome.kpis
            if not k.name.endswith("_sd")
        ),
    )


def _about(outcome: Outcome, left_out: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """What the workbook holds and where it comes from."""
    yield ("run", outcome.name)
    yield ("study", outcome.study)
    for sentence in community_sentences(outcome):
        yield ("found", sentence)
    yield ("times", "UNIX seconds; energies of contracts in Wh")
    yield ("seed", outcome.seed)
    yield ("input hash", outcome.input_hash)
    yield from sorted(outcome.versions.items())
    yield from ((name, "too large for a workbook; export to csv or parquet") for name in left_out)
