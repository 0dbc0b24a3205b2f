"""Placement: in which order the customers of a zone get EVs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.customers import Customers
    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network

Placement = Literal["random", "worst", "best"]

PLACES = 42
"""Stream of the draws of homes."""


def electrical_distance(network: Network, feeders: Feeders) -> NDArray[np.float64]:
    """Impedance between the busbar and every node, Σ |mean of the branch's own impedances| [ohm].

    Infinite where no path leads there, shape (nodes,).
    """
    own = np.abs(np.trace(network.branches.z_ohm, axis1=1, axis2=2) / 3.0)
    far = np.full(len(network.nodes), np.inf)
    far[network.busbar] = 0.0
    for node in feeders.order.tolist():
        branch = int(feeders.node_branch[node])
        if branch >= 0:
            far[node] = far[feeders.node_parent[node]] + own[branch]
    return far


def place_evs(
    customers: Customers, network: Network, feeders: Feeders, zone: int, placement: Placement, seed: int
) -> NDArray[np.int64]:
    """Customers of a zone in the order in which they get EVs.

    Parameters
    ----------
    customers, network, feeders
        Who, where.
    zone
        Row of the zone.
    placement
        ``"random"``: drawn; ``"worst"``: the farthest from the busbar first; ``"best"``: the nearest.
    seed
        Of the draw.
    """
    rows = np.flatnonzero(customers.zone == zone)
    if placement == "random":
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PLACES, zone)))
        return rng.permutation(rows)
    far = electrical_distance(network, feeders)[network.loads.node[customers.load[rows]]]
    return np.asarray(rows[np.argsort(-far if placement == "worst" else far, kind="stable")])
