"""Power flow as the textbook writes it: one nodal matrix of everything, loads as currents, iterated long.

Shares nothing with the engines but the network and, for balances, which way the busbar lies: the windings
of the transformer are written out by hand for two clock numbers, source and neutral stand in the matrix
like any element.
"""

from __future__ import annotations

import numpy as np

from sparewatt.physics.topology import find_feeders

WINDINGS = {1: [(0, 2), (1, 0), (2, 1)], 11: [(0, 1), (1, 2), (2, 0)]}
TURNS = np.exp(-2j * np.pi / 3 * np.arange(3))


def solve_plainly(network, kw, kvar, rounds=300):
    """Voltages of all nodes to earth, shape (nodes, 3) [V]; losses of transformer and branches [kW]."""
    n, t, s = len(network.nodes), network.transformer, network.source
    size = 3 * n + 4  # nodes, three phases of the high-voltage side, the neutral
    hv, neutral = 3 * n + np.arange(3), 3 * n + 3
    y = np.zeros((size, size), dtype=complex)
    own, mutual = (s.z0_ohm + 2 * s.z1_ohm) / 3, (s.z0_ohm - s.z1_ohm) / 3
    y_source = np.linalg.inv(np.full((3, 3), mutual) + (own - mutual) * np.eye(3))
    y[np.ix_(hv, hv)] += y_source
    passive = np.zeros_like(y)
    z_winding = (t.r_pu + 1j * t.x_pu) * (t.lv_kv * 1e3) ** 2 / (t.rating_kva * 1e3)
    ratio = (t.lv_kv / np.sqrt(3)) / (t.hv_kv * t.tap_pu)
    for p, (plus, minus) in enumerate(WINDINGS[t.clock]):
        lv = 3 * network.busbar + p
        drop, winding = np.zeros(size), np.zeros(size)
        winding[[lv, neutral]] = 1, -1
        drop[[hv[plus], hv[minus]]] = ratio, -ratio
        passive += np.outer(drop - winding, drop - winding) / z_winding
        passive += np.outer(winding, winding) * t.magnetising_s
    passive[neutral, neutral] += 1e12 if t.neutral_ohm == 0 else 1 / t.neutral_ohm
    for b in range(len(network.branches)):
        i = 3 * network.branches.from_node[b] + np.arange(3)
        j = 3 * network.branches.to_node[b] + np.arange(3)
        series = np.linalg.inv(network.branches.z_ohm[b])
        for rows, columns, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
            passive[np.ix_(rows, columns)] += sign * series
        passive[np.ix_(i, i)] += network.branches.shunt_s[b] / 2
        passive[np.ix_(j, j)] += network.branches.shunt_s[b] / 2
    y += passive
    fed = np.zeros(size, dtype=complex)
    fed[hv] = y_source @ (s.voltage_pu * s.base_kv * 1e3 / np.sqrt(3) * TURNS)
    inverse = np.linalg.inv(y)
    v = inverse @ fed
    for _ in range(rounds):
        last, v = v, inverse @ (fed - load_currents(network, v[: 3 * n].reshape(n, 3), kw, kvar, size))
        if np.abs(v - last).max() < 1e-11:
            break
    lost = (v @ (passive @ v).conj()).real / 1e3
    return v[: 3 * n].reshape(n, 3), lost


def load_currents(network, v, kw, kvar, size=None):
    """Currents that the loads draw at voltages ``v``, flat by node and phase [A]."""
    loads = network.loads
    three = loads.phase == -1
    row = np.concatenate([np.flatnonzero(~three), np.repeat(np.flatnonzero(three), 3)])
    phase = np.concatenate([loads.phase[~three], np.tile(np.arange(3), int(three.sum()))]).astype(int)
    at = v[loads.node[row], phase]
    u = np.abs(at) / network.base_v
    z, i, p = loads.zip_share[row].T
    power = 1e3 * (kw[row] + 1j * kvar[row]) * (z * u**2 + i * u + p) / np.where(three[row], 3, 1)
    drawn = np.zeros(size or v.size, dtype=complex)
    np.add.at(drawn, 3 * loads.node[row] + phase, np.conj(power / at))
    return drawn


def unbalance(network, flow, kw, kvar):
    """Currents [A] and powers [W] that no element of a node takes, shape (nodes, 3, snapshots).

    At a node: what the branch towards the busbar brings, less the shunt halves there, what the branches
    away from it take, what its loads draw; at the busbar what the transformer gives.
    """
    feeders, b = find_feeders(network), network.branches
    v = flow.node_voltage_v
    amps, watts = np.zeros_like(v), np.zeros(v.shape)
    for n in range(len(network.nodes)):
        way, near = feeders.node_branch[n], feeders.node_parent[n]
        if n == network.busbar:
            brought = (flow.busbar_kva * 1e3 / v[n]).conj()
        else:
            half = 0.5 * b.shunt_s[way]
            brought = flow.branch_current_a[way] - half @ v[near] - half @ v[n]
            amps[near] -= flow.branch_current_a[way]
            watts[near] -= 1e3 * flow.branch_power_kva[way].real
        amps[n] += brought
        watts[n] += (v[n] * brought.conj()).real
    for t in range(v.shape[2]):
        drawn = load_currents(network, v[:, :, t], kw[:, t], kvar[:, t]).reshape(-1, 3)
        amps[:, :, t] -= drawn
        watts[:, :, t] -= (v[:, :, t] * drawn.conj()).real
    return amps, watts
