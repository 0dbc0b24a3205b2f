"""PowerFlow: one interface for three engines; many snapshots of one network at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Engine = Literal["sweep", "opendss", "power_grid_model"]
Form = Literal["tree", "matrix"]
"""Forms of the sweep: up and down the tree, or on the load-to-load impedance matrix."""


@dataclass(frozen=True)
class FlowWant:
    """What is kept of every snapshot; memory and time grow with it.

    Parameters
    ----------
    load_voltages
        Voltage magnitude at every load (three-phase: the mean of the three).
    nodes
        Rows of the nodes whose complex voltages are kept.
    branches
        Rows of the branches whose complex currents and sending-end powers are kept.
    zones
        Least and greatest voltage magnitude over groups: pairs of (node rows, phase 0-2), one per group.
    overloads
        Groups of branch rows in which the number of branches above rating on any phase is counted.
    """

    load_voltages: bool = True
    nodes: NDArray[np.int64] | None = None
    branches: NDArray[np.int64] | None = None
    zones: tuple[tuple[NDArray[np.int64], int], ...] = ()
    overloads: tuple[NDArray[np.int64], ...] = ()


@dataclass(frozen=True)
class FlowResult:
    """What came of the snapshots; arrays that were not asked for have no rows.

    All numbers of a snapshot that did not converge are 0.

    Parameters
    ----------
    load_voltage_pu
        Shape (loads, snapshots) [pu].
    node_voltage_v
        Complex, shape (asked nodes, 3, snapshots) [V].
    branch_current_a
        Complex, into the branch at its end towards the busbar, shape (asked branches, 3, snapshots) [A].
    branch_power_kva
        Complex, into the branch at its end towards the busbar, shape (asked branches, 3, snapshots)
        [kW + j kvar].
    zone_min_pu, zone_max_pu
        Shape (groups, snapshots) [pu].
    overloads
        Shape (groups, snapshots).
    losses_kw
        Of branches and transformer, shape (snapshots,) [kW].
    busbar_kva
        Complex power per phase out of the transformer into the busbar, shape (3, snapshots) [kW + j kvar].
    converged
        Shape (snapshots,).
    iterations
        Most iterations of any snapshot; 0 where the engine does not tell.
    """

    load_voltage_pu: NDArray[np.float64]
    node_voltage_v: NDArray[np.complex128]
    branch_current_a: NDArray[np.complex128]
    branch_power_kva: NDArray[np.complex128]
    zone_min_pu: NDArray[np.float64]
    zone_max_pu: NDArray[np.float64]
    overloads: NDArray[np.int64]
    losses_kw: NDArray[np.float64]
    busbar_kva: NDArray[np.complex128]
    converged: NDArray[np.bool_]
    iterations: int

    @property
    def transformer_kva(self) -> NDArray[np.float64]:
        """Apparent power of the transformer, Σ|S| of the phases, shape (snapshots,) [kVA]."""
        return np.asarray(np.abs(self.busbar_kva).sum(axis=0))


class PowerFlow(Protocol):
    """An engine that holds one network; constant power where the network says no other share."""

    def solve(self, kw: NDArray[np.float64], kvar: NDArray[np.float64], want: FlowWant = ...) -> FlowResult:
        """Solve every snapshot.

        Parameters
        ----------
        kw, kvar
            Shape (loads, snapshots), consumption positive [kW, kvar].
        want
            What to keep.
        """
