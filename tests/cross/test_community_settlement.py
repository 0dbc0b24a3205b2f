"""Settlement and bills against plain ones, written from the specification, over random neighbourhoods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from support.community_runs import random_home, run_neighbourhood
from support.plain_settlement import PlainSettlement, plain_bills

SEEDS = range(16)
NEAR_KW, NEAR_KWH, NEAR_MONEY = 1e-9, 1e-9, 1e-9
FLOWS = {"charge": "battery_charge_kw", "discharge": "battery_discharge_kw"}


def random_case(seed: int):
    """A run; sometimes two producers at one house, for which its contracts are settled anew."""
    run = run_neighbourhood(random_home(seed), MarketRules(algorithm=Algorithm.FIFTY_FIFTY), seed=seed)
    rng = np.random.default_rng([seed, 2])
    hood = run.neighbourhood
    houses = rng.integers(0, min(2, len(hood.house_ids)), len(hood.producers))
    hood = replace(hood, producers=replace(hood.producers, house=houses.astype(np.int64)))
    # More contracts than the sun covers: production that fell after all loads had started.
    trace = replace(run.trace, production_kw=run.trace.production_kw * rng.choice([1.0, 0.6, 0.3]))
    return hood, run.grid, trace


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_parts_and_bills_agree(seed):
    hood, grid, trace = random_case(seed)
    ours = settle_market(hood, grid, trace)
    plain = PlainSettlement(hood, trace, grid.minutes).settle()
    for name, rows in plain.flow.items():
        field = FLOWS.get(name, f"{name}_kw")
        np.testing.assert_allclose(getattr(ours, field), rows, rtol=0, atol=NEAR_KW, err_msg=name)
    if len(hood.batteries):
        np.testing.assert_allclose(ours.battery_kwh, plain.stored, rtol=0, atol=NEAR_KWH)
    for part in ("own", "peer", "grid"):
        told = getattr(ours, f"contract_{part}_kwh")
        np.testing.assert_allclose(told, [p[part] for p in plain.parts], rtol=0, atol=NEAR_KWH)
    for part in ("own", "peer", "stored", "feed_in"):
        told = getattr(ours, f"producer_{part}_kwh")
        np.testing.assert_allclose(told, [p[part] for p in plain.uses], rtol=0, atol=NEAR_KWH)
    rng = np.random.default_rng([seed, 3])
    for _ in range(2):
        buy = np.resize(rng.choice([0.4, 0.2, 0.0, -0.1], 25), grid.minutes)
        tariff = Tariff(buy, np.resize(rng.choice([0.1, 0.0, -0.05, 0.5], 7), grid.minutes))
        for sharing in Sharing:
            right = plain_bills(plain.flow, buy.tolist(), tariff.feed_in_per_kwh.tolist(), sharing)
            told = find_bills(ours, tariff, sharing).shared_cost
            np.testing.assert_allclose(told, right, rtol=0, atol=NEAR_MONEY, err_msg=sharing)


def test_the_cases_hold_what_they_are_to_compare():
    """Every way that energy can go, two producers at one house, contracts that are covered in part."""
    seen = dict.fromkeys(("own", "peer", "grid", "partial", "charge", "discharge", "two", "base"), 0)
    for seed in SEEDS:
        hood, grid, trace = random_case(seed)
        s = settle_market(hood, grid, trace)
        given = s.contract_own_kwh + s.contract_peer_kwh
        seen["own"] += int((s.contract_own_kwh > 0.01).sum())
        seen["peer"] += int((s.contract_peer_kwh > 0.01).sum())
        seen["grid"] += int(((s.contract_grid_kwh > 0.01) & (given == 0)).sum())
        seen["partial"] += int(((s.contract_grid_kwh > 0.01) & (given > 0.01)).sum())
        seen["charge"] += int(s.battery_charge_kw.any())
        seen["discharge"] += int(s.battery_discharge_kw.any())
        seen["two"] += int(len(set(hood.producers.house.tolist())) < len(hood.producers))
        seen["base"] += len(hood.base_load)
    assert min(seen.values()) >= 5, seen
