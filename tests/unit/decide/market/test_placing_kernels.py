"""Kernels that place jobs and strike out starts: plain Python of their docstrings, and every choice tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparewatt.decide.market.narrowing_kernels import narrow_starts, probe_starts
from sparewatt.decide.market.placing_kernels import covered_rows, is_overfull, place_nearest
from sparewatt.decide.market.slack_kernels import NOWHERE, slack_at
from support.boards import board_of
from support.neighbourhoods import Job


def random_starts(rng, jobs):
    """Starts of some jobs, where they begin, and what is left for all of them."""
    drawn = [
        Job(
            earliest=60 * int(rng.integers(0, 20)),
            latest=60 * int(rng.integers(20, 40)),
            load_kw=tuple(rng.choice([0.0, 1.0, 2.0], int(rng.integers(1, 15)))),
        )
        for _ in range(jobs)
    ]
    starts = board_of(drawn, [[0.0]], step_s=300).starts
    return starts, rng.choice([0.0, 1.0, 2.0, 3.0], 70, p=[0.1, 0.2, 0.4, 0.3])


def fits(loads, free):
    total = np.zeros(len(free))
    for minute, kw in loads:
        total[minute : minute + len(kw)] += kw
    return not (total > free + 1e-9)[total > 0].any()


def plain_nearest(wish, free, starts, allowed, is_exact):
    free, chosen = free.copy(), []
    for n, x in enumerate(wish):
        near = sorted(starts.rows(n), key=lambda r: abs(starts.minute[r] - x))
        near = near[:1] if is_exact else near
        row = next((r for r in near if slack_at(free, *starts.load(r), allowed[n])[0]), None)
        if row is None:
            return [NOWHERE] * len(wish)
        minute, kw = starts.load(row)
        free[minute : minute + len(kw)] -= kw
        chosen.append(row)
    return chosen


@pytest.mark.parametrize("is_exact", [True, False])
def test_jobs_go_to_the_nearest_starts(is_exact):
    rng, found = np.random.default_rng(2), 0
    for _ in range(150):
        jobs = int(rng.integers(1, 4))
        starts, free = random_starts(rng, jobs)
        free = free + 1.0
        wish = rng.choice([rng.uniform(-5, 45, jobs), rng.integers(0, 40, jobs) + 0.5])
        allowed = rng.choice([0.0, 0.0, 0.05], jobs)
        told = place_nearest(
            wish,
            free,
            starts.offset,
            starts.minute,
            starts.shape,
            starts.shape_offset,
            starts.shape_kw,
            allowed,
            is_exact,
        )
        assert told.tolist() == plain_nearest(wish, free, starts, allowed, is_exact)
        found += told[0] != NOWHERE
    assert 20 < found < 150


def test_starts_that_are_covered_alone():
    rng = np.random.default_rng(3)
    for _ in range(50):
        starts, free = random_starts(rng, 2)
        rows = np.array(starts.rows(1), np.int64)
        allowed = float(rng.choice([0.0, 0.05]))
        arrays = (starts.minute, starts.shape, starts.shape_offset, starts.shape_kw)
        right = [r for r in rows if slack_at(free, *starts.load(int(r)), allowed)[0]]
        assert covered_rows(free, rows, *arrays, allowed).tolist() == right


def narrowed(starts, free, probe=None):
    alive = np.ones(len(starts.minute), np.bool_)
    arrays = (free, starts.offset, starts.minute, starts.shape, starts.shape_offset, starts.shape_kw)
    is_possible = narrow_starts(alive, *arrays)
    if is_possible and probe is not None:
        is_possible = probe_starts(alive, probe, *arrays)
    return is_possible, alive


def plain_narrow(starts, free):
    """The meaning in the docstring."""
    jobs = len(starts.offset) - 1
    alive = dict.fromkeys(range(len(starts.minute)), True)

    def load(r):
        minute, kw = starts.load(r)
        out = np.zeros(len(free))
        out[minute : minute + len(kw)] = kw
        return out

    while True:
        core = {}
        for n in range(jobs):
            own = [load(r) for r in starts.rows(n) if alive[r]]
            if not own:
                return False, alive
            core[n] = np.min(own, axis=0)
        struck = [
            r
            for n in range(jobs)
            for r in starts.rows(n)
            if alive[r]
            and (load(r) + sum(core[m] for m in range(jobs) if m != n) > free + 1e-6)[load(r) > 0].any()
        ]
        if not struck:
            return True, alive
        alive |= dict.fromkeys(struck, False)


def test_narrowing_means_what_it_says_and_strikes_out_nothing_that_is_possible():
    rng, struck, refused = np.random.default_rng(4), 0, 0
    for _ in range(150):
        starts, free = random_starts(rng, 3)
        is_possible, alive = narrowed(starts, free)
        right, right_alive = plain_narrow(starts, free)
        assert is_possible == right
        if right:
            assert alive.tolist() == list(right_alive.values())
        probed_possible, probed = narrowed(starts, free, probe=2)
        choices = [
            choice
            for choice in itertools.product(*(starts.rows(n) for n in range(3)))
            if fits([starts.load(r) for r in choice], free)
        ]
        needed = {r for choice in choices for r in choice}
        for told, mask in ((is_possible, alive), (probed_possible, probed)):
            assert told or not choices
            assert not told or all(mask[r] for r in needed)
        struck += int((~alive).any() and bool(choices))
        refused += not probed_possible
        if probed_possible:
            assert (probed <= alive).all()
    assert struck > 5
    assert refused > 20


def test_probing_sees_what_narrowing_does_not():
    """Three loads of ten minutes under 1 kW for twenty: wherever one starts, two are left for ten minutes."""
    jobs = [
        Job(earliest=0, latest=600, load_kw=(1.0,) * 10),
        Job(earliest=0, latest=600, load_kw=(1.0,) * 10),
        Job(earliest=0, latest=600, load_kw=(1.0,) * 10),
    ]
    starts = board_of(jobs, [[0.0]], step_s=600).starts
    sun = np.ones(22)
    assert narrowed(starts, sun)[0]
    assert not narrowed(starts, sun, probe=0)[0]
    assert narrowed(starts, sun * 2, probe=0)[0]


def plain_overfull(begin, end, energy, free):
    return any(
        sum(e for b, z, e in zip(begin, end, energy, strict=True) if a <= b and z <= last)
        > np.clip(free[a:last], 0, None).sum() + 1e-6
        for a in begin
        for last in end
        if a < last
    )


def test_spans_that_have_to_hold_more_than_there_is():
    rng, full = np.random.default_rng(5), 0
    for _ in range(200):
        begin = rng.integers(0, 30, 4)
        end = begin + rng.integers(1, 30, 4)
        energy = rng.choice([1.0, 5.0, 10.0], 4)
        free = rng.choice([-1.0, 0.0, 1.0, 2.0], 60)
        told = is_overfull(begin, end, energy, free)
        assert told == plain_overfull(begin, end, energy, free)
        full += told
    assert 20 < full < 180
