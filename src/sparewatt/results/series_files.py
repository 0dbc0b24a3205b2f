"""What the series of every study share: Parquet files of bounded size, read like any input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.model.horizon import Horizon

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

META = b"sparewatt"
"""Key of our metadata in a file."""


def refused(where: str, message: str) -> InputError:
    """One finding about a series file."""
    remedy = "write the run again, or import the bundle again"
    return InputError([Finding("results.series", "error", where, message, remedy=remedy)])


def read_parquet(path: Path, row_limit: int, columns: list[str] | None = None) -> pa.Table:
    """One Parquet file of bounded size.

    Raises
    ------
    InputError
        It is missing, no Parquet, or holds more rows than ``row_limit``.
    """
    try:
        rows = pq.read_metadata(path).num_rows
        if rows > row_limit:
            raise refused(path.name, f"{rows:,} rows; at most {row_limit:,} are read")
        missing = set(columns or ()) - set(pq.read_schema(path).names)
        if missing:
            raise refused(path.name, f"column {' and '.join(sorted(missing))} is missing")
        return pq.read_table(path, columns=columns, partitioning=None)
    except FileNotFoundError:
        raise refused(path.name, "the file is not there") from None
    except (pa.ArrowException, OSError) as error:
        raise refused(path.name, f"not readable as Parquet ({type(error).__name__})") from None


def read_floats(
    table: pa.Table, column: str, shape: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column of finite numbers in the given shape; a ValueError where it holds others."""
    values = np.asarray(table[column].to_numpy(), dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"{column} holds values that are no numbers")
    return np.ascontiguousarray(values.reshape(shape))


def horizon_meta(h: Horizon) -> dict[str, object]:
    """A horizon as plain values."""
    return {
        "start": h.start.isoformat(),
        "step_s": h.step_s,
        "periods": h.periods,
        "timezone": h.timezone,
        "day_edges": list(h.day_edges),
    }


def read_horizon(meta: Mapping[str, Any]) -> Horizon:
    """The horizon from its metadata, checked against itself; a ValueError where it makes no sense."""
    edges = tuple(int(e) for e in meta["day_edges"])
    start = datetime.fromisoformat(meta["start"])
    ZoneInfo(meta["timezone"])
    ordered = all(a < b for a, b in pairwise(edges))
    if start.tzinfo is None or meta["step_s"] <= 0 or not ordered or edges[:1] != (0,):
        raise ValueError("the horizon makes no sense")
    if edges[-1] != meta["periods"]:
        raise ValueError("the days do not end where the horizon ends")
    return Horizon(
        start.astimezone(UTC),
        timedelta(seconds=meta["step_s"]),
        int(meta["periods"]),
        str(meta["timezone"]),
        edges,
    )
