"""The market against a plain one, written from the specification, over random small neighbourhoods."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sparewatt.model.contract import GRID, Answer, ContractState
from sparewatt.model.market_rules import MarketRules, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.earliest_start import earliest_start
from support.plain_market import PlainMarket
from support.random_neighbourhoods import random_neighbourhood

SEEDS = range(50)


def random_case(seed: int):
    rng = np.random.default_rng(seed)
    hood = random_neighbourhood(rng)
    grid, _ = find_grid(hood)
    hours = rng.choice([0.1, 0.3, 0.2], -(-grid.minutes // 60)) if rng.random() < 0.5 else np.full(24, 0.3)
    price = np.repeat(hours, 60)[: grid.minutes]
    price = np.resize(price, grid.minutes)
    rules = MarketRules(
        predictions_first=bool(rng.random() < 0.5),
        import_limit_kw=float(rng.choice([math.inf, 0.5, 2.0])),
    )
    return hood, grid, rules, price


def both(seed: int):
    hood, grid, rules, price = random_case(seed)
    trace = simulate_neighbourhood(hood, grid, rules, Tariff(price, price / 4), earliest_start())
    plain = PlainMarket(
        hood,
        grid.minutes,
        price.tolist(),
        rules.import_limit_kw,
        predictions_first=rules.predictions_first,
    )
    plain.trade()
    return trace, plain


@pytest.mark.parametrize("seed", SEEDS)
def test_contracts_answers_and_scores_agree(seed):
    trace, plain = both(seed)
    c, d = trace.contracts, trace.decisions
    ours = list(zip(c.job, c.producer, c.start_s, c.agreed_s, c.cancelled_s, strict=True))
    theirs = [
        (
            p.job,
            GRID if p.producer is None else p.producer,
            p.start,
            p.agreed,
            -1 if p.cancelled is None else p.cancelled,
        )
        for p in plain.contracts
    ]
    assert ours == theirs
    ended = np.where(c.cancelled_s >= 0, ContractState.CANCELLED, ContractState.FULFILLED)
    np.testing.assert_array_equal(c.state, ended)
    answers = list(zip(d.time_s, d.job, d.producer, d.answer == Answer.ACCEPT, strict=True))
    assert answers == plain.answers
    assert trace.end_scores.tolist() == list(plain.score.values())
    for producer in plain.curve:
        np.testing.assert_allclose(trace.production_kw[producer], plain.produced(producer), atol=1e-9)
    for row, contract in enumerate(plain.contracts):
        load = plain.load(contract.job, contract.start)
        np.testing.assert_allclose(c.load(row), list(load.values()) or [0.0], atol=1e-9)


def test_the_cases_hold_what_they_are_to_compare():
    """Cancellations, refusals, and grid contracts that are not at the earliest start."""
    cancelled = refused = again = later = 0
    for seed in SEEDS:
        hood, grid, rules, price = random_case(seed)
        trace = simulate_neighbourhood(hood, grid, rules, Tariff(price, price), earliest_start())
        c = trace.contracts
        cancelled += int((c.state == ContractState.CANCELLED).sum())
        refused += int((trace.decisions.answer == Answer.DECLINE).sum())
        again += int((c.is_valid & (c.producer != GRID) & (c.agreed_s > hood.jobs.registered_s[c.job])).sum())
        later += int(((c.producer == GRID) & (c.start_s > hood.jobs.earliest_s[c.job])).sum())
    assert min(cancelled, refused, again, later) >= 15, (cancelled, refused, again, later)
