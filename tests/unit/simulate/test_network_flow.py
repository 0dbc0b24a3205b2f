"""EVs put back on homes and the power flow of it: by hand, and moment against series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.ev_pools import make_sessions
from tests.support.networks import make_network, random_network

from sparewatt.model.case_loads import PowerFactors
from sparewatt.model.customers import Case, Customers, Profiles
from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.physics.engines import engine_for
from sparewatt.physics.topology import find_feeders, find_zones
from sparewatt.simulate.network_flow import Grid, ev_power, mix_cases
from sparewatt.simulate.network_moment import solve_moment

STEPS = 6


def grid_of(network, engine="sweep"):
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    count = len(network.loads)
    customers = Customers(
        network.loads.ids,
        np.arange(count),
        np.asarray(zones.load_zone),
        np.zeros(count, dtype=np.int64),
        np.full(count, 4.0),
    )
    return Grid(
        network, feeders, zones, customers, engine_for(engine, network), PowerFactors(0.95, 0.98, 1.0)
    )


def two_schedules():
    """Of a car in periods 1 and 2, and of two cars in 2 and 3 that share a home and give back."""
    first = make_sessions([(0, 1, 3, 10.0, 20.0)], battery_kwh=[40.0], periods=STEPS)
    second = make_sessions(
        [(0, 2, 4, 10.0, 20.0), (1, 3, 4, 10.0, 20.0)], battery_kwh=[40.0] * 2, periods=STEPS
    )
    return [
        (np.array([2]), EvSchedule(first, np.array([7.0, 3.0]), np.zeros(2))),
        (np.array([0, 0]), EvSchedule(second, np.array([1.0, 0.0, 2.0]), np.array([0.0, 4.0, 0.0]))),
    ]


def test_evs_land_on_their_homes_and_steps():
    expected = np.zeros((3, STEPS))
    expected[2, 1:3] = 7.0, 3.0
    expected[0, 2:4] = 1.0, -4.0 + 2.0
    assert ev_power(two_schedules(), 3, 0, STEPS).tolist() == expected.tolist()
    blocks = [ev_power(two_schedules(), 3, a, a + 2) for a in (0, 2, 4)]
    assert np.concatenate(blocks, axis=1).tolist() == expected.tolist()
    assert ev_power([], 3, 0, 2).tolist() == np.zeros((3, 2)).tolist()


def test_cases_are_mixed_zone_by_zone():
    nobody, everybody = np.zeros(4, dtype=bool), np.ones(4, dtype=bool)
    cases = (Case("0PV0HP", 0.0, 0.0, nobody, nobody), Case("100PV100HP", 1.0, 1.0, everybody, everybody))
    zone = np.array([0, 1, 1, -1])  # the last is on all three phases
    customers = Customers(("a", "b", "c", "d"), np.arange(4), zone, np.zeros(4, dtype=np.int64), np.ones(4))
    mixed = mix_cases(cases, np.array([0, 1]), customers)
    assert mixed.has_hp.tolist() == mixed.has_pv.tolist() == [False, True, True, False]
    assert mixed.hp_share == 0.5
    assert mix_cases(cases[::-1], np.array([1, 1]), customers).has_hp.tolist() == [False, False, False, True]


def test_loads_of_a_replay_by_hand():
    grid = grid_of(make_network([("busbar", "a")], [("a", 0), ("a", 1)]))
    has = np.array([True, False])
    profiles = Profiles(np.array([[1.0], [2.0]]), np.full((2, 1), 3.0), np.full((2, 1), 0.5))
    kw, kvar = grid.loads(Case("x", 0.5, 0.5, has, has), profiles, np.array([[0.0], [-7.4]]))
    # 1 + 3 - 4 kWp·0.5, and 2 - 7.4 given back
    assert kw[:, 0].tolist() == pytest.approx([2.0, -5.4])
    tan = {f: np.tan(np.arccos(f)) for f in (0.95, 0.98)}
    assert kvar[:, 0].tolist() == pytest.approx([4.0 * tan[0.95], 2.0 * tan[0.95] - 7.4 * tan[0.98]])


@pytest.mark.parametrize("engine", ["sweep", "power_grid_model"])
def test_a_moment_is_the_series_at_that_period(engine):
    network = random_network(3)
    network = replace(network, branches=replace(network.branches, ampacity_a=np.full(29, 60.0)))
    grid = grid_of(network, engine)
    kw = np.random.default_rng(1).uniform(-2.0, 9.0, (len(network.loads), 4))
    kvar = 0.2 * kw
    series, off = grid.solve(kw, kvar)
    assert off < 1e-6
    for period in range(4):
        moment = solve_moment(grid, kw[:, [period]], kvar[:, [period]])
        rating = network.transformer.rating_kva
        assert moment.transformer_loading * rating == pytest.approx(series.transformer_kva[period])
        for z, (feeder, phase) in enumerate(zip(grid.zones.feeder, grid.zones.phase, strict=True)):
            own = grid.feeders.node_feeder == feeder
            assert moment.node_pu[own, phase].min() == pytest.approx(series.min_pu[z, period])
            assert moment.node_pu[own, phase].max() == pytest.approx(series.max_pu[z, period])
            branches = grid.feeders.branch_feeder == feeder
            over = (moment.branch_loading[branches] > 1.0).any(axis=1).sum()
            assert over == series.overloads[z, period]
