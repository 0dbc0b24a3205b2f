"""Packing of DC chargers against every subset of sessions, and its prices against linear duality."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from cross.charging_instance import Instance, Stay, Van
from sparewatt.decide.optimise.depot_packing import Packing
from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.model.schedule import AC, DC

PERIODS = 10


def random_instance(seed: int) -> Instance:
    """One stay per vehicle, so that all that matters are the intervals and who holds a charger."""
    rng = np.random.default_rng(seed)
    num_dc, stays = int(rng.integers(1, 4)), []
    for v in range(int(rng.integers(2, 8))):
        first = int(rng.integers(0, PERIODS))
        end = int(rng.integers(first + (v == 0), PERIODS + 1))
        held = UNDECIDED
        if v > 0 and rng.random() < 0.4 and end > first:
            busy = sum(s.held == DC and s.first < end and first < s.end for s in stays)
            held = DC if busy < num_dc else AC
        stays.append(Stay(v, first, end, 6.0, held))
    vans = tuple(Van(20.0, 20.0, 2.0, 10.0) for _ in stays)
    flat = (0.1,) * PERIODS
    return Instance(vans, tuple(stays), flat, (50.0,) * PERIODS, 0.0, num_dc)


def fits(instance: Instance, on_dc: np.ndarray) -> bool:
    """Whether at every period no more chargers are taken than there are."""
    return all(
        sum(
            (on_dc[s] or stay.held == DC) and stay.first <= t < stay.end
            for s, stay in enumerate(instance.stays)
        )
        <= instance.num_dc
        for t in range(PERIODS)
    )


@pytest.mark.parametrize("seed", range(60))
def test_best_of_all_subsets(seed):
    instance = random_instance(seed)
    problem = instance.problem()
    choosing = np.flatnonzero(problem.can_choose)
    gain = np.round(np.random.default_rng(seed + 1000).uniform(-1.0, 4.0, len(instance.stays)), 2)
    best = 0.0
    for bits in product((False, True), repeat=len(choosing)):
        on_dc = np.zeros(len(instance.stays), dtype=bool)
        on_dc[choosing] = bits
        if fits(instance, on_dc):
            best = max(best, float(gain[on_dc].sum()))
    packing = Packing(problem)
    on_dc, price = packing.solve(gain)
    assert fits(instance, on_dc)
    assert not on_dc[~problem.can_choose].any()
    assert gain[on_dc].sum() == pytest.approx(best, abs=1e-9)
    # Strong duality: what the free chargers are worth, and what sessions gain above their rent.
    assert (price >= 0).all()
    above = np.maximum(0.0, gain - packing.rent(price))[choosing]
    assert price @ packing.free + above.sum() == pytest.approx(best, abs=1e-9)
    assert (packing.use(on_dc) <= packing.free).all()


@pytest.mark.parametrize("seed", range(10))
def test_rent_and_use_are_sums_over_the_stay(seed):
    instance = random_instance(seed)
    packing = Packing(instance.problem())
    price = np.random.default_rng(seed).uniform(0.0, 1.0, len(packing.at))
    for s in packing.sessions:
        stay = instance.stays[s]
        expected = sum(p for t, p in zip(packing.at, price, strict=True) if stay.first <= t < stay.end)
        assert packing.rent(price)[s] == pytest.approx(expected)
        alone = np.zeros(len(instance.stays), dtype=bool)
        alone[s] = True
        assert packing.use(alone).tolist() == [float(stay.first <= t < stay.end) for t in packing.at]


def test_a_charger_held_later_is_not_given_twice():
    """One charger; a stay of 0-8 chooses, another holds it from 4 on: there is none for the first."""
    vans = (Van(20.0, 5.0, 2.0, 10.0),) * 2
    flat = (0.1,) * PERIODS
    stays = (Stay(0, 0, 8), Stay(1, 4, 6, 0.0, DC))
    instance = Instance(vans, stays, flat, (50.0,) * PERIODS, 0.0, 1)
    on_dc, _ = Packing(instance.problem()).solve(np.array([5.0, 0.0]))
    assert on_dc.tolist() == [False, False]
    open_end = replace(instance, stays=(Stay(0, 0, 4), stays[1]))
    on_dc, _ = Packing(open_end.problem()).solve(np.array([5.0, 0.0]))
    assert on_dc.tolist() == [True, False]


def test_two_short_stays_against_a_long_one():
    """One charger; 0-10 gains 3, 0-5 and 5-10 gain 2 each: the two short ones, and a price of 2 for each."""
    vans = (Van(20.0, 5.0, 2.0, 10.0),) * 3
    flat = (0.1,) * PERIODS
    stays = (Stay(0, 0, 10), Stay(1, 0, 5), Stay(2, 5, 10))
    packing = Packing(Instance(vans, stays, flat, (50.0,) * PERIODS, 0.0, 1).problem())
    on_dc, price = packing.solve(np.array([3.0, 2.0, 2.0]))
    assert on_dc.tolist() == [False, True, True]
    assert packing.at.tolist() == [0, 5]
    assert price.sum() >= 3.0 - 1e-9
    assert (price <= 2.0 + 1e-9).all()


def test_prices_stand_at_every_row_also_with_nothing_to_choose():
    vans, flat = (Van(20.0, 5.0, 2.0, 10.0),), (0.1,) * PERIODS
    held = Instance(vans, (Stay(0, 0, 4, 0.0, DC),), flat, (50.0,) * PERIODS, 0.0, 1)
    packing = Packing(held.problem())
    on_dc, price = packing.solve(np.zeros(1))
    assert on_dc.tolist() == [False]
    assert len(price) == len(packing.free)
