"""Bus names of DSS: ``134.1`` is node 1 of bus 134."""

from __future__ import annotations

from typing import NamedTuple

PHASES = {1, 2, 3}


class Bus(NamedTuple):
    """A bus and the nodes that a conductor each is joined to; node 0 is earth.

    Parameters
    ----------
    name
        Of the bus.
    nodes
        As given; empty where none are.
    """

    name: str
    nodes: tuple[int, ...]

    def phases(self, count: int) -> tuple[int, ...] | None:
        """Phases (0-2) of the first ``count`` conductors; ``None`` where they are not all of nodes 1 to 3."""
        nodes = (*self.nodes, *range(len(self.nodes) + 1, count + 1))[:count]
        if not set(nodes) <= PHASES or len(set(nodes)) < count:
            return None
        return tuple(n - 1 for n in nodes)

    def is_earthed(self, count: int) -> bool:
        """Whether all conductors after the first ``count`` are joined to earth."""
        return not any(self.nodes[count:])


def read_bus(text: str) -> Bus | None:
    """Bus of ``name`` or ``name.1.2.3.0``; ``None`` where it is neither."""
    name, *nodes = text.strip().split(".")
    if not name or not all(n.isdecimal() for n in nodes):
        return None
    return Bus(name, tuple(int(n) for n in nodes))
