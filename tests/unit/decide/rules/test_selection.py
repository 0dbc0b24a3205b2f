"""Selection kernels against the plain Python of their docstrings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.decide.rules.selection import find_threshold, find_water_level

# Halves add up without rounding, so that edges are met exactly.
HALVES = st.integers(0, 60).map(lambda n: n / 2)
KEYS = st.one_of(st.integers(-3, 3).map(float), st.just(-math.inf), st.just(math.inf))


def plain_threshold(key: list[float], ask: list[float], margin: float) -> tuple[float, float]:
    for k in sorted(set(key)):
        asked = sum(a for a, own in zip(ask, key, strict=True) if own == k)
        if asked >= margin:
            return k, margin
        margin -= asked
    return math.inf, margin


def plain_level(cap: list[float], total: float) -> float:
    left = sorted(cap)
    while left and left[0] * len(left) <= total:
        total -= left.pop(0)
    return total / len(left) if left else math.inf


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(KEYS, HALVES), max_size=40), HALVES)
def test_threshold(rows: list[tuple[float, float]], margin: float):
    key, ask = [k for k, _ in rows], [a for _, a in rows]
    found = find_threshold(np.array(key, dtype=float), np.array(ask, dtype=float), margin)
    wanted = plain_threshold(key, ask, margin)
    served = [served_by(*found, key, ask), served_by(*wanted, key, ask)]
    assert served[0] == served[1]


def served_by(threshold: float, left: float, key: list[float], ask: list[float]) -> list[float]:
    out = []
    for k, a in zip(key, ask, strict=True):
        out.append(a if k < threshold else 0.0 if k > threshold else min(a, left))
        left -= out[-1] if k == threshold else 0.0
    return out


@settings(max_examples=500, deadline=None)
@given(st.lists(HALVES, max_size=40), HALVES)
def test_water_level(cap: list[float], total: float):
    found, wanted = find_water_level(np.array(cap, dtype=float), total), plain_level(cap, total)
    poured = [[min(c, level) for c in cap] for level in (found, wanted)]
    assert poured[0] == pytest.approx(poured[1], abs=1e-12)


def test_large_arrays_as_sorted_ones():
    rng = np.random.default_rng(2)
    key, ask = rng.normal(size=20_001), rng.integers(0, 9, 20_001).astype(float)
    order = np.argsort(key)
    for share in (0.001, 0.3, 0.9):
        margin = float(np.floor(share * ask.sum())) + 0.5
        k = int(np.searchsorted(np.cumsum(ask[order]), margin))
        threshold, left = find_threshold(key.copy(), ask.copy(), margin)
        assert threshold == key[order[k]]
        assert left == margin - ask[order][:k].sum()
        level = find_water_level(ask.copy(), margin)
        assert np.minimum(ask, level).sum() == pytest.approx(margin, rel=1e-12)


@pytest.mark.parametrize("key", [np.arange(5000.0), np.arange(5000.0)[::-1], np.zeros(5000)])
def test_no_order_of_rows_is_a_bad_one(key: np.ndarray):
    threshold, left = find_threshold(key.copy(), np.ones(5000), 2500.5)
    assert (threshold, left) == (0.0, 2500.5) if not key.any() else (2500.0, 0.5)
