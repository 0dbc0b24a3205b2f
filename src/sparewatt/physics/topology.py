"""Topology: the tree under the busbar, its feeders and zones, and what keeps a network from being one.

Nothing here reads names or impedances: a feeder is everything behind one outgoing way of the busbar.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.feeders import NO_FEEDER, Feeders, Zones
from sparewatt.model.network import ALL_PHASES, PHASES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network

NO_ROW = -1
_NAMED = 5


def find_feeders(network: Network) -> Feeders:
    """Find the tree under the busbar, breadth first, and the feeder of every node, branch and load.

    In a meshed network the tree is a spanning one; the branches that close loops belong to the feeder of
    both their ends, or to none where the ends lie in different feeders. Islands belong to no feeder; their
    nodes stand at the end of ``order``.
    """
    nodes, branches = len(network.nodes), network.branches
    ends = np.stack([branches.from_node, branches.to_node], axis=1)
    incident: list[list[int]] = [[] for _ in range(nodes)]
    for row, (a, b) in enumerate(ends.tolist()):
        incident[a].append(row)
        if b != a:
            incident[b].append(row)
    parent = np.full(nodes, NO_ROW, dtype=np.int64)
    way = np.full(nodes, NO_ROW, dtype=np.int64)
    feeder = np.full(nodes, NO_FEEDER, dtype=np.int64)
    heads: list[int] = []
    order = [network.busbar]
    reached = np.zeros(nodes, dtype=np.bool_)
    reached[network.busbar] = True
    queue = deque(order)
    while queue:
        node = queue.popleft()
        for row in incident[node]:
            other = int(ends[row].sum()) - node
            if reached[other]:
                continue
            reached[other] = True
            parent[other], way[other] = node, row
            if node == network.busbar:
                feeder[other] = len(heads)
                heads.append(row)
            else:
                feeder[other] = feeder[node]
            order.append(other)
            queue.append(other)
    order.extend(np.flatnonzero(~reached).tolist())
    # Incident branches stand in the order of the source, so the heads do too.
    at_ends = feeder[ends]
    at_ends[ends == network.busbar] = at_ends[:, ::-1][ends == network.busbar]
    branch_feeder = np.where(at_ends[:, 0] == at_ends[:, 1], at_ends[:, 0], NO_FEEDER)
    return Feeders(
        ids=tuple(str(f + 1) for f in range(len(heads))),
        head_branch=np.array(heads, dtype=np.int64),
        node_feeder=feeder,
        branch_feeder=branch_feeder.astype(np.int64),
        load_feeder=feeder[network.loads.node],
        node_parent=parent,
        node_branch=way,
        order=np.array(order, dtype=np.int64),
    )


def find_zones(network: Network, feeders: Feeders) -> Zones:
    """Find the zones: one phase of one feeder, where that feeder has any load on the phase.

    A load of all three phases makes a zone of every phase of its feeder.
    """
    loads = network.loads
    has = np.zeros((len(feeders), PHASES), dtype=np.bool_)
    placed = feeders.load_feeder != NO_FEEDER
    single = placed & (loads.phase != ALL_PHASES)
    has[feeders.load_feeder[single], loads.phase[single]] = True
    has[feeders.load_feeder[placed & ~single]] = True
    feeder, phase = np.nonzero(has)
    row = np.full((len(feeders), PHASES), NO_ROW, dtype=np.int64)
    row[feeder, phase] = np.arange(len(feeder))
    load_zone = np.full(len(loads), NO_ROW, dtype=np.int64)
    load_zone[single] = row[feeders.load_feeder[single], loads.phase[single]]
    return Zones(
        ids=tuple(f"{feeders.ids[f]}/{p + 1}" for f, p in zip(feeder.tolist(), phase.tolist(), strict=True)),
        feeder=feeder.astype(np.int64),
        phase=phase.astype(np.int64),
        load_zone=load_zone,
    )


def find_loops(network: Network, feeders: Feeders) -> NDArray[np.int64]:
    """Rows of the branches that close a loop: those outside the tree whose ends are connected to it."""
    used = np.zeros(len(network.branches), dtype=np.bool_)
    used[feeders.node_branch[feeders.node_branch != NO_ROW]] = True
    island = np.zeros(len(network.nodes), dtype=np.bool_)
    island[find_islands(network, feeders)] = True
    return np.asarray(np.flatnonzero(~used & ~island[network.branches.from_node]), dtype=np.int64)


def find_islands(network: Network, feeders: Feeders) -> NDArray[np.int64]:
    """Rows of the nodes that no path joins to the busbar."""
    alone = feeders.node_branch == NO_ROW
    alone[network.busbar] = False
    return np.asarray(np.flatnonzero(alone), dtype=np.int64)


def check_tree(network: Network, feeders: Feeders) -> tuple[Finding, ...]:
    """Say what keeps the network from being one tree: islands, and loops (which other engines can solve)."""
    findings: list[Finding] = []
    islands, loops = find_islands(network, feeders), find_loops(network, feeders)
    if len(islands):
        names = tuple(network.nodes.ids[n] for n in islands.tolist())
        loads = int(np.isin(network.loads.node, islands).sum())
        findings.append(
            Finding(
                "network.island",
                "error" if loads else "warning",
                f"network {network.name}",
                f"{len(islands)} nodes with {loads} loads have no path to the busbar "
                f"{network.nodes.ids[network.busbar]}",
                _some(names),
                "connect them or leave them out",
                ids=names,
            )
        )
    if len(loops):
        names = tuple(network.branches.ids[b] for b in loops.tolist())
        findings.append(
            Finding(
                "network.loop",
                "error",
                f"network {network.name}",
                f"{_closing(len(loops))}; the engine sweep takes radial networks",
                _some(names),
                'open one branch of each loop, or choose engine = "power_grid_model" or "opendss"',
                ids=names,
            )
        )
    return tuple(findings)


def _closing(count: int) -> str:
    """How many branches close a loop, in words."""
    return "one branch closes a loop" if count == 1 else f"{count} branches close loops"


def _some(names: tuple[str, ...]) -> str:
    """Join the first few names."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
