"""A power flow that can be done by hand: every drop is proportional to power, phases do not meet.

V = V0 − s·S_transformer − Σ (R·P + X·Q)·1000/V_base² along the way to the busbar, I = S/V_base, no losses.
"""

from __future__ import annotations

import numpy as np

from sparewatt.physics.power_flow import FlowResult, FlowWant
from sparewatt.physics.topology import find_feeders

EVERY_LOAD = FlowWant()


class LinearFlow:
    """Engine for networks with loads of one phase only; beyond ``collapse_kva`` at the busbar it gives up."""

    def __init__(self, network, *, busbar_pu=1.0, sag_per_kva=0.0, collapse_kva=np.inf):
        self.network, self.feeders = network, find_feeders(network)
        self.busbar_pu, self.sag, self.collapse = busbar_pu, sag_per_kva, collapse_kva
        self.solves = self.snapshots = 0

    def solve(self, kw, kvar, want=EVERY_LOAD):
        self.solves += 1
        self.snapshots += kw.shape[1]
        net, tree = self.network, self.feeders
        n, m, steps = len(net.nodes), len(net.branches), kw.shape[1]
        power = np.zeros((n, 3, steps), dtype=complex)
        np.add.at(power, (net.loads.node, net.loads.phase), kw + 1j * kvar)
        for node in tree.order[:0:-1]:
            power[tree.node_parent[node]] += power[node]
        busbar = power[net.busbar]
        volt = np.empty((n, 3, steps))
        volt[net.busbar] = self.busbar_pu - self.sag * busbar.real.sum(axis=0)
        given_up = np.abs(busbar).sum(axis=0) > self.collapse
        volt[net.busbar][:, given_up] = np.nan
        branch = np.zeros((m, 3, steps), dtype=complex)
        for node in tree.order[1:]:
            way = tree.node_branch[node]
            branch[way] = power[node]
            z = np.diag(net.branches.z_ohm[way])[:, None]
            drop = (z.real * power[node].real + z.imag * power[node].imag) * 1000.0 / net.base_v**2
            volt[node] = volt[tree.node_parent[node]] - drop
        amps = branch * 1000.0 / net.base_v
        rated = net.branches.ampacity_a[:, None, None]
        over = (np.abs(amps) > rated).any(axis=1)
        rows = want.branches if want.branches is not None else np.array([], dtype=int)
        nodes = want.nodes if want.nodes is not None else np.array([], dtype=int)
        empty = np.empty((0, steps))
        groups = [volt[g][:, p] for g, p in want.zones]
        return FlowResult(
            load_voltage_pu=volt[net.loads.node, net.loads.phase] if want.load_voltages else empty,
            node_voltage_v=volt[nodes] * net.base_v + 0j,
            branch_current_a=amps[rows],
            branch_power_kva=branch[rows],
            zone_min_pu=np.array([g.min(axis=0) for g in groups]) if groups else empty,
            zone_max_pu=np.array([g.max(axis=0) for g in groups]) if groups else empty,
            overloads=np.array([over[g].sum(axis=0) for g in want.overloads]) if want.overloads else empty,
            losses_kw=np.zeros(steps),
            busbar_kva=busbar,
            converged=~given_up,
            iterations=1,
        )
