"""Rules of a network's shape: no islands, loops are named, no load on a phase that does not reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.topology import find_feeders, find_loops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.parts import NetworkParts
    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network

_NAMED = 12


def check_shape(network: Network, parts: NetworkParts, log: FindingLog) -> None:
    """Check islands, loops and phases; rows of the network's branches and loads are those of the parts."""
    feeders = find_feeders(network)
    reached = feeders.node_parent >= 0
    reached[network.busbar] = True
    _check_islands(network, parts, reached, log)
    _name_loops(network, parts, feeders, log)
    _check_phases(network, parts, reached, log)
    missing = int(len(network.nodes) - network.nodes.has_place.sum())
    if missing:
        message = f"{missing} of {len(network.nodes)} nodes have no coordinates; the map is laid out without"
        log.add("network.coordinates.missing", "info", network.name, message, str(missing), "Buscoords file")


def _check_islands(
    network: Network, parts: NetworkParts, reached: NDArray[np.bool_], log: FindingLog
) -> None:
    """One finding per part of the network that nothing joins to the busbar."""
    branches = network.branches
    rest = {int(n) for n in np.flatnonzero(~reached)}
    neighbours: dict[int, list[int]] = {n: [] for n in rest}
    for a, b in zip(branches.from_node.tolist(), branches.to_node.tolist(), strict=True):
        if a in rest and b in rest:
            neighbours[a].append(b)
            neighbours[b].append(a)
    while rest:
        island = _part_of(min(rest), neighbours)
        rest -= island
        rows = np.flatnonzero(np.isin(branches.from_node, sorted(island)))
        loads = np.flatnonzero(np.isin(network.loads.node, sorted(island)))
        names = tuple(network.nodes.ids[n] for n in sorted(island))
        where = parts.branches[rows[0]].where
        busbar = network.nodes.ids[network.busbar]
        held = f"{len(island)} nodes ({_some(names)}) with {len(loads)} loads"
        message = f"{held} have no path to the busbar {busbar}"
        remedy = "join them to the network, or take them out"
        log.add(
            "network.island", "error", where, message, names[0], remedy, ids=names[:_NAMED], table="island"
        )


def _part_of(first: int, neighbours: dict[int, list[int]]) -> set[int]:
    found, queue = {first}, [first]
    while queue:
        for other in neighbours[queue.pop()]:
            if other not in found:
                found.add(other)
                queue.append(other)
    return found


def _name_loops(network: Network, parts: NetworkParts, feeders: Feeders, log: FindingLog) -> None:
    """Each branch that closes a loop, with the branches of that loop."""
    ids = network.branches.ids
    for row in find_loops(network, feeders).tolist():
        ends = int(network.branches.from_node[row]), int(network.branches.to_node[row])
        ways = [_way_up(node, feeders) for node in ends]
        shared = set(ways[0]) & set(ways[1])
        loop = [ids[row], *(ids[b] for way in ways for b in way if b not in shared)]
        message = f"{len(loop)} branches form a loop: {_some(tuple(loop))}"
        remedy = (
            'engine = "opendss" or "power_grid_model" takes loops; for the fast one open a branch of the loop'
        )
        log.add(
            "network.loop",
            "warning",
            parts.branches[row].where,
            message,
            ids[row],
            remedy,
            ids=tuple(loop[:_NAMED]),
            table="loop",
        )


def _way_up(node: int, feeders: Feeders) -> list[int]:
    """Branches from a node to the busbar."""
    way = []
    while feeders.node_parent[node] >= 0:
        way.append(int(feeders.node_branch[node]))
        node = int(feeders.node_parent[node])
    return way


def _check_phases(network: Network, parts: NetworkParts, reached: NDArray[np.bool_], log: FindingLog) -> None:
    """Loads hang on phases that reach their node."""
    if all(len(b.phases) == PHASES for b in parts.branches):
        return
    has = _phases_of_nodes(network, parts)
    for load, node, phase in zip(
        parts.loads, network.loads.node.tolist(), network.loads.phase.tolist(), strict=True
    ):
        missing = ~has[node] if phase == ALL_PHASES else ~has[node, [phase]]
        if reached[node] and missing.any():
            there = ", ".join(str(p + 1) for p in np.flatnonzero(has[node])) or "none"
            wanted = "all three phases" if phase == ALL_PHASES else f"phase {phase + 1}"
            message = f"load {load.id} hangs on {wanted} of node {load.bus}, which has phase {there}"
            log.add(
                "network.load.phase",
                "error",
                load.where,
                message,
                wanted,
                "a phase that its line has",
                ids=(load.id,),
                table="load",
            )


def _phases_of_nodes(network: Network, parts: NetworkParts) -> NDArray[np.bool_]:
    """Phases that a path of branches brings to each node, shape (nodes, 3)."""
    has = np.zeros((len(network.nodes), PHASES), dtype=np.bool_)
    has[network.busbar] = True
    carries = np.zeros((len(parts.branches), PHASES), dtype=np.bool_)
    for row, branch in enumerate(parts.branches):
        carries[row, list(branch.phases)] = True
    a, b = network.branches.from_node, network.branches.to_node
    for phase in range(PHASES):
        lines = np.flatnonzero(carries[:, phase])
        neighbours: dict[int, list[int]] = {n: [] for n in range(len(network.nodes))}
        for row in lines.tolist():
            neighbours[int(a[row])].append(int(b[row]))
            neighbours[int(b[row])].append(int(a[row]))
        has[sorted(_part_of(network.busbar, neighbours)), phase] = True
    return has


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
