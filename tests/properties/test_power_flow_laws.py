"""Laws of the power flow on random radial networks: balance at every node, condensed = full, no load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.networks import random_network
from tests.support.plain_power_flow import load_currents, unbalance

from sparewatt.model.network import Branches, Network, Nodes, Transformer
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.thevenin import find_thevenin

SNAPSHOTS = 9
BALANCE_A, BALANCE_W, SAME_PU = 1e-5, 2e-3, 1e-8


@st.composite
def networks(draw, *, plain=False):
    """A random tree of any size and shape, any clock number, tap, neutral and core."""
    kinds = {name: not plain and draw(st.booleans()) for name in ("shunts", "zips", "three_phase")}
    nodes = draw(st.integers(2, 40))
    network = random_network(
        draw(st.integers(0, 10_000)), nodes=nodes, loads=draw(st.integers(0, 25)), **kinds
    )
    transformer = Transformer(
        "t",
        11.0,
        0.416,
        draw(st.sampled_from([100.0, 500.0])),
        0.008,
        0.04,
        draw(st.sampled_from([0j, 0.02 + 0.01j])),
        draw(st.sampled_from([1, 5, 11])),
        draw(st.sampled_from([0.95, 1.0, 1.05])),
        draw(st.sampled_from([0j, 1e-3 - 4e-3j])) if not plain else 0j,
    )
    return replace(network, transformer=transformer)


def demand(network, seed, most=3.0):
    rng = np.random.default_rng(seed)
    kw = rng.uniform(-most, most, (len(network.loads), SNAPSHOTS))
    return kw, kw * rng.uniform(-0.2, 0.4, kw.shape)


def everything(network):
    return FlowWant(nodes=np.arange(len(network.nodes)), branches=np.arange(len(network.branches)))


@settings(max_examples=40)
@given(network=networks(), seed=st.integers(0, 1000), form=st.sampled_from(["tree", "matrix"]))
def test_currents_and_energy_balance_at_every_node(network, seed, form):
    kw, kvar = demand(network, seed)
    flow = engine_for("sweep", network, tolerance_pu=1e-11, form=form).solve(kw, kvar, everything(network))
    assert flow.converged.all()
    amps, watts = unbalance(network, flow, kw, kvar)
    assert np.abs(amps).max() < BALANCE_A
    assert np.abs(watts).max() < BALANCE_W


@settings(max_examples=40)
@given(network=networks(), seed=st.integers(0, 1000))
def test_what_enters_is_what_loads_and_losses_take(network, seed):
    kw, kvar = demand(network, seed)
    flow = engine_for("sweep", network, tolerance_pu=1e-11).solve(kw, kvar, everything(network))
    v, thevenin = flow.node_voltage_v, find_thevenin(network)
    out = (flow.busbar_kva * 1e3 / v[network.busbar]).conj()
    taken = np.array(
        [
            (v[:, :, t].ravel() * load_currents(network, v[:, :, t], kw[:, t], kvar[:, t]).conj()).real.sum()
            for t in range(SNAPSHOTS)
        ]
    )
    copper = thevenin.transformer_losses_w(out)
    assert np.abs(1e3 * flow.busbar_kva.real.sum(axis=0) + copper - taken - 1e3 * flow.losses_kw).max() < 0.01
    assert (flow.losses_kw > -1e-9).all()


@settings(max_examples=40)
@given(network=networks(), seed=st.integers(0, 1000))
def test_both_forms_of_the_sweep_agree(network, seed):
    kw, kvar = demand(network, seed)
    want = everything(network)
    tree, matrix = (engine_for("sweep", network, form=f).solve(kw, kvar, want) for f in ("tree", "matrix"))
    assert np.abs(tree.node_voltage_v - matrix.node_voltage_v).max() < 2 * SAME_PU * network.base_v
    assert np.abs(tree.branch_current_a - matrix.branch_current_a).max(initial=0) < 1e-3
    assert np.abs(tree.losses_kw - matrix.losses_kw).max() < 1e-5


@settings(max_examples=40)
@given(
    network=networks(),
    seed=st.integers(0, 1000),
    engine=st.sampled_from(["opendss", "power_grid_model"]),
)
def test_the_engines_agree(network, seed, engine):
    if engine == "power_grid_model" and network.transformer.neutral_ohm != 0:
        # It says so itself: no core beside an impedance of the neutral.
        network = replace(network, transformer=replace(network.transformer, magnetising_s=0j))
    kw, kvar = demand(network, seed)
    want = everything(network)
    ours, other = (engine_for(e, network).solve(kw, kvar, want) for e in ("sweep", engine))
    assert other.converged.all()
    assert np.abs(ours.node_voltage_v - other.node_voltage_v).max() < 1e-6 * network.base_v
    assert np.abs(ours.branch_current_a - other.branch_current_a).max(initial=0) < 1e-3


@settings(max_examples=40)
@given(network=networks(), seed=st.integers(0, 1000))
def test_a_network_cut_finer_and_told_otherwise_is_the_same(network, seed):
    """Every branch in two, dead ends hung on, branches turned round, all of it told in another order."""
    if network.branches.shunt_s.any():
        # Half a shunt in the middle of a branch is another branch.
        network = replace(network, branches=replace(network.branches, shunt_s=0 * network.branches.shunt_s))
    rng = np.random.default_rng(seed)
    finer, row = cut(network, rng)
    kw, kvar = demand(network, seed)
    flow = engine_for("sweep", network).solve(kw, kvar, everything(network))
    again = engine_for("sweep", finer).solve(kw, kvar, everything(finer))
    assert np.abs(again.node_voltage_v[row] - flow.node_voltage_v).max() < SAME_PU * network.base_v
    assert np.abs(again.losses_kw - flow.losses_kw).max() < 1e-5


def cut(network, rng):
    """The same network with twice the branches and a dead end, shuffled; rows of the old nodes in it."""
    n, m, b = len(network.nodes), len(network.branches), network.branches
    order = rng.permutation(n + m + 1)
    middle, end = n + np.arange(m), n + m
    near = np.concatenate([b.from_node, b.to_node, [int(rng.integers(n))]])
    far = np.concatenate([middle, middle, [end]])
    part = rng.uniform(0.1, 0.9, (m, 1, 1))
    z = np.concatenate([part * b.z_ohm, (1 - part) * b.z_ohm, 0.1 * np.eye(3)[None]])
    shuffle = rng.permutation(2 * m + 1)
    turned = rng.random(2 * m + 1) < 0.5
    near, far = np.where(turned, far, near), np.where(turned, near, far)
    branches = Branches(
        tuple(f"b{k}" for k in shuffle),
        order[near[shuffle]].astype(np.int64),
        order[far[shuffle]].astype(np.int64),
        z[shuffle].astype(complex),
        np.zeros((2 * m + 1, 3, 3), dtype=complex),
        np.full(2 * m + 1, 200.0),
        np.full(2 * m + 1, 10.0),
    )
    size = n + m + 1
    nodes = Nodes(tuple(map(str, range(size))), np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool))
    loads = replace(network.loads, node=order[network.loads.node].astype(np.int64))
    whole: Network = replace(
        network, nodes=nodes, branches=branches, loads=loads, busbar=int(order[network.busbar])
    )
    return whole, order[:n]


@settings(max_examples=40)
@given(network=networks(plain=True), engine=st.sampled_from(["tree", "matrix"]))
def test_without_load_every_node_has_the_voltage_without_load(network, engine):
    none = np.zeros((len(network.loads), 2))
    flow = engine_for("sweep", network, form=engine).solve(none, none, everything(network))
    t = network.transformer
    turned = np.exp(-1j * np.deg2rad(30 * t.clock + 120 * np.arange(3))) * network.base_v / t.tap_pu
    assert np.abs(flow.node_voltage_v - turned[:, None]).max() < 1e-9 * network.base_v
    assert np.abs(flow.branch_current_a).max(initial=0) < 1e-9
    assert np.abs(flow.losses_kw).max() < 1e-9
