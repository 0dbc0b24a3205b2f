"""Kernels that look for a start, against the plain Python of their docstrings."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.slack_kernels import NOWHERE, ask_in_order, find_start, slack_at
from support.boards import board_of
from support.neighbourhoods import Job


def plain_slack(free, minute, kw, allowed):
    drawn = [(free[minute + k], kw[k]) for k in range(len(kw)) if kw[k] > 0]
    left = [have - want for have, want in drawn]
    short = sum(want - max(have, 0) for have, want in drawn if have - want < -1e-9) / 60
    return short * 60 <= allowed * 60 + 1e-9, -60 * short if short > 0 else min(left, default=np.inf)


def plain_start(free, rows, starts, allowed, is_first):
    best, most = NOWHERE, None
    for r in rows:
        is_covered, slack = plain_slack(free, *starts.load(r), allowed)
        if is_covered and (best == NOWHERE or slack > most + 1e-9):
            best, most = r, slack
        if best != NOWHERE and is_first:
            break
    return best


def plain_ask(production, booked, order, rows, starts, allowed):
    was_possible = []
    for n, p in enumerate(order):
        row = plain_start(production[p] - booked[p], rows, starts, allowed, False)
        if row != NOWHERE:
            return n, row, was_possible
        was_possible.append(plain_start(production[p], rows, starts, allowed, True) != NOWHERE)
    return len(order), NOWHERE, was_possible


def arrays_of(starts):
    return starts.minute, starts.shape, starts.shape_offset, starts.shape_kw


@pytest.mark.parametrize(
    ("free", "allowed", "covered", "slack"),
    [
        ([2.0, 3.0, 1.5], 0.0, True, 0.5),
        ([1.0, 9.0, 1.0], 0.0, True, 0.0),
        ([1.0 - 1e-10, 9.0, 1.0], 0.0, True, 0.0),  # rounding is none
        ([0.5, 9.0, 1.0], 0.0, False, None),
        ([0.5, 9.0, 1.0], 0.5 / 60, True, -0.5),
        ([-4.0, 9.0, 0.5], 1.5 / 60, True, -1.5),  # 4 kW too many are not this load's: it lacks 1, then 0.5
        ([-4.0, 9.0, 0.5], 1.4 / 60, False, None),
    ],
)
def test_slack_by_hand(free, allowed, covered, slack):
    """1 kW, nothing, 1 kW: the middle minute does not count."""
    told = slack_at(np.array([7.0, *free]), 1, np.array([1.0, 0.0, 1.0]), allowed)
    assert told[0] == covered
    if covered:
        assert told[1] == pytest.approx(slack, abs=1e-9)


def test_a_load_without_power_is_covered_by_nothing():
    assert slack_at(np.zeros(3), 0, np.zeros(3), 0.0) == (True, np.inf)


def test_they_mean_what_they_say():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(150):
        load = tuple(rng.choice([0.0, 0.5, 1.0, 2.0], int(rng.integers(1, 12))))
        board = board_of(
            [Job(earliest=int(rng.choice([0, 30])), latest=1800, load_kw=load)], [[0.0]], step_s=120
        )
        starts = board.starts
        rows = np.array(starts.rows(0), np.int64)[int(rng.integers(0, 3)) :]
        minutes = board.production_kw.shape[1]
        production = rng.choice([0.0, 0.5, 1.0, 3.0], (4, minutes), p=[0.2, 0.2, 0.3, 0.3])
        booked = rng.choice([0.0, 0.5, 4.0], (4, minutes), p=[0.6, 0.3, 0.1])
        allowed = float(rng.choice([0.0, 0.0, 1 / 60, 0.2]))
        for p in range(4):
            free = production[p] - booked[p]
            for r in rows:
                told, right = (f(free, *starts.load(int(r)), allowed) for f in (slack_at, plain_slack))
                assert told[0] == right[0]
                assert not right[0] or told[1] == pytest.approx(right[1], abs=1e-12)
            for is_first in (False, True):
                told = find_start(free, rows, *arrays_of(starts), allowed, is_first)
                assert told == plain_start(free, rows.tolist(), starts, allowed, is_first)
        order = rng.permutation(4)[: int(rng.integers(1, 5))]
        told = ask_in_order(production, booked, order, rows, *arrays_of(starts), allowed)
        right = plain_ask(production, booked, order, rows.tolist(), starts, allowed)
        assert (told[0], told[1], told[2].tolist()) == (right[0], right[1], right[2])
        hits += right[1] != NOWHERE and right[0] > 0
    assert hits > 10


def test_nobody_to_ask_and_no_start_left():
    starts = board_of([Job(latest=600)], [[0.0]]).starts
    rows, none = np.array(starts.rows(0), np.int64), np.empty(0, np.int64)
    sun = np.full((2, 20), 5.0)
    told = ask_in_order(sun, sun * 0, none, rows, *arrays_of(starts), 0.0)
    assert (told[0], told[1], len(told[2])) == (0, NOWHERE, 0)
    told = ask_in_order(sun, sun * 0, np.array([0, 1]), none, *arrays_of(starts), 0.0)
    assert (told[0], told[1], told[2].tolist()) == (2, NOWHERE, [False, False])


def test_of_equal_starts_the_earliest_is_taken_whatever_rounding_says():
    starts = board_of([Job(latest=3600)], [[0.0]]).starts
    rows = np.array(starts.rows(0), np.int64)
    free = 1.5 + 1e-13 * np.arange(200)
    assert find_start(free, rows, *arrays_of(starts), 0.0, False) == rows[0]
    free[starts.minute[rows[2]]] += 0.1
    assert find_start(free, rows, *arrays_of(starts), 0.0, False) == rows[2]
