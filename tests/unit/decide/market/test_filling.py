"""Flexible jobs: energy to the last bit, powers in their range, most slack first, a share from the grid."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.filling import fill_flexible
from support.boards import board_of
from support.neighbourhoods import Ev


def fill(ev, free, *, allowed=0.0, now_s=0):
    """Power in each minute from 0 on, None where it does not fit."""
    board = board_of([ev], [[0.0]], now_s=now_s)
    free_kw = np.zeros(board.production_kw.shape[1])
    free_kw[: len(free)] = free[: len(free_kw)]
    plan = fill_flexible(board, 0, free_kw, allowed)
    if plan is None:
        return None
    assert plan.start_s == 60 * plan.minute >= max(now_s, int(board.jobs.earliest_s[0]))
    assert (plan.job, plan.start) == (0, -1)
    assert plan.kw[0] > 0
    assert plan.kw[-1] > 0
    kw = np.zeros(len(free_kw))
    kw[plan.minute : plan.minute + len(plan.kw)] = plan.kw
    return kw


def car(energy_kwmin, *, minutes=6, low=0.0, top=3.0, earliest=0):
    return Ev(
        earliest=earliest,
        ready_by=earliest + 60 * minutes,
        energy_kwh=energy_kwmin / 60,
        min_kw=low,
        max_kw=top,
    )


@pytest.mark.parametrize(
    ("need", "low", "kw"),
    [
        (5.0, 0.0, [0, 0, 3, 2, 0, 0]),  # 4 and 2 kW left, 3 at most: most first
        (5.5, 0.0, [0.5, 0, 3, 2, 0, 0]),  # 1 kW is next, the earlier of two
        (7.5, 0.0, [1, 0.5, 3, 2, 1, 0]),
        (7.5, 1.0, None),  # 0.5 kW is too little: 7 in all
        (6.5, 1.0, [1, 0, 3, 2, 0.5, 0]),  # the minute that completes it may have less
    ],
)
def test_by_hand(need, low, kw):
    told = fill(car(need, low=low), [1, 0.5, 4, 2, 1, 0])
    if kw is None:
        assert told is None
    else:
        assert told[:6] == pytest.approx(kw)


@pytest.mark.parametrize(
    ("need", "allowed", "kw"),
    [
        (8.0, 0.4, None),
        (8.0, 0.5, [1, 1, 3, 2, 1, 0]),  # 0.5 kW are left in minute 1: 1 kW, half of it from the grid
        (9.0, 1.5, [1, 1, 3, 3, 1, 0]),  # then the minute that takes most and may take more
        (18.0, 11.0, [3, 3, 3, 3, 3, 3]),
        (5.0, 9.0, [0, 0, 3, 2, 0, 0]),  # nothing that is not needed
    ],
)
def test_a_share_from_the_grid(need, allowed, kw):
    told = fill(car(need, low=1.0), [1, 0.5, 4, 2, 1, 0], allowed=allowed / 60)
    if kw is None:
        assert told is None
    else:
        assert told[:6] == pytest.approx(kw)


def test_only_whole_minutes_of_the_window_from_now_on():
    sun = np.full(20, 1.0)
    ev = Ev(earliest=90, ready_by=330, energy_kwh=3 / 60, max_kw=1.0)
    assert np.flatnonzero(fill(ev, sun)).tolist() == [2, 3, 4]
    assert fill(ev, sun, now_s=121) is None
    assert fill(Ev(earliest=90, ready_by=149, energy_kwh=0.1 / 60, max_kw=1.0), sun) is None


def test_equal_minutes_are_taken_one_after_the_other_whatever_rounding_says():
    sun = 1.0 + 1e-14 * np.array([0, 3, 1, 2, 5, 4])
    assert np.flatnonzero(fill(car(3.0, top=1.0), sun)).tolist() == [0, 1, 2]


def test_random_ones_keep_what_they_promise():
    rng, seen = np.random.default_rng(7), dict.fromkeys(("whole", "partial", "none"), 0)
    for _ in range(400):
        low = float(rng.choice([0.0, 0.7, 1.4]))
        minutes = int(rng.integers(1, 40))
        need = float(rng.choice([0.3, 0.6, 1.0])) * minutes * 2.0
        free = rng.choice([-1.0, 0.0, 0.5, 1.4, 2.5, rng.random()], minutes)
        allowed = float(rng.choice([0.0, 0.2, 1.0])) * need / 60
        told = fill(car(need, minutes=minutes, low=low, top=2.0), free, allowed=allowed)
        covered_kw = np.clip(free, 0, 2.0)
        usable = np.where(covered_kw >= max(low, 1e-9), covered_kw, 0.0)
        if told is None:
            seen["none"] += 1
            assert usable.sum() < need - 1e-9
            continue
        assert told.sum() == pytest.approx(need, rel=1e-9)
        assert (told <= 2.0 + 1e-9).all()
        assert (told[minutes:] == 0).all()
        assert ((told > 1e-9) & (told < low - 1e-9)).sum() <= 1
        uncovered = np.maximum(told[:minutes] - covered_kw, 0).sum()
        assert uncovered <= allowed * 60 + 1e-6
        if uncovered > 1e-6:
            assert usable.sum() < need
            seen["partial"] += 1
            continue
        seen["whole"] += 1
        # Most slack first: a minute with more left than one that is used is used up itself.
        used = told[:minutes] > 1e-9
        if used.any():
            least = covered_kw[used].min()
            better = covered_kw > least + 1e-6
            assert told[:minutes][better] == pytest.approx(usable[better])
    assert min(seen.values()) > 30, seen


def test_no_energy_is_nothing_to_supply():
    assert fill(car(0.0), np.ones(6)) is None
