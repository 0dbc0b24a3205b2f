"""Parts of the series of a community run: one repetition, all houses together or one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.results.buckets import bucket_edges, bucket_means
from sparewatt.results.community_reading import ROW_LIMIT
from sparewatt.results.community_series import ENERGY, ENERGY_COLUMNS, FLOWS, HOUSE_ENERGY
from sparewatt.results.series_files import META, read_floats, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class CommunityFacts:
    """What a community run is, without its series.

    Parameters
    ----------
    house_ids
        Names of the houses.
    origin_s
        Time 0 [s since 1970].
    minutes
        That were simulated.
    time_zone
        IANA zone of the clock that people read.
    repetitions
        Their numbers.
    flow_steps
        Minutes of a step of the houses over time, by repetition that has them.
    pool_kwh, contract_kwh
        The most that could have been covered; ``None`` where nobody asked [kWh].
    """

    house_ids: tuple[str, ...]
    origin_s: int
    minutes: int
    time_zone: str
    repetitions: tuple[int, ...]
    flow_steps: Mapping[int, int]
    pool_kwh: float | None
    contract_kwh: float | None


@dataclass(frozen=True)
class StepMeans:
    """Means over equal steps.

    Parameters
    ----------
    edges_s
        Boundaries, shape (steps + 1,) [s since 1970].
    values
        Mean of each step by name, shape (steps,) [kW, or kWh at the end of it].
    """

    edges_s: NDArray[np.int64]
    values: Mapping[str, NDArray[np.float64]]


def read_community_facts(directory: Path) -> CommunityFacts:
    """What a run is; an InputError where its files are not there or odd."""
    path = directory / f"{ENERGY}.parquet"
    try:
        meta = json.loads((pq.read_schema(path).metadata or {})[META])
        bounds = meta["bounds"] or {}
        ZoneInfo(str(meta["time_zone"]))
        return CommunityFacts(
            tuple(str(h) for h in meta["house_ids"]),
            int(meta["origin_s"]),
            int(meta["minutes"]),
            str(meta["time_zone"]),
            tuple(int(r["number"]) for r in meta["repetitions"]),
            {int(k): int(v) for k, v in meta["flow_steps"].items()},
            *(float(bounds[k]["upper_kwh"]) if k in bounds else None for k in ("pool", "contract")),
        )
    except FileNotFoundError:
        raise refused(path.name, "the file is not there") from None
    except (KeyError, ValueError, TypeError, AttributeError, OSError, pa.ArrowException):
        raise refused(path.name, "it does not tell what run it is of") from None


def read_energy(
    directory: Path, facts: CommunityFacts, repetition: int, window: tuple[int, int], steps: int
) -> StepMeans:
    """All houses together in a window of minutes, as means over at most so many steps."""
    table = read_rows(directory, ENERGY, {"repetition": repetition})
    return _means(table, tuple(ENERGY_COLUMNS), facts, 1, window, steps)


def read_house_energy(
    directory: Path, facts: CommunityFacts, repetition: int, house: str, window: tuple[int, int], steps: int
) -> StepMeans:
    """One house, likewise; the repetition must have its houses over time."""
    if repetition not in facts.flow_steps:
        raise refused(f"{HOUSE_ENERGY}.parquet", f"the houses of repetition {repetition} were not kept")
    table = read_rows(directory, HOUSE_ENERGY, {"repetition": repetition, "house": house})
    return _means(table, FLOWS, facts, facts.flow_steps[repetition], window, steps)


def _means(
    table: pa.Table,
    names: Sequence[str],
    facts: CommunityFacts,
    step: int,
    window: tuple[int, int],
    steps: int,
) -> StepMeans:
    """Columns as means over whole numbers of their own steps."""
    lo, hi = max(0, window[0] // step), min(len(table), -(-window[1] // step))
    if hi <= lo:
        raise refused("series of the neighbourhood", "nothing was simulated at this time")
    edges = bucket_edges(lo, hi, steps)
    columns = {name: read_floats(table, name, (len(table),))[lo:hi] for name in names}
    means = {name: bucket_means(values, edges) for name, values in columns.items()}
    return StepMeans(facts.origin_s + np.minimum(edges * step, facts.minutes) * MINUTE_S, means)


def read_rows(directory: Path, name: str, where: Mapping[str, object]) -> pa.Table:
    """Rows of a file in which columns have some values; all where none are given."""
    path = directory / f"{name}.parquet"
    wanted: Any = reduce(and_, (pc.field(c) == v for c, v in where.items())) if where else None
    try:
        if pq.read_metadata(path).num_rows > ROW_LIMIT:
            raise refused(path.name, f"more than {ROW_LIMIT:,} rows")
        return pq.read_table(path, filters=wanted, partitioning=None)
    except FileNotFoundError:
        raise refused(path.name, "the file is not there") from None
    except (pa.ArrowException, OSError) as error:
        raise refused(path.name, f"not readable as Parquet ({type(error).__name__})") from None
