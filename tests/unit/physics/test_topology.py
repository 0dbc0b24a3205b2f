"""Feeders and zones are found from the topology alone; loops and islands are named."""

from __future__ import annotations

import numpy as np
from tests.support.networks import BUSBAR, make_network

from sparewatt.model.feeders import NO_FEEDER
from sparewatt.physics.topology import check_tree, find_feeders, find_islands, find_loops, find_zones

# Two feeders; the branch of the second is drawn towards the busbar and stands first in the source.
BRANCHES = [("x", BUSBAR), (BUSBAR, "a"), ("b", "a"), ("a", "c"), ("x", "y")]
LOADS = [("b", 0), ("c", 2), ("y", 1), ("c", 0), ("y", 1)]


def test_feeders_are_numbered_in_the_order_of_their_head_branches_in_the_source():
    network = make_network(BRANCHES, LOADS)
    feeders = find_feeders(network)
    assert feeders.ids == ("1", "2")
    assert [network.branches.ids[b] for b in feeders.head_branch] == ["x-busbar", "busbar-a"]
    of_node = dict(zip(network.nodes.ids, feeders.node_feeder.tolist(), strict=True))
    assert of_node == {BUSBAR: NO_FEEDER, "x": 0, "y": 0, "a": 1, "b": 1, "c": 1}
    assert feeders.branch_feeder.tolist() == [0, 1, 1, 1, 0]
    assert feeders.load_feeder.tolist() == [1, 1, 0, 1, 0]
    assert check_tree(network, feeders) == ()


def test_every_node_stands_after_its_parent():
    network = make_network(BRANCHES, LOADS)
    feeders = find_feeders(network)
    place = np.empty(len(network.nodes), dtype=int)
    place[feeders.order] = np.arange(len(network.nodes))
    assert feeders.order[0] == network.busbar
    for node in feeders.order[1:]:
        assert place[feeders.node_parent[node]] < place[node]
        ends = {network.branches.from_node[feeders.node_branch[node]]}
        ends |= {network.branches.to_node[feeders.node_branch[node]]}
        assert ends == {node, feeders.node_parent[node]}


def test_zones_are_phases_of_feeders_with_loads():
    network = make_network(BRANCHES, LOADS)
    zones = find_zones(network, find_feeders(network))
    assert zones.ids == ("1/2", "2/1", "2/3")
    assert zones.feeder.tolist() == [0, 1, 1]
    assert zones.phase.tolist() == [1, 0, 2]
    assert [zones.ids[z] for z in zones.load_zone] == ["2/1", "2/3", "1/2", "2/1", "1/2"]


def test_a_load_of_three_phases_makes_all_zones_of_its_feeder_and_belongs_to_none_alone():
    network = make_network(BRANCHES, [("b", -1), ("y", 1)])
    zones = find_zones(network, find_feeders(network))
    assert zones.ids == ("1/2", "2/1", "2/2", "2/3")
    assert zones.load_zone.tolist() == [-1, 0]


def test_an_island_is_named_and_stands_last():
    network = make_network([*BRANCHES, ("far", "off")], [*LOADS, ("off", 0)])
    feeders = find_feeders(network)
    (finding,) = check_tree(network, feeders)
    assert (finding.rule, finding.severity) == ("network.island", "error")
    assert set(finding.ids) == {"far", "off"}
    assert "2 nodes with 1 loads have no path to the busbar" in finding.message
    assert set(feeders.order[-2:]) == set(find_islands(network, feeders))
    assert feeders.load_feeder[-1] == NO_FEEDER
    assert find_zones(network, feeders).load_zone[-1] == -1


def test_an_island_without_loads_is_a_warning():
    network = make_network(BRANCHES, LOADS, nodes=["alone"])
    (finding,) = check_tree(network, find_feeders(network))
    assert (finding.rule, finding.severity, finding.ids) == ("network.island", "warning", ("alone",))


def test_a_loop_is_named_with_another_engine():
    network = make_network([*BRANCHES, ("b", "c")], LOADS)
    feeders = find_feeders(network)
    (finding,) = check_tree(network, feeders)
    assert (finding.rule, finding.severity, finding.ids) == ("network.loop", "error", ("b-c",))
    assert "power_grid_model" in finding.remedy
    assert feeders.branch_feeder[-1] == 1


def test_a_branch_between_two_feeders_belongs_to_neither():
    network = make_network([*BRANCHES, ("y", "c")], LOADS)
    feeders = find_feeders(network)
    loops = find_loops(network, feeders)
    assert [network.branches.ids[b] for b in loops] == ["y-c"]
    assert feeders.branch_feeder[-1] == NO_FEEDER


def test_two_branches_in_parallel_and_one_onto_itself_are_loops():
    network = make_network([*BRANCHES, ("a", "c"), ("y", "y")], LOADS)
    loops = find_loops(network, find_feeders(network))
    assert [network.branches.ids[b] for b in loops] == ["a-c", "y-y"]
