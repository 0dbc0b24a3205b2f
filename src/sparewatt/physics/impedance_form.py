"""Impedance form: the sweep's second form, a fixed point on the load-to-load impedance matrix.

With everything between the loads eliminated, I the currents at the ports (phases of places with load), S
their powers and Z the impedance between them, source and transformer included,

    V = V₀ − Z·I,     I = conj(S(|V|) / V),

iterated for all snapshots at once, so that a pass is one matrix product. Its work grows with the square of
the ports, that of the tree form with their number; the tree is faster at any size. This form is the second
way to the same numbers: plain iteration in numpy, no kernel, no part of the report shared with the first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import has_errors
from sparewatt.model.network import PHASES
from sparewatt.physics.condense import condense
from sparewatt.physics.power_flow import FlowResult, FlowWant
from sparewatt.physics.slots import split_places
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import NO_ROW, check_tree, find_feeders
from sparewatt.physics.voltage_report import VoltageReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.condense import Condensed
    from sparewatt.physics.thevenin import Thevenin

    Floats = NDArray[np.float64]
    Complex = NDArray[np.complex128]

BLOCK = 256
MOST_PASSES = 200
_KILO = 1000.0


class ImpedanceForm:
    """Batch power flow of one radial network on its load-to-load impedance matrix.

    Parameters
    ----------
    network
        Radial, all loads connected.
    tolerance_pu
        How far load voltages may be off [pu].

    Raises
    ------
    InputError
        Loops, or loads without a path to the busbar.
    """

    def __init__(self, network: Network, *, tolerance_pu: float = 1e-8) -> None:
        feeders = find_feeders(network)
        findings = check_tree(network, feeders)
        if has_errors(findings):
            raise InputError(findings)
        self._network, self._feeders = network, feeders
        self._tolerance_v = tolerance_pu * network.base_v
        self._condensed, self._thevenin = condense(network, feeders), find_thevenin(network)
        self._part_load, place, phase, self._share = split_places(network, self._condensed)
        shunted = self._condensed.shunt_s.any(axis=(1, 2))
        used = np.zeros(self._condensed.carries.shape, dtype=np.bool_)
        used[place, phase] = True
        used[shunted] = True
        self._place, self._phase = np.nonzero(used)
        port = np.full(used.shape, NO_ROW, dtype=np.int64)
        port[used] = np.arange(len(self._place))
        self._part_port = port[place, phase]
        z = port_impedance(self._condensed, self._thevenin, self._place, self._phase)
        # Shunts are currents Y·V at their ports; eliminated, V = (1 + Z·Y)⁻¹·(V₀ − Z·I).
        self._y = np.zeros_like(z)
        for k in np.flatnonzero(shunted).tolist():
            self._y[np.ix_(port[k], port[k])] = self._condensed.shunt_s[k]
        kept = np.linalg.inv(np.eye(len(z)) + z @ self._y) if shunted.any() else np.eye(len(z))
        self._z = kept @ z
        self._v0 = (kept @ self._thevenin.v0[self._phase]).astype(np.complex128)

    def solve(self, kw: Floats, kvar: Floats, want: FlowWant | None = None) -> FlowResult:
        """Solve every snapshot; see :class:`~sparewatt.physics.power_flow.PowerFlow`."""
        snapshots = kw.shape[1]
        report = VoltageReport(self._network, self._feeders, want or FlowWant(), snapshots)
        most = 0
        for first in range(0, snapshots, BLOCK):
            block = slice(first, min(first + BLOCK, snapshots))
            current, known, passes = self._port_currents(kw[:, block], kvar[:, block])
            v = self._node_voltages(current)
            v[:, :, ~known] = 0.0
            report.result.converged[block] = known
            report.take(first, v, kw[:, block], kvar[:, block])
            most = max(most, passes)
        return replace(report.result, iterations=most)

    def _port_currents(self, kw: Floats, kvar: Floats) -> tuple[Complex, NDArray[np.bool_], int]:
        """Currents of the ports, shunts included, shape (ports, snapshots) [A]; which are known; passes.

        A step r that is q times the last one leaves an error of about r·q/(1 − q).
        """
        ports, width = len(self._v0), kw.shape[1]
        power = (kw + 1j * kvar)[self._part_load] * (_KILO * self._share)[:, None]
        share = self._network.loads.zip_share[self._part_load]
        of_kind = np.zeros((PHASES, ports, width), dtype=np.complex128)
        for kind in range(PHASES):
            np.add.at(of_kind[kind], self._part_port, power * share[:, kind, None])
        v = np.repeat(self._v0[:, None], width, axis=1)
        known = np.zeros(width, dtype=np.bool_)
        last = np.full(width, np.inf)
        passes = 0
        open_ = np.arange(width)
        while len(open_) and passes < MOST_PASSES:
            passes += 1
            old = v[:, open_]
            u = np.abs(old) / self._network.base_v
            # A diverging snapshot may pass through 0 or out of range; it is never known.
            with np.errstate(all="ignore"):
                drawn = of_kind[2][:, open_] + u * of_kind[1][:, open_] + u * u * of_kind[0][:, open_]
                new = self._v0[:, None] - self._z @ np.conj(drawn / old)
                step = np.abs(new - old).max(axis=0, initial=0.0)
                q = np.minimum(step / last[open_], 1.0)
                done = step * np.where(last[open_] < np.inf, q, 1.0) <= self._tolerance_v * (1.0 - q)
            v[:, open_], last[open_] = new, np.where(step > 0, step, 1.0)
            known[open_[done]] = True
            open_ = open_[~done & np.isfinite(step)]
        v = np.where(known, v, self._v0[:, None])
        u = np.abs(v) / self._network.base_v
        drawn = of_kind[2] + u * of_kind[1] + u * u * of_kind[0]
        return np.conj(drawn / v) + self._y @ v, known, passes

    def _node_voltages(self, current: Complex) -> Complex:
        """Voltages of all nodes, shape (nodes, 3, snapshots) [V]: up the condensed tree and down it."""
        c = self._condensed
        j = np.zeros((len(c), PHASES, current.shape[1]), dtype=np.complex128)
        j[self._place, self._phase] = current
        for k in range(len(c) - 1, 0, -1):
            j[c.parent[k]] += j[k]
        at = np.empty_like(j)
        at[0] = self._thevenin.v0[:, None] - self._thevenin.z_ohm @ j[0]
        for k in range(1, len(c)):
            at[k] = at[c.parent[k]] - c.z_ohm[k] @ j[k]
        v = np.zeros((len(c.of_node), PHASES, current.shape[1]), dtype=np.complex128)
        for n in np.flatnonzero(c.of_node != NO_ROW).tolist():
            k = int(c.of_node[n])
            v[n] = at[0] if k == 0 else at[c.parent[k]] - c.node_z_ohm[n] @ j[k]
        return v


def port_impedance(
    condensed: Condensed, thevenin: Thevenin, place: NDArray[np.int64], phase: NDArray[np.int64]
) -> Complex:
    """Impedance between ports: the drop at one for a current drawn at another, shape (ports, ports) [ohm].

    Z(i, j) = Z_T + Σ Z(k) over the ways k that the paths of i and j to the busbar share, on their phases.
    """
    ports = len(place)
    below = np.zeros((len(condensed), PHASES, ports), dtype=np.float64)
    below[place, phase, np.arange(ports)] = 1.0
    for k in range(len(condensed) - 1, 0, -1):
        below[condensed.parent[k]] += below[k]
    drop = np.empty((len(condensed), PHASES, ports), dtype=np.complex128)
    drop[0] = thevenin.z_ohm @ below[0]
    for k in range(1, len(condensed)):
        drop[k] = drop[condensed.parent[k]] + condensed.z_ohm[k] @ below[k]
    return np.asarray(drop[place, phase])
