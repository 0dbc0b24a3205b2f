"""Windows of series keep every minimum and maximum; tables are read a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sparewatt.errors import InputError
from sparewatt.results.series_window import kept_rows, read_series_facts, read_series_window
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 10, 25, tzinfo=UTC)
LINES = arrays(np.float64, st.integers(0, 400), elements=st.floats(-1e6, 1e6))


@given(values=LINES, points=st.integers(2, 60))
def test_kept_rows_have_the_extremes_of_every_bucket(values: np.ndarray, points: int) -> None:
    kept = kept_rows(values, points)
    assert len(kept) <= max(points, 0)
    assert (np.diff(kept) > 0).all()
    if len(values) <= points:
        assert len(kept) == len(values)
        return
    edges = np.linspace(0, len(values), points // 2 + 1).astype(int)
    for first, end in pairwise(edges):
        inside = values[kept[(kept >= first) & (kept < end)]]
        assert inside.min() == values[first:end].min()
        assert inside.max() == values[first:end].max()


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Two zones, 300 half-hours each across a clock change, one after the other; a gap and a peak."""
    times = [START + timedelta(minutes=30 * i) for i in range(300)]
    values: list[float | None] = [float(i % 7) for i in range(600)]
    values[100], values[222], values[450] = 99.0, None, -99.0
    path = tmp_path / "zones.parquet"
    stamps = pa.array(times * 2, pa.timestamp("us", "Europe/London"))
    zones = ["1/1"] * 300 + ["1/2"] * 300
    truth = [True, False] * 300
    pq.write_table(pa.table({"time": stamps, "zone_id": zones, "kw": values, "is_best": truth}), path)
    return path


def test_facts(series: Path) -> None:
    facts = read_series_facts(series)
    assert (facts.rows, facts.time) == (600, "time")
    assert dict(facts.columns) == {"time": "time", "zone_id": "text", "kw": "number", "is_best": "truth"}


def test_window_by_zone_and_time(series: Path) -> None:
    (line,) = read_series_window(series, ["kw"], where={"zone_id": "1/1"}, points=20)
    assert (max(line.values), line.rows) == (99.0, 299)
    assert len(line.values) <= 20
    assert line.times[line.values.index(99.0)] == START + timedelta(hours=50)
    assert list(line.times) == sorted(line.times)
    start, end = START + timedelta(hours=1), START + timedelta(hours=3)
    (line,) = read_series_window(series, ["kw"], start=start, end=end, where={"zone_id": "1/2"})
    assert line.times == tuple(start + timedelta(minutes=30 * i) for i in range(4))
    assert line.values == tuple(float(i % 7) for i in range(302, 306))
    (line,) = read_series_window(series, ["kw"], where={"is_best": "true", "zone_id": "1/2"})
    assert line.rows == 150
    (line,) = read_series_window(series, ["kw"], where={"zone_id": "none"})
    assert (line.times, line.rows) == ((), 0)


def test_what_is_no_window(series: Path, tmp_path: Path) -> None:
    for columns, where in ((["zone_id"], {}), (["none"], {}), (["kw"], {"none": "1"})):
        with pytest.raises(InputError, match="no such column"):
            read_series_window(series, columns, where=where)
    pq.write_table(pa.table({"kw": [1.0]}), tmp_path / "timeless.parquet")
    with pytest.raises(InputError, match="no times"):
        read_series_window(tmp_path / "timeless.parquet", ["kw"])
    (tmp_path / "odd.parquet").write_text("odd")
    for name in ("odd.parquet", "none.parquet"):
        with pytest.raises(InputError, match="not readable"):
            read_series_facts(tmp_path / name)


def test_a_year_of_half_hours_of_many_vehicles_is_read(tmp_path: Path) -> None:
    rows, vehicles = 17_520, 20
    stamps = np.tile(np.arange(rows, dtype=np.int64) * 1_800_000_000, vehicles)
    ids = pa.array(np.repeat([f"v{i}" for i in range(vehicles)], rows))
    values = np.sin(np.arange(rows * vehicles) / 50.0)
    table = pa.table({"time": pa.array(stamps, pa.timestamp("us", "UTC")), "vehicle_id": ids, "kw": values})
    pq.write_table(table, tmp_path / "year.parquet", compression="zstd")
    (line,) = read_series_window(tmp_path / "year.parquet", ["kw"], where={"vehicle_id": "v7"}, points=1000)
    assert line.rows == rows
    assert max(line.values) == values[7 * rows : 8 * rows].max()


def test_pages_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('vehicle_id,kwh,level,count\n1,2.5,"a, b",3\n2,,normal,4\n3,-1e-3,\'=1+1,5\n')
    page = read_table_page(path, 1, 5)
    assert page.columns == ("vehicle_id", "kwh", "level", "count")
    assert page.rows == (("2", None, "normal", 4), ("3", -0.001, "'=1+1", 5))
    assert page.total == 3
    assert read_table_page(path, 9, 5).rows == ()
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(InputError, match="row 3 has 1 cells"):
        read_table_page(path, 0, 5)
    path.write_bytes(b"a\n\xff\n")
    with pytest.raises(InputError, match="not readable"):
        read_table_page(path, 0, 5)
    with pytest.raises(InputError, match="no such table"):
        read_table_page(tmp_path / "none.csv", 0, 5)
