"""Limits of a simulated hub: those of all clusters added up, and where power is beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.cluster_series import CLUSTER_POWER
from sparewatt.results.cluster_view import COUNTED_KW
from sparewatt.results.series_files import read_parquet, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.cluster_windows import ClusterWindows

_MOST_ROWS = 5_000_000
"""Limits of clusters are added up where they have no more rows than this."""


def summed_limits(
    windows: ClusterWindows, lo: int, hi: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Lower and upper limits of all clusters added up in periods ``lo..hi`` [kW].

    ``None`` where there are very many rows of them.
    """
    h, clusters = windows.horizon, len(windows.cluster_ids)
    if clusters * h.periods > _MOST_ROWS:
        return None
    path = windows.directory / f"{CLUSTER_POWER}.parquet"
    table = read_parquet(path, _MOST_ROWS, ["lower_kw", "upper_kw"])
    if len(table) != clusters * h.periods:
        raise refused(CLUSTER_POWER, "it does not cover the run")
    columns = (np.asarray(table[name].to_numpy(), dtype=np.float64) for name in ("lower_kw", "upper_kw"))
    lower, upper = (kw.reshape(clusters, h.periods)[:, lo:hi].sum(axis=0) for kw in columns)
    return lower, upper


def beyond_kw(windows: ClusterWindows, cluster: int) -> NDArray[np.float64]:
    """Power of a cluster outside its limits and tolerance, noise left out, shape (periods,) [kW]."""
    power, tolerance = windows.power(cluster, 0, windows.horizon.periods), windows.tolerances_kw[cluster]
    over = power.grid_kw - power.upper_kw - tolerance
    beyond = np.maximum(over, power.lower_kw - tolerance - power.grid_kw)
    return np.where(beyond > COUNTED_KW, beyond, 0.0)
