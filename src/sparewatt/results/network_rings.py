"""Rings of a meshed network: which branches close them, and which are part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.physics.topology import find_loops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network


def ring_branches(network: Network, feeders: Feeders) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which branches close rings, without which the network is a tree; and which are part of a ring.

    A ring is its closing branch with the ways from both its ends up to where they meet.

    Returns
    -------
    Two arrays of shape (branches,).
    """
    ends = np.stack([network.branches.from_node, network.branches.to_node], axis=1)
    closing, inside = np.zeros((2, len(ends)), dtype=np.bool_)
    for row in find_loops(network, feeders).tolist():
        closing[row] = inside[row] = True
        one, other = (_way_up(int(node), feeders) for node in ends[row])
        inside[list(one ^ other)] = True
    return closing, inside


def ring_words(network: Network, feeders: Feeders) -> str:
    """What is to be said of the rings of a network; nothing where it has none."""
    count = len(find_loops(network, feeders))
    if not count:
        return ""
    rings, without = (
        ("1 ring", "cable that closes it") if count == 1 else (f"{count} rings", "cables that close them")
    )
    return (
        f"The network has {rings}: feeders and zones are those of the tree without the {without}, so a zone "
        "in a ring is fed from two sides."
    )


def _way_up(node: int, feeders: Feeders) -> set[int]:
    """Branches from a node to the busbar."""
    way = set()
    while feeders.node_parent[node] >= 0:
        way.add(int(feeders.node_branch[node]))
        node = int(feeders.node_parent[node])
    return way
