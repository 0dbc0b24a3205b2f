"""Contracts of a repetition as spans of time, from the files of a community run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sparewatt.model.contract import GRID, ContractState
from sparewatt.results.community_part_reading import read_rows
from sparewatt.results.series_files import read_floats, refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.results.community_part_reading import CommunityFacts


@dataclass(frozen=True)
class ContractSpans:
    """Contracts of a repetition, in the order of agreement; arrays of shape (contracts,).

    Parameters
    ----------
    job, house, producer
        Names; the producer is ``grid`` where it is the grid.
    start_s, end_s
        Of the load [s since 1970].
    energy_kwh, own_kwh, peer_kwh, grid_kwh
        Of the load, and where it came from [kWh].
    is_cancelled
        Whether it was.
    """

    job: tuple[str, ...]
    house: tuple[str, ...]
    producer: tuple[str, ...]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    is_cancelled: NDArray[np.bool_]


def read_contract_spans(directory: Path, facts: CommunityFacts, repetition: int) -> ContractSpans:
    """The contracts of a repetition, cancelled ones too."""
    table = read_rows(directory, "contracts", {"repetition": repetition})
    jobs, producers = (read_rows(directory, name, {}) for name in ("jobs", "producers"))
    try:
        job = np.asarray(table["job"].to_numpy(), dtype=np.int64)
        row = np.asarray(table["producer"].to_numpy(), dtype=np.int64)
        job_ids, job_house = jobs["ids"].to_pylist(), np.asarray(jobs["house"].to_numpy())
        names = producers["ids"].to_pylist()
        shape = (len(table),)
        return ContractSpans(
            job=tuple(str(job_ids[j]) for j in job),
            house=tuple(facts.house_ids[int(job_house[j])] for j in job),
            producer=tuple("grid" if p == GRID else str(names[p]) for p in row),
            start_s=_seconds(table, "start_s", facts),
            end_s=_seconds(table, "end_s", facts),
            energy_kwh=read_floats(table, "energy_kwh", shape),
            own_kwh=read_floats(table, "own_kwh", shape),
            peer_kwh=read_floats(table, "peer_kwh", shape),
            grid_kwh=read_floats(table, "grid_kwh", shape),
            is_cancelled=np.asarray(table["state"].to_numpy()) == ContractState.CANCELLED,
        )
    except (KeyError, ValueError, IndexError, TypeError, pa.ArrowException) as error:
        raise refused("series of the neighbourhood", f"the files do not fit together: {error}") from None


def pick_spans(found: ContractSpans, chosen: NDArray[np.bool_]) -> ContractSpans:
    """Some of the contracts, in their order; ``chosen`` has the shape (contracts,)."""
    rows = np.flatnonzero(chosen)
    picked: dict[str, Any] = {}
    for field in fields(ContractSpans):
        column = getattr(found, field.name)
        picked[field.name] = tuple(column[k] for k in rows) if isinstance(column, tuple) else column[rows]
    return ContractSpans(**picked)


def busiest_names(names: NDArray[np.str_], energy_kwh: NDArray[np.float64], most: int) -> NDArray[np.str_]:
    """The names with the most energy, the grid left out.

    Parameters
    ----------
    names, energy_kwh
        Of each contract, shape (contracts,).
    most
        How many names.
    """
    known, rows = np.unique(names, return_inverse=True)
    total = np.bincount(rows, weights=energy_kwh)
    total[known == "grid"] = -1.0
    return known[np.argsort(-total, kind="stable")[:most]]


def find_lanes(
    rows: Sequence[str], start_s: NDArray[np.int64], end_s: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Lane of each span within its row, the lowest that is free, so that none hides another."""
    lanes = np.zeros(len(rows), dtype=np.int64)
    free_from: dict[str, list[int]] = {}
    for k in np.argsort(start_s, kind="stable").tolist():
        taken = free_from.setdefault(rows[k], [])
        lane = next((n for n, until in enumerate(taken) if until <= start_s[k]), len(taken))
        taken[lane : lane + 1] = [int(end_s[k])]
        lanes[k] = lane
    return lanes


def _seconds(table: pa.Table, name: str, facts: CommunityFacts) -> NDArray[np.int64]:
    return facts.origin_s + np.asarray(table[name].to_numpy(), dtype=np.int64)
