"""Condensing: the few places of a radial network that its currents depend on, all others recovered exactly.

A branch without shunt carries one current, so a chain of them is one branch of their summed impedance, and
one that leads to no load carries none. What stays are the busbar, places with loads or shunts, and forks.
Below a place only those phases carry current that some load there uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.topology import NO_ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network


@dataclass(frozen=True)
class Condensed:
    """A radial network on the places that its currents depend on; place 0 is the busbar.

    Parameters
    ----------
    node
        Row of the node of each place, shape (places,); depth first, each after its parent.
    parent
        Place towards the busbar, -1 for the busbar, shape (places,).
    z_ohm
        Series impedance between a place and its parent, shape (places, 3, 3) [ohm].
    shunt_s
        Shunt admittance at the place, shape (places, 3, 3) [S].
    carries
        Whether the way to its parent carries current on a phase, shape (places, 3); all at the busbar.
    of_node
        The place whose way to its parent a node lies on, shape (nodes,); 0 for what stands at the busbar,
        -1 for what no path joins to it.
    node_z_ohm
        Impedance between that place's parent and the node, shape (nodes, 3, 3) [ohm].
    of_branch
        The place whose way a branch is part of, shape (branches,); -1 where it carries no current.
    """

    node: NDArray[np.int64]
    parent: NDArray[np.int64]
    z_ohm: NDArray[np.complex128]
    shunt_s: NDArray[np.complex128]
    carries: NDArray[np.bool_]
    of_node: NDArray[np.int64]
    node_z_ohm: NDArray[np.complex128]
    of_branch: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of places."""
        return len(self.node)


def condense(network: Network, feeders: Feeders) -> Condensed:
    """Condense a radial network without islands of loads.

    For every node n on the way to place k with parent p, V(n) = V(p) − Z(n)·J(k) holds exactly.
    """
    count, branches = len(network.nodes), network.branches
    joined = [int(n) for n in feeders.order if n == network.busbar or feeders.node_parent[n] != NO_ROW]
    shunt = np.zeros((count, PHASES, PHASES), dtype=np.complex128)
    ways = feeders.node_branch[joined[1:]]
    np.add.at(shunt, branches.from_node[ways], 0.5 * branches.shunt_s[ways])
    np.add.at(shunt, branches.to_node[ways], 0.5 * branches.shunt_s[ways])
    carries = np.zeros((count, PHASES), dtype=np.bool_)
    one = network.loads.phase != ALL_PHASES
    carries[network.loads.node[one], network.loads.phase[one]] = True
    carries[network.loads.node[~one]] = True
    carries[shunt.any(axis=(1, 2))] = True
    keep = np.asarray(carries.any(axis=1), dtype=np.bool_)
    below: list[list[int]] = [[] for _ in range(count)]
    for n in reversed(joined[1:]):
        if carries[n].any():
            p = int(feeders.node_parent[n])
            carries[p] |= carries[n]
            below[p].append(n)
    keep |= np.array([len(b) > 1 for b in below], dtype=np.bool_)
    keep[network.busbar] = True
    carries[network.busbar] = True

    of_node = np.full(count, NO_ROW, dtype=np.int64)
    of_node[network.busbar] = 0
    node_z = np.zeros((count, PHASES, PHASES), dtype=np.complex128)
    of_branch = np.full(len(branches), NO_ROW, dtype=np.int64)
    places, parents = [network.busbar], [NO_ROW]
    stack = [(n, 0) for n in below[network.busbar]]
    while stack:
        n, parent = stack.pop()
        place, chain = len(places), []
        z = np.zeros((PHASES, PHASES), dtype=np.complex128)
        while True:
            chain.append(n)
            z = z + branches.z_ohm[feeders.node_branch[n]]
            node_z[n] = z
            if keep[n]:
                break
            n = below[n][0]
        of_node[chain] = place
        of_branch[feeders.node_branch[chain]] = place
        places.append(n)
        parents.append(parent)
        stack.extend((m, place) for m in below[n])
    # What hangs dead has the voltage of where it hangs.
    live = np.asarray(carries.any(axis=1), dtype=np.bool_)
    for n in joined[1:]:
        if not live[n]:
            p = feeders.node_parent[n]
            of_node[n], node_z[n] = of_node[p], node_z[p]
    node = np.array(places, dtype=np.int64)
    return Condensed(
        node=node,
        parent=np.array(parents, dtype=np.int64),
        z_ohm=node_z[node],
        shunt_s=shunt[node],
        carries=carries[node],
        of_node=of_node,
        node_z_ohm=node_z,
        of_branch=of_branch,
    )
