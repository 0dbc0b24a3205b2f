"""The three engines against one another, and against OpenDSS reading the files itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from dss import dss
from tests.support.networks import BUSBAR, TRANSFORMER, balanced_ohm, make_network, random_network
from tests.support.plain_power_flow import unbalance
from tests.support.shared_folder import shared_path

from sparewatt.errors import InputError
from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.model.network import Source, Transformer
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import find_feeders

VOLTAGE_PU, CURRENT_A, POWER_KW = 1e-6, 1e-3, 1e-3
SNAPSHOTS, AT_ONCE = 200, 40
# Mean kW per customer at which the least voltage of the snapshots comes to about 0.8 pu.
HEAVY_KW = {"enwl_1": 2.3, "enwl_17": 0.9}


@cache
def read_network(name):
    network, findings = read_dss_network(shared_path(f"data/networks/{name}"))
    assert network is not None, findings
    return network


def draw(network, mean_kw, snapshots, seed=0):
    """Random loads from full export to full import, power factors between 0.9 lagging and 0.97 leading."""
    rng = np.random.default_rng(seed)
    level = np.linspace(-0.5, 1.0, snapshots) * mean_kw
    kw = rng.gamma(1.0, 1.0, (len(network.loads), snapshots)) * level
    return kw, kw * rng.uniform(-0.25, 0.48, kw.shape)


def everything(network):
    feeders = find_feeders(network)
    nodes, branches = np.arange(len(network.nodes)), np.arange(len(network.branches))
    zones = tuple(
        (np.flatnonzero(feeders.node_feeder == f), p) for f in range(len(feeders)) for p in range(3)
    )
    return FlowWant(nodes=nodes, branches=branches, zones=zones, overloads=(branches,))


def assert_same(a, b):
    assert a.converged.all()
    assert b.converged.all()
    base = 416 / np.sqrt(3)
    assert np.abs(a.node_voltage_v - b.node_voltage_v).max(initial=0) / base < VOLTAGE_PU
    assert np.abs(a.load_voltage_pu - b.load_voltage_pu).max() < VOLTAGE_PU
    assert np.abs(a.zone_min_pu - b.zone_min_pu).max(initial=0) < VOLTAGE_PU
    assert np.abs(a.zone_max_pu - b.zone_max_pu).max(initial=0) < VOLTAGE_PU
    assert np.abs(a.branch_current_a - b.branch_current_a).max(initial=0) < CURRENT_A
    assert np.abs(a.branch_power_kva - b.branch_power_kva).max(initial=0) < POWER_KW
    assert np.abs(a.busbar_kva - b.busbar_kva).max() < POWER_KW
    assert np.abs(a.losses_kw - b.losses_kw).max() < POWER_KW
    assert (a.overloads == b.overloads).all()


@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_three_engines_on_real_networks_with_reverse_flow_and_low_voltage(name):
    """Two hundred random snapshots: voltages of all nodes, currents and powers of all branches."""
    network = read_network(name)
    kw, kvar = draw(network, HEAVY_KW[name], SNAPSHOTS)
    want = everything(network)
    solvers = [engine_for(e, network, workers=2) for e in ("sweep", "opendss", "power_grid_model")]
    least, most, back = np.inf, 0.0, 0
    for first in range(0, SNAPSHOTS, AT_ONCE):
        block = slice(first, first + AT_ONCE)
        ours, *others = (e.solve(kw[:, block], kvar[:, block], want) for e in solvers)
        for other in others:
            assert_same(ours, other)
        least, most = min(least, ours.load_voltage_pu.min()), max(most, ours.load_voltage_pu.max())
        back += int((ours.busbar_kva.real.sum(axis=0) < 0).sum())
    assert 0.78 < least < 0.82
    assert most > 1.05
    assert back > SNAPSHOTS // 4


@pytest.mark.parametrize("engine", ["sweep", "opendss", "power_grid_model"])
@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_real_networks_without_load_stand_at_the_source_behind_thirty_degrees(name, engine):
    network = read_network(name)
    none = np.zeros((len(network.loads), 1))
    flow = engine_for(engine, network).solve(none, none, everything(network))
    # 11 kV, 1.00 pu, 11/0.416 kV at its nominal tap, Dyn1.
    expected = 416 / np.sqrt(3) * np.exp(-1j * np.deg2rad(30 + 120 * np.arange(3)))
    assert np.abs(flow.node_voltage_v[:, :, 0] - expected).max() / network.base_v < VOLTAGE_PU
    assert np.abs(flow.branch_current_a).max() < CURRENT_A
    assert np.abs(flow.losses_kw).max() < POWER_KW


@pytest.mark.parametrize("engine", ["sweep", "opendss", "power_grid_model"])
@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_currents_and_energy_balance_at_every_node_of_real_networks(name, engine):
    network = read_network(name)
    kw, kvar = draw(network, HEAVY_KW[name], 4, seed=2)
    flow = engine_for(engine, network, tolerance_pu=1e-10).solve(kw, kvar, everything(network))
    amps, watts = unbalance(network, flow, kw, kvar)
    assert np.abs(amps).max() < CURRENT_A
    assert np.abs(watts).max() < 1000 * POWER_KW


@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_both_forms_of_the_sweep_on_real_networks(name):
    network = read_network(name)
    kw, kvar = draw(network, HEAVY_KW[name], 9, seed=3)
    want = everything(network)
    tree = engine_for("sweep", network).solve(kw, kvar, want)
    assert_same(tree, engine_for("sweep", network, form="matrix").solve(kw, kvar, want))


@pytest.mark.parametrize("engine", ["sweep", "opendss", "power_grid_model"])
@pytest.mark.parametrize("watts_per_ohm", [6000.0, 10_000.0, 14_300.0, -9000.0])
def test_power_stays_constant_far_below_the_voltage_at_which_opendss_would_let_it_go(engine, watts_per_ohm):
    # One load behind R in the phase: V² − E·V + R·P = 0, V = E/2 + √(E²/4 − R·P). Its own Vminpu is 0.95.
    transformer, source = replace(TRANSFORMER, r_pu=1e-9, x_pu=1e-9), Source(11.0, 1.0, 1e-9j, 1e-9j)
    network = make_network(
        [(BUSBAR, "a")], [("a", 1)], z_ohm=0.5 * np.eye(3), transformer=transformer, source=source
    )
    kw = np.array([[watts_per_ohm / 0.5 / 1000.0]])
    flow = engine_for(engine, network).solve(kw, 0 * kw)
    e = 416 / np.sqrt(3)
    expected = (e / 2 + np.sqrt(e**2 / 4 - watts_per_ohm)) / e
    assert flow.converged.all()
    assert flow.load_voltage_pu[0, 0] == pytest.approx(expected, abs=2e-8)
    # The nose of the curve is at E²/4 = 14,421 W·ohm.
    assert not engine_for(engine, network).solve(kw * 14_500.0 / watts_per_ohm, 0 * kw).converged.any()


@pytest.mark.parametrize("engine", ["sweep", "opendss", "power_grid_model"])
def test_shares_of_impedance_and_current_by_hand(engine):
    # A constant impedance 3·R behind R leaves three quarters; a constant current I drops R·I, three tenths.
    transformer, source = replace(TRANSFORMER, r_pu=1e-9, x_pu=1e-9), Source(11.0, 1.0, 1e-9j, 1e-9j)
    e, ohm = 416 / np.sqrt(3), 2.0
    for share, watts, expected in (
        ((1.0, 0.0, 0.0), e**2 / (3 * ohm), 0.75),
        ((0.0, 1.0, 0.0), 0.3 * e**2 / ohm, 0.7),
    ):
        network = make_network(
            [(BUSBAR, "a")],
            [("a", 2)],
            z_ohm=ohm * np.eye(3),
            transformer=transformer,
            source=source,
            zip_share=share,
        )
        kw = np.array([[watts / 1000.0]])
        flow = engine_for(engine, network).solve(kw, 0 * kw)
        assert flow.converged.all()
        assert flow.load_voltage_pu[0, 0] == pytest.approx(expected, abs=VOLTAGE_PU)


@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_opendss_solving_the_files_themselves(name):
    master = shared_path(f"data/networks/{name}/Master.dss")
    network = read_network(name)
    kw, kvar = draw(network, HEAVY_KW[name], 3, seed=1)
    flow = engine_for("sweep", network).solve(kw, kvar, FlowWant(nodes=np.arange(len(network.nodes))))
    own = dss.NewContext()
    own.Text.Command = f'redirect "{master}"'
    own.Text.Command = "batchedit load..* vminpu=0.1 vlowpu=0.05 vmaxpu=3 model=1"
    own.Text.Command = "set controlmode=off mode=snapshot tolerance=1e-11 maxiterations=200"
    circuit = own.ActiveCircuit
    rows = {load.lower(): row for row, load in enumerate(network.loads.ids)}
    for t in range(kw.shape[1]):
        for i, load in enumerate(circuit.Loads.AllNames):
            circuit.Loads.idx = i + 1
            circuit.Loads.kW = kw[rows[load], t]
            circuit.Loads.kvar = kvar[rows[load], t]
        circuit.Solution.Solve()
        assert circuit.Solution.Converged
        v = np.asarray(circuit.YNodeVarray)
        order = {node.lower(): i for i, node in enumerate(circuit.YNodeOrder)}
        at = [[order[f"{n.lower()}.{p}"] for p in (1, 2, 3)] for n in network.nodes.ids]
        found = (v[0::2] + 1j * v[1::2])[np.array(at)]
        assert np.abs(found - flow.node_voltage_v[:, :, t]).max() / network.base_v < VOLTAGE_PU


@pytest.mark.parametrize("name", ["enwl_1", "enwl_17"])
def test_source_and_transformer_are_those_of_opendss_own_matrices(name):
    own = dss.NewContext()
    own.Text.Command = f'redirect "{shared_path(f"data/networks/{name}/Master.dss")}"'
    own.ActiveCircuit.Solution.Solve()

    def matrix(element):
        own.ActiveCircuit.SetActiveElement(element)
        flat = np.asarray(own.ActiveCircuit.ActiveCktElement.Yprim)
        values = flat[0::2] + 1j * flat[1::2]
        return values.reshape(int(np.sqrt(len(values))), -1)

    y = np.zeros((6, 6), dtype=complex)
    source, transformer = matrix("vsource.source")[:3, :3], matrix("transformer.tr1")
    y[:3, :3] = source
    y += transformer[np.ix_([0, 1, 2, 4, 5, 6], [0, 1, 2, 4, 5, 6])]
    behind = 11000 / np.sqrt(3) * np.exp(-2j * np.pi / 3 * np.arange(3))
    z = np.linalg.inv(y)
    ours = find_thevenin(read_network(name))
    # OpenDSS adds a millionth of the rating as a shunt against floating windings.
    assert ours.v0 == pytest.approx((z[:, :3] @ source @ behind)[3:], rel=1e-7)
    assert ours.z_ohm == pytest.approx(z[3:, 3:], rel=1e-6, abs=1e-12)


EARTHED = Transformer("t", 11.0, 0.416, 300.0, 0.01, 0.05, 0.05 + 0.02j, 11, 0.975)
CORE = replace(TRANSFORMER, magnetising_s=1e-3 - 4e-3j)


@pytest.mark.parametrize("transformer", [TRANSFORMER, EARTHED, CORE], ids=["solid", "earthed", "core"])
@pytest.mark.parametrize("engine", ["opendss", "power_grid_model"])
def test_untransposed_lines_shunts_three_phase_and_mixed_loads(engine, transformer):
    for seed in range(2):
        network = random_network(seed, shunts=True, zips=True, three_phase=True)
        network = replace(network, transformer=transformer)
        kw, kvar = draw(network, 4.0, 5, seed)
        want = everything(network)
        ours = engine_for("sweep", network).solve(kw, kvar, want)
        assert_same(ours, engine_for(engine, network).solve(kw, kvar, want))


@pytest.mark.parametrize("clock", [1, 3, 5, 7, 9, 11])
@pytest.mark.parametrize("engine", ["opendss", "power_grid_model"])
def test_clock_numbers(engine, clock):
    network = make_network(
        [(BUSBAR, "a")], [("a", 0), ("a", 1)], transformer=replace(TRANSFORMER, clock=clock)
    )
    kw, kvar = np.array([[10.0], [4.0]]), np.array([[3.0], [0.0]])
    want = FlowWant(nodes=np.array([0, 1]), branches=np.array([0]))
    ours = engine_for("sweep", network).solve(kw, kvar, want)
    assert_same(ours, engine_for(engine, network).solve(kw, kvar, want))


def test_meshed_networks_have_two_engines():
    network = random_network(5)
    b = network.branches
    ring = replace(
        b,
        ids=(*b.ids, "ring"),
        from_node=np.append(b.from_node, 7),
        to_node=np.append(b.to_node, 25),
        z_ohm=np.concatenate([b.z_ohm, balanced_ohm(0.02 + 0.01j, 0.05 + 0.02j)[None]]),
        shunt_s=np.concatenate([b.shunt_s, np.zeros((1, 3, 3))]),
        ampacity_a=np.append(b.ampacity_a, 100.0),
        length_m=np.append(b.length_m, 80.0),
    )
    network = replace(network, branches=ring)
    with pytest.raises(InputError, match=r"closes? .*loop"):
        engine_for("sweep", network)
    kw, kvar = draw(network, 4.0, 4)
    want = everything(network)
    one = engine_for("opendss", network).solve(kw, kvar, want)
    assert np.abs(one.branch_current_a[-1]).max() > 1.0
    assert_same(one, engine_for("power_grid_model", network).solve(kw, kvar, want))


@pytest.mark.parametrize("engine", ["opendss", "power_grid_model"])
def test_a_snapshot_that_cannot_be_supplied_is_flagged_by_all(engine):
    network = random_network(6)
    kw, kvar = draw(network, 3.0, 6)
    kw[:, 2] = 5000.0
    flow = engine_for(engine, network).solve(kw, kvar)
    assert flow.converged.tolist() == [True, True, False, True, True, True]
    ours = engine_for("sweep", network).solve(kw, kvar)
    assert (ours.converged == flow.converged).all()
    assert (flow.load_voltage_pu[:, 2] == 0).all()
    assert (flow.losses_kw[2], flow.busbar_kva[0, 2]) == (0, 0)
    fine = flow.converged
    assert flow.load_voltage_pu[:, fine] == pytest.approx(ours.load_voltage_pu[:, fine], abs=1e-7)


def test_what_an_engine_cannot_model_is_said():
    leaky = random_network(1, shunts=True)
    leaky.branches.shunt_s[3] += 1e-5 * np.eye(3)
    with pytest.raises(InputError, match="the engine opendss takes no shunt conductance"):
        engine_for("opendss", leaky)
    twisted = random_network(1)
    twisted.branches.z_ohm[2, 0, 1] *= 2
    with pytest.raises(InputError, match="takes no impedance matrix that is not symmetric") as caught:
        engine_for("power_grid_model", twisted)
    assert [f.where for f in caught.value.findings] == [f"branch {twisted.branches.ids[2]}"]
    engine_for("sweep", twisted)
    with pytest.raises(ValueError, match="no engine 'dss'"):
        engine_for("dss", twisted)
