"""Zonal quantities: exactly what limits need, asked of an engine block by block."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.zonal import ZonalSeries, join_series
from sparewatt.physics.power_flow import FlowWant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import FlowResult, PowerFlow

Block = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""Active and reactive power per load of some snapshots, each of shape (loads, snapshots) [kW, kvar]."""

BLOCK = 4096
"""Snapshots of one block."""


def zonal_want(network: Network, feeders: Feeders, zones: Zones) -> FlowWant:
    """What an engine is asked to keep for a `ZonalSeries`: heads, busbar, zone voltages, overloads."""
    return FlowWant(
        load_voltages=False,
        nodes=np.array([network.busbar], dtype=np.int64),
        branches=feeders.head_branch,
        zones=node_groups(feeders, zones),
        overloads=tuple(np.flatnonzero(feeders.branch_feeder == f) for f in range(len(feeders))),
    )


def node_groups(feeders: Feeders, zones: Zones) -> tuple[tuple[NDArray[np.int64], int], ...]:
    """Nodes and phase of every zone: all nodes of its feeder."""
    nodes = [np.flatnonzero(feeders.node_feeder == f) for f in range(len(feeders))]
    return tuple((nodes[f], p) for f, p in zip(zones.feeder.tolist(), zones.phase.tolist(), strict=True))


def signed_kva(power: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Signed apparent power ``sign(P)·|S|``, positive where P is 0 [kVA]."""
    return np.where(power.real < 0.0, -1.0, 1.0) * np.abs(power)


def blank_lost(result: FlowResult) -> FlowResult:
    """The result with 0 for all numbers of snapshots without a solution; engines leave anything there."""
    lost = ~result.converged
    if not lost.any():
        return result
    blank: dict[str, Any] = {
        field.name: np.where(lost, np.zeros(1, dtype=value.dtype), value)
        for field in fields(result)
        if isinstance(value := getattr(result, field.name), np.ndarray) and len(value)
    }
    return replace(result, **blank)


def zonal_series(result: FlowResult, network: Network, zones: Zones) -> ZonalSeries:
    """Zonal quantities of one result that was asked for by :func:`zonal_want`."""
    result = blank_lost(result)
    head_kva = signed_kva(result.branch_power_kva)
    return ZonalSeries(
        flow_kva=head_kva[zones.feeder, zones.phase],
        min_pu=result.zone_min_pu,
        max_pu=result.zone_max_pu,
        overloads=result.overloads[zones.feeder].astype(np.int32),
        busbar_pu=np.abs(result.node_voltage_v[0]) / network.base_v,
        busbar_flow_kva=signed_kva(result.busbar_kva),
        losses_kw=result.losses_kw,
        converged=result.converged,
    )


def find_zonal_series(
    engine: PowerFlow, network: Network, feeders: Feeders, zones: Zones, blocks: Iterable[Block]
) -> ZonalSeries:
    """Solve block by block and keep only what limits need.

    Parameters
    ----------
    engine
        Holds ``network``.
    network, feeders, zones
        Where flows and voltages are read.
    blocks
        Powers of the loads, at least one block; made one at a time, so that a year of all loads never
        stands in memory at once (a generator may tell progress, or stop).
    """
    want = zonal_want(network, feeders, zones)
    return join_series([zonal_series(engine.solve(kw, kvar, want), network, zones) for kw, kvar in blocks])


def snapshot_blocks(kw: NDArray[np.float64], kvar: NDArray[np.float64], size: int = BLOCK) -> Iterator[Block]:
    """Blocks of at most ``size`` snapshots of powers that are already whole."""
    for first in range(0, kw.shape[1], size):
        yield kw[:, first : first + size], kvar[:, first : first + size]
