"""Minutes that decide, and what starts draw in them, against their plain meaning."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.decide.optimise.community_thinning_kernel import find_deciding, spread_loads
from sparewatt.decide.optimise.community_twins_kernel import rank_windows

MINUTES = 9
JOBS = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True)),
    min_size=1,
    max_size=3,
)
SHAPE_OFFSET = np.array([0, 1, 3, 6])
SHAPE_KW = np.array([1.0, 2.0, 1.0, 1.0, 0.0, 0.5])


def starts_of(jobs: list[tuple[int, list[int]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offset, minute and shape of each start."""
    offset = np.concatenate([[0], np.cumsum([len(own) for _, own in jobs])])
    minute = np.concatenate([sorted(own) for _, own in jobs])
    return offset, minute, np.repeat([shape for shape, _ in jobs], np.diff(offset))


def loads_of(minute: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """What each start draws in every minute."""
    loads = np.zeros((len(minute), MINUTES))
    for r, (at, kind) in enumerate(zip(minute, shape, strict=True)):
        kw = SHAPE_KW[SHAPE_OFFSET[kind] : SHAPE_OFFSET[kind + 1]]
        loads[r, at : at + len(kw)] = kw
    return loads


@settings(max_examples=150, deadline=None)
@given(JOBS, st.lists(st.integers(0, 4), min_size=MINUTES, max_size=MINUTES))
def test_who_keeps_to_minutes_that_decide_keeps_to_all(
    jobs: list[tuple[int, list[int]]], free_kw: list[int]
) -> None:
    """Every choice of starts, also of some of the jobs only, breaks one of them if it breaks any."""
    offset, minute, shape = starts_of(jobs)
    free = np.array(free_kw, float)
    decides = find_deciding(free, offset, minute, shape, SHAPE_OFFSET, SHAPE_KW)
    loads = loads_of(minute, shape)
    for n in np.ndindex(*(np.diff(offset) + 1)):
        chosen = [offset[job] + place - 1 for job, place in enumerate(n) if place > 0]
        is_over = loads[chosen].sum(axis=0) > free + 1e-9
        assert is_over[decides].any() == is_over.any()


def test_minutes_alike_are_looked_at_once() -> None:
    """Two loads of 1 kW for two minutes in 1.5 kW: of the three minutes in which they meet one is enough."""
    offset, minute, shape = np.array([0, 2, 4]), np.array([2, 3, 2, 3]), np.zeros(4, np.int64)
    free = np.full(6, 1.5)
    decides = find_deciding(free, offset, minute, shape, np.array([0, 2]), np.ones(2))
    assert np.flatnonzero(decides).tolist() == [3]


@settings(max_examples=60, deadline=None)
@given(JOBS, st.lists(st.integers(0, MINUTES - 1), max_size=5, unique=True))
def test_loads_in_some_minutes(jobs: list[tuple[int, list[int]]], times: list[int]) -> None:
    """As they stand in all minutes."""
    _, minute, shape = starts_of(jobs)
    chosen = np.array(sorted(times), np.int64)
    load_kw, first, end = spread_loads(chosen, minute, shape, SHAPE_OFFSET, SHAPE_KW)
    expected = loads_of(minute, shape)[:, chosen]
    assert (load_kw == expected).all()
    for r, own in enumerate(expected):
        used = np.flatnonzero(own)
        assert (first[r], end[r]) == ((used[0], used[-1] + 1) if len(used) else (0, 0))


def test_windows_are_ranked_by_begin_then_end() -> None:
    """[3, 5] comes after [0, 9] and [3, 4]; equal ones keep their order."""
    offset, minute = np.array([0, 2, 4, 6, 8]), np.array([3, 5, 0, 9, 3, 4, 3, 5])
    assert rank_windows(offset, minute).tolist() == [2, 0, 1, 3]
