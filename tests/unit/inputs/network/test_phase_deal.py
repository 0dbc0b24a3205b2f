"""Loads of all three phases dealt to one phase each: even, seeded, and only those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.generate.network_plan import NetworkPlan
from sparewatt.inputs.network.phase_deal import deal_phases
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import find_feeders, find_zones


@pytest.fixture(scope="module", params=[1.0, 0.4])
def network(request):
    return generate_network(1, plan=NetworkPlan(47, 3, three_phase_share=request.param))


def test_every_load_has_a_phase_and_those_that_had_one_keep_it(network):
    dealt = deal_phases(network, find_feeders(network), 5)
    single = network.loads.phase != ALL_PHASES
    assert set(dealt.loads.phase.tolist()) == {0, 1, 2}
    np.testing.assert_array_equal(dealt.loads.phase[single], network.loads.phase[single])
    assert (find_zones(dealt, find_feeders(dealt)).load_zone >= 0).all()


def test_the_phases_of_a_feeder_are_as_even_as_its_single_phase_loads_let_them(network):
    feeders = find_feeders(network)
    dealt = deal_phases(network, feeders, 5).loads.phase
    for feeder in range(len(feeders)):
        mine = feeders.load_feeder == feeder
        before = np.bincount(network.loads.phase[mine & (network.loads.phase != ALL_PHASES)], minlength=3)
        count = np.bincount(dealt[mine], minlength=3)
        assert count.sum() == mine.sum()
        # Filling the least one after the other ends within one, or at what the fullest phase had.
        assert count.max() <= max(before.max(), -(-int(mine.sum()) // 3))


def test_same_seed_same_phases_another_seed_others(network):
    feeders = find_feeders(network)
    first, again, other = (deal_phases(network, feeders, s).loads.phase.tolist() for s in (5, 5, 6))
    assert first == again
    assert first != other


def test_a_network_of_single_phases_stays(network):
    loads = replace(network.loads, phase=np.arange(len(network.loads)) % 3)
    single = replace(network, loads=loads)
    np.testing.assert_array_equal(deal_phases(single, find_feeders(single), 1).loads.phase, loads.phase)
