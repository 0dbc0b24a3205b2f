"""L_BFGS_B, SLSQP, TNC: jobs move where they must, nothing is overbooked, settings and seed count."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparewatt.decide.market.local_search import METHODS, LocalSearch
from sparewatt.decide.market.search_problem import find_meeting, find_problem
from sparewatt.model.contract import Reason
from support.boards import board_of, book, overbooked_kw, random_board
from support.neighbourhoods import Ev, Job

HOUR = 3600


def search(method="SLSQP", seed=1, **settings):
    return LocalSearch(method, np.random.default_rng(seed), **settings)


def starts_of(reply):
    return {plan.job: plan.start_s for plan in reply.plans}


def take(board, reply):
    """Enter what was accepted."""
    for plan in reply.plans:
        book(board, 0, plan)


# A waits from 0:00 to 1:00 although it may start until 2:00; B can run from 0:00 to 1:00 only.
IN_THE_WAY = [Job(latest=2 * HOUR, load_kw=(1.0,) * 60), Job(load_kw=(1.0,) * 60)]


@pytest.mark.parametrize("method", METHODS)
def test_a_waiting_job_moves_out_of_the_way(method):
    board = board_of(IN_THE_WAY, [[1.0] * 180], agreed=[(0, 0, 0)])
    reply = search(method).reply(board, 0, 1)
    assert reply.reason == Reason.COVERED
    assert starts_of(reply)[1] == 0
    assert starts_of(reply)[0] >= HOUR
    take(board, reply)
    assert overbooked_kw(board) <= 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_several_move_at_once(method):
    """Two loads of half an hour under 1 kW for two hours, in the middle of it; the new one needs an hour."""
    jobs = [Job(latest=5400, load_kw=(1.0,) * 30) for _ in range(2)] + [Job(latest=HOUR, load_kw=(1.0,) * 60)]
    board = board_of(jobs, [[1.0] * 120], agreed=[(0, 0, 1800), (1, 0, 4500)])
    reply = search(method).reply(board, 0, 2)
    assert reply.is_accepted
    take(board, reply)
    assert overbooked_kw(board) <= 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_what_has_started_does_not_move(method):
    board = board_of(IN_THE_WAY, [[1.0] * 180], started=[(0, 0, 0)])
    reply = search(method).reply(board, 0, 1)
    assert (reply.is_accepted, reply.reason) == (False, Reason.BOOKED)


def test_nobody_moves_for_a_job_that_fits():
    board = board_of(IN_THE_WAY, [[2.0] * 180], agreed=[(0, 0, 900)])
    assert starts_of(search().reply(board, 0, 1)) == {1: 0}


def test_why_it_says_no():
    assert search().reply(board_of(IN_THE_WAY, [[0.5] * 180]), 0, 1).reason == Reason.NO_POWER
    fixed = [Job(load_kw=(1.0,) * 60), Job(load_kw=(1.0,) * 60)]
    board = board_of(fixed, [[1.0] * 180], agreed=[(0, 0, 0)])
    assert search().reply(board, 0, 1).reason == Reason.BOOKED


def test_cars_wait_where_they_are_and_do_not_move_others():
    jobs = [*IN_THE_WAY, Ev(ready_by=HOUR, energy_kwh=1.0, max_kw=1.0)]
    board = board_of(jobs, [[1.0] * 180], agreed=[(0, 0, 0)])
    assert search().reply(board, 0, 2).reason == Reason.BOOKED
    empty = board_of(jobs, [[1.0] * 180])
    reply = search().reply(empty, 0, 2)
    take(empty, reply)
    empty.waiting[0].append(2)
    assert search().reply(empty, 0, 0).plans[0].start_s >= HOUR
    assert search().reply(empty, 0, 1).reason == Reason.BOOKED


def choices_that_fit(board, job):
    """Starts of waiting jobs and the new one that leave no minute overbooked, every choice tried."""

    def go_on(jobs, left):
        if not jobs:
            yield ()
            return
        for row in board.starts.rows(jobs[0]):
            minute, kw = board.starts.load(row)
            after = left[minute : minute + len(kw)] - kw
            if (after >= -1e-9)[kw > 0].all():
                rest = left.copy()
                rest[minute : minute + len(kw)] = after
                for others in go_on(jobs[1:], rest):
                    yield (row, *others)

    return go_on([*board.waiting[0], job], board.production_kw[0])


def test_it_finds_what_there_is_and_never_overbooks():
    """Where all starts can be tried: a yes is right, and few a no is wrong that is not simple."""
    right, wrong, refused = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0), 0
    for seed in range(100):
        board = random_board(np.random.default_rng(seed), jobs=4)
        job = len(board.jobs) - 1
        if search().reply(board, 0, job).reason == Reason.NO_POWER:
            continue
        possible = any(True for _ in choices_that_fit(board, job))
        refused += not possible
        if find_problem(board, 0, job, 0.0) is None and not possible:
            continue
        for method in METHODS:
            copy = random_board(np.random.default_rng(seed), jobs=4)
            reply = search(method).reply(copy, 0, job)
            assert not reply.is_accepted or possible
            if reply.is_accepted:
                take(copy, reply)
                assert overbooked_kw(copy) <= 1e-8
                for plan in reply.plans:
                    assert plan.start in copy.starts.rows(plan.job)
            moved = len(reply.plans) > 1
            right[method] += moved
            wrong[method] += possible and not reply.is_accepted
    assert refused > 5
    for method in METHODS:
        assert right[method] >= 5, right
        assert wrong[method] <= 0.2 * right[method], (right, wrong)


def test_refusals_without_a_search_are_right():
    """A problem that is said to have no solution has none; one that has is never thrown away."""
    refused = solved = 0
    for seed in range(150):
        board = random_board(np.random.default_rng(seed), jobs=4)
        job = len(board.jobs) - 1
        if not board.waiting[0] or search().reply(board, 0, job).reason == Reason.NO_POWER:
            continue
        problem = find_problem(board, 0, job, 0.0)
        possible = [*itertools.islice(choices_that_fit(board, job), 300)]
        if not possible:
            refused += problem is None
            continue
        if problem is None:
            assert search().reply(board, 0, job).is_accepted, seed
        else:
            solved += 1
            assert not problem.is_hopeless
            kept = set(problem.rows.tolist())
            moving = [[*board.waiting[0], job].index(j) for j in problem.jobs]
            assert all({rows[n] for n in moving} <= kept for rows in possible)
    assert refused > 10
    assert solved > 10


def test_jobs_that_cannot_meet_stay():
    jobs = [
        Job(latest=HOUR, load_kw=(1.0,) * 60),
        Job(earliest=90 * 60, latest=3 * HOUR, load_kw=(1.0,) * 60),
        Job(earliest=8 * HOUR, latest=9 * HOUR, load_kw=(1.0,) * 60),
        Job(load_kw=(1.0,) * 60),
    ]
    agreed = [(0, 0, 0), (1, 0, 2 * HOUR), (2, 0, 8 * HOUR)]
    board = board_of(jobs, [[1.0] * 700], agreed=agreed)
    assert find_meeting(board, (0, 1, 2), 3) == (0, 1)  # the second meets the first, which meets the new one
    reply = search().reply(board, 0, 3)
    assert set(starts_of(reply)) <= {0, 1, 3}
    take(board, reply)
    assert overbooked_kw(board) <= 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_the_same_for_a_seed(method):
    for seed in (12, 26, 31):
        replies = [
            search(method).reply(random_board(np.random.default_rng(seed), jobs=6), 0, 5) for _ in range(2)
        ]
        assert starts_of(replies[0]) == starts_of(replies[1])
        assert replies[0].is_accepted


@pytest.mark.parametrize("change", [{"eps_s": 60.0}, {"tol": 10.0}, {"penalty": 0.0}, {"searches": 1}])
@pytest.mark.parametrize("method", METHODS)
def test_settings_count(method, change):
    """Some of 36 questions end with other starts."""
    different = 0
    for seed in range(36):
        board = random_board(np.random.default_rng(seed), jobs=6)
        if not board.waiting[0] or find_problem(board, 0, 5, 0.0) is None:
            continue
        usual, other = (
            search(method, **c).reply(board, 0, 5) for c in ({"searches": 3}, {"searches": 3} | change)
        )
        different += starts_of(usual) != starts_of(other)
    assert different or change == {"searches": 1}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("share", "accepted"), [(0.0, False), (0.45, False), (0.55, True)])
def test_each_job_lacks_no_more_than_its_share(method, share, accepted):
    """Two fixed loads of 1 kW under 1.5 kW: the later one finds half of what it needs."""
    jobs = [Job(load_kw=(1.0,) * 60), Job(load_kw=(1.0,) * 60)]
    board = board_of(jobs, [[1.5] * 60], agreed=[(0, 0, 0)])
    assert search(method, allow_partial=share).reply(board, 0, 1).is_accepted == accepted


@pytest.mark.parametrize("method", METHODS)
def test_shares_with_others_moved(method):
    """In the order of agreement every job finds all but its share, on random boards."""
    moved = 0
    for seed in range(40):
        board = random_board(np.random.default_rng(seed), jobs=5, partial=0.3)
        job = len(board.jobs) - 1
        reply = search(method, allow_partial=0.3).reply(board, 0, job)
        if not reply.is_accepted:
            continue
        moved += len(reply.plans) > 1
        take(board, reply)
        left = board.production_kw[0].copy()
        for j in (*board.waiting[0], job):
            plan = board.plans[j]
            part = slice(plan.minute, plan.minute + len(plan.kw))
            lacking = np.minimum(np.maximum(plan.kw - np.maximum(left[part], 0), 0), plan.kw).sum()
            assert lacking <= 0.3 * plan.kw.sum() + 1e-6
            left[part] -= plan.kw
    assert moved >= 1
