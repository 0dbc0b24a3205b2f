"""A community run from its Parquet files: an old run is shown without its inputs."""

from __future__ import annotations

import json
from dataclasses import fields
from math import inf, isfinite
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.decide.optimise.community_bounds import Bound, Bounds
from sparewatt.model.curves import Curves, join_curves
from sparewatt.model.jobs import Jobs
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.neighbourhood import BaseLoad, Batteries, Device, Forecasts, Neighbourhood, Producers
from sparewatt.results.community_flows import HouseFlows
from sparewatt.results.community_repetitions import read_repetitions
from sparewatt.results.community_series import ENERGY, FLOWS, HOUSE_ENERGY
from sparewatt.results.community_state import LATER, STATE
from sparewatt.results.community_structs import check_rows, read_struct
from sparewatt.results.community_view import CommunityRun, CommunitySetting
from sparewatt.results.series_files import META, read_floats, read_parquet, refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


ROW_LIMIT = 400_000_000
"""More rows than this in one file are refused: a thousand repetitions of a month are 43 million minutes."""
MOST_MINUTES = 1440 * 3660
_ODD = (
    KeyError,
    ValueError,
    TypeError,
    OverflowError,
    IndexError,
    AttributeError,
    RecursionError,
    pa.ArrowException,
)


