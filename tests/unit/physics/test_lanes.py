"""Lanes do to many numbers at once what numpy does to arrays of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError

from sparewatt import kernel as kernels
from sparewatt.kernel import kernel
from sparewatt.physics.lanes import (
    LANES,
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

N = LANES
ROWS = 9
FIRST = ROWS * N + 3


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
    write_lanes(out, FIRST, read_lanes(a, 3))


def test_every_operation_is_that_of_numpy():
    a = np.random.default_rng(0).normal(size=2 * N)
    x, y = a[:N], a[N:]
    out = np.zeros(FIRST + N + 7)
    mix(a, 0.7, out)
    rows = [x + y, 2 * x - y / 3, x * y, 1 / x, np.abs(x), np.maximum(x, y), np.minimum(x, y), x > y]
    assert out[: 8 * N].reshape(8, N) == pytest.approx(np.array(rows, dtype=float), rel=1e-15)
    assert (out[8 * N : ROWS * N] == 0.7).all()
    assert (out[FIRST : FIRST + N] == a[3 : 3 + N]).all()
    assert (out[ROWS * N : FIRST] == 0).all()
    assert (out[FIRST + N :] == 0).all()


def test_what_is_no_number_stays_in_its_lane():
    a = np.ones(2 * N)
    a[[2, N + 3]] = np.nan, np.inf
    out = np.zeros(FIRST + N)
    mix(a, 1.0, out)
    rows = out[: 8 * N].reshape(8, N)
    assert np.isnan(rows[[0, 1, 2, 3, 4, 5, 6], 2]).all()
    assert np.isinf(rows[[0, 1, 2], 3]).all()
    assert np.isfinite(np.delete(rows, [2, 3], axis=1)).all()


def test_other_arrays_are_refused():
    with pytest.raises(TypingError):
        mix(np.zeros(4 * N)[::2], 1.0, np.zeros(FIRST + N))
    with pytest.raises(TypingError):
        mix(np.zeros(2 * N, dtype=np.float32), 1.0, np.zeros(FIRST + N))


def test_kernels_are_compiled_anew_when_lanes_change(monkeypatch, tmp_path):
    source = Path(kernels.__file__).parent
    for name in ("physics/lanes.py", "physics/sweep_kernels.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((source / name).read_bytes())
    monkeypatch.setattr(kernels, "__file__", str(tmp_path / "kernel.py"))
    before = kernels.source_stamp.__wrapped__()
    with (tmp_path / "physics/lanes.py").open("a") as file:
        file.write("# more\n")
    assert kernels.source_stamp.__wrapped__() != before
