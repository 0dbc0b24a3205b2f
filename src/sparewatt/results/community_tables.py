"""Tables of a community run: contracts, answers and scores, houses, devices and repetitions.

Energies of contracts are Wh, times of contracts, answers and scores UNIX seconds, as in the files that a
neighbourhood is read from. A table of many rows comes in parts, one in memory at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.model.contract import GRID, YES_REASONS, Answer, Reason
from sparewatt.results.cluster_series import text_column
from sparewatt.results.community_devices import device_names, device_table
from sparewatt.results.community_house_kpis import house_columns
from sparewatt.results.community_kpi_meanings import HOUSE_KPIS
from sparewatt.results.community_kpis import is_worse_off, repetition_meanings, repetition_values
from sparewatt.results.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sparewatt.results.community_contract_rows import ContractRows
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

CHUNK = 500_000
"""Rows of the answers that are in memory at a time."""
GRID_WORD = "grid"
"""``producer_id`` of a contract with the grid."""
NOT_ASKED = "not_asked"
"""``answer`` of a job that was registered after the simulated days."""
DECISION_COLUMNS = ("repetition", "time", "job_id", "producer_id", "answer", "why")
_WH = 1000.0


def contract_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every contract that was not cancelled, repetition by repetition in the order of agreement."""
    for r in run.repetitions:
        c, rows = r.contracts, np.flatnonzero(r.contracts.is_valid)
        yield pa.table(
            _named(run, r, rows)
            | {
                "start": _unix(run, c.start_s[rows]),
                "agreed_at": _unix(run, c.agreed_s[rows]),
                "energy_wh": c.energy_kwh[rows] * _WH,
                "own_wh": c.own_kwh[rows] * _WH,
                "peer_wh": c.peer_kwh[rows] * _WH,
                "grid_wh": c.grid_kwh[rows] * _WH,
            }
        )


def cancelled_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every contract that was cancelled."""
    for r in run.repetitions:
        c, rows = r.contracts, np.flatnonzero(~r.contracts.is_valid)
        yield pa.table(
            _named(run, r, rows)
            | {
                "start": _unix(run, c.start_s[rows]),
                "agreed_at": _unix(run, c.agreed_s[rows]),
                "cancelled_at": _unix(run, c.cancelled_s[rows]),
                "energy_wh": c.energy_kwh[rows] * _WH,
            }
        )


def decision_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every answer that was kept, in the order given; at the end the jobs that nobody was asked for."""
    jobs = pa.array(run.neighbourhood.jobs.ids, pa.string())
    producers = pa.array(run.neighbourhood.producers.ids, pa.string())
    answers, reasons = _words(Answer), _words(Reason)
    for r in run.repetitions:
        d = r.decisions
        for begin in range(0, len(d) if d is not None else 0, CHUNK):
            assert d is not None  # noqa: S101 - the range is empty otherwise
            part = slice(begin, begin + CHUNK)
            yield pa.table(
                {
                    "repetition": np.full(len(d.job[part]), r.number, np.int32),
                    "time": _unix(run, d.time_s[part]),
                    "job_id": jobs.take(pa.array(d.job[part])),
                    "producer_id": producers.take(pa.array(d.producer[part])),
                    "answer": answers.take(pa.array(d.answer[part])),
                    "why": reasons.take(pa.array(d.reason[part])),
                }
            )
    late = run.not_asked
    yield pa.table(
        {
            "repetition": pa.nulls(len(late), pa.int32()),
            "time": _unix(run, run.neighbourhood.jobs.registered_s[late]),
            "job_id": jobs.take(pa.array(late)),
            "producer_id": pa.nulls(len(late), pa.string()),
            "answer": pa.array([NOT_ASKED] * len(late), pa.string()),
            "why": pa.array(["after_the_days"] * len(late), pa.string()),
        }
    )


