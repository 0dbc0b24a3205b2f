"""Bounds with EVs against every choice of starts, producers and powers, on tiny neighbourhoods.

All powers and energies are multiples of half a kilowatt (for a minute), so that some best choice is one of
multiples too: with the minutes that are on given, what is left is a flow with whole bounds.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparewatt.decide.optimise import community_contract
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.decide.optimise.community_exchange import plan_by_exchange
from sparewatt.decide.optimise.community_flexible import charge_from_pool, fill_charging
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from support.neighbourhoods import Ev, Job, Producer, minute_forecast, neighbourhood_of

SEEDS = range(16)
MINUTES = 6
LEAST, MOST = 1.0, 2.0


def tiny(seed):
    """One or two EVs, one or two jobs of two minutes, one or two producers; six minutes of sun."""
    rng = np.random.default_rng(seed)
    jobs = [
        Job(str(n), earliest=(first := 60 * int(rng.integers(0, 3))), latest=first + 120, load_kw=load)
        for n, load in enumerate(tuple(rng.integers(1, 4, 2) / 2) for _ in range(int(rng.integers(1, 3))))
    ]
    for n in range(int(rng.integers(1, 3))):
        first = 60 * int(rng.integers(0, 2))
        energy = int(rng.integers(2, 9)) / 2 / 60
        jobs.append(Ev(f"ev{n}", 0, first, first + 240, energy_kwh=energy, min_kw=LEAST, max_kw=MOST))
    producers = [Producer(str(n)) for n in range(int(rng.integers(1, 3)))]
    sun = [rng.integers(0, 5, MINUTES) / 2 for _ in producers]
    return neighbourhood_of(jobs, producers, [minute_forecast(n, kw) for n, kw in enumerate(sun)])


def ways_of(hood, minutes):
    """Every load that each job may have, as rows of minutes [kW]."""
    jobs, ways = hood.jobs, []
    for n in range(len(jobs)):
        own = []
        if jobs.is_flexible[n]:
            first, end = int(jobs.earliest_s[n]) // 60, int(jobs.end_s[n]) // 60
            need = float(jobs.energy_kwh[n]) * 60
            for powers in itertools.product((0.0, 0.5, 1.0, 1.5, 2.0), repeat=end - first):
                low = sum(0 < kw < LEAST for kw in powers)
                if low <= 1 and sum(powers) == pytest.approx(need):
                    own.append(np.pad(powers, (first, minutes - end)))
        else:
            _, energy = jobs.profiles.points(int(jobs.profile[n]))
            kw = np.diff(energy) * 60
            first, last = int(jobs.earliest_s[n]) // 60, int(jobs.latest_s[n]) // 60
            own += [np.pad(kw, (start, minutes - start - len(kw))) for start in range(first, last + 1)]
        ways.append(own)
    return ways


def best_of_all(hood, sun_kw):
    """Pool and contract [kWh]."""
    ways = ways_of(hood, sun_kw.shape[1])
    pool_kw = sun_kw.sum(axis=0)
    pool = max(np.minimum(sum(loads), pool_kw).sum() / 60 for loads in itertools.product(*ways))
    return pool, most_by_contracts(ways, sun_kw + 1e-9)


def most_by_contracts(ways, left_kw):
    """The most that the rest of the jobs can have of what is left [kWh]."""
    if not ways:
        return 0.0
    best = most_by_contracts(ways[1:], left_kw)
    for producer in range(len(left_kw)):
        for load in ways[0]:
            if (load <= left_kw[producer]).all():
                rest = left_kw.copy()
                rest[producer] -= load
                best = max(best, load.sum() / 60 + most_by_contracts(ways[1:], rest))
    return best


def parts(hood):
    grid, _ = find_grid(hood)
    return find_starts(hood.jobs, 60), find_production(hood, grid)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("is_large", [False, True], ids=["exact", "as of large ones"])
def test_bounds_with_evs(monkeypatch, seed, is_large):
    """What is found can be had, what is proven is not exceeded; with exact least powers both are the best."""
    if is_large:
        monkeypatch.setattr(community_contract, "MOST_EXACT_MINUTES", 0)
    hood = tiny(seed)
    starts, sun_kw = parts(hood)
    bounds = find_bounds(hood.jobs, starts, sun_kw)
    pool, contract = best_of_all(hood, sun_kw)
    assert bounds.contract.best_kwh <= contract + 1e-9
    assert bounds.contract.upper_kwh >= contract - 1e-9
    assert bounds.pool.best_kwh <= pool + 1e-9
    assert bounds.pool.upper_kwh >= pool - 1e-9
    if not is_large:
        assert bounds.contract.best_kwh == pytest.approx(contract, abs=1e-9)
        assert bounds.contract.upper_kwh == pytest.approx(contract, abs=1e-6)


def test_large_ones_come_near_and_the_cases_are_not_all_trivial(monkeypatch):
    monkeypatch.setattr(community_contract, "MOST_EXACT_MINUTES", 0)
    found, proven, best, refused = 0.0, 0.0, 0.0, 0
    for seed in SEEDS:
        hood = tiny(seed)
        starts, sun_kw = parts(hood)
        bounds, (_, contract) = find_bounds(hood.jobs, starts, sun_kw), best_of_all(hood, sun_kw)
        found, proven = found + bounds.contract.best_kwh, proven + bounds.contract.upper_kwh
        best += contract
        refused += 0 < contract < float(hood.jobs.energy_kwh.sum()) - 1e-9
    assert refused >= 6
    assert 0.97 * best <= found <= best <= proven <= 1.15 * best, (found, best, proven)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_by_exchange_keeps_range_and_sun(seed):
    hood = tiny(seed)
    starts, sun_kw = parts(hood)
    plan = plan_by_exchange(find_task(hood.jobs, starts, sun_kw), np.inf)
    total = np.zeros_like(sun_kw)
    for job, (producer, own) in plan.plans.items():
        total[producer, own.minute : own.minute + len(own.kw)] += own.kw
        if hood.jobs.is_flexible[job]:
            assert own.kw.sum() / 60 == pytest.approx(float(hood.jobs.energy_kwh[job]))
            assert ((own.kw > 1e-9) & (own.kw < LEAST - 1e-6)).sum() <= 1
            assert own.kw.max() <= MOST + 1e-9
    assert (total <= sun_kw + 1e-8).all()
    assert plan.energy_kwh <= best_of_all(hood, sun_kw)[1] + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_one_ev_alone(seed):
    """It is filled exactly where some choice of powers fits; from a pool it stays within its range."""
    hood = tiny(seed)
    starts, sun_kw = parts(hood)
    ways = ways_of(hood, sun_kw.shape[1])
    for charging in find_task(hood.jobs, starts, sun_kw).charging:
        fits = any((load <= sun_kw[0] + 1e-9).all() for load in ways[charging.job])
        filled = fill_charging(charging, sun_kw[0])
        assert (filled is not None) == fits
        pooled = charge_from_pool(charging, sun_kw.sum(axis=0))
        for own in (pooled, *([] if filled is None else [filled])):
            assert own.sum() == pytest.approx(charging.need)
            assert ((own > 1e-9) & (own < LEAST - 1e-9)).sum() <= 1
            assert own.max() <= MOST + 1e-9
