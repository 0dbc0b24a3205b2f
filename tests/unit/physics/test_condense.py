"""What stays of a condensed network, and what a node or branch on its ways is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.networks import BUSBAR, make_network, random_network

from sparewatt.physics.condense import condense
from sparewatt.physics.topology import find_feeders

Z = np.arange(1, 7)[:, None, None] * (np.eye(3) * 0.01 + 0.001) * (1 + 0.3j)
# busbar - a - b - c(load phase 0) ; b - d - e(load phase 1) ; c - f (dead end)
BRANCHES = [(BUSBAR, "a"), ("a", "b"), ("b", "c"), ("b", "d"), ("d", "e"), ("c", "f")]
LOADS = [("c", 0), ("e", 1)]


def places(network):
    c = condense(network, find_feeders(network))
    return c, {network.nodes.ids[n]: k for k, n in enumerate(c.node.tolist())}


def test_chains_are_summed_and_dead_ends_carry_nothing():
    network = make_network(BRANCHES, LOADS, z_ohm=Z)
    c, place = places(network)
    assert set(place) == {BUSBAR, "b", "c", "e"}
    assert c.z_ohm[place["b"]] == pytest.approx(Z[0] + Z[1])
    assert c.z_ohm[place["e"]] == pytest.approx(Z[3] + Z[4])
    assert c.of_branch.tolist() == [place["b"], place["b"], place["c"], place["e"], place["e"], -1]
    row = {name: i for i, name in enumerate(network.nodes.ids)}
    assert c.of_node[row["a"]] == place["b"]
    assert c.node_z_ohm[row["a"]] == pytest.approx(Z[0])
    assert c.of_node[row["f"]] == place["c"]
    assert c.node_z_ohm[row["f"]] == pytest.approx(Z[2])


def test_only_phases_used_below_carry_current():
    network = make_network(BRANCHES, LOADS, z_ohm=Z)
    c, place = places(network)
    assert c.carries[place["b"]].tolist() == [True, True, False]
    assert c.carries[place["c"]].tolist() == [True, False, False]
    assert c.carries[place["e"]].tolist() == [False, True, False]
    assert c.carries[0].all()


def test_a_place_with_a_shunt_stays_and_carries_all_phases():
    y = np.zeros((6, 3, 3), dtype=complex)
    y[0] = 2e-4j * np.eye(3)
    network = make_network(BRANCHES, LOADS, z_ohm=Z, shunt_s=y)
    c, place = places(network)
    assert "a" in place
    assert c.carries[place["a"]].all()
    assert c.shunt_s[place["a"]] == pytest.approx(1e-4j * np.eye(3))
    assert c.shunt_s[0] == pytest.approx(1e-4j * np.eye(3))


def test_every_place_stands_after_its_parent_in_random_trees():
    for seed in range(5):
        network = random_network(seed)
        c, _ = places(network)
        assert (c.parent[1:] < np.arange(1, len(c))).all()
        assert (c.carries[1:] <= c.carries[c.parent[1:]]).all()
