"""Filling: what a limit is worth once zones use all of the headroom that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.physics.headroom.margins import sign_of
from sparewatt.physics.headroom.zonal import zonal_series, zonal_want

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.headroom import HeadroomSettings
    from sparewatt.model.network import Network
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.physics.headroom.growth import Growth
    from sparewatt.physics.headroom.margins import Side
    from sparewatt.physics.power_flow import PowerFlow

ROUNDS = 3
ROUNDING_PU = 1e-4
"""What a voltage may be beyond its bound without counting: that of a flow off by a tenth of a per cent."""

_LEAST_KVA = 1e-6


@dataclass(frozen=True)
class Filled:
    """In how many snapshots zones break their own voltage bound with all of their headroom taken.

    Parameters
    ----------
    filled
        Snapshots in which the zone has any headroom, shape (zones,).
    together, alone
        Of these, in how many it is beyond the bound, or nothing converges, while all zones take all of
        theirs, and while it alone does, shape (zones,).
    together_pu, alone_pu
        By how much it is beyond the bound at most, where something converges; shape (zones,) [pu].
    """

    filled: NDArray[np.int64]
    together: NDArray[np.int64]
    alone: NDArray[np.int64]
    together_pu: NDArray[np.float64]
    alone_pu: NDArray[np.float64]

    def __add__(self, other: Filled) -> Filled:
        """Both."""
        return Filled(
            self.filled + other.filled,
            self.together + other.together,
            self.alone + other.alone,
            np.maximum(self.together_pu, other.together_pu),
            np.maximum(self.alone_pu, other.alone_pu),
        )


def count_filled(
    engine: PowerFlow,
    network: Network,
    feeders: Feeders,
    zones: Zones,
    settings: HeadroomSettings,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    growth: Growth,
    room_kva: NDArray[np.float64],
    side: Side,
) -> Filled:
    """Fill all zones together, then each by itself, and count what breaks the voltage bound of the zone.

    Parameters
    ----------
    engine
        Holds ``network``.
    network, feeders, zones, settings
        Where; floor for import, ceiling for export.
    kw, kvar
        Loads as they are, shape (loads, snapshots) [kW, kvar].
    growth
        How a zone grows, of the same snapshots.
    room_kva
        Headroom or footroom, shape (zones, snapshots); negative is none [kVA].
    side
        Whose.
    """
    room = np.where(growth.can_grow[:, None], np.maximum(room_kva, 0.0), 0.0)
    has = room > _LEAST_KVA

    def beyond(taken: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether zones are beyond their bound, and by how much."""
        series = fill_zones(engine, network, feeders, zones, kw, kvar, growth, taken, side)
        off = (
            settings.voltage_floor_pu - series.min_pu
            if side == "import"
            else series.max_pu - settings.voltage_ceiling_pu
        )
        broken = has & ((off > ROUNDING_PU) | ~series.converged)
        return broken, np.where(broken & series.converged, off, 0.0).max(axis=1, initial=0.0)

    together, together_pu = beyond(room)
    alone, alone_pu = np.zeros_like(together), np.zeros_like(together_pu)
    for z in range(len(zones)):
        own, own_pu = beyond(np.where(np.arange(len(zones))[:, None] == z, room, 0.0))
        alone[z], alone_pu[z] = own[z], own_pu[z]
    filled, both, single = (_count(x) for x in (has, together, alone))
    return Filled(filled, both, single, together_pu, alone_pu)


def _count(where: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray(where.sum(axis=1), dtype=np.int64)


def fill_zones(
    engine: PowerFlow,
    network: Network,
    feeders: Feeders,
    zones: Zones,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    growth: Growth,
    more_kva: NDArray[np.float64],
    side: Side,
) -> ZonalSeries:
    """Zonal quantities once the loads of every zone are so much more that its head carries ``more_kva`` more.

    What is added at the loads starts at ``more_kva`` and is scaled by what that made of the flow at the head,
    `ROUNDS` times: ``x ← x·more/(F(x) − F(0))``.

    Parameters
    ----------
    engine, network, feeders, zones, kw, kvar, growth, side
        See :func:`count_filled`.
    more_kva
        >= 0, shape (zones, snapshots) [kVA].
    """
    want, sign = zonal_want(network, feeders, zones), sign_of(side)
    row = np.maximum(zones.load_zone, 0)
    before = sign * zonal_series(engine.solve(kw, kvar, want), network, zones).flow_kva
    added = more_kva.copy()
    for round_ in range(ROUNDS):
        # A load of no zone has no growth, so whichever row it takes counts nothing.
        of_load = sign * added[row]
        result = engine.solve(kw + of_load * growth.kw, kvar + of_load * growth.kvar, want)
        series = zonal_series(result, network, zones)
        if round_ == ROUNDS - 1:
            break
        grown = sign * series.flow_kva - before
        usable = series.converged & (grown > _LEAST_KVA) & (more_kva > _LEAST_KVA)
        added = np.where(usable, added * more_kva / np.where(usable, grown, 1.0), added)
    return series
