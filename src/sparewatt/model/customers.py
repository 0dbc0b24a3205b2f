"""Customers: who lives at the loads of a network, and the cases of PV and heat pumps among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Customers:
    """Customers of a network; row n is ``ids[n]``, one per load.

    Parameters
    ----------
    ids
        Names, those of the loads.
    load
        Row of the load, shape (customers,).
    zone
        Row of the zone, shape (customers,).
    demand_class
        Kind of household demand (a small number that profile sources know), shape (customers,).
    pv_kwp
        Rated PV where the case gives it some, shape (customers,) [kW].
    """

    ids: tuple[str, ...]
    load: NDArray[np.int64]
    zone: NDArray[np.int64]
    demand_class: NDArray[np.int64]
    pv_kwp: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.ids)


@dataclass(frozen=True)
class Case:
    """A penetration of PV and heat pumps, and who has them.

    Parameters
    ----------
    name
        ``"25PV50HP"``: 25 % with PV, 50 % with a heat pump.
    pv_share, hp_share
        Penetrations [0-1].
    has_pv, has_hp
        Shape (customers,).
    """

    name: str
    pv_share: float
    hp_share: float
    has_pv: NDArray[np.bool_]
    has_hp: NDArray[np.bool_]


@dataclass(frozen=True)
class Profiles:
    """Power of every customer over time, mean per period.

    Parameters
    ----------
    demand_kw, heat_pump_kw
        Shape (customers, periods), >= 0 [kW].
    pv_kw_per_kwp
        Generation per rated kW, >= 0, shape (periods,) or (customers, periods) [kW/kWp].
    """

    demand_kw: NDArray[np.float64]
    heat_pump_kw: NDArray[np.float64]
    pv_kw_per_kwp: NDArray[np.float64]
