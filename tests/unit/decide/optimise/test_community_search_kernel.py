"""The exact search for starts, against all choices there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.decide.optimise.community_search_kernel import FOUND, NONE, OPEN, choose_starts

MINUTES = 8


def arrays_of(loads: list[list[float]], windows: list[tuple[int, int]]) -> tuple[np.ndarray, ...]:
    """Starts of each job in its window, one shape per job."""
    offset = np.concatenate([[0], np.cumsum([last - first + 1 for first, last in windows])])
    minute = np.concatenate([np.arange(first, last + 1) for first, last in windows])
    shape = np.repeat(np.arange(len(loads)), np.diff(offset))
    shape_offset = np.concatenate([[0], np.cumsum([len(load) for load in loads])])
    return offset, minute, shape, shape_offset, np.concatenate(loads).astype(float)


def fits(free: np.ndarray, loads: list[list[float]], begin: tuple[int, ...]) -> bool:
    """Whether loads at these minutes stay below what is free."""
    used = np.zeros(MINUTES)
    for load, at in zip(loads, begin, strict=True):
        used[at : at + len(load)] += load
    return bool((used <= free + 1e-9).all())


LOADS = st.lists(st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(LOADS, st.lists(st.integers(0, 4), min_size=MINUTES, max_size=MINUTES), st.data())
def test_as_enumeration_says(loads: list[list[float]], free_kw: list[int], data: st.DataObject) -> None:
    """Starts are found exactly where some choice of all jobs fits, and they fit."""
    free = np.array(free_kw, float)
    windows = [
        tuple(sorted(data.draw(st.tuples(*[st.integers(0, MINUTES - len(load))] * 2)))) for load in loads
    ]
    choices = itertools.product(*(range(first, last + 1) for first, last in windows))
    possible = any(fits(free, loads, choice) for choice in choices)
    arrays = arrays_of(loads, windows)
    result, places = choose_starts(free, *arrays, 10_000)
    assert result == (FOUND if possible else NONE)
    if possible:
        assert fits(free, loads, tuple(int(arrays[1][place]) for place in places))
        assert [int(arrays[2][place]) for place in places] == list(range(len(loads)))


@pytest.mark.parametrize(("steps", "result"), [(1, OPEN), (1000, NONE)])
def test_no_answer_is_told_from_none(steps: int, result: int) -> None:
    """Three loads of 2 minutes and 2 kW in 5 minutes of 3 kW: no two may meet, which takes trying."""
    found, _ = choose_starts(np.full(5, 3.0), *arrays_of([[2.0, 2.0]] * 3, [(0, 3)] * 3), steps)
    assert found == result
