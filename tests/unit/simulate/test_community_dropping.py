"""Producers that end contracts for more energy, on neighbourhoods small enough to follow by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sparewatt.decide.market.algorithm import Negotiation, OneByOne, Renegotiation, Reply
from sparewatt.decide.optimise.community_milp import MilpMarket, MilpProducer
from sparewatt.model.contract import GRID, ContractState, Reason
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.verify.community_market import check_market
from support.neighbourhoods import (
    HOUR_S,
    Job,
    Producer,
    even_forecast,
    even_tariff,
    minute_forecast,
    neighbourhood_of,
)

RULES = MarketRules(algorithm=Algorithm.MILP)


def trade(hood, market=None):
    grid, _ = find_grid(hood)
    return simulate_neighbourhood(hood, grid, RULES, even_tariff(grid), market or MilpMarket())


def judged(hood, trace):
    grid, _ = find_grid(hood)
    return {f.rule.removeprefix("community.judge.") for f in check_market(hood, grid, RULES, trace)}


def contracts(trace):
    """(job, producer, start, agreed, whether it was cancelled) of each contract."""
    c = trace.contracts
    gone = (c.state == ContractState.CANCELLED).tolist()
    columns = (c.job, c.producer, c.start_s, c.agreed_s)
    return list(zip(*(column.tolist() for column in columns), gone, strict=True))


def answers(trace):
    """(time, job, producer, why) of each answer."""
    d = trace.decisions
    why = [Reason(reason) for reason in d.reason.tolist()]
    return list(zip(d.time_s.tolist(), d.job.tolist(), d.producer.tolist(), why, strict=True))


def at_one(minutes, kw=1.0, registered=60):
    """A job that has to start at one o'clock."""
    return Job(registered=registered, earliest=HOUR_S, latest=HOUR_S, load_kw=(kw,) * minutes)


def test_a_larger_job_takes_the_place_of_a_smaller_one_which_asks_again():
    """1 kW: half a kilowatt-hour waits when a whole one asks for the same hour."""
    hood = neighbourhood_of([at_one(30), at_one(60, registered=120)], [Producer()], [even_forecast()])
    trace = trade(hood)
    assert contracts(trace) == [
        (0, 0, HOUR_S, 60, True),
        (1, 0, HOUR_S, 120, False),
        (0, GRID, HOUR_S, 120, False),
    ]
    assert answers(trace) == [
        (60, 0, 0, Reason.COVERED),
        (120, 1, 0, Reason.DROPPED_SMALLER),
        (120, 0, 0, Reason.BOOKED),
    ]
    assert trace.contracts.cancelled_s.tolist() == [120, -1, -1]
    assert trace.end_scores.tolist() == [10 - 1 - 1 + 1]
    assert judged(hood, trace) == set()


def test_the_dropped_job_is_taken_by_another_producer():
    hood = neighbourhood_of(
        [at_one(30), at_one(60, registered=120)],
        [Producer(), Producer("2")],
        [even_forecast(0, 1.0), minute_forecast(1, [0.0] * 60 + [1.0] * 30)],
    )
    trace = trade(hood)
    assert contracts(trace)[1:] == [(1, 0, HOUR_S, 120, False), (0, 1, HOUR_S, 120, False)]
    assert answers(trace)[1:] == [
        (120, 1, 0, Reason.DROPPED_SMALLER),
        (120, 0, 0, Reason.BOOKED),
        (120, 0, 1, Reason.COVERED),
    ]
    assert trace.end_scores.tolist() == [9, 9]
    assert judged(hood, trace) == set()


def test_a_chain_of_drops_goes_downwards():
    """Three, two and one half-hours of 1 kW over two producers, the smallest first."""
    jobs = [at_one(30, registered=60), at_one(60, registered=120), at_one(90, registered=180)]
    hood = neighbourhood_of(jobs, [Producer()], [even_forecast()])
    trace = trade(hood)
    assert [row[0] for row in contracts(trace) if not row[4] and row[1] == 0] == [2]
    assert [why for *_, why in answers(trace)] == [
        Reason.COVERED,
        Reason.DROPPED_SMALLER,
        Reason.BOOKED,
        Reason.DROPPED_SMALLER,
        Reason.BOOKED,
    ]
    assert judged(hood, trace) == set()


