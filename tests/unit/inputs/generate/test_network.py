"""Generated networks look like real ones: sizes, tapering, lengths, phases, streets, voltages."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.generate.network_plan import MAINS, SERVICES, NetworkPlan
from sparewatt.inputs.network.network_hash import hash_network
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import check_tree, find_feeders, find_zones

SIZES = [(1, 60, 3), (2, 120, 4), (3, 300, 6), (4, 5, 5), (5, 500, 6), (6, 30, 1), (7, 40, 2)]


@pytest.fixture(params=SIZES, ids=[f"{n} on {f}" for _, n, f in SIZES], scope="module")
def made(request):
    seed, customers, feeders = request.param
    network = generate_network(seed, customers, feeders)
    return network, find_feeders(network), customers, feeders


def test_there_are_as_many_customers_and_feeders_as_asked_for(made):
    network, tree, customers, feeders = made
    assert len(network.loads) == customers
    assert len(tree) == feeders
    assert check_tree(network, tree) == ()
    counts = np.bincount(tree.load_feeder, minlength=feeders)
    assert counts.min() >= 1
    assert counts.max() <= 1.4 / 0.6 * counts.min() + 2


def test_mains_taper(made):
    network, tree, _, _ = made
    branches = network.branches
    for row, name in enumerate(branches.ids):
        up = tree.node_branch[branches.from_node[row]]
        if name.startswith("main") and up >= 0:
            assert branches.ampacity_a[row] <= branches.ampacity_a[up]
    assert set(branches.ampacity_a.tolist()) <= {c.ampacity_a for c in MAINS + SERVICES}


def test_lengths_are_those_of_the_map(made):
    network, _, _, _ = made
    nodes, branches = network.nodes, network.branches
    a, b = branches.from_node, branches.to_node
    lengths = [
        math.dist((nodes.x[i], nodes.y[i]), (nodes.x[j], nodes.y[j])) for i, j in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(branches.length_m, lengths)
    service = np.array([name.startswith("service") for name in branches.ids])
    assert 5 <= branches.length_m[service].min() <= branches.length_m[service].max() <= 20
    assert 12 <= branches.length_m[~service].min() <= branches.length_m[~service].max() <= 35
    assert nodes.has_place.all()


def test_impedances_are_those_of_the_cable(made):
    network, _, _, _ = made
    row = network.branches.ids.index("main_1_1")
    cable = next(c for c in MAINS if c.ampacity_a == network.branches.ampacity_a[row])
    km = network.branches.length_m[row] / 1000
    own = complex(2 * cable.r1 + cable.r0, 2 * cable.x1 + cable.x0) / 3 * km
    assert network.branches.z_ohm[row, 1, 1] == pytest.approx(own)
    assert network.branches.z_ohm[row, 0, 2] == pytest.approx(own - complex(cable.r1, cable.x1) * km)


def test_phases_are_near_even_and_not_quite():
    shares = []
    for seed in range(20):
        counts = np.bincount(generate_network(seed, 150, 4).loads.phase, minlength=3)
        shares.append(counts.max() / counts.mean() - 1)
    assert 0.02 < np.mean(shares) < 0.2
    assert max(shares) < 0.4
    even = generate_network(1, plan=NetworkPlan(150, 1, phase_disorder=0))
    assert np.bincount(even.loads.phase).tolist() == [50, 50, 50]


def test_some_customers_may_have_three_phases():
    network = generate_network(1, plan=NetworkPlan(200, 4, three_phase_share=0.25))
    assert 30 <= (network.loads.phase == ALL_PHASES).sum() <= 70


@pytest.mark.parametrize(("customers", "rating"), [(60, 200), (117, 200), (118, 315), (300, 800), (470, 800)])
def test_the_transformer_fits_the_customers(customers, rating):
    transformer = generate_network(1, customers, 4).transformer
    assert transformer.rating_kva == rating
    assert math.hypot(transformer.r_pu, transformer.x_pu) == pytest.approx(0.0475)
    assert 0.005 < transformer.r_pu < 0.016
    assert transformer.clock == 11


def test_the_same_seed_gives_the_same_network_and_another_one_another():
    first, again, other = (generate_network(seed, 80, 3) for seed in (5, 5, 6))
    assert hash_network(first) == hash_network(again)
    assert first.branches.z_ohm.tobytes() == again.branches.z_ohm.tobytes()
    assert hash_network(first) != hash_network(other)


def test_streets_of_different_feeders_do_not_meet():
    network = generate_network(9, 300, 6)
    tree = find_feeders(network)
    joint = np.array([name.startswith("f") for name in network.nodes.ids])
    far = joint & (np.hypot(network.nodes.x, network.nodes.y) > 60)
    for feeder in range(6):
        own, others = far & (tree.node_feeder == feeder), far & (tree.node_feeder != feeder)
        dx = network.nodes.x[own][:, None] - network.nodes.x[others]
        dy = network.nodes.y[own][:, None] - network.nodes.y[others]
        assert np.hypot(dx, dy).min() > 8


def test_zones_are_phases_of_feeders():
    network = generate_network(2, 120, 4)
    assert len(find_zones(network, find_feeders(network))) == 12


@pytest.mark.parametrize(
    "wrong",
    [{"customers": 2, "feeders": 3}, {"feeders": 0}, {"feeders": 9}, {"phase_disorder": 2},
     {"power_factor": 0}, {"rating_kva": 0.0}, {"design_kw": 0.0}],
)  # fmt: skip
def test_plans_that_make_no_network_are_refused(wrong):
    with pytest.raises(ValueError, match=r"above 0|from 0 to 1|feeders"):
        NetworkPlan(**wrong)
