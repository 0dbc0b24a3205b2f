"""The impedance form of the sweep: the textbook's nodal matrix, and impedances by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.networks import BUSBAR, TRANSFORMER, make_network, random_network
from tests.support.plain_power_flow import solve_plainly

from sparewatt.errors import InputError
from sparewatt.model.network import Transformer
from sparewatt.physics.condense import condense
from sparewatt.physics.engines import engine_for
from sparewatt.physics.impedance_form import port_impedance
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import find_feeders

EARTHED = Transformer("t", 11.0, 0.4, 300.0, 0.01, 0.05, 0.05 + 0.02j, 11, 0.975, 1e-3 - 4e-3j)


@pytest.mark.parametrize(
    "kind", [{}, {"shunts": True}, {"zips": True}, {"shunts": True, "zips": True, "three_phase": True}]
)
@pytest.mark.parametrize("transformer", [TRANSFORMER, EARTHED], ids=["solid", "earthed"])
def test_voltages_and_losses_are_those_of_the_nodal_matrix(kind, transformer):
    network = replace(random_network(4, **kind), transformer=transformer)
    rng = np.random.default_rng(4)
    kw = rng.uniform(-2, 6, (len(network.loads), 5))
    kvar = kw * rng.uniform(-0.1, 0.4, kw.shape)
    want = FlowWant(nodes=np.arange(len(network.nodes)))
    flow = engine_for("sweep", network, form="matrix").solve(kw, kvar, want)
    assert flow.converged.all()
    for t in range(5):
        v, lost = solve_plainly(network, kw[:, t], kvar[:, t])
        assert np.abs(flow.node_voltage_v[:, :, t] - v).max() < 1e-8 * network.base_v
        assert flow.losses_kw[t] == pytest.approx(lost, abs=1e-6)


def test_impedance_between_loads_is_that_of_the_way_they_share():
    # busbar - a - b(phase 0), a - c(phase 1): they share transformer and the branch to a, mutual part only.
    own, mutual = 0.03 + 0.01j, 0.01 + 0.002j
    z = np.arange(1, 4)[:, None, None] * (np.eye(3) * (own - mutual) + mutual)
    network = make_network([(BUSBAR, "a"), ("a", "b"), ("a", "c")], [("b", 0), ("c", 1)], z_ohm=z)
    c, thevenin = condense(network, find_feeders(network)), find_thevenin(network)
    names = [network.nodes.ids[n] for n in c.node]
    found = port_impedance(c, thevenin, np.array([names.index("b"), names.index("c")]), np.array([0, 1]))
    t = thevenin.z_ohm
    expected = [[t[0, 0] + 3 * own, t[0, 1] + mutual], [t[1, 0] + mutual, t[1, 1] + 4 * own]]
    assert found == pytest.approx(np.array(expected), rel=1e-12)


def test_a_snapshot_that_cannot_be_supplied_is_flagged_and_spoils_no_other():
    network = random_network(6)
    rng = np.random.default_rng(6)
    kw = rng.uniform(-2, 6, (len(network.loads), 9))
    kw[:, 5] = 5000.0
    flow = engine_for("sweep", network, form="matrix").solve(kw, 0.2 * kw)
    tree = engine_for("sweep", network).solve(kw, 0.2 * kw)
    assert flow.converged.tolist() == tree.converged.tolist() == [t != 5 for t in range(9)]
    assert flow.load_voltage_pu == pytest.approx(tree.load_voltage_pu, abs=1e-8)
    assert (flow.losses_kw[5], flow.busbar_kva[1, 5]) == (0, 0)


def test_a_network_without_loads_and_one_with_a_loop():
    none = make_network([(BUSBAR, "a")], [])
    flow = engine_for("sweep", none, form="matrix").solve(np.empty((0, 2)), np.empty((0, 2)))
    assert flow.converged.all()
    assert np.abs(flow.busbar_kva).max() == 0
    loop = make_network([(BUSBAR, "a"), ("a", "b"), ("b", BUSBAR)], [("b", 0)])
    with pytest.raises(InputError):
        engine_for("sweep", loop, form="matrix")
