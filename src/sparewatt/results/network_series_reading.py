"""Cases and replays of a network run with their series over time, from its Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.headroom import DailyProfile, Headroom
from sparewatt.model.zonal import ZonalSeries
from sparewatt.results.network_columns import ROW_LIMIT, check_column, codes, times, zone_rows
from sparewatt.results.network_series import (
    DAILY_PROFILE,
    HEADROOM,
    REPLAY_TRANSFORMER,
    REPLAY_ZONES,
    SIDES,
    TRANSFORMER,
    ZONE_FLOW,
    ZONE_VOLTAGE,
)
from sparewatt.results.network_state_files import finite_numbers
from sparewatt.results.network_tables import BINDING_NAMES
from sparewatt.results.network_view import CaseResult, Replay
from sparewatt.results.series_files import read_floats, read_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from sparewatt.results.network_grid_state import GridState


def read_cases(directory: Path, told: Sequence[Sequence[Any]], state: GridState) -> tuple[CaseResult, ...]:
    """Cases with their series, headroom and profiles; any misfit is a ValueError, KeyError or TypeError.

    Parameters
    ----------
    directory
        Folder of the series.
    told
        What the run says of its cases: name, both shares, quantile and step of the profile.
    state
        Its network and cases.
    """
    horizon, zone_ids = state.horizon, state.zones.ids
    names = [c.name for c in state.cases]
    every = np.arange(horizon.periods)
    flow = zone_rows(directory, ZONE_FLOW, "case", names, zone_ids, horizon, every)
    volt = zone_rows(directory, ZONE_VOLTAGE, "case", names, zone_ids, horizon, every)
    room = zone_rows(directory, HEADROOM, "case", names, zone_ids, horizon, every)
    whole = _transformers(directory, TRANSFORMER, "case", names)
    shape = (len(names), len(zone_ids), horizon.periods)
    flows, lows, highs = (
        read_floats(flow, "flow_kva", shape),
        read_floats(volt, "min_pu", shape),
        read_floats(volt, "max_pu", shape),
    )
    overloads = np.asarray(flow["overloads"].to_numpy(), dtype=np.int32).reshape(shape)
    up, down = (read_floats(room, n, shape) for n in ("headroom_kva", "footroom_kva"))
    up_by, down_by = (
        codes(room, n, BINDING_NAMES).reshape(shape) for n in ("headroom_binding", "footroom_binding")
    )
    daily = read_parquet(directory / f"{DAILY_PROFILE}.parquet", ROW_LIMIT)
    slots = len(daily) // max(len(names) * len(zone_ids), 1)
    day_shape = (len(names), len(zone_ids), slots)
    day_up, day_down = (read_floats(daily, n, day_shape) for n in ("headroom_kva", "footroom_kva"))
    return tuple(
        CaseResult(
            case=case,
            series=ZonalSeries(
                flow_kva=flows[k],
                min_pu=lows[k],
                max_pu=highs[k],
                overloads=overloads[k],
                **_transformer(whole[k], horizon.periods),
            ),
            headroom=Headroom(up[k], down[k], up_by[k], down_by[k]),
            profile=DailyProfile(day_up[k], day_down[k], float(quantile), float(step_h)),
        )
        for k, (case, (*_, quantile, step_h)) in enumerate(zip(state.cases, told, strict=True))
    )


def read_replays(directory: Path, told: Sequence[Sequence[Any]], state: GridState) -> tuple[Replay, ...]:
    """Replays with their periods; any misfit is a ValueError, KeyError or TypeError.

    Parameters
    ----------
    directory
        Folder of the series.
    told
        What the run says of its replays: way of charging, headroom energy of every zone.
    state
        Its network and ways of charging.
    """
    if not told:
        return ()
    keys, zone_ids, horizon = state.charging, state.zones.ids, state.horizon
    whole = _transformers(directory, REPLAY_TRANSFORMER, "charging", keys)
    periods = times(whole[0], "time", horizon)
    if (np.diff(periods) <= 0).any():
        raise ValueError("replayed periods do not rise")
    zones = zone_rows(directory, REPLAY_ZONES, "charging", keys, zone_ids, horizon, periods)
    shape = (len(keys), len(zone_ids), len(periods))
    flow, low, high = (read_floats(zones, n, shape) for n in ("flow_kva", "min_pu", "max_pu"))
    overloads = np.asarray(zones["overloads"].to_numpy(), dtype=np.int32).reshape(shape)
    return tuple(
        Replay(
            key,
            periods,
            ZonalSeries(
                flow_kva=flow[k],
                min_pu=low[k],
                max_pu=high[k],
                overloads=overloads[k],
                **_transformer(whole[k], len(periods)),
            ),
            finite_numbers(told[k][1], len(zone_ids)),
        )
        for k, key in enumerate(keys)
    )


def _transformers(directory: Path, name: str, key: str, keys: Sequence[str]) -> list[pa.Table]:
    """The rows of the transformer for each key, in order."""
    table = read_parquet(directory / f"{name}.parquet", ROW_LIMIT)
    each, rest = divmod(len(table), max(len(keys), 1))
    if rest:
        raise ValueError(f"{name} has rows too many or too few")
    check_column(table, key, keys, each)
    return [table.slice(k * each, each) for k in range(len(keys))]


def _transformer(table: pa.Table, periods: int) -> dict[str, Any]:
    """Fields of `ZonalSeries` that are not per zone."""
    shape = (periods,)
    return {
        "busbar_pu": np.stack([read_floats(table, f"busbar_{p}_pu", shape) for p in SIDES]),
        "busbar_flow_kva": np.stack([read_floats(table, f"flow_{p}_kva", shape) for p in SIDES]),
        "losses_kw": read_floats(table, "losses_kw", shape),
        "converged": np.asarray(table["converged"].to_numpy(), dtype=np.bool_).reshape(shape),
    }
