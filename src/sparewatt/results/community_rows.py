"""Tables of a community report: rows of cells, each with what it is sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.contract import GRID, REASONS, YES_REASONS, Reason
from sparewatt.results.community_kpi_meanings import HOUSE_KPIS
from sparewatt.results.community_kpis import repetition_values
from sparewatt.results.community_words import count_text
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.outcome import Outcome

MOST_CONTRACTS = 400
MOST_HOUSES = 100
MOST_PRODUCERS = 40
MOST_REPETITIONS = 100
"""Rows on the page; all stand in ``tables``."""


class CellShown(NamedTuple):
    """A cell.

    Parameters
    ----------
    text
        What people read.
    order
        What the column is sorted by: a number, or a text.
    verdict
        ``worse``, ``better`` or empty.
    """

    text: str
    order: float | str
    verdict: str = ""


class Rows(NamedTuple):
    """A table on the page.

    Parameters
    ----------
    head
        Heads of the columns; the first one names the row.
    rows
        Cells of the rows.
    texts
        Columns that hold words, not numbers.
    hidden
        Rows that are not on the page.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[CellShown, ...], ...]
    texts: frozenset[int]
    hidden: int


def _number(value: float | None, unit: str = "") -> CellShown:
    return CellShown(number_text(value, unit), -np.inf if value is None else float(value))


def _word(text: str) -> CellShown:
    return CellShown(text, text)


_CONTRACT_HEADS = (
    "Job",
    "House",
    "Producer",
    "Start",
    "End",
    "Energy [Wh]",
    "Covered",
    "Own roof [Wh]",
    "Neighbours [Wh]",
    "Grid [Wh]",
    "Agreed",
    "What happened",
)
_NOTHING = CellShown("–", -1.0)
_SHORT = 1e-6
"""Share of a job's energy up to which a part of it is noise of the arithmetic."""


def contract_rows(run: CommunityRun, repetition: Repetition, most: int = MOST_CONTRACTS) -> Rows:
    """Contracts by start, those that were cancelled too."""
    c = repetition.contracts
    order = np.lexsort((c.agreed_s, c.start_s))[:most]
    rows = tuple(_contract_cells(run, repetition, int(row)) for row in order)
    return Rows(_CONTRACT_HEADS, rows, frozenset((0, 1, 2, 11)), max(0, len(c) - most))


def _contract_cells(run: CommunityRun, repetition: Repetition, row: int) -> tuple[CellShown, ...]:
    """One contract."""
    c, n = repetition.contracts, run.neighbourhood
    job, producer = int(c.job[row]), int(c.producer[row])
    energy = float(c.energy_kwh[row])
    parts = [_NOTHING] * 4
    if c.is_valid[row]:
        told = (float(kwh[row]) for kwh in (c.own_kwh, c.peer_kwh, c.grid_kwh))
        own, peer, bought = (kwh if kwh > _SHORT * energy else 0.0 for kwh in told)
        share = (own + peer) / energy if energy > 0.0 else None
        parts = [_number(share, "share"), *(_number(1000.0 * kwh) for kwh in (own, peer, bought))]
        if producer != GRID and bought > 0.0:
            parts = [
                cell._replace(verdict="worse") if place in {0, 3} else cell
                for place, cell in enumerate(parts)
            ]
    return (
        _word(n.jobs.ids[job]),
        _word(n.house_ids[int(n.jobs.house[job])]),
        _word("grid" if producer == GRID else n.producers.ids[producer]),
        _time(run, int(c.start_s[row])),
        _time(run, int(c.end_s[row])),
        _number(1000.0 * energy),
        *parts,
        _time(run, int(c.agreed_s[row])),
        _word(_why(run, repetition, row)),
    )


def _why(run: CommunityRun, repetition: Repetition, row: int) -> str:
    """What happened to a contract, and why nobody took a job that went to the grid."""
    c = repetition.contracts
    if not c.is_valid[row]:
        return f"cancelled {_time(run, int(c.cancelled_s[row])).text}"
    counts = repetition.counts.by_job[int(c.job[row])]
    asked = int(counts.sum())
    declined = counts.copy()
    declined[list(YES_REASONS)] = 0
    if int(c.producer[row]) == GRID:
        if not declined.any():
            return "nobody was asked"
        reason = REASONS[Reason(int(np.argmax(declined)))]
        return f"{int(declined.sum()):,} declined, mostly: {reason}"
    return f"{asked:,} asked" if asked else "planned"


