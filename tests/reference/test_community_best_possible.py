"""The best possible of the real neighbourhoods, as another program's solver proved it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sparewatt.decide.market.markets import market_of
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.neighbourhoods import even_tariff
from support.shared_folder import shared_path

MUST_COVER_WH = {"small_test": 3225.0, "test": 22100.0}


@pytest.fixture(scope="module", params=MUST_COVER_WH)
def case(request):
    told = json.loads(shared_path("reference/community/best_possible.json").read_text())
    wh = {row["kind"]: (row["wh"], row["bound"]) for row in told if row["ds"] == request.param}
    neighbourhood, _ = read_neighbourhood(shared_path(f"data/community/{request.param}"))
    return request.param, neighbourhood, wh


def covered_wh(neighbourhood, algorithm):
    """Σ_t min(production, contracted load) of each producer, from the contracts of a run."""
    grid, _ = find_grid(neighbourhood)
    starts = find_starts(neighbourhood.jobs, 900)
    production_kw = find_production(neighbourhood, grid)
    rules = MarketRules(algorithm=algorithm)
    market = market_of(rules, neighbourhood.jobs, starts, production_kw, np.random.default_rng(1))
    trace = simulate_neighbourhood(neighbourhood, grid, rules, even_tariff(grid), market)
    c = trace.contracts
    load_kw = np.zeros_like(trace.production_kw)
    for row in np.flatnonzero(c.is_valid & (c.producer >= 0)):
        kw = c.load(row)
        load_kw[c.producer[row], c.minute[row] : c.minute[row] + len(kw)] += kw
    return float(np.minimum(load_kw, trace.production_kw).sum()) / 60 * 1000


@pytest.mark.parametrize("kind", ["pool", "contract"])
def test_found_and_proven_are_the_reference(case, kind):
    _, neighbourhood, wh = case
    grid, _ = find_grid(neighbourhood)
    bounds = find_bounds(
        neighbourhood.jobs, find_starts(neighbourhood.jobs, 900), find_production(neighbourhood, grid)
    )
    bound = getattr(bounds, kind)
    found_wh, proven_wh = wh[kind]
    assert bound.best_kwh * 1000 == pytest.approx(found_wh, abs=1e-6)
    assert bound.upper_kwh * 1000 == pytest.approx(proven_wh, abs=1e-6)
    assert bound.status == "optimal"


@pytest.mark.parametrize("algorithm", [Algorithm.PERFECT_FORESIGHT, Algorithm.COMMUNITY_MILP])
def test_perfect_foresight_covers_the_contract_bound(case, algorithm):
    _, neighbourhood, wh = case
    assert covered_wh(neighbourhood, algorithm) == pytest.approx(wh["contract"][0], abs=1e-6)


def test_milp_covers_what_the_specification_asks_for(case):
    name, neighbourhood, _ = case
    assert covered_wh(neighbourhood, Algorithm.MILP) >= MUST_COVER_WH[name]
