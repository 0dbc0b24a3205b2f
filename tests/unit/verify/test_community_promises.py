"""Contracts that producers end themselves: the judge finds every way to break their word."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sparewatt.decide.market.algorithm import OneByOne, Renegotiation, Reply
from sparewatt.decide.optimise.community_milp import MilpMarket
from sparewatt.model.contract import GRID, Answer, ContractState, Reason
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.simulate import community_negotiation
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.verify.community_market import check_market
from support.neighbourhoods import HOUR_S, Job, Producer, even_forecast, even_tariff, neighbourhood_of

MILP = MarketRules(algorithm=Algorithm.MILP)


def at_one(minutes, kw=1.0, registered=60):
    return Job(registered=registered, earliest=HOUR_S, latest=HOUR_S, load_kw=(kw,) * minutes)


DROPPED = neighbourhood_of([at_one(30), at_one(60, registered=120)], [Producer()], [even_forecast()])
"""Half a kilowatt-hour is dropped for a whole one at 0:02."""
HANDED = neighbourhood_of(
    [at_one(60, 0.5), at_one(30, 0.8, registered=120)],
    [Producer(), Producer("2")],
    [even_forecast(0, 1.0), even_forecast(1, 0.5)],
)
"""At 0:02 the first roof hands over to the second, and calls the second job back from the grid."""


def trade(hood, market=None):
    grid, _ = find_grid(hood)
    return simulate_neighbourhood(hood, grid, MILP, even_tariff(grid), market or MilpMarket())


def found(hood, trace, rules=MILP):
    grid, _ = find_grid(hood)
    findings = check_market(hood, grid, rules, trace)
    assert all(f.severity == "error" and f.message and f.remedy for f in findings)
    return {f.rule.removeprefix("community.judge."): f for f in findings}


def put(noun, **changes):
    """A copy with entries of its arrays replaced."""
    new = {}
    for name, change in changes.items():
        array = np.array(getattr(noun, name))
        for at, value in change.items():
            array[at] = value
        new[name] = array
    return replace(noun, **new)


def with_decisions(trace, **changes):
    return replace(trace, decisions=put(trace.decisions, **changes))


def without_answer(trace, row):
    """As if an answer had never been given; scores are as they then are."""
    d = trace.decisions
    scores = trace.end_scores.copy()
    scores[d.producer[row]] += 1.0 if d.answer[row] == Answer.ACCEPT else -1.0
    keep = np.arange(len(d)) != row
    kept = {name: getattr(d, name)[keep] for name in ("time_s", "job", "producer", "answer", "reason")}
    return replace(trace, decisions=replace(d, **kept), end_scores=scores)


@pytest.mark.parametrize("hood", [DROPPED, HANDED])
def test_what_is_right_passes(hood):
    trace = trade(hood)
    assert not trace.contracts.is_valid.all()
    assert found(hood, trace) == {}


@pytest.mark.parametrize("hood", [DROPPED, HANDED])
def test_only_milp_has_the_right(hood):
    rules = found(hood, trade(hood), MarketRules(algorithm=Algorithm.SLSQP))
    assert set(rules) == {"dropped", "claim"}
    assert "under SLSQP" in rules["dropped"].message


def test_a_dropped_job_that_does_not_ask_again():
    trace = trade(DROPPED)
    assert trace.decisions.reason[2] == Reason.BOOKED
    assert "answers" in found(DROPPED, without_answer(trace, 2))
    late = replace(trace, contracts=put(trace.contracts, agreed_s={2: 180}))
    assert "cancelled" in found(DROPPED, late)


def test_a_started_load_is_not_dropped():
    trace = trade(DROPPED)
    late = replace(
        trace, contracts=put(trace.contracts, cancelled_s={0: HOUR_S + 60}, agreed_s={2: HOUR_S + 60})
    )
    assert "state" in found(DROPPED, late)


@dataclass(frozen=True)
class Rogue:
    """Takes every job at its first start in place of all that wait."""

    def reply(self, board, producer, job):
        plan = board.plan_at(board.starts.rows(job)[0], job)
        return Reply((plan,), Reason.DROPPED_SMALLER, tuple(board.waiting[producer]))


class Once:
    """Rogue for every job but those that ask again; they go to the grid."""

    def __init__(self):
        self._market, self._asked = OneByOne(Rogue()), set()

    def negotiate(self, board, job, order):
        if job in self._asked:
            self._market = OneByOne(No())
        self._asked.add(job)
        return self._market.negotiate(board, job, order)


class No:
    def reply(self, board, producer, job):
        return Reply((), Reason.BOOKED)


@pytest.mark.parametrize(("first", "second", "margin"), [(60, 30, 0.5), (60, 60, 0.0)])
def test_less_energy_or_the_same_than_before(monkeypatch, first, second, margin):
    """The simulation is kept from refusing it."""
    monkeypatch.setattr(community_negotiation, "check_dropped", lambda *_: None)
    hood = neighbourhood_of([at_one(first), at_one(second, registered=120)], [Producer()], [even_forecast()])
    trace = trade(hood, Once())
    assert trace.contracts.producer.tolist() == [0, 0, GRID]
    rules = found(hood, with_decisions(trace, reason={0: Reason.COVERED}))
    assert set(rules) == {"dropped", "claim"}
    assert rules["dropped"].margin == pytest.approx(margin, abs=1e-5)
    assert "DROPPED_SMALLER" in rules["claim"].message


def test_claims_without_a_contract_to_show():
    trace = trade(DROPPED)
    assert set(found(DROPPED, with_decisions(trace, reason={0: Reason.DROPPED_SMALLER}))) == {"claim"}
    assert "claim" in found(DROPPED, with_decisions(trace, reason={0: Reason.HANDED_OVER}))
    assert "claim" in found(DROPPED, with_decisions(trace, reason={0: Reason.CALLED_BACK}))


def test_claims_that_are_swapped():
    trace = trade(HANDED)
    why = trace.decisions.reason.tolist()
    handed, called = why.index(Reason.HANDED_OVER), why.index(Reason.CALLED_BACK)
    swapped = with_decisions(trace, reason={handed: Reason.CALLED_BACK, called: Reason.HANDED_OVER})
    assert set(found(HANDED, swapped)) == {"claim"}


def test_a_contract_with_the_grid_is_not_cancelled_for_nothing():
    """A job waits for the grid, and then it waits for the grid anew."""
    hood = neighbourhood_of([at_one(60)], [Producer()], [even_forecast(0, 0.5)])
    trace = trade(hood)
    c, d = trace.contracts, trace.decisions
    assert c.producer.tolist() == [GRID]
    twice = {name: np.tile(getattr(c, name), 2) for name in ("job", "producer", "start_s", "minute", "kw")}
    anew = replace(
        c,
        **twice,
        agreed_s=np.array([60, 600]),
        state=np.array([ContractState.CANCELLED, ContractState.FULFILLED]),
        cancelled_s=np.array([600, -1]),
        offset=np.array([0, 60, 120]),
    )
    names = ("job", "producer", "answer", "reason")
    asked = replace(d, time_s=np.array([60, 600]), **{name: np.tile(getattr(d, name), 2) for name in names})
    rules = found(hood, replace(trace, contracts=anew, decisions=asked, end_scores=trace.end_scores + 1))
    assert set(rules) == {"claim"}
    assert "nobody had called the job back" in rules["claim"].message


def test_a_job_loses_its_producer_in_a_renegotiation_for_nothing(monkeypatch):
    monkeypatch.setattr(community_negotiation, "check_renegotiation", lambda *_: None)

    class Careless(MilpMarket):
        def renegotiate(self, board, asked, movable):
            if 1 in asked and 0 not in asked and board.producer_of[0] == 0:
                return Renegotiation({}, (0,))
            return None

        def negotiate(self, board, job, order):
            if board.now_s == 120 and job == 0:
                return OneByOne(No()).negotiate(board, job, order)
            return super().negotiate(board, job, order)

    hood = neighbourhood_of([at_one(30), at_one(20, registered=120)], [Producer()], [even_forecast()])
    trace = trade(hood, Careless())
    assert trace.contracts.producer.tolist() == [0, GRID, GRID]
    assert set(found(hood, trace)) == {"dropped"}