@pytest.mark.parametrize("minutes", [30, 20])
def test_nobody_is_dropped_for_as_much_or_less(minutes):
    hood = neighbourhood_of([at_one(30), at_one(minutes, registered=120)], [Producer()], [even_forecast()])
    assert contracts(trade(hood)) == [(0, 0, HOUR_S, 60, False), (1, GRID, HOUR_S, 120, False)]


def test_a_load_that_has_started_is_not_dropped():
    """The large job is registered at half past one, while the small one runs; it may start at once only."""
    large = Job(registered=HOUR_S + 900, latest=HOUR_S + 900, load_kw=(1.0,) * 60)
    hood = neighbourhood_of([at_one(30), large], [Producer()], [even_forecast()])
    assert contracts(trade(hood)) == [
        (0, 0, HOUR_S, 60, False),
        (1, GRID, HOUR_S + 900, HOUR_S + 900, False),
    ]


def test_a_job_is_handed_over_so_that_another_can_be_called_back():
    """On the first roof (1 kW) 0.5 kWh stand in the way of 0.4 kWh at 0.8 kW; the second (0.5 kW) is free."""
    hood = neighbourhood_of(
        [at_one(60, 0.5), at_one(30, 0.8, registered=120)],
        [Producer(), Producer("2")],
        [even_forecast(0, 1.0), even_forecast(1, 0.5)],
    )
    trace = trade(hood)
    assert contracts(trace) == [
        (0, 0, HOUR_S, 60, True),
        (1, GRID, HOUR_S, 120, True),
        (0, 1, HOUR_S, 120, False),
        (1, 0, HOUR_S, 120, False),
    ]
    assert answers(trace) == [
        (60, 0, 0, Reason.COVERED),
        (120, 1, 0, Reason.BOOKED),
        (120, 1, 1, Reason.NO_POWER),
        (120, 0, 1, Reason.HANDED_OVER),
        (120, 1, 0, Reason.CALLED_BACK),
    ]
    assert trace.end_scores.tolist() == [10 - 1 + 1 - 1, 10 + 1 - 1]
    assert judged(hood, trace) == set()


def test_of_starts_that_cover_the_same_the_earliest_is_taken():
    """1 kW at one o'clock, 2 kW at three: most is left at three, but what shines at one would be lost."""
    sun = [0.0] * 60 + [1.0] * 60 + [0.0] * 60 + [2.0] * 60
    hood = neighbourhood_of(
        [Job(registered=60, earliest=HOUR_S, latest=3 * HOUR_S, load_kw=(1.0,) * 60)],
        [Producer()],
        [minute_forecast(0, sun)],
    )
    assert contracts(trade(hood)) == [(0, 0, HOUR_S, 60, False)]
    assert contracts(trade(hood, OneByOne(MilpProducer()))) == [(0, 0, 3 * HOUR_S, 60, False)]


@dataclass(frozen=True)
class Rogue:
    """Takes every job at its first start and drops what it is told to."""

    drops: dict[int, tuple[int, ...]]

    def reply(self, board, producer, job):
        plan = board.plan_at(board.starts.rows(job)[0], job)
        return Reply((plan,), Reason.DROPPED_SMALLER, self.drops.get(job, ()))


@pytest.mark.parametrize(
    ("drops", "what"),
    [
        ({1: (1,)}, "do not all wait"),
        ({1: (2,)}, "do not all wait"),
        ({1: (0, 0)}, "do not all wait"),
        ({2: (1,)}, "which has no more"),
        ({2: (0, 1)}, "which has no more"),
    ],
)
def test_answers_that_drop_what_they_may_not_are_refused(drops, what):
    jobs = [at_one(30), at_one(60, registered=120), at_one(60, registered=180)]
    hood = neighbourhood_of(jobs, [Producer()], [even_forecast()])
    with pytest.raises(ValueError, match=what):
        trade(hood, OneByOne(Rogue(drops)))


