"""LimitTree: limits along a tree of connections, and what flows through each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.limit import Limit

ROOT = -1
"""The parent of a node without one."""


@dataclass(frozen=True)
class LimitTree:
    """Connections (charger ⊂ cluster ⊂ site ⊂ zone ⊂ feeder), each with its limit or none.

    Parameters
    ----------
    ids
        Name of each node.
    parent
        Row of each node's parent, always before the node itself, `ROOT` for the topmost, shape (nodes,).
    limits
        Limit of each node; ``None`` where it has none.
    """

    ids: tuple[str, ...]
    parent: NDArray[np.int64]
    limits: tuple[Limit | None, ...]

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.ids)

    def flows(self, own_kw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power through every node: its own and that of all below, shape (nodes, periods) [kW].

        Parameters
        ----------
        own_kw
            Power that enters at each node itself (0 where only its children draw), shape
            (nodes, periods) [kW].
        """
        flow = np.array(own_kw, dtype=np.float64)
        for node in range(len(self) - 1, -1, -1):
            if self.parent[node] != ROOT:
                flow[self.parent[node]] += flow[node]
        return flow

    def excess_kw(self, flow_kw: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each node's flow is beyond its limit, tolerance not deducted, shape of ``flow_kw`` [kW].

        Above the upper bound positive, below the lower one negative, 0 inside.
        """
        out = np.zeros_like(flow_kw)
        for node, limit in enumerate(self.limits):
            if limit is not None:
                over = np.maximum(flow_kw[node] - limit.upper_kw, 0.0)
                under = np.minimum(flow_kw[node] - limit.lower_kw, 0.0)
                out[node] = over + under
        return out
