"""What is asked of snapshots whose node voltages are known, for engines that return those.

With V the voltages to earth (0 of a node without a path to the busbar):

    I(branch, towards the busbar) = (V_near − V_far) / z + ½·Y·V_near
    J(busbar) = Σ I of its branches + Σ conj(S/V) of its loads
    losses    = Σ Re(V·conj(I)) over both ends of all branches + those of the transformer at J
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.power_flow import FlowResult
from sparewatt.physics.thevenin import find_thevenin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import FlowWant

    Complex = NDArray[np.complex128]

_KILO = 1000.0


class VoltageReport:
    """Collects what is wanted of blocks of snapshots.

    Parameters
    ----------
    network, feeders
        Feeders tell which end of a branch is towards the busbar; the first one where it closes a loop.
    want
        What to keep.
    snapshots
        How many there will be.
    """

    def __init__(self, network: Network, feeders: Feeders, want: FlowWant, snapshots: int) -> None:
        self._network, self._want = network, want
        branches, loads = network.branches, network.loads
        self._y = np.linalg.inv(branches.z_ohm)
        self._near, self._far = branches.from_node.copy(), branches.to_node.copy()
        turned = feeders.node_parent[self._near] == self._far
        turned &= feeders.node_branch[self._near] == np.arange(len(branches))
        self._near[turned], self._far[turned] = self._far[turned], self._near[turned]
        self._thevenin = find_thevenin(network)
        self._asked = _rows(want.branches)
        self._nodes = _rows(want.nodes)
        self._at_load = np.where(loads.phase == ALL_PHASES, 0, loads.phase)
        zones, over = len(want.zones), len(want.overloads)
        kept = len(loads) if want.load_voltages else 0
        flows = (len(self._asked), PHASES, snapshots)
        self.result = FlowResult(
            load_voltage_pu=np.empty((kept, snapshots)),
            node_voltage_v=np.empty((len(self._nodes), PHASES, snapshots), dtype=np.complex128),
            branch_current_a=np.empty(flows, dtype=np.complex128),
            branch_power_kva=np.empty(flows, dtype=np.complex128),
            zone_min_pu=np.empty((zones, snapshots)),
            zone_max_pu=np.empty((zones, snapshots)),
            overloads=np.zeros((over, snapshots), dtype=np.int64),
            losses_kw=np.empty(snapshots),
            busbar_kva=np.empty((PHASES, snapshots), dtype=np.complex128),
            converged=np.ones(snapshots, dtype=np.bool_),
            iterations=0,
        )

    def take(self, first: int, v: Complex, kw: NDArray[np.float64], kvar: NDArray[np.float64]) -> None:
        """Keep what is wanted of the snapshots from ``first`` on; voltages (nodes, 3, block) [V].

        Voltages of a snapshot that did not converge are 0, and so is all that follows from them.
        """
        out, network = self.result, self._network
        block = slice(first, first + v.shape[2])
        base = network.base_v
        magnitude = np.abs(v) / base
        if self._want.load_voltages:
            at = magnitude[network.loads.node, self._at_load]
            three = network.loads.phase == ALL_PHASES
            at[three] = magnitude[network.loads.node[three]].mean(axis=1)
            out.load_voltage_pu[:, block] = at
        out.node_voltage_v[:, :, block] = v[self._nodes]
        for z, (rows, phase) in enumerate(self._want.zones):
            out.zone_min_pu[z, block] = magnitude[rows, phase].min(axis=0)
            out.zone_max_pu[z, block] = magnitude[rows, phase].max(axis=0)
        near, far = v[self._near], v[self._far]
        series = np.einsum("bij,bjs->bis", self._y, near - far)
        half = 0.5 * network.branches.shunt_s
        current = series + np.einsum("bij,bjs->bis", half, near)
        received = series - np.einsum("bij,bjs->bis", half, far)
        out.branch_current_a[:, :, block] = current[self._asked]
        out.branch_power_kva[:, :, block] = (near * current.conj())[self._asked] / _KILO
        most = np.abs(current).max(axis=1) > network.branches.ampacity_a[:, None]
        for z, group in enumerate(self._want.overloads):
            out.overloads[z, block] = most[np.asarray(group, dtype=np.int64)].sum(axis=0)
        lost = (near * current.conj() - far * received.conj()).real.sum(axis=(0, 1))
        drawn = current[self._near == network.busbar].sum(axis=0)
        drawn -= received[self._far == network.busbar].sum(axis=0)
        drawn += self._busbar_loads(v[network.busbar], kw, kvar)
        out.busbar_kva[:, block] = v[network.busbar] * drawn.conj() / _KILO
        alive = v[network.busbar].any(axis=0)
        out.losses_kw[block] = alive * (lost + self._thevenin.transformer_losses_w(drawn)) / _KILO

    def _busbar_loads(self, v: Complex, kw: NDArray[np.float64], kvar: NDArray[np.float64]) -> Complex:
        """Currents of the loads at the busbar itself, shape (3, block) [A]."""
        loads = self._network.loads
        drawn = np.zeros_like(v)
        for row in np.flatnonzero(loads.node == self._network.busbar).tolist():
            three = loads.phase[row] == ALL_PHASES
            phases = np.arange(PHASES) if three else loads.phase[row : row + 1]
            u = np.abs(v[phases]) / self._network.base_v
            z, i, p = loads.zip_share[row]
            s = _KILO * (kw[row] + 1j * kvar[row]) * (z * u**2 + i * u + p) / len(phases)
            drawn[phases] += np.divide(
                s, v[phases], out=np.zeros_like(v[phases]), where=v[phases] != 0
            ).conj()
        return drawn


def _rows(rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64) if rows is None else np.asarray(rows, dtype=np.int64)
