"""Which moment is looked at first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.zonal import ZonalSeries
from sparewatt.simulate.network_moment import worst_moment

QUIET = ZonalSeries(
    np.zeros((2, 4)),
    np.array([[0.97, 0.96, 0.95, 0.96], [0.98, 0.97, 0.99, 0.98]]),
    np.full((2, 4), 1.01),
    np.zeros((2, 4), dtype=np.int32),
    np.ones((3, 4)),
    np.tile([20.0, -20.0, 24.0, 26.0], (3, 1)),  # of the transformer 60, 60, 72 and 78 kVA
    np.ones(4),
    np.ones(4, dtype=np.bool_),
)
LOADED = np.array([[0, 2, 0, 2], [0, 0, 1, 0]], dtype=np.int32)


def low(series):
    volts = series.min_pu.copy()
    volts[1, 0] = 0.85
    return replace(series, min_pu=volts)


def high(series):
    volts = series.max_pu.copy()
    volts[0, 1] = 1.08
    return replace(series, max_pu=volts)


@pytest.mark.parametrize(
    ("series", "rating", "expected"),
    [
        (QUIET, 100.0, (2, "lowest voltage")),
        (low(high(replace(QUIET, overloads=LOADED))), 75.0, (0, "lowest voltage")),
        # two branches in the steps 1 and 3, the transformer carries more in the latter
        (high(replace(QUIET, overloads=LOADED)), 75.0, (3, "most overloaded cables")),
        (high(QUIET), 75.0, (3, "highest load of the transformer")),
        (high(QUIET), 100.0, (1, "highest voltage")),
        (replace(low(QUIET), converged=np.array([False, True, True, True])), 100.0, (2, "lowest voltage")),
        (replace(QUIET, converged=np.zeros(4, dtype=np.bool_)), 100.0, (0, "lowest voltage")),
    ],
)
def test_what_is_broken_comes_first(series, rating, expected):
    assert worst_moment(series, 0.9, 1.05, rating) == expected
