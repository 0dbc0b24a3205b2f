"""ClusterSystem: clusters of charging units under limits, with one tariff."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.limit_tree import ROOT, LimitTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.evses import Evses
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.limit import Limit


@dataclass(frozen=True)
class ImbalanceLimit:
    """How much more one cluster may draw than another.

    Parameters
    ----------
    first, second
        Rows of the clusters.
    upper_kw
        Greatest ``P_first - P_second`` per period, shape (periods,) [kW].
    """

    first: int
    second: int
    upper_kw: NDArray[np.float64]


@dataclass(frozen=True)
class Traffic:
    """What the roads to each cluster are expected to do to a declared visit.

    Parameters
    ----------
    arrival_delay_s, departure_delay_s
        Added to the declared times, shape (clusters,) [s].
    soc_drop
        Taken from the declared arrival SoC, shape (clusters,) [0-1].
    """

    arrival_delay_s: NDArray[np.int64]
    departure_delay_s: NDArray[np.int64]
    soc_drop: NDArray[np.float64]

    @classmethod
    def none(cls, clusters: int) -> Traffic:
        """No delay and no drop anywhere."""
        return cls(np.zeros(clusters, dtype=np.int64), np.zeros(clusters, dtype=np.int64), np.zeros(clusters))


@dataclass(frozen=True)
class ClusterSystem:
    """Clusters, their units and limits over a horizon.

    Limits and prices are grid side. Where a limit does not change its arrays may be broadcast
    views; a year of limits then takes no memory.

    Parameters
    ----------
    horizon
        The periods.
    cluster_ids
        Name of each cluster, unique.
    evses
        The units; ``evses.cluster`` is a row of ``cluster_ids``; every cluster has one at least.
    limits
        Limit of each cluster, with its tolerance.
    price_per_kwh
        Common tariff, shape (periods,) [currency/kWh].
    traffic
        Forecast for the roads to each cluster.
    system_limit
        Limit on the sum of all clusters, or none.
    imbalance_limits
        Limits on the difference of two clusters.
    """

    horizon: Horizon
    cluster_ids: tuple[str, ...]
    evses: Evses
    limits: tuple[Limit, ...]
    price_per_kwh: NDArray[np.float64]
    traffic: Traffic
    system_limit: Limit | None = None
    imbalance_limits: tuple[ImbalanceLimit, ...] = ()

    @cached_property
    def tree(self) -> LimitTree:
        """The connections: node 0 is the system, node c + 1 is cluster c."""
        parent = np.zeros(len(self.cluster_ids) + 1, dtype=np.int64)
        parent[0] = ROOT
        return LimitTree(("system", *self.cluster_ids), parent, (self.system_limit, *self.limits))
