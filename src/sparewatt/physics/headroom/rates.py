"""Headroom and footroom: the lesser of cable and flow limit, less the flow, within the transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import Binding, Headroom
from sparewatt.physics.headroom.transformer import split_excess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.headroom import FlowLimit, HeadroomSettings
    from sparewatt.model.network import Network
    from sparewatt.model.zonal import ZonalSeries

WATTS_PER_KW = 1000.0


def cable_limit(
    network: Network, feeders: Feeders, zones: Zones, busbar_pu: NDArray[np.float64], cable_share: float
) -> NDArray[np.float64]:
    """Flow that the head cable of every zone may carry, ``C = 0.9·I_rated·V_busbar·V_base`` [kVA].

    Parameters
    ----------
    network, feeders, zones
        Whose head branches; one whose rating is not known has an infinite limit.
    busbar_pu
        Voltage of the busbar per phase, shape (3, periods) [pu].
    cable_share
        Share of the rated current that is used (the 0.9).

    Returns
    -------
    Shape (zones, periods) [kVA].
    """
    rated_a = network.branches.ampacity_a[feeders.head_branch[zones.feeder]]
    per_pu = cable_share * rated_a * network.base_v / WATTS_PER_KW
    return np.asarray(per_pu[:, None] * busbar_pu[zones.phase])


def head_share(zones: Zones) -> NDArray[np.float64]:
    """Part of its head branch's headroom that each zone has, by its loads, shape (zones,).

    1 where a zone is a phase of a feeder. Where a table makes several zones of one, they share what its
    head can carry: in proportion to their loads, equally where none has any.
    """
    loads = np.bincount(zones.load_zone[zones.load_zone >= 0], minlength=len(zones)).astype(np.float64)
    together = (zones.feeder[:, None] == zones.feeder) & (zones.phase[:, None] == zones.phase)
    total, count = together @ loads, together.sum(axis=1)
    return np.asarray(np.where(total > 0, loads / np.where(total > 0, total, 1.0), 1.0 / count))


def find_headroom(
    series: ZonalSeries,
    zones: Zones,
    cable_kva: NDArray[np.float64],
    import_limit: FlowLimit,
    export_limit: FlowLimit,
    rating_kva: float,
    settings: HeadroomSettings,
) -> Headroom:
    """Headroom and footroom of every zone and period, each with its binding constraint.

    ``headroom = min(C, L_import) − flow`` and ``footroom = min(C, L_export) + flow``, times the
    :func:`head_share` of the zone, less its part of what the transformer lacks; see
    :func:`~sparewatt.physics.headroom.transformer.split_excess`.

    Parameters
    ----------
    series
        Flows; a period without a solution has no headroom.
    zones
        Which of them share a head branch.
    cable_kva
        C of :func:`cable_limit`, shape (zones, periods) [kVA].
    import_limit, export_limit
        L of either side: fitted, or found by power flow.
    rating_kva
        Rating of the transformer [kVA].
    settings
        ``transformer_share``, ``transformer_split``.
    """
    most = settings.transformer_share * rating_kva
    share = head_share(zones)[:, None]
    sides = []
    for sign, limit in ((1.0, import_limit), (-1.0, export_limit)):
        flow = sign * series.flow_kva
        room = np.where(series.converged, share * (np.minimum(cable_kva, limit.kva) - flow), 0.0)
        binding = np.where(cable_kva <= limit.kva, np.int8(Binding.CABLE), limit.binding)
        off = split_excess(
            room, most - sign * series.transformer_flow_kva, share * flow, settings.transformer_split
        )
        binding = np.where(off > 0.0, np.int8(Binding.TRANSFORMER), binding).astype(np.int8)
        sides.append((room - off, binding))
    (headroom, headroom_binding), (footroom, footroom_binding) = sides
    return Headroom(headroom, footroom, headroom_binding, footroom_binding)


def main_binding(binding: NDArray[np.int8]) -> NDArray[np.int8]:
    """The constraint that binds most often, per zone; of two the lower number, shape (zones,).

    Parameters
    ----------
    binding
        `Binding` of every value, shape (zones, periods).
    """
    counts = np.stack([(binding == b).sum(axis=1) for b in Binding])
    return np.asarray(counts.argmax(axis=0), dtype=np.int8)
