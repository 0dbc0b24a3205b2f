"""Which contracts a forecast that fell no longer covers; by hand."""

from __future__ import annotations

import numpy as np

from sparewatt.decide.market.board import FREE, Board, Plan
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_renegotiation import find_uncovered
from support.neighbourhoods import ORIGIN_S, Job, jobs_of

MINUTES = 60


def board_of(loads, production_kw, waiting, now_s=0) -> Board:
    """One producer; ``loads`` are (first minute, minutes, kW); ``waiting`` is in the order of agreement."""
    jobs = jobs_of([Job() for _ in loads])
    plans = {n: Plan(n, -1, 60 * a, a, np.resize(kw, m)) for n, (a, m, kw) in enumerate(loads)}
    booked = np.zeros((1, MINUTES))
    for plan in plans.values():
        booked[0, plan.minute : plan.minute + len(plan.kw)] += plan.kw
    return Board(
        jobs=jobs,
        starts=find_starts(jobs, 900),
        grid=MinuteGrid(ORIGIN_S, MINUTES),
        now_s=now_s,
        production_kw=np.array([production_kw], float),
        booked_kw=booked,
        producer_of=np.array([0 if n in waiting else FREE for n in range(len(loads))]),
        plans=plans,
        waiting=[list(waiting)],
    )


def uncovered(loads, before_kw, new_kw, waiting=None, now_s=0, part=slice(0, MINUTES), allow_partial=0.0):
    before, new = np.full(MINUTES, 1.0) * before_kw, np.full(MINUTES, 1.0) * new_kw
    board = board_of(loads, new, range(len(loads)) if waiting is None else waiting, now_s)
    return find_uncovered(board, 0, part, before[part], allow_partial)


THREE = ((10, 10, 1.0), (10, 10, 1.0), (10, 10, 1.0))


def test_the_latest_agreed_goes_first_until_the_rest_fits():
    assert uncovered(THREE, 3.0, 3.0) == []
    assert uncovered(THREE, 3.0, 2.5) == [2]
    assert uncovered(THREE, 3.0, 1.0) == [2, 1]
    assert uncovered(THREE, 3.0, 0.9) == [2, 1, 0]
    assert uncovered(THREE, 3.0, 2.0, waiting=(2, 0, 1)) == [1]  # agreed in the order 2, 0, 1


def test_strictly_the_latest_even_where_an_earlier_one_would_do():
    # 0.6 + 0.6 + 0.3 kW under 1 kW: the last goes first, though the one in the middle would be enough.
    loads = ((10, 10, 0.6), (10, 10, 0.6), (10, 10, 0.3))
    assert uncovered(loads, 1.5, 1.0) == [2, 1]


def test_jobs_that_draw_in_no_short_minute_stay():
    loads = ((10, 10, 1.0), (10, 10, 1.0), (30, 10, 1.0))
    falls = np.where(np.arange(MINUTES) < 20, 1.0, 2.0)
    assert uncovered(loads, 2.0, falls) == [1]


def test_a_job_that_pauses_in_the_short_minutes_stays():
    loads = ((10, 10, (1.0, 0.0)), (11, 1, 1.0))
    falls = np.where(np.arange(MINUTES) == 11, 0.5, 1.0)
    assert uncovered(loads, 1.0, falls, waiting=(1, 0)) == [1]


def test_loads_that_have_started_stay_and_take_first():
    assert uncovered(THREE, 3.0, 1.0, waiting=(1, 2), now_s=600) == [2, 1]
    assert uncovered(THREE, 3.0, 0.0, waiting=(), now_s=600) == []


def test_what_is_short_already_is_no_reason():
    # The started load 0 lacked 1 kW before; the forecast does not change: the others are left alone.
    loads = ((10, 10, 2.0), (30, 10, 1.0))
    assert uncovered(loads, 1.0, 1.0, waiting=(1,), now_s=600) == []
    # It falls where load 1 draws: that one goes, although load 0 is as short as it was.
    falls = np.where(np.arange(MINUTES) < 20, 1.0, 0.5)
    assert uncovered(loads, 1.0, falls, waiting=(1,), now_s=600) == [1]


def test_minutes_that_have_passed_do_not_count():
    loads = ((10, 10, 1.0), (30, 10, 1.0))
    falls = np.where(np.arange(MINUTES) < 20, 0.0, 1.0)
    assert uncovered(loads, 1.0, falls, waiting=(1,), now_s=20 * 60) == []


def test_only_the_part_that_changed_is_looked_at():
    assert uncovered(THREE, 3.0, 0.0, part=slice(20, MINUTES)) == []
    assert uncovered(THREE, 3.0, 0.0, part=slice(19, MINUTES)) == [2, 1, 0]


def test_a_share_may_come_from_the_grid():
    # On top of the first two, the last finds 0.8 of its 1 kW: 20 % from the grid.
    assert uncovered(THREE, 3.0, 2.8, allow_partial=0.2) == []
    assert uncovered(THREE, 3.0, 2.8, allow_partial=0.1) == [2]
    # Where nothing fell, nobody goes, although load 0 now finds half of its power only beside load 1, which
    # had a share from the grid when it was agreed and has started since.
    assert uncovered(THREE[:2], 1.5, 1.5, waiting=(0,), now_s=600, allow_partial=0.3) == []
    # 1.8 kW: without the last, the second one finds 0.8.
    assert uncovered(THREE, 3.0, 1.8, allow_partial=0.2) == [2]
    assert uncovered(THREE, 3.0, 1.7, allow_partial=0.2) == [2, 1]
