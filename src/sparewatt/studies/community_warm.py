"""Kernels are compiled before a deadline runs: the first run after an installation decides as any other."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.markets import market_of
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.decide.optimise.community_contract import solve_contract
from sparewatt.decide.optimise.community_search_kernel import choose_starts
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.device_bills import find_device_bills
from sparewatt.simulate.settlement import settle_market

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.starts import Starts

_SEED = 1
_PLAN = NeighbourhoodPlan(houses=4, jobs_per_day=3.0, pv_share=0.5, sun_per_load=1.0, forecast_error=0.3)
_LONG_S, _SHORT_S = 300.0, 0.05


@cache
def compile_for_market(algorithm: Algorithm) -> None:
    """Let four houses trade under an algorithm, so that what it calls is compiled in this process."""
    neighbourhood, starts, production_kw = _example()
    grid, _ = find_grid(neighbourhood)
    rules = MarketRules(algorithm=algorithm, solve_s=_LONG_S)
    market = market_of(rules, neighbourhood.jobs, starts, production_kw, np.random.default_rng(_SEED))
    price = np.ones(grid.minutes)
    tariff = Tariff(price, 0.2 * price)
    trace = simulate_neighbourhood(neighbourhood, grid, rules, tariff, market, starts=starts)
    find_device_bills(
        neighbourhood, grid, trace, settle_market(neighbourhood, grid, trace), tariff, Sharing.NONE
    )
    if algorithm is Algorithm.MILP:
        _search(starts, grid.minutes)


def _search(starts: Starts, minutes: int) -> None:
    """Look for starts of two jobs, which four houses may never need."""
    rows = np.arange(starts.offset[2])
    arrays = (starts.minute[rows], starts.shape[rows], starts.shape_offset, starts.shape_kw)
    choose_starts(np.ones(minutes), starts.offset[:3].copy(), *arrays, 1)


@cache
def compile_for_bounds() -> None:
    """Find the best of the same houses; what the pool calls is compiled however short its time."""
    neighbourhood, starts, production_kw = _example()
    solve_contract(find_task(neighbourhood.jobs, starts, production_kw), Deadline(_LONG_S))
    find_bounds(neighbourhood.jobs, starts, production_kw, _SHORT_S)


@cache
def _example() -> tuple[Neighbourhood, Starts, NDArray[np.float64]]:
    neighbourhood = generate_neighbourhood(_SEED, plan=_PLAN)
    grid, _ = find_grid(neighbourhood)
    return neighbourhood, find_starts(neighbourhood.jobs, 900), find_production(neighbourhood, grid)