def read_community_run(directory: Path) -> CommunityRun:
    """The run that :func:`sparewatt.results.community_series.write_community_series` wrote.

    Forecasts and curves of base load are not kept, nor are findings of the judge (they stand in the outcome)
    and measured times.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    try:
        return _run(directory)
    except _ODD as error:
        words = f"{type(error).__name__}: {error}"
        raise refused("series of the neighbourhood", f"the files do not fit together ({words})") from None


def _run(directory: Path) -> CommunityRun:
    """Parts put together; any misfit is an error of ``_ODD``."""
    found = {
        name: read_parquet(directory / f"{name}.parquet", ROW_LIMIT)
        for name in STATE
        if name not in LATER or (directory / f"{name}.parquet").exists()
    }
    energy = read_parquet(directory / f"{ENERGY}.parquet", ROW_LIMIT)
    meta = json.loads((energy.schema.metadata or {})[META])
    grid = _grid(meta)
    neighbourhood = _neighbourhood(found, meta)
    shape = (grid.minutes,)
    prices = found["prices"]
    not_asked = np.array(meta["not_asked"], np.int64)
    check_rows(not_asked, len(neighbourhood.jobs), "not_asked")
    repetitions = read_repetitions(found, energy, meta, neighbourhood, grid)
    return CommunityRun(
        neighbourhood=neighbourhood,
        grid=grid,
        tariff=Tariff(
            read_floats(prices, "import_per_kwh", shape), read_floats(prices, "feed_in_per_kwh", shape)
        ),
        setting=_setting(meta),
        not_asked=not_asked,
        repetitions=repetitions,
        flows=_flows(directory, meta, grid, tuple(r.number for r in repetitions)),
        bounds=_bounds(meta["bounds"]),
        scores=read_floats(found["producers"], "kept_score", (len(neighbourhood.producers),)),
    )


def _grid(meta: Mapping[str, Any]) -> MinuteGrid:
    minutes, days = int(meta["minutes"]), meta["days"]
    if not 0 < minutes <= MOST_MINUTES:
        raise ValueError("the number of minutes makes no sense")
    grid = MinuteGrid(int(meta["origin_s"]), minutes, None if days is None else int(days))
    grid.time_at(minutes * 60)  # an OverflowError where no calendar has that day
    return grid


def _setting(meta: Mapping[str, Any]) -> CommunitySetting:
    """Settings; words and numbers are checked."""
    told = dict(meta["rules"])
    told["algorithm"] = Algorithm(told["algorithm"])
    limit = told["import_limit_kw"]
    told["import_limit_kw"] = inf if limit is None else limit
    rules = MarketRules(**told)
    for f in fields(MarketRules):
        if f.name != "algorithm" and not isinstance(getattr(rules, f.name), (int, float)):
            raise TypeError(f"the rule {f.name} is no number")
    interval_s, zone = int(meta["interval_s"]), str(meta["time_zone"])
    if interval_s < 60 or interval_s % 60:  # noqa: PLR2004 - a minute
        raise ValueError("the interval is no number of minutes")
    ZoneInfo(zone)
    return CommunitySetting(rules, Sharing(meta["sharing"]), interval_s, zone)


def _bounds(told: Mapping[str, Any] | None) -> Bounds | None:
    if told is None:
        return None
    found = {}
    for name in ("pool", "contract"):
        best, upper, deadline = (float(told[name][key]) for key in ("best_kwh", "upper_kwh", "deadline_s"))
        if not (isfinite(best) and isfinite(upper) and 0.0 <= best <= upper * (1.0 + 1e-9) + 1e-9):
            raise ValueError("the best possible makes no sense")
        found[name] = Bound(best, upper, 0.0, deadline)
    return Bounds(**found)


def _neighbourhood(found: Mapping[str, pa.Table], meta: Mapping[str, Any]) -> Neighbourhood:
    house_ids = tuple(str(house) for house in meta["house_ids"])
    houses = (0, len(house_ids))
    profiles = _curves(found["profiles"], "profile")
    jobs: Jobs = read_struct(
        Jobs, found["jobs"], {"house": houses, "profile": (-1, len(profiles))}, profiles=profiles
    )
    producers: Producers = read_struct(Producers, found["producers"], {"house": houses})
    base = np.asarray(found["base_load"]["house"].to_numpy(), dtype=np.int64)
    check_rows(base, len(house_ids), "base_load")
    zeros = np.zeros(1, np.int64)
    empty = join_curves(())
    return Neighbourhood(
        name=str(meta["name"]),
        origin_s=int(meta["origin_s"]),
        house_ids=house_ids,
        devices=tuple(
            Device(**{key: str(text) for key, text in row.items()}) for row in found["devices"].to_pylist()
        ),
        jobs=jobs,
        producers=producers,
        forecasts=Forecasts(np.empty(0, np.int64), np.empty(0, np.int64), empty),
        batteries=read_struct(Batteries, found["batteries"], {"house": houses}),
        base_load=BaseLoad(base, join_curves((zeros, np.zeros(1)) for _ in base)),
        scores=read_floats(found["producers"], "score", (len(producers),)),
    )


def _curves(table: pa.Table, name: str) -> Curves:
    """Curves from their points."""
    row = np.asarray(table[name].to_numpy(), dtype=np.int64)
    count = int(row.max(initial=-1)) + 1
    if len(row) and (row[0] != 0 or not np.isin(np.diff(row), (0, 1)).all()):
        raise ValueError(f"{name}s are not in order")
    offset = np.searchsorted(row, np.arange(count + 1)).astype(np.int64)
    time_s = np.asarray(table["time_s"].to_numpy(), dtype=np.int64)
    energy = read_floats(table, "energy_kwh", (len(row),))
    inside = np.diff(row) == 0
    if (np.diff(time_s)[inside] <= 0).any() or (np.diff(energy)[inside] < 0).any():
        raise ValueError(f"a {name} does not rise")
    return Curves(offset, time_s, energy)


def _flows(
    directory: Path, meta: Mapping[str, Any], grid: MinuteGrid, numbers: tuple[int, ...]
) -> dict[int, HouseFlows]:
    """Every house over time, by repetition."""
    path = directory / f"{HOUSE_ENERGY}.parquet"
    houses = len(meta["house_ids"])
    steps_of = {int(number): int(step) for number, step in meta["flow_steps"].items()}
    if not set(steps_of) <= set(numbers) or numbers[0] not in steps_of:
        raise ValueError("the houses over time are of other repetitions")
    whole = len(read_parquet(path, ROW_LIMIT, ["repetition"]))
    out: dict[int, HouseFlows] = {}
    with pq.ParquetFile(path) as file:
        if file.num_row_groups != len(steps_of):
            raise ValueError("the houses over time do not have a part for each repetition")
        for group, (number, step) in enumerate(sorted(steps_of.items())):
            if not 1 <= step <= grid.minutes:
                raise ValueError("the step of the houses over time makes no sense")
            shape = (houses, -(-grid.minutes // step))
            part = file.read_row_group(group, columns=["repetition", *FLOWS])
            whole -= len(part)
            if not (np.asarray(part["repetition"].to_numpy()) == number).all():
                raise ValueError("the houses over time are not in order")
            out[number] = HouseFlows(step, *(read_floats(part, name, shape) for name in FLOWS))
    if whole:
        raise ValueError("the houses over time have rows too many")
    return out
