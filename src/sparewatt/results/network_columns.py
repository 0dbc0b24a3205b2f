"""Columns of the files of a network run, checked as they are read: any misfit is a ValueError."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparewatt.results.series_files import read_floats, read_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

ROW_LIMIT = 400_000_000
"""More rows than this in one file are refused: a year of 10 min of 100 zones in 50 cases are 263 million."""

_US = 1_000_000
_DTYPES: dict[str, Any] = {
    "NDArray[np.int64]": np.int64,
    "NDArray[np.int8]": np.int8,
    "NDArray[np.bool_]": np.bool_,
}


def struct(noun: Any, table: pa.Table, **more: object) -> Any:  # noqa: ANN401 - any struct of arrays
    """A struct of arrays from the columns of its flat fields.

    Parameters
    ----------
    noun
        The class.
    table
        Its columns; numbers must be finite.
    more
        Fields that are no columns, or are checked otherwise.
    """
    values = dict(more)
    for f in fields(noun):
        if f.name in more:
            continue
        if f.name == "ids":
            values[f.name] = names_of(table, f.name)
        elif "float" in str(f.type):
            values[f.name] = read_floats(table, f.name, (len(table),))
        else:
            values[f.name] = np.asarray(table[f.name].to_numpy(), dtype=_DTYPES[str(f.type)])
    return noun(**values)


def names_of(table: pa.Table, column: str) -> tuple[str, ...]:
    """A column of texts."""
    return tuple(str(i) for i in table[column].to_pylist())


def indices(table: pa.Table, column: str, count: int, least: int = 0) -> NDArray[np.int64]:
    """A column of rows of something that is there ``count`` times; ``least`` is -1 where none is allowed."""
    row = np.asarray(table[column].to_numpy(), dtype=np.int64)
    if len(row) and not (row.min() >= least and row.max() < count):
        raise ValueError(f"{column} names a row that is not there")
    return row


def codes(table: pa.Table, column: str, names: Sequence[str]) -> NDArray[np.int8]:
    """A column of words as their numbers."""
    found = pc.index_in(table[column], pa.array(list(names), pa.string()))
    if found.null_count:
        raise ValueError(f"{column} holds a word that is not known")
    return np.asarray(found.to_numpy(), dtype=np.int8)


def floats(table: pa.Table, column: str) -> NDArray[np.float64]:
    """A column of numbers, infinite allowed."""
    values = np.asarray(table[column].to_numpy(), dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError(f"{column} holds values that are no numbers")
    return values


def matrices(table: pa.Table, name: str) -> NDArray[np.complex128]:
    """Columns of complex 3×3 matrices, shape (rows, 3, 3)."""
    parts = []
    for part in ("re", "im"):
        flat = table[f"{name}_{part}"].combine_chunks()
        flat = flat.chunk(0) if isinstance(flat, pa.ChunkedArray) else flat
        numbers = np.asarray(flat.flatten().to_numpy(), dtype=np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError(f"{name} holds values that are no numbers")
        parts.append(numbers.reshape(len(table), 3, 3))
    return np.asarray(parts[0] + 1j * parts[1])


def times(table: pa.Table, column: str, horizon: Horizon) -> NDArray[np.int64]:
    """A column of times as periods of a horizon."""
    us = np.asarray(table[column].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(), dtype=np.int64)
    period, rest = np.divmod(us - horizon.start_s * _US, horizon.step_s * _US)
    if rest.any() or (len(period) and not (period.min() >= 0 and period.max() < horizon.periods)):
        raise ValueError(f"{column} holds times that are no periods of the run")
    return np.asarray(period, dtype=np.int64)


def check_column(table: pa.Table, column: str, expected: Sequence[str], each: int) -> None:
    """Every text of ``expected`` stands ``each`` times, one after another."""
    rows = np.repeat(np.arange(len(expected)), each)
    if len(rows) != len(table):
        raise ValueError(f"{len(table):,} rows instead of {len(rows):,}")
    if len(rows):
        wanted = pa.array(list(expected), pa.string()).take(pa.array(rows))
        if not pc.all(pc.equal(table[column], wanted)).as_py():
            raise ValueError(f"{column} is in another order")


def zone_rows(
    directory: Path,
    name: str,
    key: str,
    keys: Sequence[str],
    zone_ids: Sequence[str],
    horizon: Horizon,
    periods: NDArray[np.int64],
) -> pa.Table:
    """A long series: key by key, zone by zone, all of the same periods.

    Parameters
    ----------
    directory, name
        The file.
    key, keys
        Its first column and what stands there.
    zone_ids
        The zones.
    horizon, periods
        What the times are.
    """
    table = read_parquet(directory / f"{name}.parquet", ROW_LIMIT)
    count = len(periods)
    check_column(table, key, keys, count * len(zone_ids))
    check_column(table, "zone_id", list(zone_ids) * len(keys), count)
    if len(table) and (times(table, "time", horizon).reshape(-1, count) != periods).any():
        raise ValueError(f"{name} holds other periods than it should")
    return table
