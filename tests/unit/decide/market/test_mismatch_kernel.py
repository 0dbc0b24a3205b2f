"""The objective of the local searches, against the plain Python of its docstring."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.mismatch_kernel import mismatch_kwh, mismatch_slope


def random_problem(rng):
    jobs, minutes = int(rng.integers(1, 5)), 60
    length = rng.integers(1, 15, jobs)
    offset = np.concatenate([[0], np.cumsum(length)])
    earliest = rng.integers(0, 20, jobs).astype(float)
    latest = earliest + rng.integers(0, 25, jobs)
    share = rng.choice([0.0, 1.0, 0.5, rng.random()], jobs)
    return (
        earliest + share * (latest - earliest),
        earliest,
        latest,
        rng.choice([0.0, 1.0, 3.0], minutes),
        rng.choice([0.0, 0.0, 0.5], minutes),
        offset,
        rng.choice([0.0, 1.0, 2.0], offset[-1]),
        float(rng.choice([0.0, 10.0])),
    )


def plain_mismatch(start_minute, production, firm, offset, load, penalty):
    used = firm.copy()
    for n, x in enumerate(start_minute):
        whole, part = divmod(x, 1)
        own = load[offset[n] : offset[n + 1]]
        used[int(whole) :][: len(own)] += (1 - part) * own
        used[int(whole) + 1 :][: len(own)] += part * own
    gap = production - used
    over = np.clip(-gap, 0, None).sum()
    return (abs(gap).sum() + penalty * over) / 60, over / 60


def test_by_hand():
    """1 kW under 2, 0 kW: half a minute late it draws 0.5, 1 and 0.5 kW in three minutes under 2, 0, 2."""
    args = (np.array([2.0, 0.0, 2.0]), np.zeros(3), np.array([0, 2]), np.ones(2))
    assert mismatch_kwh(np.array([0.0]), *args, 10.0) == pytest.approx(((1 + 1 + 2 + 10) / 60, 1 / 60))
    assert mismatch_kwh(np.array([0.5]), *args, 10.0) == pytest.approx(((1.5 + 1 + 1.5 + 10) / 60, 1 / 60))


def test_they_mean_what_they_say():
    rng = np.random.default_rng(6)
    for _ in range(100):
        x, earliest, latest, production, firm, offset, load, penalty = random_problem(rng)
        rest = (production, firm, offset, load, penalty)
        right, over = plain_mismatch(x, *rest)
        assert mismatch_kwh(x, *rest) == pytest.approx((right, over), abs=1e-12)
        eps = float(rng.choice([1.0, 15.0, 0.3]))
        value, slope = mismatch_slope(x, earliest, latest, eps, *rest)
        assert value == pytest.approx(right, abs=1e-12)
        for n in range(len(x)):
            up, down = min(eps, latest[n] - x[n]), min(eps, x[n] - earliest[n])
            step = up if up >= down else -down
            moved = x.copy()
            moved[n] += step
            wanted = (plain_mismatch(moved, *rest)[0] - right) / step if step else 0.0
            assert slope[n] == pytest.approx(wanted, abs=1e-10)
