"""The whole network at one moment: voltage of every node, load of every branch and of the transformer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.physics.headroom.zonal import blank_lost
from sparewatt.physics.power_flow import FlowWant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.simulate.network_flow import Grid

NOISE_PU = 1e-9
"""A voltage beyond its bound by less is at it [pu]."""


@dataclass(frozen=True)
class Snapshot:
    """One solved moment.

    Parameters
    ----------
    node_pu
        Voltage magnitudes, shape (nodes, 3) [pu].
    branch_loading
        Current over rating, 0 where that is not known, shape (branches, 3).
    transformer_loading
        Apparent power over rating.
    """

    node_pu: NDArray[np.float64]
    branch_loading: NDArray[np.float64]
    transformer_loading: float


def solve_moment(grid: Grid, kw: NDArray[np.float64], kvar: NDArray[np.float64]) -> Snapshot:
    """Solve one snapshot and keep everything.

    Parameters
    ----------
    grid
        Where.
    kw, kvar
        Power of the loads, shape (loads, 1) [kW, kvar].
    """
    network = grid.network
    want = FlowWant(
        load_voltages=False,
        nodes=np.arange(len(network.nodes), dtype=np.int64),
        branches=np.arange(len(network.branches), dtype=np.int64),
    )
    result = blank_lost(grid.engine.solve(kw, kvar, want))
    rated = network.branches.ampacity_a[:, None]
    loading = np.abs(result.branch_current_a[:, :, 0]) / rated
    return Snapshot(
        np.abs(result.node_voltage_v[:, :, 0]) / network.base_v,
        np.where(np.isfinite(rated), loading, 0.0),
        float(result.transformer_kva[0]) / network.transformer.rating_kva,
    )


def lowest_moment(series: ZonalSeries) -> int:
    """Period with the lowest voltage of any zone among those that were solved."""
    lowest = np.where(series.converged, series.min_pu.min(axis=0), np.inf)
    return int(lowest.argmin())


def worst_moment(
    series: ZonalSeries, floor_pu: float, ceiling_pu: float, rating_kva: float
) -> tuple[int, str]:
    """The period to look at first, and what is worst there, in words.

    Undervoltage comes first, then overloaded branches, the transformer, overvoltage; where nothing is
    broken, the lowest voltage.

    Parameters
    ----------
    series
        Zonal quantities, (zones, periods).
    floor_pu, ceiling_pu
        Bounds that voltages are judged by [pu].
    rating_kva
        Of the transformer.
    """
    known = series.converged
    lowest = lowest_moment(series)
    if not known.any() or series.min_pu[:, lowest].min() < floor_pu - NOISE_PU:
        return lowest, "lowest voltage"
    load = np.where(known, series.transformer_kva, -np.inf)
    overloads = np.where(known, series.overloads.sum(axis=0), 0)
    if overloads.any():
        return int(np.lexsort((-load, -overloads))[0]), "most overloaded cables"
    if load.max() > rating_kva:
        return int(load.argmax()), "highest load of the transformer"
    highest = np.where(known, series.max_pu.max(axis=0), -np.inf)
    if highest.max() > ceiling_pu + NOISE_PU:
        return int(highest.argmax()), "highest voltage"
    return lowest, "lowest voltage"
