"""Series of a community run as Parquet: energy minute by minute, every house over time, and the rest of it.

Times are UTC, left edges of minutes or steps; a row group per repetition, one in memory at a time.
:mod:`sparewatt.results.community_reading` reads them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.results.cluster_series import UTC_TIME, write_parquet
from sparewatt.results.community_flows import HouseFlows
from sparewatt.results.community_state import with_meta, write_community_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.results.community_view import CommunityRun

ENERGY, HOUSE_ENERGY = "energy", "house_energy"
FLOWS = tuple(f.name for f in fields(HouseFlows) if f.name != "step_minutes")
"""Columns of a house over time."""
ENERGY_COLUMNS = {
    "own_kw": "own_kw",
    "peer_kw": "peer_kw",
    "grid_kw": "grid_kw",
    "produced_kw": "production_kw",
    "feed_in_kw": "feed_in_kw",
    "load_kw": "load_kw",
    "charge_kw": "charge_kw",
    "discharge_kw": "discharge_kw",
    "stored_kwh": "stored_kwh",
}
"""Columns of ``energy.parquet`` and the fields of `MinuteFlows` that they hold."""


def write_community_series(run: CommunityRun, directory: Path) -> None:
    """Write a run as Parquet (zstd) into ``directory``; each file is whole or not there."""
    write_parquet(energy_tables(run), directory / f"{ENERGY}.parquet")
    write_parquet(house_energy_tables(run), directory / f"{HOUSE_ENERGY}.parquet")
    write_community_state(run, directory)


def utc_column(run: CommunityRun, seconds: NDArray[np.int64]) -> pa.Array:
    """Seconds since time 0 as UTC times."""
    return pa.array((run.grid.origin_s + seconds) * 1_000_000, pa.int64()).cast(UTC_TIME)


def energy_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """All houses together, minute by minute, repetition by repetition [kW, mean of the minute]."""
    time = utc_column(run, np.arange(run.grid.minutes, dtype=np.int64) * MINUTE_S)
    for repetition in run.repetitions:
        columns: dict[str, object] = {
            "repetition": np.full(run.grid.minutes, repetition.number, np.int32),
            "time": time,
        }
        minutes = repetition.minutes
        columns |= {name: getattr(minutes, own) for name, own in ENERGY_COLUMNS.items()}
        yield with_meta(run, pa.table(columns))


def house_energy_tables(run: CommunityRun) -> Iterator[pa.Table]:
    """Every house over time, by repetition, house and step [kW, mean of the step]."""
    ids = pa.array(run.house_ids, pa.string())
    for number in sorted(run.flows):
        flows = run.flows[number]
        houses, steps = flows.load_kw.shape
        start_s = np.arange(steps, dtype=np.int64) * flows.step_minutes * MINUTE_S
        columns: dict[str, object] = {
            "repetition": np.full(houses * steps, number, np.int32),
            "house": ids.take(pa.array(np.repeat(np.arange(houses), steps))),
            "time": utc_column(run, np.tile(start_s, houses)),
        }
        columns |= {name: np.ascontiguousarray(getattr(flows, name)).ravel() for name in FLOWS}
        yield with_meta(run, pa.table(columns))
