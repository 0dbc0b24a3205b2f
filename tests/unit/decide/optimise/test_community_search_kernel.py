"""The exact search for starts, against all choices there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.decide.optimise.community_model import build_job_model, find_choices
from sparewatt.decide.optimise.community_search_kernel import FOUND, NONE, OPEN, choose_starts
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.starts import Starts

MINUTES = 8


def arrays_of(loads: list[list[float]], windows: list[tuple[int, int]]) -> tuple[np.ndarray, ...]:
    """Starts of each job in its window; equal loads have one shape."""
    offset = np.concatenate([[0], np.cumsum([last - first + 1 for first, last in windows])])
    minute = np.concatenate([np.arange(first, last + 1) for first, last in windows])
    shapes = [list(load) for load in dict.fromkeys(map(tuple, loads))]
    shape = np.repeat([shapes.index(list(load)) for load in loads], np.diff(offset))
    shape_offset = np.concatenate([[0], np.cumsum([len(load) for load in shapes])])
    return offset, minute, shape, shape_offset, np.concatenate(shapes).astype(float)


def fits(free: np.ndarray, loads: list[list[float]], begin: tuple[int, ...]) -> bool:
    """Whether loads at these minutes stay below what is free."""
    used = np.zeros(MINUTES)
    for load, at in zip(loads, begin, strict=True):
        used[at : at + len(load)] += load
    return bool((used <= free + 1e-9).all())


SOME = st.lists(st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=1, max_size=3), min_size=1, max_size=4)
EQUAL = st.tuples(st.sampled_from([[1.0], [2.0, 1.0], [1.0, 0.0, 2.0]]), st.integers(2, 5)).map(
    lambda drawn: [drawn[0]] * drawn[1]
)


@settings(max_examples=250, deadline=None)
@given(SOME | EQUAL, st.lists(st.integers(0, 4), min_size=MINUTES, max_size=MINUTES), st.data())
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
        assert (np.searchsorted(arrays[0], places, side="right") - 1 == np.arange(len(loads))).all()


@pytest.mark.parametrize(("steps", "result"), [(1, OPEN), (1000, NONE)])
def test_no_answer_is_told_from_none(steps: int, result: int) -> None:
    """Three loads of 2 minutes and 2 kW in 5 minutes of 3 kW: no two may meet, which takes trying."""
    loads = [[2.0, 2.0], [2.0, 2.1], [2.1, 2.0]]
    found, _ = choose_starts(np.full(5, 3.0), *arrays_of(loads, [(0, 3)] * 3), steps)
    assert found == result


def test_equal_jobs_are_told_apart_by_their_windows_only() -> None:
    """Six equal loads of 2 minutes where five fit: without an order among them 6! choices would be tried."""
    found, places = choose_starts(np.full(11, 3.0), *arrays_of([[2.0, 2.0]] * 6, [(0, 9)] * 6), 100)
    assert (found, set(places.tolist())) == (NONE, {-1})


def test_a_job_without_a_start_ends_it() -> None:
    """No start, no choice."""
    offset, minute, shape, shape_offset, shape_kw = arrays_of([[1.0], [1.0]], [(0, 1), (0, 1)])
    offset[1] = 0
    assert choose_starts(np.full(3, 3.0), offset, minute, shape, shape_offset, shape_kw, 9)[0] == NONE


def crowd(rng: np.random.Generator, free_kw: float) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Nine jobs of three kinds in two hours, 5-minute starts."""
    kinds = [[0.5] * 40, [0.8] * 10 + [0.3] * 20, np.linspace(0.4, 0.05, 35).tolist()]
    loads = [kinds[k] for k in rng.integers(0, 3, 9)]
    first = rng.integers(0, 8, 9)
    last = [min(a + rng.integers(1, 9), (120 - len(load)) // 5) for a, load in zip(first, loads, strict=True)]
    offset, minute, *rest = arrays_of(loads, list(zip(first, last, strict=True)))
    return rng.uniform(0.7, 1.3, 120) * free_kw, (offset, minute * 5, *rest)


def test_as_a_solver_says() -> None:
    """Many jobs, equal ones among them, against HiGHS; both answers occur."""
    seen = set()
    for seed in range(24):
        free_kw, arrays = crowd(np.random.default_rng(seed), 1.6 + 0.2 * (seed % 6))
        offset, minute, shape, shape_offset, shape_kw = arrays
        starts = Starts(offset, minute * 60, minute, shape, shape_offset, shape_kw)
        rows = [np.arange(a, b) for a, b in itertools.pairwise(offset)]
        choices = find_choices(starts, rows, free_kw[None, :])
        if len(np.unique(choices.job)) < len(rows):
            solved = NONE
        else:
            model = build_job_model(starts, choices, len(rows), free_kw[None, :], is_whole=True)
            status = model.solver.solve(Deadline(60.0)).status
            solved = {"optimal": FOUND, "infeasible": NONE}[status]
        result, places = choose_starts(free_kw, *arrays, 200_000)
        assert result == solved
        seen.add(result)
        if result == FOUND:
            used = np.zeros(len(free_kw))
            for place in places:
                kw = shape_kw[shape_offset[shape[place]] : shape_offset[shape[place] + 1]]
                used[minute[place] : minute[place] + len(kw)] += kw
            assert (used <= free_kw + 1e-8).all()
    assert seen == {FOUND, NONE}
