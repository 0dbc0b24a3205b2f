"""Feeders and zones: what hangs behind each outgoing way of the busbar, found from the topology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_FEEDER = -1
"""Of the busbar itself, and of what is not connected to it."""


@dataclass(frozen=True)
class Feeders:
    """A radial network as a tree under its busbar.

    Parameters
    ----------
    ids
        Name of each feeder: ``"1"``, ``"2"`` … in the order of their head branches in the source.
    head_branch
        Row of the outgoing branch of each feeder, shape (feeders,).
    node_feeder, branch_feeder, load_feeder
        Feeder of each node, branch and load; `NO_FEEDER` for the busbar, shape (nodes,), …
    node_parent
        Row of the node towards the busbar, -1 for the busbar, shape (nodes,).
    node_branch
        Row of the branch towards the busbar, -1 for the busbar, shape (nodes,).
    order
        Rows of all nodes, each after its parent, shape (nodes,).
    """

    ids: tuple[str, ...]
    head_branch: NDArray[np.int64]
    node_feeder: NDArray[np.int64]
    branch_feeder: NDArray[np.int64]
    load_feeder: NDArray[np.int64]
    node_parent: NDArray[np.int64]
    node_branch: NDArray[np.int64]
    order: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of feeders."""
        return len(self.ids)


@dataclass(frozen=True)
class Zones:
    """Parts of a network that get one limit each; by default one phase of one feeder.

    Parameters
    ----------
    ids
        Names: ``"1/2"`` is feeder 1, phase 2 (phases are counted from 1 in names).
    feeder, phase
        Feeder and phase (0-2) of each zone, shape (zones,).
    load_zone
        Zone of each load, -1 for a load of all three phases (its power is a third in each zone of its
        feeder), shape (loads,).
    """

    ids: tuple[str, ...]
    feeder: NDArray[np.int64]
    phase: NDArray[np.int64]
    load_zone: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of zones."""
        return len(self.ids)
