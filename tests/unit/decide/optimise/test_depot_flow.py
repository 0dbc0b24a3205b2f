"""Energies for fixed chargers: one linear solve against ranks solved one after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cross.charging_enumeration import LevelModel, charger_choices
from cross.charging_instance import Instance, Stay, Van, check_plan
from cross.random_windows import KINDS, random_window
from sparewatt.decide.optimise.depot_flow import Flow, FlowSolver
from sparewatt.decide.optimise.depot_result import missing_energy

NEAR = 1e-6


def some_windows(kind: str) -> list[tuple[Instance, tuple[int, ...]]]:
    """Windows with one of their choices of chargers each."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng([seed, KINDS.index(kind), 3])
        instance = random_window(rng, kind)
        options = list(charger_choices(instance))
        found.append((instance, options[int(rng.integers(0, len(options)))]))
    return found


def staged(instance: Instance, chargers: tuple[int, ...]) -> list[float]:
    model, done = LevelModel(instance), []
    for rank in range(5):
        done.append(model.solve(rank, model.rates(chargers), done))
    return done


def as_costs(instance: Instance, flow: Flow) -> list[float]:
    r = flow.ranks
    return [r.unserved * instance.efficiency, r.breach, -r.delivered, r.cost, r.earliness]


@pytest.mark.parametrize("kind", KINDS)
def test_one_solve_reaches_the_staged_ranks(kind):
    for instance, chargers in some_windows(kind):
        rate = LevelModel(instance).rates(chargers)
        flows = FlowSolver(instance.problem())
        expected = staged(instance, chargers)
        by_price = flows.solve(rate)
        assert as_costs(instance, by_price)[:4] == pytest.approx(expected[:4], abs=NEAR)
        in_order = flows.solve(rate, in_order=True)
        assert as_costs(instance, in_order) == pytest.approx(expected, abs=NEAR)
        assert as_costs(instance, flows.solve(rate))[:4] == pytest.approx(expected[:4], abs=NEAR)


@pytest.mark.parametrize("kind", KINDS)
def test_energies_are_possible_and_make_the_ranks(kind):
    for instance, chargers in some_windows(kind):
        problem = instance.problem()
        flow = FlowSolver(problem).solve(LevelModel(instance).rates(chargers), in_order=True)
        unserved = missing_energy(problem, flow.energy)
        # The flow may lift the battery earlier than where the energy is missed, by the same sum.
        assert unserved.sum() == pytest.approx(flow.unserved.sum(), abs=NEAR)
        ranks = check_plan(instance, flow.energy, unserved * instance.efficiency, np.array(chargers))
        unserved_kwh, breach, delivered, cost, earliness = ranks
        expected = [unserved_kwh, breach, -delivered, cost, earliness]
        assert as_costs(instance, flow) == pytest.approx(expected, abs=NEAR)


@pytest.mark.parametrize("kind", KINDS)
def test_warm_and_fresh_agree(kind):
    for instance, _ in some_windows(kind)[:3]:
        model = LevelModel(instance)
        warm = FlowSolver(instance.problem())
        for chargers in list(charger_choices(instance))[:6]:
            rate = model.rates(chargers)
            fresh = FlowSolver(instance.problem()).solve(rate, in_order=True)
            now = as_costs(instance, warm.solve(rate, in_order=True))
            assert now == pytest.approx(as_costs(instance, fresh), abs=NEAR)


@pytest.mark.parametrize("delivered", [1.5, 40.0])
def test_the_weight_of_delivery_changes_prices_only(delivered):
    for instance, chargers in some_windows("scarce_dc"):
        rate = LevelModel(instance).rates(chargers)
        flows = FlowSolver(instance.problem(), delivered)
        expected = staged(instance, chargers)
        assert as_costs(instance, flows.solve(rate))[:4] == pytest.approx(expected[:4], abs=NEAR)


def test_site_prices_by_hand():
    """Room for 2 kWh at price 0.1 and plenty at 0.3; 5 kWh are missing, 4 a period: 2 cheap and 3 dear.

    A kWh more of the cheap limit would save 0.2, which is the whole span of the prices: 1 on their scale.
    """
    one = Instance(
        (Van(10.0, 5.0, 8.0, 0.0),), (Stay(0, 0, 2),), (0.1, 0.3), (4.0, 20.0), 0.0, 0, efficiency=1.0
    )
    flows = FlowSolver(one.problem())
    flow = flows.solve(one.problem().ac_kwh)
    assert flow.energy.tolist() == pytest.approx([2.0, 3.0])
    assert flow.site_price.tolist() == pytest.approx([1.0, 0.0])
    assert flows.scale == pytest.approx(0.2)


def test_prices_below_zero_do_not_pay_for_a_breach():
    """Breach ranks before cost: at −1 per kWh still nothing goes above the limit."""
    one = Instance(
        (Van(10.0, 5.0, 8.0, 0.0),), (Stay(0, 0, 2),), (-1.0, 0.3), (2.0, 2.0), 9.0, 0, efficiency=1.0
    )
    flow = FlowSolver(one.problem()).solve(one.problem().ac_kwh, in_order=True)
    assert flow.ranks.breach == pytest.approx(0.0, abs=1e-9)
    assert flow.energy.tolist() == pytest.approx([1.0, 1.0])


def test_breach_serves_a_route_and_no_more():
    """2 kWh are needed for the route, 1 fits: 1 kWh of breach, though the battery would take 5."""
    van = (Van(10.0, 5.0, 8.0, 0.0),)
    stays = (Stay(0, 0, 1), Stay(0, 2, 2, 7.0))
    one = Instance(van, stays, (0.1, 0.1), (2.0, 2.0), 9.0, 0, efficiency=1.0)
    flow = FlowSolver(one.problem()).solve(one.problem().ac_kwh)
    assert (flow.ranks.unserved, flow.ranks.breach) == pytest.approx((0.0, 1.0))
    tighter = replace(one, breach_kw=1.0)
    flow = FlowSolver(tighter.problem()).solve(tighter.problem().ac_kwh)
    assert (flow.ranks.unserved, flow.ranks.breach) == pytest.approx((0.5, 0.5))
    assert missing_energy(tighter.problem(), flow.energy).tolist() == pytest.approx([0.0, 0.5])


def test_a_window_without_an_entry():
    """Nobody is plugged in; the route is short by what the battery did not hold."""
    one = Instance((Van(10.0, 5.0, 8.0, 0.0),), (Stay(0, 1, 1, 7.0),), (0.1, 0.1), (2.0, 2.0), 9.0, 1)
    flow = FlowSolver(one.problem()).solve(np.zeros(0))
    assert flow.ranks.unserved * one.efficiency == pytest.approx(2.0)
    assert flow.ranks.delivered == 0.0