@dataclass(frozen=True)
class Meddling:
    """Nobody is taken; once the last job has asked, the producers want what they are told to."""

    plans: dict[int, int]
    dropped: tuple[int, ...] = ()

    def negotiate(self, board, job, order):
        takes = job == 0
        plans = (board.plan_at(board.starts.rows(0)[0], 0),) if takes else ()
        return Negotiation(np.array([0 if takes else 2], np.int8), 0 if takes else -1, plans)

    def renegotiate(self, board, asked, movable):
        if 2 not in asked:
            return None
        plans = {
            job: (producer, board.plan_at(board.starts.rows(job)[0], job))
            for job, producer in self.plans.items()
        }
        return Renegotiation(plans, self.dropped)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Meddling({3: 0}), "renegotiated job 3"),
        (Meddling({}, (1,)), "renegotiated job 1"),
        (Meddling({0: 0}, (0,)), "renegotiated job 0"),
        (Meddling({}, (0,)), "called 0 kWh back"),
        (Meddling({1: 0}, (0,)), "dropped 0.5 kWh"),
    ],
)
def test_renegotiations_that_break_the_rules_are_refused(change, what):
    jobs = [at_one(30), at_one(30, registered=120), at_one(60, registered=180), at_one(60, registered=240)]
    hood = neighbourhood_of(jobs, [Producer()], [even_forecast()])
    with pytest.raises(ValueError, match=what):
        trade(hood, change)


def test_a_renegotiation_that_may_be():
    """The third job, larger, is called back for the first, which asks again and goes to the grid."""
    jobs = [at_one(30), at_one(30, registered=120), at_one(60, registered=180)]
    hood = neighbourhood_of(jobs, [Producer()], [even_forecast()])
    asked = []

    @dataclass(frozen=True)
    class Fair(Meddling):
        def negotiate(self, board, job, order):
            asked.append(job)
            if asked.count(0) > 1:
                return Negotiation(np.array([2], np.int8), -1, ())
            return super().negotiate(board, job, order)

    trace = trade(hood, Fair({2: 0}, (0,)))
    assert asked == [0, 1, 2, 0]
    assert [row[:2] for row in contracts(trace) if not row[4]] == [(1, GRID), (2, 0), (0, GRID)]
    assert judged(hood, trace) == set()


def test_a_forecast_that_rises_calls_a_job_back_from_the_grid():
    """0.5 kW are too little for 1 kW; at half past midnight 1 kW is forecast, and the load starts at one."""
    hood = neighbourhood_of(
        [at_one(60)], [Producer()], [even_forecast(0, 0.5), even_forecast(0, 1.0, issued=HOUR_S // 2)]
    )
    trace = trade(hood)
    assert contracts(trace) == [(0, GRID, HOUR_S, 60, True), (0, 0, HOUR_S, HOUR_S // 2, False)]
    assert answers(trace) == [(60, 0, 0, Reason.NO_POWER), (HOUR_S // 2, 0, 0, Reason.CALLED_BACK)]
    assert trace.end_scores.tolist() == [10 + 1 - 1]
    assert judged(hood, trace) == set()


def test_a_job_that_nobody_heard_of_is_called_back_in_the_same_second():
    """Jobs come first: it has a contract with the grid before the first forecast of its second is known."""
    hood = neighbourhood_of([at_one(60, registered=0)], [Producer()], [even_forecast()])
    trace = trade(hood)
    assert contracts(trace) == [(0, GRID, HOUR_S, 0, True), (0, 0, HOUR_S, 0, False)]
    assert answers(trace) == [(0, 0, 0, Reason.CALLED_BACK)]
    assert judged(hood, trace) == set()
