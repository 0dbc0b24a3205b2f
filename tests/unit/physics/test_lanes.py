"""Lanes do to eight numbers at once what numpy does to arrays of them."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import TypingError

from sparewatt.kernel import kernel
from sparewatt.physics.lanes import (
    above_lanes,
    greater_lanes,
    load_lanes,
    read_lanes,
    root_lanes,
    smaller_lanes,
    spread_lanes,
    store_lanes,
    write_lanes,
)


@kernel(error_model="numpy")
def mix(a, b, out):
    x, y = load_lanes(a, 0), load_lanes(a, 1)
    store_lanes(out, 0, x + y)
    store_lanes(out, 1, 2 * x - y / 3.0)
    store_lanes(out, 2, x * y)
    store_lanes(out, 3, 1.0 / x)
    store_lanes(out, 4, root_lanes(x * x))
    store_lanes(out, 5, greater_lanes(x, y))
    store_lanes(out, 6, smaller_lanes(x, y))
    store_lanes(out, 7, above_lanes(x, y))
    store_lanes(out, 8, spread_lanes(b))
    write_lanes(out, 75, read_lanes(a, 3))


def test_every_operation_is_that_of_numpy():
    a = np.random.default_rng(0).normal(size=16)
    x, y = a[:8], a[8:]
    out = np.zeros(90)
    mix(a, 0.7, out)
    rows = [x + y, 2 * x - y / 3, x * y, 1 / x, np.abs(x), np.maximum(x, y), np.minimum(x, y), x > y]
    assert out[:64].reshape(8, 8) == pytest.approx(np.array(rows, dtype=float), rel=1e-15)
    assert (out[64:72] == 0.7).all()
    assert (out[75:83] == a[3:11]).all()
    assert (out[72:75] == 0).all()
    assert (out[83:] == 0).all()


def test_what_is_no_number_stays_in_its_lane():
    a = np.ones(16)
    a[[2, 11]] = np.nan, np.inf
    out = np.zeros(90)
    mix(a, 1.0, out)
    rows = out[:64].reshape(8, 8)
    assert np.isnan(rows[[0, 1, 2, 3, 4, 5, 6], 2]).all()
    assert np.isinf(rows[[0, 1, 2], 3]).all()
    assert np.isfinite(rows[:, [0, 1, 4, 5, 6, 7]]).all()


def test_other_arrays_are_refused():
    with pytest.raises(TypingError):
        mix(np.zeros(32)[::2], 1.0, np.zeros(90))
    with pytest.raises(TypingError):
        mix(np.zeros(16, dtype=np.float32), 1.0, np.zeros(90))
