"""Margins: how far every snapshot is from each constraint, on one side, as an engine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.model.headroom import Binding
from sparewatt.physics.headroom.zonal import node_groups, signed_kva
from sparewatt.physics.power_flow import FlowWant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.headroom import HeadroomSettings
    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import FlowResult

Side = Literal["import", "export"]

BINDINGS = (Binding.CABLE, Binding.UNDERVOLTAGE, Binding.OVERVOLTAGE, Binding.TRANSFORMER)
"""What the rows of margins are about."""

FAR = 1e3
"""Margin of what does not count."""


def sign_of(side: Side) -> float:
    """+1 for import, -1 for export."""
    return 1.0 if side == "import" else -1.0


def narrow_branches(network: Network, feeders: Feeders) -> NDArray[np.int64]:
    """Heads, and branches rated lower than every branch between them and the busbar.

    Where power flows outward everywhere no other branch can reach its share first. Branches that close
    loops, and those of unknown rating, are left out.
    """
    ampacity = network.branches.ampacity_a
    least = np.full(len(network.nodes), np.inf)
    heads = set(feeders.head_branch.tolist())
    narrow = []
    for node in feeders.order.tolist():
        branch = int(feeders.node_branch[node])
        if branch < 0:
            continue
        above = least[feeders.node_parent[node]]
        if branch in heads or ampacity[branch] < above:
            narrow.append(branch)
        least[node] = min(above, ampacity[branch])
    return np.array(sorted(narrow), dtype=np.int64)


@dataclass(frozen=True)
class Watch:
    """What is watched in one network.

    Parameters
    ----------
    network, feeders, zones
        Where.
    branches
        Rows of the branches whose currents are watched, rising, heads among them, shape (watched,).
    settings
        Floor, ceiling, shares.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    branches: NDArray[np.int64]
    settings: HeadroomSettings

    def want(self, branches: NDArray[np.int64]) -> FlowWant:
        """What an engine keeps: voltages of all zones, currents of some branches."""
        return FlowWant(load_voltages=False, branches=branches, zones=node_groups(self.feeders, self.zones))

    def branches_of(self, feeder: int) -> NDArray[np.int64]:
        """Watched branches of one feeder."""
        return np.asarray(self.branches[self.feeders.branch_feeder[self.branches] == feeder])

    def inside(self, result: FlowResult, side: Side) -> Inside:
        """What holds in the snapshots as they are; what does not is no reason to hold others back."""
        s = self.settings
        under, over = result.zone_min_pu - s.voltage_floor_pu, s.voltage_ceiling_pu - result.zone_max_pu
        return Inside(under >= 0.0, over >= 0.0, self.transformer(result, side) >= 0.0)

    def transformer(self, result: FlowResult, side: Side) -> NDArray[np.float64]:
        """Margin of the transformer as a share of its rating, shape (snapshots,)."""
        flow = signed_kva(result.busbar_kva).sum(axis=0)
        return np.asarray(
            self.settings.transformer_share - sign_of(side) * flow / self.network.transformer.rating_kva
        )

    def cable(
        self, result: FlowResult, branches: NDArray[np.int64], phases: NDArray[np.bool_], side: Side
    ) -> NDArray[np.float64]:
        """Margin of the most loaded branch as a share of its rating, shape (snapshots,).

        A current against the direction of the side only adds to the margin.

        Parameters
        ----------
        result
            With the currents of ``branches``.
        branches
            Rows.
        phases
            Which phases of each branch count, shape (branches, 3, snapshots) or less.
        side
            The direction.
        """
        load = np.where(phases, self.loading(result, branches, side), -FAR)
        return np.asarray(self.settings.cable_share - load.max(axis=(0, 1), initial=-FAR))

    def loading(self, result: FlowResult, branches: NDArray[np.int64], side: Side) -> NDArray[np.float64]:
        """Current over rating, + in the direction of the side, shape (branches, 3, snapshots)."""
        load = np.abs(result.branch_current_a) / self.network.branches.ampacity_a[branches][:, None, None]
        outward = (result.branch_power_kva.real >= 0.0) == (side == "import")
        return np.where(outward, load, -load)


def find_watch(
    network: Network,
    feeders: Feeders,
    zones: Zones,
    settings: HeadroomSettings,
    branches: NDArray[np.int64] | None = None,
) -> Watch:
    """What is watched in a network: the given branches and the heads; by default :func:`narrow_branches`."""
    rows = narrow_branches(network, feeders) if branches is None else branches
    rows = np.union1d(rows, feeders.head_branch)
    return Watch(network, feeders, zones, rows, settings)


@dataclass(frozen=True)
class Inside:
    """What holds before anything is added.

    Parameters
    ----------
    under, over
        Whether each zone is above the floor and under the ceiling, shape (zones, snapshots).
    transformer
        Whether the transformer is within its share, shape (snapshots,).
    """

    under: NDArray[np.bool_]
    over: NDArray[np.bool_]
    transformer: NDArray[np.bool_]


def stack_margins(
    watch: Watch, result: FlowResult, cable: NDArray[np.float64], counts: Inside, side: Side
) -> NDArray[np.float64]:
    """Margins in the order of `BINDINGS`, shape (4, snapshots); `FAR` where nothing counts.

    Parameters
    ----------
    watch, result
        What the engine says.
    cable
        Margin of the cables, shape (snapshots,).
    counts
        Whose bounds count.
    side
        The direction.
    """
    s = watch.settings
    under = np.where(counts.under, result.zone_min_pu - s.voltage_floor_pu, FAR).min(axis=0, initial=FAR)
    over = np.where(counts.over, s.voltage_ceiling_pu - result.zone_max_pu, FAR).min(axis=0, initial=FAR)
    transformer = np.where(counts.transformer, watch.transformer(result, side), FAR)
    return np.stack([cable, under, over, transformer])
