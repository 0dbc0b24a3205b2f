"""Settlement beyond the cases by hand: nothing at all, rounding, the kernel against its meaning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.contract import GRID
from sparewatt.model.market_rules import Algorithm, MarketRules
from sparewatt.simulate.home_battery import run_battery
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.settlement_kernels import supply_contracts
from support.community_runs import random_home, run_neighbourhood
from support.neighbourhoods import Base, Battery, Job, even_forecast, neighbourhood_of


def test_nobody_and_nothing():
    run = run_neighbourhood(neighbourhood_of([], [], []), MarketRules())
    assert run.settlement.grid_kw.shape == (0, 1440)
    assert run.findings() == ()
    alone = run_neighbourhood(neighbourhood_of([Job("x", load_kw=(2.0,) * 30)], [], []), MarketRules())
    assert alone.settlement.contract_grid_kwh.tolist() == pytest.approx([1.0])
    assert alone.bills.shared_cost == pytest.approx([1.0 * 0.3])


def test_a_house_with_a_battery_and_no_sun_gives_back_what_it_began_with():
    hood = neighbourhood_of(
        [], [], [], [Battery("a", 1.0, start_soc=0.5)], [Base("a", ((0, 0.0), (7200, 1.0)))]
    )
    s = run_neighbourhood(hood, MarketRules()).settlement
    assert s.own_kw[0].sum() / 60 == pytest.approx(0.5)
    assert s.grid_kw[0].sum() / 60 == pytest.approx(0.5)
    assert s.battery_kwh[0, -1] == 0


def test_flows_can_be_written_to_by_nobody_else():
    """Two settlements of one trace share nothing, and the trace stays as it is."""
    run = run_neighbourhood(random_home(3), MarketRules())
    made = run.trace.production_kw.copy()
    first, second = (settle_market(run.neighbourhood, run.grid, run.trace) for _ in range(2))
    first.load_kw[:] = 7.0
    np.testing.assert_array_equal(second.load_kw, run.settlement.load_kw)
    np.testing.assert_array_equal(run.trace.production_kw, made)


def plain_supply(order, home, maker, producer, minute, offset, kw, left, load, own, peer_in, peer_out, grid):
    """The meaning in the kernel's docstring."""
    given = np.zeros(len(producer))
    for n in order:
        for k, want in enumerate(kw[offset[n] : offset[n + 1]]):
            t = minute[n] + k
            gets = min(left[producer[n]][t], want) if producer[n] >= 0 else 0
            if producer[n] >= 0:
                left[producer[n]][t] -= gets
            load[home[n]][t] += want
            grid[home[n]][t] += want - gets
            if home[n] == maker[n]:
                own[home[n]][t] += gets
            elif maker[n] >= 0:
                peer_in[home[n]][t] += gets
                peer_out[maker[n]][t] += gets
            given[n] += gets / 60
    return given


def test_the_kernel_means_what_it_says():
    rng = np.random.default_rng(4)
    for _ in range(20):
        contracts, houses, producers, minutes = 30, 5, 4, 50
        length = rng.integers(1, 12, contracts)
        offset = np.concatenate([[0], np.cumsum(length)])
        kw = rng.choice([0.0, 0.5, 1.5, 3.0], offset[-1])
        producer = rng.integers(-1, producers, contracts)
        maker = np.append(rng.integers(0, houses, producers), -1)[producer]
        minute = rng.integers(0, minutes - 12, contracts)
        home = rng.integers(0, houses, contracts)
        order = rng.permutation(contracts)[:25]
        made = rng.choice([0.0, 1.0, 4.0], (producers, minutes))
        ours = [made.copy(), *(np.zeros((houses, minutes)) for _ in range(5))]
        right = [array.copy() for array in ours]
        told = supply_contracts(order, home, maker, producer, minute, offset, kw, *ours)
        given = plain_supply(order, home, maker, producer, minute, offset, kw, *right)
        np.testing.assert_allclose(told, given, atol=1e-12)
        for a, b in zip(ours, right, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def plain_battery(spare, bought, capacity, charge_kw, discharge_kw, efficiency, soc):
    """The meaning in the kernel's docstring."""
    energy, charge, discharge = [soc * capacity], [], []
    for over, short in zip(spare, bought, strict=True):
        e = energy[-1]
        c = min(over, charge_kw, (capacity - e) * 60 / efficiency)
        c = c if c > 1e-9 else 0
        d = 0 if c > 0 else min(short, discharge_kw, e * 60 * efficiency)
        charge.append(c)
        discharge.append(d)
        energy.append(e + (c * efficiency - d / efficiency) / 60)
    return charge, discharge, energy


def test_the_battery_means_what_it_says():
    rng = np.random.default_rng(5)
    for _ in range(30):
        spare = rng.choice([0.0, 0.0, 0.3, 5.0], 300)
        bought = rng.choice([0.0, 0.4, 3.0], 300)
        values = (
            float(rng.choice([0.0, 0.05, 1.0])),
            float(rng.choice([0.0, 1.0, 3.0])),
            float(rng.choice([0.5, 3.0])),
            float(rng.choice([1.0, 0.9, 0.5])),
            float(rng.choice([0.0, 0.3, 1.0])),
        )
        for told, right in zip(
            run_battery(spare, bought, *values), plain_battery(spare, bought, *values), strict=True
        ):
            np.testing.assert_allclose(told, right, atol=1e-12)


def test_rounding_does_not_keep_a_battery_from_giving_back():
    """0.1 + 0.2 kW of contracts under 0.3 kW leave 5e-17 kW; that is not charged."""
    spare = np.full(60, 0.3 - 0.1 - 0.2 + 1e-16)
    assert 0 < spare[0] < 1e-15
    charge, discharge, _ = run_battery(spare, np.ones(60), 2.0, 1.0, 1.0, 1.0, 0.5)
    assert charge.sum() == 0
    assert discharge.sum() / 60 == pytest.approx(1.0)


def test_what_forecasts_took_back_is_bought():
    """2 kW are forecast and agreed; when the load runs 0.5 kW come: a quarter of it is covered."""
    hood = neighbourhood_of(
        [Job("b", 60, 600, 600, (2.0,) * 120)],
        forecasts=(even_forecast(0, 2.0), even_forecast(0, 0.5, issued=660)),
    )
    run = run_neighbourhood(hood, MarketRules(algorithm=Algorithm.GREEDY))
    assert run.trace.contracts.producer.tolist() == [0]
    assert run.settlement.contract_peer_kwh.tolist() == pytest.approx([1.0])
    assert run.settlement.contract_grid_kwh.tolist() == pytest.approx([3.0])


def test_contracts_with_the_grid_get_nothing_in_any_order():
    run = run_neighbourhood(random_home(8), MarketRules(algorithm=Algorithm.GREEDY))
    c = run.trace.contracts
    turned = replace(run.trace, contracts=replace(c, producer=np.full(len(c), GRID)))
    s = settle_market(run.neighbourhood, run.grid, turned)
    assert s.covered_kwh == 0
    assert s.contract_grid_kwh[c.is_valid].sum() == pytest.approx(c.energy_kwh[c.is_valid].sum())
