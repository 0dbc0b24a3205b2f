"""The repetitions of a community run from its Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.contract import GRID, Answer, ContractState, Decisions, Reason
from sparewatt.results.community_contract_rows import ContractRows
from sparewatt.results.community_device_totals import BaseTotals, DeviceCosts
from sparewatt.results.community_energy_totals import ConsumerTotals, HouseTotals, ProducerTotals
from sparewatt.results.community_flows import MinuteFlows
from sparewatt.results.community_repetition import AnswerCounts, Repetition, ScoreSteps
from sparewatt.results.community_series import ENERGY_COLUMNS
from sparewatt.results.community_structs import check_rows, read_struct
from sparewatt.results.community_view import find_consumers
from sparewatt.results.series_files import read_floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood

_DECISIONS = {"time_s": np.int64, "job": np.int32, "producer": np.int32, "answer": np.int8, "reason": np.int8}


def read_repetitions(
    found: Mapping[str, pa.Table],
    energy: pa.Table,
    meta: Mapping[str, Any],
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
) -> tuple[Repetition, ...]:
    """Every repetition, its findings and times left out; a ValueError or KeyError where files do not fit.

    Parameters
    ----------
    found
        The tables of ``STATE``.
    energy
        All houses together over time.
    meta
        What the run is.
    neighbourhood, grid
        What was simulated.
    """
    told = meta["repetitions"]
    numbers = [int(r["number"]) for r in told]
    if not numbers or numbers != sorted(set(numbers)):
        raise ValueError("the repetitions are not numbered in order")
    jobs, producers = len(neighbourhood.jobs), len(neighbourhood.producers)
    houses, consumers = len(neighbourhood.house_ids), len(find_consumers(neighbourhood))
    parts = {
        name: _parts(found[name], numbers)
        for name in (
            "contracts",
            "decisions",
            "scores",
            "house_totals",
            "consumer_totals",
            "producer_totals",
            "answers_by_job",
            "answers_by_producer",
        )
    }
    bases = len(np.unique(neighbourhood.base_load.house))
    devices = consumers + producers + len(neighbourhood.batteries) + bases
    costs = _later(DeviceCosts, found.get("device_costs"), numbers, devices)
    base_loads = _later(BaseTotals, found.get("base_totals"), numbers, bases)
    minutes = _parts(energy, numbers)
    return tuple(
        Repetition(
            number=int(r["number"]),
            contracts=_contracts(parts["contracts"][i], jobs, producers),
            counts=AnswerCounts(
                _counts(parts["answers_by_job"][i], jobs),
                _counts(parts["answers_by_producer"][i], producers),
            ),
            decisions=_decisions(parts["decisions"][i], jobs, producers) if r["has_decisions"] else None,
            scores=_scores(parts["scores"][i], producers),
            houses=_totals(HouseTotals, parts["house_totals"][i], houses),
            consumers=_totals(ConsumerTotals, parts["consumer_totals"][i], consumers),
            producers=_totals(ProducerTotals, parts["producer_totals"][i], producers),
            minutes=MinuteFlows(
                **{
                    own: read_floats(minutes[i], name, (grid.minutes,))
                    for name, own in ENERGY_COLUMNS.items()
                }
            ),
            covered_kwh=float(r["covered_kwh"]),
            grid_account=float(r["grid_account"]),
            costs=costs[i],
            base_loads=base_loads[i],
        )
        for i, r in enumerate(told)
    )


def _parts(table: pa.Table, numbers: list[int]) -> list[pa.Table]:
    """The rows of each repetition; they stand one repetition after the other."""
    number = np.asarray(table["repetition"].to_numpy(), dtype=np.int64)
    if (np.diff(number) < 0).any() or not np.isin(number, numbers).all():
        raise ValueError("repetitions are not in order")
    begin = np.searchsorted(number, numbers)
    end = np.searchsorted(number, numbers, side="right")
    return [table.slice(int(b), int(e - b)) for b, e in zip(begin, end, strict=True)]


def _contracts(table: pa.Table, jobs: int, producers: int) -> ContractRows:
    rows: ContractRows = read_struct(
        ContractRows,
        table,
        {"job": (0, jobs), "producer": (GRID, producers), "state": (0, len(ContractState))},
    )
    if (rows.end_s < rows.start_s).any() or (rows.start_s < 0).any():
        raise ValueError("a contract ends before it begins")
    return rows


def _decisions(table: pa.Table, jobs: int, producers: int) -> Decisions:
    columns: dict[str, NDArray[Any]] = {
        name: np.asarray(table[name].to_numpy(), dtype=kind) for name, kind in _DECISIONS.items()
    }
    for name, count in (
        ("job", jobs),
        ("producer", producers),
        ("answer", len(Answer)),
        ("reason", len(Reason)),
    ):
        check_rows(columns[name], count, name)
    return Decisions(**columns)


def _scores(table: pa.Table, producers: int) -> ScoreSteps:
    if not producers:
        return ScoreSteps(np.zeros(1, np.int64), np.zeros((0, 1)))
    points, rest = divmod(len(table), producers)
    if rest or not points:
        raise ValueError("the scores are not of all producers")
    time_s = np.asarray(table["time_s"].to_numpy(), dtype=np.int64).reshape(producers, points)
    if (time_s != time_s[0]).any() or (np.diff(time_s[0]) < 0).any():
        raise ValueError("the scores are not in order")
    return ScoreSteps(time_s[0], read_floats(table, "score", (producers, points)))


def _counts(table: pa.Table, rows: int) -> NDArray[np.int64]:
    """Answers by row and reason."""
    counts = np.zeros((rows, len(Reason)), np.int64)
    row = np.asarray(table["row"].to_numpy(), dtype=np.int64)
    reason = np.asarray(table["reason"].to_numpy(), dtype=np.int64)
    check_rows(row, rows, "answers")
    check_rows(reason, len(Reason), "reason")
    counts[row, reason] = np.asarray(table["answers"].to_numpy(), dtype=np.int64)
    return counts


def _later(noun: Any, table: pa.Table | None, numbers: list[int], count: int) -> list[Any]:  # noqa: ANN401 - one of two structs
    """Of each repetition, ``None`` where the run is older than the file."""
    if table is None:
        return [None] * len(numbers)
    return [_totals(noun, part, count) for part in _parts(table, numbers)]


def _totals(noun: Any, table: pa.Table, count: int) -> Any:  # noqa: ANN401 - one of three structs
    if len(table) != count:
        raise ValueError(f"{noun.__name__} has {len(table):,} rows instead of {count:,}")
    return read_struct(noun, table, {})
