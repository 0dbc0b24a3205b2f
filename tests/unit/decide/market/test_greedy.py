"""greedy and fifty_fifty: every start tried, the coin counted, the fast market beside the plain one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from sparewatt.decide.market.algorithm import OneByOne
from sparewatt.decide.market.fifty_fifty import FiftyFifty
from sparewatt.decide.market.greedy import Greedy, GreedyMarket
from sparewatt.model.contract import Reason
from sparewatt.model.market_rules import MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.boards import board_of, random_board
from support.community_runs import day_tariff, random_home
from support.neighbourhoods import Ev, Job

SUN = [0.0] * 10 + [1.0] * 20 + [3.0] * 20 + [1.0] * 20


def test_the_start_with_most_slack_is_found_by_trying_all():
    rng, seen = np.random.default_rng(8), set()
    for seed in range(120):
        board = random_board(rng, jobs=4)
        job = len(board.jobs) - 1
        board.now_s = int(rng.choice([0, 0, 1800]))
        free = board.production_kw[0] - board.booked_kw[0]
        slacks = {}
        for row in board.starts.rows(job):
            plan = board.plan_at(row, job)
            left = (free[plan.minute : plan.minute + len(plan.kw)] - plan.kw)[plan.kw > 0]
            if plan.start_s >= board.now_s and (left >= -1e-9).all():
                slacks[row] = left.min(initial=np.inf)
        reply = Greedy().reply(board, 0, job)
        seen.add(reply.reason)
        if not slacks:
            assert not reply.is_accepted, seed
            continue
        most = max(slacks.values())
        (plan,) = reply.plans
        assert plan.start == min(row for row, slack in slacks.items() if slack >= most - 1e-9)
        assert reply.reason == Reason.COVERED
    assert seen == {Reason.COVERED, Reason.BOOKED, Reason.NO_POWER}


def test_why_it_says_no():
    jobs = [Job(latest=3600, load_kw=(3.0,) * 20), Job(latest=3600, load_kw=(1.0,) * 20), Job(load_kw=(4.0,))]
    board = board_of(jobs, [SUN], agreed=[(0, 0, 1800)], step_s=300)
    assert Greedy().reply(board, 0, 2).reason == Reason.NO_POWER
    assert Greedy().reply(board, 0, 1).is_accepted
    again = board_of([jobs[0], jobs[0]], [SUN], agreed=[(0, 0, 1800)])
    assert Greedy().reply(again, 0, 1).reason == Reason.BOOKED


@pytest.mark.parametrize(("share", "start_s"), [(0.0, None), (0.24, None), (0.25, 900), (1.0, 900)])
def test_the_share_that_may_come_from_the_grid(share, start_s):
    """3 kW from 0:15 to 0:35 under 2 kW until 0:30 and 3 kW then: 15 of 60 kW·min are lacking."""
    sun = [2.0] * 30 + [3.0] * 15
    job = Job(earliest=900, latest=900, load_kw=(3.0,) * 20)
    reply = Greedy(share).reply(board_of([job], [sun]), 0, 0)
    assert (reply.plans[0].start_s if reply.is_accepted else None) == start_s


def test_what_is_covered_goes_before_what_is_not():
    """Covered with no slack at 0:30, a kilowatt lacking before: a share allowed is not a share taken."""
    job = Job(latest=1800, load_kw=(3.0,) * 10)
    board = board_of([job], [[2.0] * 30 + [3.0] * 10])
    assert Greedy(1.0).reply(board, 0, 0).plans[0].start_s == 1800


def test_nothing_is_chosen_in_the_past():
    job = Job(latest=3600, load_kw=(1.0,) * 5)
    sun = [5.0] * 15 + [2.0] * 60
    assert Greedy().reply(board_of([job], [sun]), 0, 0).plans[0].start_s == 0
    assert Greedy().reply(board_of([job], [sun], now_s=1), 0, 0).plans[0].start_s == 900


def bytes_of(trace):
    parts = [trace.contracts, trace.decisions, trace]
    arrays = [getattr(part, f.name) for part in parts for f in fields(part)]
    return [a.tobytes() for a in arrays if isinstance(a, np.ndarray)]


@pytest.mark.parametrize("seed", range(25))
def test_the_market_in_one_kernel_is_the_plain_one(seed):
    """Contracts, answers, reasons, scores: to the bit."""
    rng = np.random.default_rng(seed)
    hood, share = random_home(seed), float(rng.choice([0.0, 0.0, 0.4]))
    grid, _ = find_grid(hood)
    rules = MarketRules(predictions_first=bool(seed % 2), allow_partial=share)
    fast, plain = (
        simulate_neighbourhood(hood, grid, rules, day_tariff(grid), market)
        for market in (GreedyMarket(share), OneByOne(Greedy(share)))
    )
    assert bytes_of(fast) == bytes_of(plain)


def test_the_market_in_one_kernel_on_boards_of_many_producers():
    rng, accepted = np.random.default_rng(9), 0
    for _ in range(60):
        board = random_board(rng, jobs=3)
        extra = rng.choice([0.0, 1.0, 2.0], (4, board.production_kw.shape[1]))
        board.production_kw = np.vstack([board.production_kw, extra])
        board.booked_kw = np.vstack([board.booked_kw, np.minimum(extra, 1.0)])
        board.waiting += [[] for _ in range(4)]
        job, order = len(board.jobs) - 1, rng.permutation(5)
        fast = GreedyMarket().negotiate(board, job, order)
        plain = OneByOne(Greedy()).negotiate(board, job, order)
        assert fast.reasons.tolist() == plain.reasons.tolist()
        assert fast.producer == plain.producer
        assert [p.start for p in fast.plans] == [p.start for p in plain.plans]
        accepted += len(fast.plans)
    assert accepted > 10


def test_a_car_is_filled_where_most_is_left():
    board = board_of([Ev(ready_by=4200, energy_kwh=0.5, max_kw=2.0)], [SUN])
    (plan,) = Greedy().reply(board, 0, 0).plans
    assert (plan.minute, plan.kw.tolist()) == (30, pytest.approx([2.0] * 15))
    market = GreedyMarket().negotiate(board, 0, np.array([0]))
    assert market.producer == 0


# ------------------------------------------------------------------------------------- the coin


class Counted:
    """A generator of given numbers that counts."""

    def __init__(self, *numbers: float) -> None:
        self.numbers, self.asked = list(numbers), 0

    def random(self) -> float:
        self.asked += 1
        return self.numbers.pop(0)


def test_the_coin_is_tossed_once_for_each_question_in_the_order_asked():
    board = board_of([Job(latest=1800)], [[2.0] * 40] * 4)
    coin = Counted(0.5, 0.999, 0.4999, 0.0)
    told = OneByOne(FiftyFifty(coin)).negotiate(board, 0, np.array([2, 0, 3, 1]))
    assert told.producer == 3
    assert told.reasons.tolist() == [Reason.COIN, Reason.COIN, Reason.COVERED]
    assert coin.asked == 3


def test_the_coin_is_fair_and_the_same_for_a_seed():
    board = board_of([Job(latest=1800)], [[2.0] * 40])
    toss = FiftyFifty(np.random.default_rng(11))
    answers = [toss.reply(board, 0, 0).is_accepted for _ in range(4000)]
    assert abs(sum(answers) - 2000) < 4 * np.sqrt(1000)  # four standard deviations
    again = FiftyFifty(np.random.default_rng(11))
    assert answers == [again.reply(board, 0, 0).is_accepted for _ in range(4000)]


def test_heads_takes_the_first_covered_start_or_says_why_not():
    job = Job(latest=3600, load_kw=(1.0,) * 5)
    heads = FiftyFifty(Counted(*[0.0] * 4))
    assert heads.reply(board_of([job], [SUN]), 0, 0).plans[0].start_s == 900
    assert heads.reply(board_of([job], [[0.5] * 90]), 0, 0).reason == Reason.NO_POWER
    share = FiftyFifty(Counted(0.0), allow_partial=0.5)
    assert share.reply(board_of([job], [[0.5] * 90]), 0, 0).plans[0].start_s == 0
    car = board_of([Ev(ready_by=4200, energy_kwh=0.5, max_kw=2.0)], [SUN])
    assert heads.reply(car, 0, 0).is_accepted
