"""Laws of the market, whoever decides: over hundreds of small neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sparewatt.decide.market.algorithm import OneByOne, Reply
from sparewatt.decide.market.board import FREE
from sparewatt.model.contract import GRID, Answer, ContractState, Reason, contract_ids
from sparewatt.model.curves import join_curves
from sparewatt.model.market_rules import MarketRules, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.earliest_start import EarliestStart
from support.random_neighbourhoods import random_neighbourhood

NEAR_KW, NEAR_KWH = 1e-8, 1e-9
seeds = st.integers(0, 2**32 - 1)
many = settings(max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True)
few = settings(many, max_examples=25)


@dataclass
class Restless:
    """Takes a job at a start drawn among those that fit, after it has moved a waiting job likewise."""

    rng: np.random.Generator

    def reply(self, board, producer, job):
        free_kw = board.production_kw[producer] - board.booked_kw[producer]
        plans = []
        if board.waiting[producer] and self.rng.random() < 0.7:
            moved = int(self.rng.choice(board.waiting[producer]))
            plan = board.plans[moved]
            free_kw[plan.minute : plan.minute + len(plan.kw)] += plan.kw
            plans.append(self.draw(board, moved, free_kw) or plan)
            free_kw[plans[0].minute : plans[0].minute + len(plans[0].kw)] -= plans[0].kw
        own = self.draw(board, job, free_kw)
        if own is None:
            return Reply((), Reason.BOOKED)
        return Reply((*plans, own), Reason.COVERED)

    def draw(self, board, job, free_kw):
        plans = [board.plan_at(row, job) for row in board.starts.rows(job)]
        fitting = [
            plan
            for plan in plans
            if plan.start_s >= board.now_s
            and (plan.kw <= free_kw[plan.minute : plan.minute + len(plan.kw)] + 1e-9)[plan.kw > 0].all()
        ]
        return fitting[int(self.rng.integers(len(fitting)))] if fitting else None


@dataclass
class Whim:
    """A common plan without sense: every movable job anywhere at any start, or nowhere."""

    rng: np.random.Generator

    def replan(self, board, movable):
        plans = {}
        for job in movable:
            rows = [row for row in board.starts.rows(job) if board.starts.start_s[row] >= board.now_s]
            if rows and len(board.waiting) and self.rng.random() < 0.7:
                plan = board.plan_at(int(self.rng.choice(rows)), job)
                plans[job] = (int(self.rng.integers(len(board.waiting))), plan)
        return plans


@dataclass
class Watched:
    """Checks the board before each question: loads that wait are covered by what is forecast now."""

    market: OneByOne

    def negotiate(self, board, job, order):
        booked_kw = np.zeros_like(board.booked_kw)
        for other, plan in board.plans.items():
            if board.producer_of[other] != GRID:
                part = slice(plan.minute, plan.minute + len(plan.kw))
                booked_kw[board.producer_of[other], part] += plan.kw
        np.testing.assert_allclose(board.booked_kw, booked_kw, atol=NEAR_KW)
        for producer, waiting in enumerate(board.waiting):
            for other in waiting:
                plan = board.plans[other]
                part = slice(plan.minute, plan.minute + len(plan.kw))
                over = booked_kw[producer, part] - board.production_kw[producer, part]
                assert (over[plan.kw > NEAR_KW] <= NEAR_KW).all()
        assert board.producer_of[job] == FREE
        assert job not in board.plans
        return self.market.negotiate(board, job, order)


MARKETS = {
    "earliest": lambda _: Watched(OneByOne(EarliestStart())),
    "restless": lambda seed: Watched(OneByOne(Restless(np.random.default_rng(seed)))),
    "whim": lambda seed: Whim(np.random.default_rng(seed)),
}


def run(hood, name, seed=1, *, limit_kw=np.inf, predictions_first=False):
    grid, _ = find_grid(hood)
    price = np.resize(np.repeat([0.3, 0.1, 0.2], 60), grid.minutes)
    rules = MarketRules(import_limit_kw=limit_kw, predictions_first=predictions_first)
    return simulate_neighbourhood(hood, grid, rules, Tariff(price, price / 4), MARKETS[name](seed))


def check_contracts(hood, trace):
    """One contract for each job in the end; each keeps the window, and the load is the job's, uncut."""
    c, jobs = trace.contracts, hood.jobs
    assert sorted(c.job[c.is_valid].tolist()) == list(range(len(jobs)))
    assert set(c.state.tolist()) <= {ContractState.FULFILLED, ContractState.CANCELLED}
    assert (c.start_s >= c.agreed_s).all()
    for row in range(len(c)):
        job, kw = int(c.job[row]), c.load(row)
        assert c.start_s[row] >= jobs.earliest_s[job]
        assert c.minute[row] == c.start_s[row] // 60
        if jobs.is_flexible[job]:
            assert c.minute[row] + len(kw) <= -(-jobs.end_s[job] // 60)
            assert (kw <= jobs.max_kw[job] + NEAR_KW).all()
            inner = kw[1:-1]  # the first and the last minute may lie partly outside the window
            assert ((inner > NEAR_KW) & (inner < jobs.min_kw[job] - NEAR_KW)).sum() <= 1
            assert kw.sum() / 60 == pytest.approx(jobs.energy_kwh[job], abs=NEAR_KWH)
            continue
        assert c.start_s[row] <= jobs.latest_s[job]
        time_s, energy_kwh = jobs.profiles.points(int(jobs.profile[job]))
        at = np.interp(60 * (c.minute[row] + np.arange(len(kw) + 1)), time_s + c.start_s[row], energy_kwh)
        np.testing.assert_allclose(np.cumsum(kw) / 60, at[1:], atol=NEAR_KWH)
        assert at[-1] == energy_kwh[-1]


def check_scores_and_ids(hood, trace):
    """end = start - accepts + declines; no id twice; everything in the order of time."""
    c, d = trace.contracts, trace.decisions
    accepts = np.bincount(d.producer[d.answer == Answer.ACCEPT], minlength=len(hood.producers))
    declines = np.bincount(d.producer[d.answer == Answer.DECLINE], minlength=len(hood.producers))
    np.testing.assert_array_equal(trace.end_scores, trace.start_scores - accepts + declines)
    np.testing.assert_array_equal(trace.start_scores, hood.scores)
    assert accepts.sum() == (c.producer != GRID).sum()
    assert (np.diff(d.time_s) >= 0).all()
    assert (np.diff(c.agreed_s) >= 0).all()
    ids = contract_ids(c, hood.jobs, hood.producers, hood.origin_s)
    assert len(set(ids)) == len(ids)


def check_cancelled(trace):
    """A cancelled job has another contract at once; it had not started."""
    c = trace.contracts
    for row in np.flatnonzero(c.state == ContractState.CANCELLED):
        later = np.flatnonzero(c.job[row + 1 :] == c.job[row]) + row + 1
        assert c.agreed_s[later[0]] == c.cancelled_s[row]
        assert c.agreed_s[row] <= c.cancelled_s[row] <= c.start_s[row]
    assert (c.cancelled_s[c.is_valid] == -1).all()


@pytest.mark.parametrize("name", MARKETS)
@many
@given(seeds, st.sampled_from([np.inf, 3.0]), st.booleans())
def test_laws(name, seed, limit_kw, predictions_first):
    hood = random_neighbourhood(np.random.default_rng(seed), flexible=0.2, base=0.3)
    trace = run(hood, name, seed, limit_kw=limit_kw, predictions_first=predictions_first)
    check_contracts(hood, trace)
    check_scores_and_ids(hood, trace)
    check_cancelled(trace)
    event(f"cancelled {min(int((~trace.contracts.is_valid).sum()), 3)}")


def bytes_of(trace):
    """All that happened, to the bit."""
    parts = [trace.contracts, trace.decisions, trace]
    arrays = [getattr(part, f.name) for part in parts for f in fields(part)]
    return [a.tobytes() for a in arrays if isinstance(a, np.ndarray)]


@pytest.mark.parametrize("name", MARKETS)
@few
@given(seeds)
def test_same_seed_same_bytes(name, seed):
    hood = random_neighbourhood(np.random.default_rng(seed), flexible=0.2)
    assert bytes_of(run(hood, name, seed)) == bytes_of(run(hood, name, seed))


@few
@given(seeds, st.integers(1, 8))
def test_what_becomes_known_later_changes_nothing_before(seed, hours):
    """Without the forecasts after an instant, all answers until then are the same (rule 9)."""
    hood, now_s = random_neighbourhood(np.random.default_rng(seed), flexible=0.2), 3600 * hours
    f, rows = hood.forecasts, np.flatnonzero(hood.forecasts.issued_s <= now_s)
    early = replace(
        f,
        producer=f.producer[rows],
        issued_s=f.issued_s[rows],
        curves=join_curves(f.curves.points(int(row)) for row in rows),
    )
    a, b = run(hood, "earliest").decisions, run(replace(hood, forecasts=early), "earliest").decisions
    until = (a.time_s <= now_s).sum()
    assert until == (b.time_s <= now_s).sum()
    for name in ("time_s", "job", "producer", "answer", "reason"):
        np.testing.assert_array_equal(getattr(a, name)[:until], getattr(b, name)[:until])
