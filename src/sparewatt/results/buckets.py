"""Buckets: many periods as few, for a screen; lowest, highest and mean of each, no extreme left out."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.series_window import kept_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


def periods_between(horizon: Horizon, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """First period and end of the periods that a window touches; at least one, all where it is left out."""
    last = horizon.periods
    lo = 0 if start is None else int((start - horizon.start) // horizon.step)
    hi = last if end is None else -int((horizon.start - end) // horizon.step)
    lo = min(max(lo, 0), last - 1)
    return lo, min(max(hi, lo + 1), last)


def bucket_edges(lo: int, hi: int, most: int) -> NDArray[np.int64]:
    """Boundaries of at most ``most`` buckets of ``lo..hi``, of equal size but for the last one."""
    size = max(1, -(-(hi - lo) // max(1, most)))
    return np.append(np.arange(lo, hi, size, dtype=np.int64), hi)


def bucket_means(values: NDArray[np.floating[Any]], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of each bucket along the last axis; ``values`` begin at ``edges[0]``."""
    if len(edges) - 1 == values.shape[-1]:
        return np.asarray(values, dtype=np.float64)
    sums = np.add.reduceat(values, edges[:-1] - edges[0], axis=-1, dtype=np.float64)
    return np.asarray(sums / np.diff(edges))


def bucket_lowest(values: NDArray[np.floating[Any]], edges: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    """Lowest of each bucket along the last axis."""
    return np.asarray(np.minimum.reduceat(values, edges[:-1] - edges[0], axis=-1))


def bucket_highest(values: NDArray[np.floating[Any]], edges: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    """Highest of each bucket along the last axis."""
    return np.asarray(np.maximum.reduceat(values, edges[:-1] - edges[0], axis=-1))


def bucket_quantiles(
    values: NDArray[np.floating[Any]], edges: NDArray[np.int64], quantiles: Sequence[float]
) -> NDArray[np.float64]:
    """Quantiles over all rows and all periods of each bucket, shape (quantiles, buckets)."""
    size, count = int(edges[1] - edges[0]), len(edges) - 1
    whole = (int(edges[-1]) - int(edges[0])) // size
    head = values[:, : whole * size].reshape(values.shape[0], whole, size)
    parts = np.quantile(head.transpose(1, 0, 2).reshape(whole, -1), quantiles, axis=1)
    if whole < count:
        rest = np.quantile(values[:, whole * size :], quantiles)
        parts = np.concatenate([parts, rest[:, None]], axis=1)
    return np.asarray(parts, dtype=np.float64)


def shared_rows(columns: Sequence[NDArray[np.floating[Any]]], points: int) -> NDArray[np.intp]:
    """Rows that lines share when each may have ``points``: every column keeps its minima and maxima."""
    each = max(2, points // max(1, len(columns)))
    found = [kept_rows(np.asarray(column, dtype=np.float64), each) for column in columns]
    return reduce(np.union1d, found).astype(np.intp)
