"""Whole runs of a neighbourhood in one call: trade, settle, bill, judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.markets import market_of
from sparewatt.model.market_rules import MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.neighbourhood import Batteries
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.device_bills import find_device_bills
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from sparewatt.verify.community_market import check_market
from support.random_neighbourhoods import random_neighbourhood

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.market_rules import Algorithm
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import Bills, DeviceBills, Settlement


@dataclass(frozen=True)
class Run:
    """One repetition, and what it was made of."""

    neighbourhood: Neighbourhood
    grid: MinuteGrid
    rules: MarketRules
    tariff: Tariff
    sharing: Sharing
    trace: MarketTrace
    settlement: Settlement
    bills: Bills
    device_bills: DeviceBills | None

    def findings(self, **options) -> tuple[Finding, ...]:
        """What the judge says."""
        return check_market(
            self.neighbourhood,
            self.grid,
            self.rules,
            self.trace,
            self.settlement,
            self.bills,
            self.device_bills,
            tariff=self.tariff,
            sharing=self.sharing,
            **options,
        )


def day_tariff(grid: MinuteGrid) -> Tariff:
    """Three prices, an hour each, in turn; feed-in a quarter of them."""
    price = np.resize(np.repeat([0.3, 0.12, 0.2], 60), grid.minutes)
    return Tariff(price, price / 4)


def run_neighbourhood(
    neighbourhood: Neighbourhood,
    rules: MarketRules,
    *,
    seed: int = 1,
    sharing: Sharing = Sharing.MID_MARKET_RATE,
    days: int | None = None,
) -> Run:
    """Simulate, settle and bill a neighbourhood with the algorithm of its rules."""
    grid, _ = find_grid(neighbourhood, days)
    tariff = day_tariff(grid)
    starts = find_starts(neighbourhood.jobs, rules.start_step_s)
    production_kw = find_production(neighbourhood, grid)
    market = market_of(rules, neighbourhood.jobs, starts, production_kw, np.random.default_rng(seed))
    trace = simulate_neighbourhood(neighbourhood, grid, rules, tariff, market, starts=starts)
    settlement = settle_market(neighbourhood, grid, trace)
    bills = find_bills(settlement, tariff, sharing)
    devices = find_device_bills(neighbourhood, grid, trace, settlement, tariff, sharing)
    return Run(neighbourhood, grid, rules, tariff, sharing, trace, settlement, bills, devices)


def random_home(seed: int) -> Neighbourhood:
    """A random neighbourhood with EVs, base load and batteries."""
    rng = np.random.default_rng(seed)
    made = random_neighbourhood(rng, flexible=0.25, base=0.5)
    with_battery = np.flatnonzero(rng.random(len(made.house_ids)) < 0.6)
    count = len(with_battery)
    batteries = Batteries(
        house=with_battery,
        capacity_kwh=rng.choice([0.5, 2.0, 10.0], count),
        charge_kw=rng.choice([0.4, 3.0], count),
        discharge_kw=rng.choice([0.4, 3.0], count),
        efficiency=rng.choice([1.0, 0.93], count),
        start_soc=rng.choice([0.0, 0.5, 1.0], count),
    )
    return replace(made, batteries=batteries)


def random_rules(algorithm: Algorithm, seed: int, **changes) -> MarketRules:
    """Rules drawn for a seed: what comes first, what may come from the grid, the import limit."""
    rng = np.random.default_rng([seed, 1])
    drawn = {
        "predictions_first": bool(rng.random() < 0.5),
        "allow_partial": float(rng.choice([0.0, 0.0, 0.3, 1.0])),
        "import_limit_kw": float(rng.choice([np.inf, 2.0])),
    }
    return MarketRules(algorithm=algorithm, **(drawn | changes))
