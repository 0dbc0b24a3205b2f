"""Bounds against every choice of starts and producers, tried one after the other, on tiny neighbourhoods."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.decide.optimise.community_exchange import plan_by_exchange
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from support.neighbourhoods import Job, Producer, minute_forecast, neighbourhood_of

SEEDS = range(12)
MINUTES = 60


def tiny(seed):
    """Up to four jobs with up to three starts each, one or two producers."""
    rng = np.random.default_rng(seed)
    jobs = [
        Job(
            str(n),
            earliest=(first := 900 * int(rng.integers(0, 2))),
            latest=first + 900 * int(rng.integers(0, 3)),
            load_kw=tuple(float(kw) for kw in rng.integers(0, 4, int(rng.integers(2, 25))) / 2),
        )
        for n in range(int(rng.integers(2, 5)))
    ]
    producers = [Producer(str(n)) for n in range(int(rng.integers(1, 3)))]
    sun = [rng.integers(0, 5, 4).repeat(MINUTES // 4) / 2 for _ in producers]
    forecasts = [minute_forecast(n, kw) for n, kw in enumerate(sun)]
    return neighbourhood_of(jobs, producers, forecasts)


def best_of_all(hood, sun_kw):
    """Pool and contract [kWh], from lists of the jobs' powers by minute."""
    jobs = hood.jobs
    minutes = sun_kw.shape[1]
    ways = []
    for n in range(len(jobs)):
        time, energy = jobs.profiles.points(int(jobs.profile[n]))
        kw = np.diff(energy) * 60
        assert (np.diff(time) == 60).all()
        own = []
        for start in range(int(jobs.earliest_s[n]), int(jobs.latest_s[n]) + 1, 900):
            load = np.zeros(minutes)
            load[start // 60 : start // 60 + len(kw)] = kw
            own.append(load)
        ways.append(own)
    pool = max(np.minimum(sum(loads), sun_kw.sum(axis=0)).sum() / 60 for loads in itertools.product(*ways))
    contract = 0.0
    for who in itertools.product(range(-1, len(sun_kw)), repeat=len(ways)):
        energy = sum(ways[n][0].sum() for n, p in enumerate(who) if p >= 0) / 60
        if energy <= contract:
            continue
        for loads in itertools.product(*(own if who[n] >= 0 else own[:1] for n, own in enumerate(ways))):
            total = np.zeros_like(sun_kw)
            for n, p in enumerate(who):
                if p >= 0:
                    total[p] += loads[n]
            if (total <= sun_kw + 1e-9).all():
                contract = energy
                break
    return pool, contract


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_are_the_best_of_all_choices(seed):
    hood = tiny(seed)
    grid, _ = find_grid(hood)
    sun_kw = find_production(hood, grid)
    starts = find_starts(hood.jobs, 900)
    bounds = find_bounds(hood.jobs, starts, sun_kw)
    pool, contract = best_of_all(hood, sun_kw)
    assert bounds.pool.best_kwh == pytest.approx(pool, abs=1e-9)
    assert bounds.pool.upper_kwh == pytest.approx(pool, abs=1e-6)
    assert bounds.contract.best_kwh == pytest.approx(contract, abs=1e-9)
    assert bounds.contract.upper_kwh == pytest.approx(contract, abs=1e-6)
    assert bounds.pool.status == bounds.contract.status == "optimal"


@pytest.mark.parametrize("seed", SEEDS)
def test_exchanged_jobs_fit_and_reach_the_best_of_few(seed):
    hood = tiny(seed)
    grid, _ = find_grid(hood)
    sun_kw = find_production(hood, grid)
    task = find_task(hood.jobs, find_starts(hood.jobs, 900), sun_kw)
    plan = plan_by_exchange(task, np.inf)
    total = np.zeros_like(sun_kw)
    for job, (producer, own) in plan.plans.items():
        assert hood.jobs.earliest_s[job] <= own.start_s <= hood.jobs.latest_s[job]
        total[producer, own.minute : own.minute + len(own.kw)] += own.kw
    assert (total <= sun_kw + 1e-8).all()
    _, contract = best_of_all(hood, sun_kw)
    assert plan.energy_kwh == pytest.approx(contract, abs=1e-9)


def test_the_cases_are_not_all_trivial():
    """Some sun stays unused, some jobs find no producer, and the pool covers more than contracts."""
    refused = pooled = 0
    for seed in SEEDS:
        hood = tiny(seed)
        grid, _ = find_grid(hood)
        bounds = find_bounds(hood.jobs, find_starts(hood.jobs, 900), find_production(hood, grid))
        refused += 0 < bounds.contract.best_kwh < float(hood.jobs.energy_kwh.sum()) - 1e-9
        pooled += bounds.pool.best_kwh > bounds.contract.best_kwh + 1e-9
    assert min(refused, pooled) >= 4, (refused, pooled)
