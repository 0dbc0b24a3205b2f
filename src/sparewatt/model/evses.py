"""Evses: charging units as a struct of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Evses:
    """Charging units; row n of every array is unit ``ids[n]``; ordered by cluster, then as written.

    Powers are battery side. Grid side: ``p / efficiency`` when charging, ``p * efficiency`` when
    discharging.

    Parameters
    ----------
    ids
        Unit ids as the user wrote them; unique within a cluster.
    cluster
        Row of the cluster of each unit, ascending, shape (evses,).
    max_charge_kw, max_discharge_kw
        Greatest powers, battery side, both >= 0, shape (evses,) [kW].
    efficiency
        Efficiency of either direction, shape (evses,) [0-1].
    """

    ids: tuple[str, ...]
    cluster: NDArray[np.int64]
    max_charge_kw: NDArray[np.float64]
    max_discharge_kw: NDArray[np.float64]
    efficiency: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of units."""
        return len(self.ids)

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        """Rows of cluster c are ``offset[c]:offset[c + 1]`` up to the last cluster with a unit."""
        last = int(self.cluster[-1]) + 1 if len(self) else 0
        return np.searchsorted(self.cluster, np.arange(last + 1)).astype(np.int64)


def grid_power(
    battery_kw: NDArray[np.float64], efficiency: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Grid side of battery-side powers: p/η when charging, p·η when discharging [kW]."""
    return np.where(battery_kw > 0, battery_kw / efficiency, battery_kw * efficiency)
