"""market_of: every name of a scenario file brings its own algorithm, with the settings that it was given."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.algorithm import OneByOne
from sparewatt.decide.market.fifty_fifty import FiftyFifty
from sparewatt.decide.market.greedy import GreedyMarket
from sparewatt.decide.market.local_search import LocalSearch
from sparewatt.decide.market.markets import DESCRIPTIONS, market_of
from sparewatt.decide.optimise.community_foresight import PerfectForesight
from sparewatt.decide.optimise.community_milp import MilpMarket
from sparewatt.decide.optimise.community_planner import CommunityMilp
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from support.neighbourhoods import Job, Producer, even_forecast, neighbourhood_of

NAMES = (
    *("fifty_fifty", "L_BFGS_B", "SLSQP", "TNC"),
    *("greedy", "milp", "community_milp", "perfect_foresight"),
)
"""As the specification writes them."""
ODD = {"penalty": 3.0, "eps_s": 120.0, "tol": 0.25, "searches": 2, "allow_partial": 0.125, "solve_s": 7.5}


@pytest.fixture(scope="module")
def hood():
    """One job, one roof."""
    return neighbourhood_of([Job("2")], [Producer("1")], [even_forecast()])


def market(hood, name, seed=1, **settings):
    grid, _ = find_grid(hood)
    rules = MarketRules(algorithm=Algorithm(name), **settings)
    starts, sun_kw = find_starts(hood.jobs, 900), find_production(hood, grid)
    return market_of(rules, hood.jobs, starts, sun_kw, np.random.default_rng(seed)), starts, sun_kw


def test_the_names_are_those_of_the_specification():
    assert sorted(a.value for a in Algorithm) == sorted(NAMES)
    assert set(DESCRIPTIONS) == set(Algorithm)
    assert len(set(DESCRIPTIONS.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fifty_fifty", OneByOne),
        *((name, OneByOne) for name in ("L_BFGS_B", "SLSQP", "TNC")),
        ("greedy", GreedyMarket),
        ("milp", MilpMarket),
        ("community_milp", CommunityMilp),
        ("perfect_foresight", PerfectForesight),
    ],
)
def test_every_name_has_its_market(hood, name, kind):
    found, _, _ = market(hood, name)
    assert type(found) is kind
    asks, plans = hasattr(found, "negotiate"), hasattr(found, "replan")
    assert (asks, plans) == (name not in {"community_milp", "perfect_foresight"}, not asks)


@pytest.mark.parametrize("name", ["L_BFGS_B", "SLSQP", "TNC"])
def test_a_local_search_is_of_its_method_and_settings(hood, name):
    search = market(hood, name, **ODD)[0].algorithm
    assert type(search) is LocalSearch
    assert search.method == name
    told = (search.penalty, search.eps_s, search.tol, search.searches, search.allow_partial)
    assert told == (3.0, 120.0, 0.25, 2, 0.125)


def test_a_coin_is_drawn_from_the_generator_given(hood):
    tosses = [market(hood, "fifty_fifty", seed, **ODD)[0].algorithm for seed in (1, 1, 2)]
    assert all(type(toss) is FiftyFifty and toss.allow_partial == 0.125 for toss in tosses)
    one, same, other = (toss.rng.random(8).tolist() for toss in tosses)
    assert one == same != other


def test_shares_and_deadlines_reach_those_that_have_them(hood):
    assert market(hood, "greedy", **ODD)[0].allow_partial == 0.125
    milp = market(hood, "milp", **ODD)[0]
    assert (milp.solve_s, milp.allow_partial) == (7.5, 0.125)
    assert market(hood, "community_milp", **ODD)[0].solve_s == 7.5


def test_only_perfect_foresight_is_shown_what_the_sun_will_give(hood):
    for name in NAMES:
        found, _, sun_kw = market(hood, name)
        held = [v for v in vars(found).values() if isinstance(v, np.ndarray)]
        held += [v for v in vars(getattr(found, "algorithm", found)).values() if isinstance(v, np.ndarray)]
        assert any(v is sun_kw for v in held) == (name == "perfect_foresight")
