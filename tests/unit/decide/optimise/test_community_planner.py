"""Plans for all: what they see, and when they let a plan stand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.markets import DESCRIPTIONS, market_of
from sparewatt.decide.optimise import community_planner
from sparewatt.decide.optimise.community_planner import CommunityMilp
from sparewatt.model.contract import GRID
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.neighbourhoods import Job, even_tariff, minute_forecast, neighbourhood_of

HOUR = 60


def run(hood, algorithm):
    grid, _ = find_grid(hood)
    starts = find_starts(hood.jobs, 900)
    rules = MarketRules(algorithm=algorithm)
    market = market_of(rules, hood.jobs, starts, find_production(hood, grid), np.random.default_rng(1))
    return simulate_neighbourhood(hood, grid, rules, even_tariff(grid), market).contracts


def small_then_large():
    """1 kW for two hours; 0.5 kWh that must start at 60 s, 1 kWh that must start by 120 s."""
    small = Job("1", registered=0, earliest=60, latest=60, load_kw=(1.0,) * 30)
    large = Job("2", registered=30, earliest=60, latest=120, load_kw=(1.0,) * HOUR)
    return neighbourhood_of([small, large], forecasts=[minute_forecast(0, [1.0] * 2 * HOUR)])


@pytest.mark.parametrize("algorithm", [Algorithm.PERFECT_FORESIGHT, Algorithm.COMMUNITY_MILP])
def test_a_plan_gives_the_sun_to_the_larger_job(algorithm):
    c = run(small_then_large(), algorithm)
    assert c.job[c.is_valid & (c.producer != GRID)].tolist() == [1]
    assert c.energy_kwh[c.is_valid & (c.producer != GRID)].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("algorithm", "supplied"),
    [(Algorithm.PERFECT_FORESIGHT, [1]), (Algorithm.MILP, [0]), (Algorithm.COMMUNITY_MILP, [0])],
)
def test_only_who_knows_all_keeps_the_sun_for_a_job_that_is_not_known(algorithm, supplied):
    """The small job has started when the large one asks: the first minutes that it needs are gone."""
    small = Job("1", registered=60, earliest=60, latest=60, load_kw=(1.0,) * 30)
    large = Job("2", registered=300, earliest=300, latest=300, load_kw=(1.0,) * HOUR)
    hood = neighbourhood_of([small, large], forecasts=[minute_forecast(0, [1.0] * 2 * HOUR)])
    c = run(hood, algorithm)
    assert c.job[c.is_valid & (c.producer != GRID)].tolist() == supplied


@pytest.mark.parametrize(("later_kw", "solves"), [(2.0, 1), (0.5, 2)])
def test_a_plan_is_made_anew_only_where_it_does_not_stand(monkeypatch, later_kw, solves):
    """The second forecast still covers the job, or it does not."""
    solved = []
    real = community_planner.solve_contract
    monkeypatch.setattr(community_planner, "solve_contract", lambda *a: solved.append(a) or real(*a))
    job = Job("1", registered=0, earliest=7200, latest=7200, load_kw=(1.0,) * 30)
    first = minute_forecast(0, [2.0] * 6 * HOUR)
    again = minute_forecast(0, [later_kw] * 5 * HOUR, issued=3600)
    hood = neighbourhood_of([job], forecasts=[first, again])
    grid, _ = find_grid(hood)
    c = simulate_neighbourhood(hood, grid, MarketRules(), even_tariff(grid), CommunityMilp()).contracts
    assert len(solved) == solves
    assert (c.producer[c.is_valid] == GRID).tolist() == [solves == 2]


def test_every_algorithm_is_made_and_described():
    assert set(DESCRIPTIONS) == set(Algorithm)
    for algorithm in Algorithm:
        assert run(small_then_large(), algorithm).is_valid.sum() == 2
