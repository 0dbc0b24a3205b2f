"""The bound by prices: never above the best plan, concave, and tight where nothing is scarce."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cross.charging_enumeration import LevelModel, best_ranks, charger_choices
from cross.charging_instance import Instance, Stay, Van
from cross.random_windows import KINDS, random_window
from sparewatt.decide.optimise.depot_dual import Dual
from sparewatt.decide.optimise.depot_flow import DELIVERED, FlowSolver
from sparewatt.decide.optimise.depot_packing import Packing
from sparewatt.decide.optimise.depot_search import Search
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.schedule import DC

NEAR = 1e-6
DUAL_KINDS = ("roomy", "scarce_dc", "held", "equal_prices", "reserve", "part_periods")


def smooth_windows(kind: str, count: int, seed: int) -> list[Instance]:
    """Windows that need neither breach nor unserved energy, with a charger to choose."""
    rng, found = np.random.default_rng([seed, KINDS.index(kind), 4]), []
    while len(found) < count:
        instance = random_window(rng, kind, vans=3)
        model = LevelModel(instance)
        most = [model.rates(c) for c in charger_choices(instance)]
        needed = min(model.solve(0, rate, []) for rate in most)
        if needed > 1e-9 or not instance.problem().can_choose.any():
            continue
        if min(model.solve(1, rate, [0.0]) for rate in most) <= 1e-9:
            found.append(instance)
    return found


def parts(instance: Instance, delivered: float = DELIVERED) -> tuple[Dual, Packing, np.ndarray]:
    problem = instance.problem()
    packing, cost = Packing(problem), FlowSolver(problem, delivered).cost
    return Dual(problem, packing, cost, delivered), packing, cost


def best_value(instance: Instance, cost: np.ndarray, delivered: float) -> float:
    """Least cost − θ·delivered over all plans without breach and unserved energy, by enumeration."""
    model = LevelModel(instance)
    model.ranks[4] = 0.0
    for i, (_, t) in enumerate(instance.entries):
        model.ranks[4, i] = cost[t] - delivered
    return min(model.solve(4, model.rates(c), [0.0, 0.0]) for c in charger_choices(instance))


@pytest.mark.parametrize("kind", DUAL_KINDS)
@pytest.mark.parametrize("delivered", [DELIVERED, 7.0])
def test_never_above_the_best_plan(kind, delivered):
    rng = np.random.default_rng(5)
    for instance in smooth_windows(kind, 4, 1):
        dual, packing, cost = parts(instance, delivered)
        best = best_value(instance, cost, delivered)
        for scale in (0.0, 0.1, 1.0, 3.0):
            site = scale * rng.uniform(0.0, 1.0, instance.periods) * (rng.random(instance.periods) < 0.5)
            charger = scale * rng.uniform(0.0, 8.0, len(packing.free))
            assert dual.evaluate(site, charger).value <= best + NEAR


@pytest.mark.parametrize("kind", DUAL_KINDS)
def test_a_climbed_bound_is_still_a_bound(kind):
    """What the search proves of cost and delivered energy holds for the enumerated optimum."""
    for instance in smooth_windows(kind, 5, 2):
        best = best_ranks(instance)
        search = Search(instance.problem())
        search.alternate(0.0, Deadline(10.0))
        search.climb(0.0)
        assert search.cost_bound(best[2]) <= best[3] + NEAR
        hungry = Search(replace(instance.problem(), price=np.zeros(instance.periods)))
        hungry.alternate(0.0, Deadline(10.0))
        hungry.climb(0.0)
        assert hungry.delivered_bound >= best[2] - NEAR


@pytest.mark.parametrize("kind", DUAL_KINDS)
def test_supergradient(kind):
    """L is concave: L(λ', μ') ≤ L(λ, μ) + excess·(λ' − λ) + excess·(μ' − μ)."""
    rng = np.random.default_rng(6)
    for instance in smooth_windows(kind, 4, 3):
        dual, packing, _ = parts(instance)
        points = []
        for _ in range(6):
            site = rng.uniform(0.0, 1.5, instance.periods) * (rng.random(instance.periods) < 0.6)
            charger = rng.uniform(0.0, 4.0, len(packing.free)) * (rng.random(len(packing.free)) < 0.6)
            points.append((site, charger, dual.evaluate(site, charger)))
        for site, charger, at in points:
            for other_site, other_charger, other in points:
                plane = at.value + at.site_excess @ (other_site - site)
                plane += at.charger_excess @ (other_charger - charger)
                assert other.value <= plane + NEAR


def test_tight_where_nothing_is_scarce():
    """By hand: 2 kWh at −θ + 0 and 1 kWh at −θ + 1 (prices 0.1 and 0.3 scaled to 0..1), on DC."""
    one = Instance(
        (Van(10.0, 7.0, 1.0, 4.0),), (Stay(0, 0, 2),), (0.3, 0.1), (9.0, 9.0), 0.0, 1, efficiency=1.0
    )
    dual, packing, _ = parts(one)
    point = dual.evaluate(np.zeros(2), np.zeros(len(packing.free)))
    assert point.value == pytest.approx(-2.0 * DELIVERED - 1.0 * (DELIVERED - 1.0))
    assert point.on_dc.tolist() == [True]
    assert point.site_excess.tolist() == pytest.approx([1.0 - 4.5, 2.0 - 4.5])
    # AC gives 0.5 kWh a period: −0.5·2 − 0.5·1 = −1.5 in place of −5.
    assert point.margin.tolist() == pytest.approx([-3.5])


def test_a_charger_held_later_costs_a_choosing_stay_its_price():
    """One charger, held in 2-4 by another: the stay of 0-4 meets a price there, and the bound stays one."""
    vans = (Van(10.0, 4.0, 1.0, 8.0), Van(10.0, 4.0, 1.0, 8.0))
    stays = (Stay(0, 0, 4), Stay(1, 2, 4, 0.0, DC))
    flat = (0.1, 0.2, 0.1, 0.2)
    instance = Instance(vans, stays, flat, (40.0,) * 4, 0.0, 1, efficiency=1.0)
    dual, packing, cost = parts(instance)
    assert packing.at.tolist() == [0, 2]
    assert packing.free.tolist() == [1.0, 0.0]
    best = best_value(instance, cost, DELIVERED)
    values = [dual.evaluate(np.zeros(4), np.array([0.0, price])).value for price in (0.0, 2.0, 4.0, 50.0)]
    assert all(value <= best + NEAR for value in values)
    assert max(values) == pytest.approx(best), "the price at the held charger's start closes the gap"
    assert values[0] < best - 1.0


@pytest.mark.parametrize("kind", DUAL_KINDS)
def test_gains_are_differences_of_one_choice(kind):
    for instance in smooth_windows(kind, 3, 4):
        dual, _, _ = parts(instance)
        rng = np.random.default_rng(7)
        site = rng.uniform(0.0, 1.0, instance.periods)
        on_dc = np.zeros(len(instance.stays), dtype=bool)
        gain = dual.gains(site, on_dc)
        # Faster never hurts: DC pays nothing for itself here, and its rate is above AC where one may choose.
        assert (gain >= -1e-9).all()
        assert (gain[~instance.problem().can_choose] == 0.0).all()
        assert not on_dc.any()


@pytest.mark.parametrize("kind", DUAL_KINDS)
def test_nobody_delivers_more(kind):
    """Each vehicle on its own, whatever it could have: an upper bound, reached where nothing is scarce."""
    for instance in smooth_windows(kind, 6, 6):
        most = parts(instance)[0].most_delivered()
        assert most >= best_ranks(instance)[2] - NEAR
        free = replace(instance, num_dc=len(instance.vans), free_kw=(1e3,) * instance.periods)
        if kind != "held":
            assert parts(free)[0].most_delivered() == pytest.approx(best_ranks(free)[2], abs=NEAR)


def test_too_many_choices_of_one_vehicle_are_told():
    stays = tuple(Stay(0, t, t + 1, 2.0) for t in range(7))
    van = (Van(20.0, 20.0, 1.0, 8.0),)
    instance = Instance(van, stays, (0.1,) * 8, (40.0,) * 8, 0.0, 1)
    assert not parts(instance)[0].possible
    assert parts(replace(instance, stays=stays[:6]))[0].possible
