"""A window of a long series with few points, in which every minimum and maximum is kept.

Lines show a year of half-hours on a thousand pixels: the rows of the window are cut into as many buckets as
there are pairs of points, and of each bucket the rows with the least and the largest value are kept, in
their order. What a picture shows so has the same peaks as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparewatt.errors import InputError
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

TIMES = ("datetime", "time")
"""Names of a column of times."""
ROW_LIMIT = 50_000_000


@dataclass(frozen=True)
class SeriesFacts:
    """What a series file holds.

    Parameters
    ----------
    name
        Its name without its ending.
    rows
        Number of rows.
    columns
        Kind by column: ``"time"``, ``"number"``, ``"text"``, ``"truth"`` or ``"other"``.
    time
        Its column of times; ``None`` where it has none, and so no windows.
    """

    name: str
    rows: int
    columns: Mapping[str, str]
    time: str | None


@dataclass(frozen=True)
class SeriesWindow:
    """One column of a series in a window.

    Parameters
    ----------
    column
        Its name.
    times
        Time of each point, UTC.
    values
        Value of each point, in the unit that its name says.
    rows
        Rows of the window that have a value.
    """

    column: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    rows: int


def read_series_facts(path: Path) -> SeriesFacts:
    """What a series file holds; an InputError where it is missing or no Parquet."""
    try:
        rows, schema = pq.read_metadata(path).num_rows, pq.read_schema(path)
    except (FileNotFoundError, pa.ArrowException, OSError) as error:
        raise _refused(path, f"not readable as a series ({type(error).__name__})") from None
    columns = {field.name: _kind(field.type) for field in schema}
    time = next((name for name in TIMES if columns.get(name) == "time"), None)
    return SeriesFacts(path.stem, rows, columns, time)


def read_series_window(
    path: Path,
    columns: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    where: Mapping[str, str] | None = None,
    points: int = 1000,
) -> tuple[SeriesWindow, ...]:
    """Columns of numbers in a window of time.

    Parameters
    ----------
    path
        The series file.
    columns
        Columns of numbers.
    start, end
        The window, half-open; left out: from the first, to the last row.
    where
        Text, number or truth that other columns must have, by column: ``{"zone_id": "2/4"}``.
    points
        Points of each column at most; all rows where there are no more.

    Raises
    ------
    InputError
        The file is missing, has no times, or not such columns.
    """
    facts, where = read_series_facts(path), where or {}
    if facts.time is None:
        raise _refused(path, "this series has no times, so it has no windows; read it as a whole")
    unknown = [c for c in columns if facts.columns.get(c) != "number"]
    unknown += [c for c in where if facts.columns.get(c) not in {"text", "number", "truth"}]
    if unknown:
        numbers = ", ".join(c for c, kind in facts.columns.items() if kind == "number")
        raise _refused(path, f"it has no such column: {', '.join(unknown)}", f"numbers are in {numbers}")
    if facts.rows > ROW_LIMIT:
        raise _refused(path, f"{facts.rows:,} rows; at most {ROW_LIMIT:,} are read")
    time = pc.field(facts.time)
    wanted = [_equals(column, text, facts.columns[column]) for column, text in where.items()]
    wanted += [] if start is None else [time >= _stamp(start)]
    wanted += [] if end is None else [time < _stamp(end)]
    needed = list(dict.fromkeys((facts.time, *columns)))
    try:  # the filter stands in the reading, which leaves out what it need not unpack
        kept = None if not wanted else reduce(and_, wanted)
        table = pq.read_table(path, columns=needed, filters=kept, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise _refused(path, f"not readable as a series ({type(error).__name__})") from None
    stamps = table[facts.time].cast(pa.timestamp("us", "UTC"))
    return tuple(_window(name, stamps, table[name], points) for name in columns)


def kept_rows(values: NDArray[np.float64], points: int) -> NDArray[np.intp]:
    """Rows that stay when at most ``points`` of a line may: least and largest of each bucket, in order."""
    rows = len(values)
    if rows <= points:
        return np.arange(rows)
    edges = np.linspace(0, rows, max(1, points // 2) + 1).astype(np.intp)
    kept = []
    for first, end in pairwise(edges.tolist()):
        part = values[first:end]
        kept += [first + int(part.argmin()), first + int(part.argmax())]
    return np.unique(np.array(kept, dtype=np.intp))


def _window(name: str, stamps: pa.ChunkedArray, column: pa.ChunkedArray, points: int) -> SeriesWindow:
    values = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    micros = np.asarray(stamps.cast(pa.int64()).to_numpy(), dtype=np.int64)
    told = np.flatnonzero(np.isfinite(values))
    told = told[np.argsort(micros[told], kind="stable")]
    kept = told[kept_rows(values[told], points)]
    times: Any = stamps.take(pa.array(kept)).to_pylist()
    return SeriesWindow(name, tuple(times), tuple(values[kept].tolist()), len(told))


def _stamp(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", "UTC"))


def _equals(column: str, text: str, kind: str) -> pc.Expression:
    """What a column must be, from the text that a caller gave."""
    if kind == "number":
        try:
            return pc.field(column) == float(text)
        except ValueError:
            return pc.scalar(False)
    return pc.field(column) == (text.lower() == "true" if kind == "truth" else text)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "truth"
    return "text" if pa.types.is_string(kind) else "other"


def _refused(path: Path, message: str, remedy: str = "look at the list of series") -> InputError:
    return InputError([Finding("results.series", "error", path.name, message, remedy=remedy)])
