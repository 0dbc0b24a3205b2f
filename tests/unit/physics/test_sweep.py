"""The sweep against the textbook's nodal matrix, and the laws that hold whatever the numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.networks import BUSBAR, TRANSFORMER, make_network, random_network
from tests.support.plain_power_flow import load_currents, solve_plainly

from sparewatt.errors import InputError
from sparewatt.model.network import Transformer
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import find_feeders

EARTHED = Transformer("t", 11.0, 0.4, 300.0, 0.01, 0.05, 0.05 + 0.02j, 11, 0.975, 1e-3 - 4e-3j)
KINDS = {
    "untransposed": {},
    "three-phase loads": {"three_phase": True},
    "shunts": {"shunts": True},
    "shares of impedance and current": {"zips": True},
    "all at once": {"shunts": True, "zips": True, "three_phase": True},
}


def everything(network):
    feeders = find_feeders(network)
    nodes, branches = np.arange(len(network.nodes)), np.arange(len(network.branches))
    zones = tuple(
        (np.flatnonzero(feeders.node_feeder == f), p) for f in range(len(feeders)) for p in range(3)
    )
    over = tuple(np.flatnonzero(feeders.branch_feeder == f) for f in range(len(feeders)))
    return FlowWant(nodes=nodes, branches=branches, zones=zones, overloads=over)


def draw(network, seed, snapshots=11, most=6.0):
    rng = np.random.default_rng(seed)
    kw = rng.uniform(-0.3 * most, most, (len(network.loads), snapshots))
    return kw, kw * rng.uniform(-0.1, 0.4, kw.shape)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transformer", [TRANSFORMER, EARTHED], ids=["solid", "earthed"])
def test_voltages_and_losses_are_those_of_the_nodal_matrix(kind, transformer):
    for seed in range(3):
        network = replace(random_network(seed, **KINDS[kind]), transformer=transformer)
        kw, kvar = draw(network, seed)
        flow = engine_for("sweep", network).solve(kw, kvar, everything(network))
        assert flow.converged.all()
        for t in (0, 7, 10):
            v, lost = solve_plainly(network, kw[:, t], kvar[:, t])
            assert np.abs(flow.node_voltage_v[:, :, t] - v).max() < 1e-8 * network.base_v
            assert flow.losses_kw[t] == pytest.approx(lost, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_currents_balance_at_every_node_and_power_over_all(kind):
    network = random_network(11, **KINDS[kind])
    kw, kvar = draw(network, 5)
    flow = engine_for("sweep", network, tolerance_pu=1e-11).solve(kw, kvar, everything(network))
    near = find_feeders(network).node_parent
    way = find_feeders(network).node_branch
    thevenin = find_thevenin(network)
    for t in range(kw.shape[1]):
        v = flow.node_voltage_v[:, :, t]
        left = load_currents(network, v, kw[:, t], kvar[:, t]).reshape(-1, 3)
        drawn = (v * left.conj()).sum().real / 1e3
        for n in range(len(network.nodes)):
            if n != network.busbar:
                y = 0.5 * network.branches.shunt_s[way[n]]
                sent = flow.branch_current_a[way[n], :, t]
                left[near[n]] += sent
                left[n] -= sent - y @ v[near[n]] - y @ v[n]
        out = (flow.busbar_kva[:, t] * 1e3 / v[network.busbar]).conj()
        left[network.busbar] -= out
        assert np.abs(left).max() < 1e-6
        copper = thevenin.transformer_losses_w(out[:, None])[0] / 1e3
        branch_losses = flow.busbar_kva[:, t].sum().real - drawn
        assert branch_losses + copper == pytest.approx(flow.losses_kw[t], abs=1e-6)


def test_reports_agree_with_one_another():
    network = random_network(3, three_phase=True)
    kw, kvar = draw(network, 3)
    want = everything(network)
    flow = engine_for("sweep", network).solve(kw, kvar, want)
    magnitude = np.abs(flow.node_voltage_v) / network.base_v
    for row in range(len(network.loads)):
        at = magnitude[network.loads.node[row]]
        expected = at.mean(axis=0) if network.loads.phase[row] < 0 else at[network.loads.phase[row]]
        assert flow.load_voltage_pu[row] == pytest.approx(expected, abs=1e-14)
    for z, (rows, phase) in enumerate(want.zones):
        assert flow.zone_min_pu[z] == pytest.approx(magnitude[rows, phase].min(axis=0), abs=1e-14)
        assert flow.zone_max_pu[z] == pytest.approx(magnitude[rows, phase].max(axis=0), abs=1e-14)
    near = find_feeders(network).node_parent
    way = find_feeders(network).node_branch
    for n in range(len(network.nodes)):
        if n != network.busbar:
            power = flow.node_voltage_v[near[n]] * flow.branch_current_a[way[n]].conj() / 1e3
            assert flow.branch_power_kva[way[n]] == pytest.approx(power, abs=1e-12)
    assert (flow.transformer_kva == np.abs(flow.busbar_kva).sum(axis=0)).all()


def test_overloads_count_branches_above_rating_on_any_phase():
    # One chain: 20 A on phase 0 through both branches, 10 A more through the first; ratings 25 A and 15 A.
    network = make_network([(BUSBAR, "a"), ("a", "b")], [("a", 1), ("b", 0)], ampacity_a=[25.0, 15.0])
    want = FlowWant(overloads=(np.array([0, 1]), np.array([0])))
    amps = np.array([[10.0, 26.0, 0.0], [20.0, 10.0, 14.0]])
    flow = engine_for("sweep", network).solve(amps * 0.24, 0 * amps, want)
    assert flow.overloads.tolist() == [[1, 1, 0], [0, 1, 0]]


def test_a_network_without_load_has_the_voltage_without_load():
    network = random_network(2)
    none = np.zeros((len(network.loads), 9))
    flow = engine_for("sweep", network).solve(none, none, everything(network))
    assert flow.converged.all()
    turned = np.exp(-1j * np.deg2rad(30 + 120 * np.arange(3)))
    expected = np.broadcast_to((network.base_v * turned)[:, None], flow.node_voltage_v.shape)
    assert flow.node_voltage_v == pytest.approx(expected, abs=1e-9)
    assert np.abs(flow.branch_current_a).max() == 0
    assert flow.losses_kw == pytest.approx(np.zeros(9), abs=1e-9)


def test_a_network_without_loads_at_all():
    network = make_network([(BUSBAR, "a")], [])
    flow = engine_for("sweep", network).solve(
        np.empty((0, 3)), np.empty((0, 3)), FlowWant(nodes=np.array([1]))
    )
    assert np.abs(flow.node_voltage_v) == pytest.approx(np.full((1, 3, 3), network.base_v), rel=1e-9)
    assert flow.load_voltage_pu.shape == (0, 3)


@pytest.mark.parametrize("snapshots", [1, 7, 15, 16, 17, 33, 1100])
def test_results_depend_neither_on_workers_nor_on_the_length(snapshots):
    network = random_network(4)
    kw, kvar = draw(network, 4, snapshots)
    want = replace(everything(network), zones=(), overloads=())
    one = engine_for("sweep", network, workers=1).solve(kw, kvar, want)
    two = engine_for("sweep", network, workers=2).solve(kw, kvar, want)
    assert (one.load_voltage_pu == two.load_voltage_pu).all()
    assert (one.branch_current_a == two.branch_current_a).all()
    last = engine_for("sweep", network).solve(kw[:, -1:], kvar[:, -1:], want)
    assert one.load_voltage_pu[:, -1] == pytest.approx(last.load_voltage_pu[:, 0], abs=1e-8)
    assert one.branch_power_kva[:, :, -1] == pytest.approx(last.branch_power_kva[:, :, 0], abs=1e-4)


def test_a_snapshot_that_cannot_be_supplied_is_flagged_and_spoils_no_other():
    network = random_network(6)
    kw, kvar = draw(network, 6, 16)
    alone = engine_for("sweep", network).solve(kw, kvar)
    kw[:, 5] = 5000.0
    flow = engine_for("sweep", network).solve(kw, kvar)
    assert flow.converged.tolist() == [t != 5 for t in range(16)]
    assert flow.iterations == 100
    fine = flow.converged
    assert flow.load_voltage_pu[:, fine] == pytest.approx(alone.load_voltage_pu[:, fine], abs=1e-8)
    assert (flow.load_voltage_pu[:, 5] == 0).all()
    assert (flow.losses_kw[5], flow.busbar_kva[1, 5]) == (0, 0)


def test_tolerance_is_kept_at_heavy_load():
    network = random_network(8, nodes=40, loads=40)
    kw, kvar = draw(network, 8, 64, most=14.0)
    exact = engine_for("sweep", network, tolerance_pu=1e-14).solve(kw, kvar).load_voltage_pu
    assert exact.min() < 0.85
    for tolerance in (1e-4, 1e-6, 1e-8, 1e-10):
        flow = engine_for("sweep", network, tolerance_pu=tolerance).solve(kw, kvar)
        assert flow.converged.all()
        assert np.abs(flow.load_voltage_pu - exact).max() < tolerance


def test_shunts_count_where_no_load_draws_anything():
    # Without load a pass moves no load, only the shunts: one pass left them 2e-8 pu off.
    network = replace(random_network(0, nodes=8, loads=0, shunts=True), transformer=EARTHED)
    none = np.zeros((0, 1))
    flow = engine_for("sweep", network, tolerance_pu=1e-11).solve(none, none, everything(network))
    v, lost = solve_plainly(network, none[:, 0], none[:, 0])
    assert np.abs(flow.node_voltage_v[:, :, 0] - v).max() < 1e-10 * network.base_v
    assert flow.losses_kw[0] == pytest.approx(lost, abs=1e-8)


def test_what_was_not_asked_has_no_rows():
    network = random_network(1)
    kw, kvar = draw(network, 1, 4)
    flow = engine_for("sweep", network).solve(kw, kvar, FlowWant(load_voltages=False))
    assert flow.load_voltage_pu.shape == (0, 4)
    assert flow.node_voltage_v.shape == (0, 3, 4)
    assert flow.branch_current_a.shape == flow.branch_power_kva.shape == (0, 3, 4)
    assert flow.zone_min_pu.shape == flow.zone_max_pu.shape == flow.overloads.shape == (0, 4)
    assert (flow.losses_kw > 0).all()


def test_powers_of_another_shape_are_refused():
    network = random_network(1)
    with pytest.raises(ValueError, match=r"kvar has shape \(20, 4\), not \(loads, snapshots\) = \(20, 5\)"):
        engine_for("sweep", network).solve(np.zeros((20, 5)), np.zeros((20, 4)))


def test_loops_and_islands_are_refused_with_findings():
    loop = make_network([(BUSBAR, "a"), ("a", "b"), ("b", BUSBAR)], [("b", 0)])
    with pytest.raises(InputError) as caught:
        engine_for("sweep", loop)
    assert [f.rule for f in caught.value.findings] == ["network.loop"]
    island = make_network([(BUSBAR, "a"), ("b", "c")], [("b", 0)])
    with pytest.raises(InputError) as caught:
        engine_for("sweep", island)
    assert [f.rule for f in caught.value.findings] == ["network.island"]


def test_a_node_without_a_path_cannot_be_asked_for():
    network = make_network([(BUSBAR, "a")], [("a", 0)], nodes=["alone"])
    want = FlowWant(nodes=np.array([2]))
    with pytest.raises(ValueError, match="node alone has no path to the busbar"):
        engine_for("sweep", network).solve(np.ones((1, 1)), np.zeros((1, 1)), want)
