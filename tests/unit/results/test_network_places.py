"""Where the nodes of a network are drawn, and which of its branches are rings; numbers by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.physics.topology import find_feeders
from sparewatt.results.network_places import place_nodes, place_words
from sparewatt.results.network_rings import ring_branches, ring_words
from support.network_views import hand_network
from support.networks import make_network


def placed(network, x, y, known):
    nodes = replace(network.nodes, x=np.array(x, float), y=np.array(y, float), has_place=np.array(known))
    network = replace(network, nodes=nodes)
    return place_nodes(network, find_feeders(network)), place_words(network)


@pytest.mark.parametrize(
    ("x", "known", "words"),
    [
        ([0, 0, 0, 0], [False] * 4, "no coordinates"),
        ([3, 0, 0, 0], [True, False, False, False], "coordinates of 1 of 4 nodes only"),
        ([7, 7, 7, 7], [True] * 4, "one point for all nodes"),
    ],
)
def test_a_network_without_coordinates_is_drawn_as_a_tree(x, known, words):
    (at, is_drawn), said = placed(hand_network(), x, [0, 0, 0, 0], known)
    assert is_drawn
    # busbar, a, b, c: lengths of 50 m; the ends b and c apart, a beside b, the busbar between
    assert at[:, 0].tolist() == [0, 50, 100, 50]
    assert at[:, 1].tolist() == [-35, 0, 0, -70]
    assert words in said
    assert said.endswith("so this is a tree: across is the cable length from the transformer.")


def test_coordinates_of_the_source_are_used():
    (at, is_drawn), said = placed(hand_network(), [0, 1, 2, 3], [1, 1, 1, 1], [True] * 4)
    assert (is_drawn, said) == (False, "")
    assert at.tolist() == [[0, 1], [1, 1], [2, 1], [3, 1]]


def test_nodes_that_the_source_forgot_stand_between_their_neighbours():
    chain = make_network([("busbar", "a"), ("a", "b"), ("b", "c"), ("b", "d")], [("c", 0)])
    known = [True, False, False, True, True]
    # a in the middle of the busbar and b; b of a, c, d: b = (0 + c/1 + d/1 + b/2) / 3 -> b = (c + d) / 2.5
    (at, is_drawn), said = placed(chain, [0, 0, 0, 10, 10], [0, 0, 0, 0, 5], known)
    assert not is_drawn
    np.testing.assert_allclose(at[:, 0], [0, 4, 8, 10, 10], atol=1e-6)
    np.testing.assert_allclose(at[:, 1], [0, 1, 2, 0, 5], atol=1e-6)
    assert said == "2 of 5 nodes have no coordinates; they are drawn between their neighbours."


def test_rings_are_the_branches_of_a_loop_and_not_the_way_to_it():
    ring = [("busbar", "a"), ("a", "b"), ("a", "c"), ("b", "c"), ("c", "d"), ("busbar", "e"), ("d", "e")]
    network = make_network(ring[:6], [("d", 0)])
    closing, inside = ring_branches(network, find_feeders(network))
    assert np.flatnonzero(closing).tolist() == [3]
    assert np.flatnonzero(inside).tolist() == [1, 2, 3]
    assert ring_words(network, find_feeders(network)) == (
        "The network has 1 ring: feeders and zones are those of the tree without the cable that closes it, "
        "so a zone in a ring is fed from two sides."
    )
    assert ring_words(hand_network(), find_feeders(hand_network())) == ""
    meshed = make_network(ring, [("d", 0)])
    closing, inside = ring_branches(meshed, find_feeders(meshed))
    assert closing.sum() == 2
    assert inside.all()
    assert "2 rings: " in ring_words(meshed, find_feeders(meshed))
