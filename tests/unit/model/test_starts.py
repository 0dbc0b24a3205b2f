"""Starts of jobs, against a loop over their windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.neighbourhoods import Ev, Job, jobs_of

from sparewatt.model.starts import find_starts

STEPS = st.sampled_from([60, 300, 900, 3600])


def test_earliest_grid_and_latest() -> None:
    """A window from 00:10:20 to 00:47:05 on a 15-minute grid: its ends, 00:15, 00:30, 00:45."""
    starts = find_starts(jobs_of([Job(earliest=620, latest=2825)]), 900)
    assert starts.start_s.tolist() == [620, 900, 1800, 2700, 2825]
    assert starts.minute.tolist() == [10, 15, 30, 45, 47]


def test_a_start_inside_a_minute_spreads_its_load() -> None:
    """One kW for a minute from second 20 on: 40 s in the first minute, 20 s in the second."""
    starts = find_starts(jobs_of([Job(earliest=20, latest=20)]), 900)
    minute, kw = starts.load(0)
    assert minute == 0
    assert kw == pytest.approx([2 / 3, 1 / 3])


def test_flexible_jobs_have_no_starts() -> None:
    """Only what runs a profile has starts."""
    starts = find_starts(jobs_of([Ev(), Job(earliest=0, latest=0)]), 900)
    assert starts.offset.tolist() == [0, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 7000), st.integers(0, 5000)), min_size=1, max_size=6), STEPS)
def test_as_a_loop_would_find_them(windows: list[tuple[int, int]], step_s: int) -> None:
    """Rows of each job are what the definition says, for any windows and steps."""
    jobs = jobs_of([Job(earliest=begin, latest=begin + width) for begin, width in windows])
    starts = find_starts(jobs, step_s)
    for job, (begin, width) in enumerate(windows):
        inside = [s for s in range(0, begin + width + 1, step_s) if s >= begin]
        wanted = sorted({begin, begin + width, *inside})
        assert starts.start_s[list(starts.rows(job))].tolist() == wanted
    assert np.array_equal(starts.minute, starts.start_s // 60)


@given(st.integers(0, 3000), st.lists(st.floats(0.1, 5.0), min_size=1, max_size=5))
def test_no_energy_is_lost(begin: int, load_kw: list[float]) -> None:
    """The load of a start holds the energy of the profile, wherever in a minute it begins."""
    jobs = jobs_of([Job(earliest=begin, latest=begin + 90, load_kw=tuple(load_kw))])
    starts = find_starts(jobs, 900)
    for row in starts.rows(0):
        assert starts.load(row)[1].sum() / 60 == pytest.approx(jobs.energy_kwh[0], rel=1e-12)
