"""Curves of network pictures: clouds thinned to one point per spot, and load over the share of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 200
"""Of a duration curve."""
_GRID = (70, 44)


def thin_cloud(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows of one point per cell of a grid, and of the lowest and highest: its shape stays."""
    if not len(x):
        return np.zeros(0, dtype=np.int64)
    across, down = (
        np.minimum(((v - v.min()) / max(float(np.ptp(v)), 1e-12) * n).astype(np.int64), n - 1)
        for v, n in zip((x, y), _GRID, strict=True)
    )
    _, first = np.unique(across * _GRID[1] + down, return_index=True)
    return np.unique(np.concatenate([first, [y.argmin(), y.argmax()]])).astype(np.int64)


def duration_curve(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of time [0-1] and what is reached or exceeded in them, the greatest first."""
    if not len(values):
        return np.zeros(0), np.zeros(0)
    ordered = np.sort(values)[::-1]
    rows = np.unique(np.linspace(0, len(ordered) - 1, min(POINTS, len(ordered))).round().astype(np.int64))
    return rows / max(len(ordered) - 1, 1), ordered[rows]
