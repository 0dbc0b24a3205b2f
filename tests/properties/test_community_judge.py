"""Whoever decides, the judge has nothing to say: energy and money balance in every run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.model.contract import GRID
from sparewatt.model.market_rules import Algorithm, Sharing
from support.community_runs import random_home, random_rules, run_neighbourhood

NEAR = 1e-6
NEGOTIATED = (
    Algorithm.GREEDY,
    Algorithm.FIFTY_FIFTY,
    Algorithm.L_BFGS_B,
    Algorithm.SLSQP,
    Algorithm.TNC,
    Algorithm.MILP,
)
seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=12, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.parametrize("algorithm", NEGOTIATED)
@some
@given(seeds, st.sampled_from(Sharing))
def test_the_judge_is_silent(algorithm, seed, sharing):
    run = run_neighbourhood(random_home(seed), random_rules(algorithm, seed), seed=seed, sharing=sharing)
    assert [str(f) for f in run.findings() if f.severity == "error"] == []
    if sharing in (Sharing.MID_MARKET_RATE, Sharing.SUPPLY_DEMAND_RATIO):
        assert run.findings() == ()  # nobody is worse off where feed-in earns less than import costs
    c = run.trace.contracts
    event(f"suppliers {len(set(c.producer[c.is_valid].tolist()))}, cancelled {int((~c.is_valid).any())}")


@pytest.mark.parametrize("algorithm", NEGOTIATED)
@settings(some, max_examples=5)
@given(seeds, st.sampled_from(Sharing))
def test_energy_and_money_balance(algorithm, seed, sharing):
    """Said without the judge: in all, and for every house."""
    run = run_neighbourhood(random_home(seed), random_rules(algorithm, seed), seed=seed, sharing=sharing)
    s, jobs, batteries = run.settlement, run.neighbourhood.jobs, run.neighbourhood.batteries
    used, made = s.load_kw.sum(axis=1) / 60, s.production_kw.sum(axis=1) / 60
    bought, sold = s.grid_kw.sum(axis=1) / 60, s.feed_in_kw.sum(axis=1) / 60
    peer = (s.peer_in_kw - s.peer_out_kw).sum(axis=1) / 60
    lost = np.zeros(len(used))
    np.add.at(lost, batteries.house, s.battery_kwh[:, -1] - s.battery_kwh[:, 0])
    eta = np.ones(len(used))
    eta[batteries.house] = batteries.efficiency
    charged, given_back = s.battery_charge_kw.sum(axis=1) / 60, s.battery_discharge_kw.sum(axis=1) / 60
    lost += charged * (1 - eta) + given_back * (1 / eta - 1)
    np.testing.assert_allclose(made + bought + peer, used + sold + lost, atol=NEAR)
    base = run.neighbourhood.base_load.curves.total_kwh.sum()
    assert used.sum() <= jobs.energy_kwh.sum() + base + NEAR
    assert made.sum() == pytest.approx(run.trace.production_kw.sum() / 60, abs=NEAR)
    parts = s.contract_own_kwh + s.contract_peer_kwh + s.contract_grid_kwh
    valid = run.trace.contracts.is_valid
    np.testing.assert_allclose(parts[valid], jobs.energy_kwh[run.trace.contracts.job[valid]], atol=NEAR)
    assert (s.contract_own_kwh + s.contract_peer_kwh)[run.trace.contracts.producer == GRID].sum() == 0
    assert run.bills.shared_cost.sum() == pytest.approx(run.bills.grid_account, abs=NEAR)


@pytest.mark.parametrize("algorithm", [Algorithm.GREEDY, Algorithm.SLSQP])
def test_a_generated_neighbourhood_where_sun_is_scarce(algorithm):
    made = generate_neighbourhood(
        5, 12, 1, sun_per_load=0.5, forecast_error=0.5, ev_share=0.4, battery_share=0.3, base_load=True
    )
    run = run_neighbourhood(made, random_rules(algorithm, 5, allow_partial=0.0))
    assert run.findings() == ()
    assert run.settlement.covered_kwh > 1
