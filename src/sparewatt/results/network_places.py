"""Where the nodes of a network are drawn: at their coordinates, or as a tree where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import spsolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network

_HEIGHT = 0.7
"""Height of a drawn tree over its width."""
_ENOUGH = 0.5
"""Share of the nodes that the source must place, so that the others are put between them."""
_LOOSE = 1e-9
"""Pull on every node towards the middle, so that one that nothing joins to a placed one has a place [-]."""


def place_nodes(network: Network, feeders: Feeders) -> tuple[NDArray[np.float64], bool]:
    """Coordinates of every node, and whether they are drawn from the topology instead of those of the source.

    Where the source places at least half of the nodes, each other one stands in the middle of its
    neighbours. Where it places fewer, or all at one point, across is the cable length from the busbar, and
    the ends of the tree lie evenly below each other, each node in the middle of what hangs on it.

    Returns
    -------
    Shape (nodes, 2), and the flag.
    """
    nodes = network.nodes
    if not _is_placed(network):
        return _tree(network, feeders), True
    at = np.stack([nodes.x, nodes.y], axis=1)
    return (at if nodes.has_place.all() else _filled(network, at)), False


def place_words(network: Network) -> str:
    """What is to be said of the places of the nodes; nothing where they are those of the source."""
    nodes = network.nodes
    known, count = int(nodes.has_place.sum()), len(nodes)
    if _is_placed(network):
        missing = count - known
        who = "1 node has" if missing == 1 else f"{missing:,} of {count:,} nodes have"
        where = "it is drawn between its" if missing == 1 else "they are drawn between their"
        return f"{who} no coordinates; {where} neighbours." if missing else ""
    what = "no coordinates" if not known else f"coordinates of {known:,} of {count:,} nodes only"
    what = what if known < count else "one point for all nodes"
    return f"The source has {what}, so this is a tree: across is the cable length from the transformer."


def outer_nodes(network: Network, feeders: Feeders) -> NDArray[np.int64]:
    """The node of every branch that is further from the busbar, shape (branches,)."""
    b, parent = network.branches, feeders.node_parent
    return np.where(parent[b.from_node] == b.to_node, b.from_node, b.to_node)


def _is_placed(network: Network) -> bool:
    """Whether enough nodes have a place, and not all the same."""
    nodes = network.nodes
    known = nodes.has_place
    if not known.any() or known.mean() < _ENOUGH:
        return False
    spread = max(float(np.ptp(nodes.x[known])), float(np.ptp(nodes.y[known])))
    return len(nodes) == 1 or spread > 0.0


def _filled(network: Network, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nodes without a place at the mean of their neighbours: there L x = 0, L the Laplacian of the graph."""
    b, known = network.branches, network.nodes.has_place
    one, other = np.concatenate([b.from_node, b.to_node]), np.concatenate([b.to_node, b.from_node])
    count = len(network.nodes)
    beside = csr_array(coo_array((np.ones(len(one)), (one, other)), shape=(count, count)))
    missing = np.flatnonzero(~known)
    rows = beside[missing]
    pull = csr_array(coo_array((rows.sum(axis=1) + _LOOSE, (np.arange(len(missing)),) * 2)))
    right = rows[:, np.flatnonzero(known)] @ at[known] + _LOOSE * at[known].mean(axis=0)
    out = at.copy()
    out[missing] = spsolve((pull - rows[:, missing]).tocsc(), right).reshape(-1, 2)
    return out


def _tree(network: Network, feeders: Feeders) -> NDArray[np.float64]:
    """Across the cable length from the busbar, down the ends of the tree."""
    nodes = network.nodes
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
    return np.stack([across, -down * wide * _HEIGHT / max(float(np.ptp(down)), 1.0)], axis=1)


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
