"""Twelve neighbours and little sun: four algorithms beside the best that anybody could have reached."""

# ruff: noqa: INP001, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

import numpy as np

from sparewatt import generate_neighbourhood, settle_market, simulate_neighbourhood
from sparewatt.decide.market.markets import market_of
from sparewatt.model.market_rules import Algorithm, MarketRules, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production

street = generate_neighbourhood(seed=1, houses=12, days=1, jobs_per_day=3.0, sun_per_load=0.8)
grid, _ = find_grid(street)
starts = find_starts(street.jobs, step_s=900)
sun_kw = find_production(street, grid)
tariff = Tariff(np.full(grid.minutes, 0.30), np.full(grid.minutes, 0.08))
print(
    f"{len(street.jobs)} jobs ask for {street.jobs.energy_kwh.sum():.1f} kWh, "
    f"{len(street.producers)} roofs give {sun_kw.sum() / 60:.1f} kWh"
)

covered_kwh = {}
for algorithm in (Algorithm.FIFTY_FIFTY, Algorithm.GREEDY, Algorithm.SLSQP, Algorithm.PERFECT_FORESIGHT):
    rules = MarketRules(algorithm=algorithm)
    market = market_of(rules, street.jobs, starts, sun_kw, np.random.default_rng(7))
    trace = simulate_neighbourhood(street, grid, rules, tariff, market)
    covered_kwh[algorithm] = settle_market(street, grid, trace).covered_kwh
    asked = len(trace.decisions)
    taken = int((trace.contracts.producer >= 0).sum())
    print(f"{algorithm:18} covers {covered_kwh[algorithm]:5.2f} kWh: {asked:3} answers, {taken:2} jobs taken")

best_kwh = covered_kwh.pop(Algorithm.PERFECT_FORESIGHT)
for algorithm, kwh in covered_kwh.items():
    print(f"{algorithm:18} {kwh / best_kwh:4.0%} of the best possible")
