"""Buckets of many periods keep what plain Python finds in them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sparewatt.model.horizon import Horizon
from sparewatt.results.buckets import (
    bucket_edges,
    bucket_highest,
    bucket_lowest,
    bucket_means,
    bucket_quantiles,
    day_edges,
    periods_between,
    screen_edges,
    shared_rows,
)

MATRIX = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 120)), elements=st.floats(-1e6, 1e6, width=32)
)


@settings(deadline=None)
@given(values=MATRIX, most=st.integers(1, 40), lo=st.integers(0, 50))
def test_buckets_are_what_plain_python_finds(values: np.ndarray, most: int, lo: int) -> None:
    hi = lo + values.shape[1]
    edges = bucket_edges(lo, hi, most)
    assert edges[0] == lo
    assert edges[-1] == hi
    assert len(edges) - 1 <= most
    assert len(set(np.diff(edges)[:-1].tolist())) <= 1
    quantiles = bucket_quantiles(values, edges, (0.0, 0.5, 1.0))
    means, lowest, highest = (f(values, edges) for f in (bucket_means, bucket_lowest, bucket_highest))
    for k, (first, end) in enumerate(zip(edges[:-1] - lo, edges[1:] - lo, strict=True)):
        part = values[:, first:end]
        for row, line in enumerate(part.tolist()):
            assert means[row, k] == pytest.approx(sum(line) / len(line), abs=1e-6)
            assert lowest[row, k] == min(line)
            assert highest[row, k] == max(line)
        assert quantiles[:, k].tolist() == pytest.approx(
            [part.min(), float(np.median(part)), part.max()], abs=1e-6
        )


@settings(deadline=None)
@given(values=MATRIX, points=st.integers(8, 60))
def test_lines_share_rows_and_keep_their_extremes(values: np.ndarray, points: int) -> None:
    rows = shared_rows(list(values), points)
    assert (np.diff(rows) > 0).all()
    for line in values:
        assert line[rows].min() == line.min()
        assert line[rows].max() == line.max()


@settings(deadline=None)
@given(lo=st.integers(0, 300), size=st.integers(1, 420), most=st.integers(2, 60))
def test_buckets_of_a_day_or_more_end_where_days_end(lo: int, size: int, most: int) -> None:
    h = Horizon.of_days(
        date(2026, 10, 20), 15, day_start_hours=12, step=timedelta(minutes=30), timezone="Europe/London"
    )
    hi = min(h.periods, lo + size)
    for edges in (day_edges(h, lo, hi, most), screen_edges(h, lo, hi, most)):
        assert (edges[0], edges[-1]) == (lo, hi)
        assert (np.diff(edges) > 0).all()
        assert len(edges) - 1 <= most
    assert set(day_edges(h, lo, hi, most)[1:-1].tolist()) <= set(h.day_edges)
    if -(-(hi - lo) // most) >= 13:
        assert set(screen_edges(h, lo, hi, most)[1:-1].tolist()) <= set(h.day_edges)


def test_a_window_has_the_periods_that_it_touches() -> None:
    day = Horizon.of_days(date(2026, 10, 25), 1, step=timedelta(minutes=30), timezone="Europe/London")
    half = timedelta(minutes=30)
    assert periods_between(day, None, None) == (0, 50)
    assert periods_between(day, day.start, day.start + half) == (0, 1)
    assert periods_between(day, day.start + half / 2, day.start + 3 * half / 2) == (0, 2)
    assert periods_between(day, day.start - half, day.start) == (0, 1)
    assert periods_between(day, day.end, day.end + half) == (49, 50)
    assert periods_between(day, day.start + 5 * half, None) == (5, 50)