def answer_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """How often each producer answered what and why."""
    for r in run.repetitions:
        counts = r.counts.by_producer
        accepted = counts[:, list(YES_REASONS)].sum(axis=1)
        yield pa.table(
            {
                "repetition": np.full(len(counts), r.number, np.int32),
                "producer_id": pa.array(run.neighbourhood.producers.ids, pa.string()),
                "answers": counts.sum(axis=1),
                "accepted": accepted,
                "declined": counts.sum(axis=1) - accepted,
                **{reason.name.lower(): counts[:, reason] for reason in Reason},
            }
        )


def score_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Scores of the producers from each time on at which one changed; the last are those at the end."""
    ids = pa.array(run.neighbourhood.producers.ids, pa.string())
    for r in run.repetitions:
        producers, points = r.scores.score.shape
        changes = np.ones((producers, points), np.bool_)
        changes[:, 1:] = r.scores.score[:, 1:] != r.scores.score[:, :-1]
        row, column = np.nonzero(changes)
        yield pa.table(
            {
                "repetition": np.full(len(row), r.number, np.int32),
                "producer_id": ids.take(pa.array(row)),
                "time": _unix(run, r.scores.time_s[column]),
                "score": r.scores.score[row, column],
            }
        )


def house_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every house in every repetition."""
    ids = pa.array(run.house_ids, pa.string())
    for r in run.repetitions:
        columns = house_columns(run, r)
        yield pa.table(
            {"repetition": np.full(len(ids), r.number, np.int32), "house": ids}
            | {name: _known(columns[name]) for name in HOUSE_KPIS}
            | {"is_worse_off": is_worse_off(r.houses).astype(np.int8)}
        )


def device_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every consumer, producer and battery in every repetition."""
    names = device_names(run)
    for r in run.repetitions:
        yield device_table(run, r, names)


def repetition_table(run: CommunityRun) -> Table:
    """The KPIs of every repetition, one row each."""
    names = tuple(repetition_meanings(run))
    rows = []
    for r in run.repetitions:
        values = repetition_values(run, r)
        rows.append((r.number, *(values[name] for name in names)))
    return Table("repetitions", ("repetition", *names), tuple(rows))


LONG_TABLES: dict[str, Callable[[CommunityRun], Iterator[pa.Table]]] = {
    "contracts": contract_tables,
    "cancelled": cancelled_tables,
    "decisions": decision_tables,
    "answers": answer_tables,
    "scores": score_tables,
    "houses": house_tables,
    "devices": device_tables,
}
"""Tables that come in parts, by name."""


def producer_column(run: CommunityRun, contracts: ContractRows, rows: NDArray[np.int64]) -> pa.Array:
    """Ids of the producers of contracts, ``grid`` for those with the grid."""
    ids = pa.array((*run.neighbourhood.producers.ids, GRID_WORD), pa.string())
    producer = contracts.producer[rows]
    return ids.take(pa.array(np.where(producer == GRID, len(ids) - 1, producer)))


def _named(run: CommunityRun, r: Repetition, rows: NDArray[np.int64]) -> dict[str, object]:
    """What a contract is called, and between whom it is."""
    c, jobs = r.contracts, run.neighbourhood.jobs
    return {
        "repetition": np.full(len(rows), r.number, np.int32),
        "contract_id": pa.array(c.ids, pa.string()).take(pa.array(rows)),
        "job_id": text_column(jobs.ids, c.job[rows]),
        "house": text_column(run.house_ids, jobs.house[c.job[rows]]),
        "producer_id": producer_column(run, c, rows),
    }


def _unix(run: CommunityRun, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds since time 0 as UNIX seconds."""
    return np.asarray(seconds, np.int64) + run.grid.origin_s


def _words(kind: type[Answer | Reason]) -> pa.Array:
    """Names of codes in lower case."""
    return pa.array([member.name.lower() for member in kind], pa.string())


def _known(values: NDArray[np.generic]) -> pa.Array:
    """Numbers, missing where NaN."""
    return pa.array(values, mask=np.isnan(values) if values.dtype.kind == "f" else None)