def _time(run: CommunityRun, second: int) -> CellShown:
    """A local time; the day stands with it where the run has several."""
    local = run.grid.time_at(second).astimezone(horizon_of(run).local(0).tzinfo)
    text = f"{local:%H:%M}"
    if run.grid.minutes > 1440:  # noqa: PLR2004 - minutes of a day
        text = f"{day_name(local.date())} {text}"
    return CellShown(text, float(second))


_HOUSE_HEADS = {
    "load_kwh": "Used [kWh]",
    "own_kwh": "Own roof [kWh]",
    "peer_kwh": "Neighbours [kWh]",
    "grid_kwh": "Grid [kWh]",
    "self_sufficiency": "Self-sufficiency",
    "production_kwh": "Produced [kWh]",
    "given_kwh": "Given [kWh]",
    "feed_in_kwh": "Fed in [kWh]",
    "tariff_cost": "On the tariff",
    "cost": "Shared",
    "saved": "Saved",
}


def house_rows(outcome: Outcome) -> Rows:
    """Houses by what they use and produce, means over the repetitions."""
    size = [
        float(p.value("load_kwh") or 0.0) + float(p.value("production_kwh") or 0.0) for p in outcome.parts
    ]
    chosen = sorted(np.argsort([-s for s in size], kind="stable")[:MOST_HOUSES].tolist())
    rows = []
    for row in chosen:
        part = outcome.parts[row]
        cells = [_number(part.value(name), HOUSE_KPIS[name].unit) for name in _HOUSE_HEADS]
        saved = float(part.value("saved") or 0.0)
        if saved < -0.005:  # noqa: PLR2004 - reads as 0.00
            cells[-1] = cells[-1]._replace(verdict="worse")
        rows.append((CellShown(part.id, float(row)), *cells))
    return Rows(
        ("House", *_HOUSE_HEADS.values()), tuple(rows), frozenset((0,)), len(outcome.parts) - len(chosen)
    )


def answer_rows(run: CommunityRun, repetition: Repetition) -> Rows:
    """What each producer answered how often, those asked most."""
    counts = repetition.counts.by_producer
    used = [reason for reason in Reason if counts[:, reason].any()]
    total = counts.sum(axis=1)
    chosen = np.sort(np.argsort(-total, kind="stable")[:MOST_PRODUCERS])
    scores = repetition.scores.score
    rows = []
    for row in chosen:
        gives = repetition.producers
        given = float(gives.own_kwh[row] + gives.peer_kwh[row])
        rows.append(
            (
                _word(run.neighbourhood.producers.ids[row]),
                _number(int(total[row])),
                *(_number(int(counts[row, reason])) for reason in used),
                CellShown(
                    f"{count_text(float(scores[row, 0]))} → {count_text(float(scores[row, -1]))}",
                    float(scores[row, -1]),
                ),
                _number(given),
            )
        )
    words = [("Yes: " if reason in YES_REASONS else "No: ") + REASONS[reason] for reason in used]
    head = ("Producer", "Asked", *words, "Score", "Used by houses [kWh]")
    return Rows(head, tuple(rows), frozenset((0,)), len(counts) - len(chosen))


_REPETITION_HEADS = {
    "covered_kwh": ("Covered [kWh]", "kWh"),
    "share_of_best_contract": ("Of the best", "share"),
    "own_kwh": ("Own roof [kWh]", "kWh"),
    "peer_kwh": ("Neighbours [kWh]", "kWh"),
    "grid_kwh": ("Grid [kWh]", "kWh"),
    "self_sufficiency": ("Self-sufficiency", "share"),
    "cost": ("Cost", "currency"),
    "saved": ("Saved", "currency"),
    "par_consumption": ("Peak to average", ""),
    "contracts_producer": ("With a producer", ""),
    "cancelled": ("Cancelled", ""),
}


def repetition_rows(run: CommunityRun) -> Rows:
    """Every repetition."""
    shown: Sequence[Repetition] = run.repetitions[:MOST_REPETITIONS]
    rows = []
    for r in shown:
        values = repetition_values(run, r)
        cells = (_number(values[name], unit) for name, (_, unit) in _REPETITION_HEADS.items())
        rows.append((CellShown(str(r.number), float(r.number)), *cells))
    head = ("Repetition", *(words for words, _ in _REPETITION_HEADS.values()))
    return Rows(head, tuple(rows), frozenset((0,)), len(run.repetitions) - len(shown))
