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


_PARTS = 4
"""A bucket that is no longer than this part of a day may be one."""


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


def day_edges(horizon: Horizon, lo: int, hi: int, most: int) -> NDArray[np.int64]:
    """Boundaries of at most ``most`` buckets of ``lo..hi`` that are whole planning days, or several."""
    days = np.asarray(horizon.day_edges, dtype=np.int64)
    inner = days[(days > lo) & (days < hi)]
    every = max(1, -(-len(inner) // max(1, most - 1)))
    return np.concatenate([[lo], inner[::every], [hi]]).astype(np.int64)


def screen_edges(horizon: Horizon, lo: int, hi: int, most: int) -> NDArray[np.int64]:
    """Boundaries of at most ``most`` buckets; whole planning days where they would be long parts of one.

    So nights and days do not alternate between buckets that are a little longer or shorter than a day.
    """
    size = -(-(hi - lo) // max(1, most))
    if _PARTS * size * horizon.days <= horizon.periods:
        return bucket_edges(lo, hi, most)
    return day_edges(horizon, lo, hi, most)


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
    sizes = np.diff(edges)
    out = np.empty((len(quantiles), len(sizes)))
    for size in np.unique(sizes):  # buckets of a size at once
        own = np.flatnonzero(sizes == size)
        at = (edges[own] - edges[0])[:, None] + np.arange(size)
        out[:, own] = np.quantile(values[:, at].transpose(1, 0, 2).reshape(len(own), -1), quantiles, axis=1)
    return out


def shared_rows(columns: Sequence[NDArray[np.floating[Any]]], points: int) -> NDArray[np.intp]:
    """Rows that lines share when each may have ``points``: every column keeps its minima and maxima."""
    each = max(2, points // max(1, len(columns)))
    found = [kept_rows(np.asarray(column, dtype=np.float64), each) for column in columns]
    return reduce(np.union1d, found).astype(np.intp)
