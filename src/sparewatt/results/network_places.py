"""Where the nodes of a network are drawn: at their coordinates, or as a tree where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network

_HEIGHT = 0.7
"""Height of a drawn tree over its width."""


def place_nodes(network: Network, feeders: Feeders) -> tuple[NDArray[np.float64], bool]:
    """Coordinates of every node, and whether they are drawn from the topology as the source has none.

    Without coordinates, across is the cable length from the busbar, and the ends of the tree lie evenly
    below each other, each node in the middle of what hangs on it.

    Returns
    -------
    Shape (nodes, 2), and the flag.
    """
    nodes = network.nodes
    if nodes.has_place.all() and len(nodes):
        return np.stack([nodes.x, nodes.y], axis=1), False
    parent = feeders.node_parent
    across, down = np.zeros(len(nodes)), np.zeros(len(nodes))
    for node in feeders.order.tolist():
        if parent[node] >= 0:
            length = network.branches.length_m[feeders.node_branch[node]]
            across[node] = across[parent[node]] + max(float(length), 1.0)
    ends = _ends_in_order(feeders)
    down[ends] = np.arange(len(ends))
    is_end = np.zeros(len(nodes), dtype=np.bool_)
    is_end[ends] = True
    count, total = np.zeros(len(nodes)), np.zeros(len(nodes))
    for node in feeders.order[::-1].tolist():
        if not is_end[node] and count[node]:
            down[node] = total[node] / count[node]
        if parent[node] >= 0:
            total[parent[node]] += down[node]
            count[parent[node]] += 1
    wide = max(float(np.ptp(across)), 1.0)
    return np.stack([across, -down * wide * _HEIGHT / max(float(np.ptp(down)), 1.0)], axis=1), True


def _ends_in_order(feeders: Feeders) -> NDArray[np.int64]:
    """Nodes without any below them, those of one branch of the tree beside each other."""
    below: dict[int, list[int]] = {}
    for node in feeders.order.tolist():
        below.setdefault(int(feeders.node_parent[node]), []).append(node)
    ends, stack = [], below.get(-1, [])[::-1]
    while stack:
        node = stack.pop()
        if node in below:
            stack.extend(reversed(below[node]))
        else:
            ends.append(node)
    return np.array(ends, dtype=np.int64)
