"""What EVs are asked: the room that a network leaves them, what energy is worth, what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sparewatt.model.ev_schedule import EvSchedule

EXPORT_SHARE = 0.7
"""Share of the footroom that EVs may use [0-1]."""
SERVED_SHARE = 0.99
"""Share of the energy wanted at departure with which a stay counts as served [0-1]."""
SHORT_KWH = 1e-3
"""Shortfall of a zone's plan that counts as none [kWh]."""
GAP = 1e-5
"""Gap at which a plan counts as optimal [-]."""


@dataclass(frozen=True)
class ChargingRoom:
    """What a zone leaves to its EVs over a horizon.

    Parameters
    ----------
    limit
        Most and least power of all its EVs together, shapes (periods,), lower <= 0 <= upper [kW].
    price_per_kwh
        Value of energy at the grid, for either direction, shape (periods,) [currency/kWh].
    asked_kw
        Power that the network asks back (V2G), >= 0, shape (periods,) [kW].
    """

    limit: Limit
    price_per_kwh: NDArray[np.float64]
    asked_kw: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse a limit that doing nothing would break."""
        if np.any(self.limit.lower_kw > 0.0) or np.any(self.limit.upper_kw < 0.0):
            raise ValueError(
                f"{self.limit.reason}: no cars at all would be outside it; bounds must hold 0 kW"
            )

    @classmethod
    def in_headroom(
        cls,
        headroom_kw: NDArray[np.float64],
        footroom_kw: NDArray[np.float64],
        energy_per_kwh: ArrayLike,
        *,
        v2g_per_kwh: float = 0.175,
        export_share: float = EXPORT_SHARE,
        reason: str = "headroom of the zone",
    ) -> ChargingRoom:
        """The room inside a headroom: g between -footroom·share and max(headroom, 0).

        Where the headroom is negative V2G is asked, as much as it is negative, and energy is worth
        ``v2g_per_kwh`` more. A negative footroom (the zone exports too much already) allows no export.

        Parameters
        ----------
        headroom_kw, footroom_kw
            What the zone could still take and give, shape (periods,) [kW].
        energy_per_kwh
            Price without V2G (use of system, battery wear), scalar or shape (periods,) [currency/kWh].
        v2g_per_kwh
            What power that is asked is worth beside [currency/kWh].
        export_share
            Share of the footroom that EVs may use [0-1].
        reason
            Of the limit.
        """
        upper = np.maximum(headroom_kw, 0.0)
        lower = -np.maximum(footroom_kw, 0.0) * export_share
        price = np.asarray(energy_per_kwh, dtype=np.float64) + v2g_per_kwh * (headroom_kw < 0.0)
        return cls(Limit(lower, upper, reason), price, np.maximum(-headroom_kw, 0.0))


@dataclass(frozen=True)
class ZonePlan:
    """Charging of a zone's cars.

    Parameters
    ----------
    schedule
        Powers and energies; every bound holds whatever the status.
    room
        What it was planned in.
    status
        ``optimal`` (gap closed), ``open`` (no more is proven though time was left), ``timed_out`` (the
        best known at the deadline).
    objective
        Cost, energy given back counts against it [currency].
    gap
        Proven gap of the ranks (shortfall, then cost), relative to max(1, cost) [-].
    short_kwh
        What each stay misses at departure of what it could have had alone, shape (sessions,) [kWh].
    unreachable_kwh
        What each stay wants beyond what it could have at full rate, whatever the limit, shape
        (sessions,) [kWh].
    """

    schedule: EvSchedule
    room: ChargingRoom
    status: Literal["optimal", "open", "timed_out"]
    objective: float
    gap: float
    short_kwh: NDArray[np.float64]
    unreachable_kwh: NDArray[np.float64]

    @property
    def served(self) -> bool:
        """Whether nothing is short."""
        return bool(self.short_kwh.sum() <= SHORT_KWH)

    @cached_property
    def grid_kw(self) -> NDArray[np.float64]:
        """Power of all cars, shape (periods,) [kW]."""
        return self.schedule.total_kw

    @property
    def asked_kwh(self) -> float:
        """Energy that the network asked back [kWh]."""
        return float(self.room.asked_kw.sum()) * self.schedule.sessions.step_h

    @property
    def delivered_kwh(self) -> float:
        """What it got of that: Σ min(asked, -g) where g < 0 [kWh]."""
        given = np.minimum(np.maximum(-self.grid_kw, 0.0), self.room.asked_kw)
        return float(given.sum()) * self.schedule.sessions.step_h
