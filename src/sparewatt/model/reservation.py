"""Reservation: a request to book, the candidates for it, and the contract that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ReservationRequest:
    """What a vehicle declares when it books; all of it is known to the operator.

    Parameters
    ----------
    battery_kwh
        Battery [kWh].
    min_soc, max_soc, target_soc
        States of charge [0-1].
    v2g_allowance_kwh
        Most energy that may be taken [kWh].
    """

    battery_kwh: float
    min_soc: float
    max_soc: float
    target_soc: float
    v2g_allowance_kwh: float


@dataclass(frozen=True)
class ReservationCandidate:
    """One kind of unit in one cluster that is free over the stay.

    Parameters
    ----------
    cluster, evse
        Rows; ``evse`` is the unit that would be booked.
    first, end
        Periods of the stay, half-open: declared times plus the traffic forecast.
    arrival_soc
        Declared SoC less the drop on the way [0-1].
    charge_kw, discharge_kw
        The least of unit and vehicle, battery side, >= 0 [kW].
    efficiency
        Of the unit [0-1].
    booked_kw
        What is booked in the cluster already, grid side, shape (end - first,) [kW].
    lower_kw, upper_kw
        Limits of the cluster, shape (end - first,) [kW].
    tariff_per_kwh
        Common tariff, shape (end - first,) [currency/kWh].
    """

    cluster: int
    evse: int
    first: int
    end: int
    arrival_soc: float
    charge_kw: float
    discharge_kw: float
    efficiency: float
    booked_kw: NDArray[np.float64]
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    tariff_per_kwh: NDArray[np.float64]


@dataclass(frozen=True)
class Contract:
    """A booked stay with its schedule and prices.

    Parameters
    ----------
    cluster, evse
        Rows of the booked unit.
    first, end
        Periods of the stay, half-open.
    arrival_soc, target_soc
        Expected at the beginning, promised for the end [0-1].
    battery_kw
        Schedule, battery side, shape (end - first,) [kW].
    g2v_per_kwh, v2g_per_kwh
        Prices per period, shape (end - first,) [currency/kWh, battery side].
    payment
        Σ Δ·(g2v·p⁺ - v2g·p⁻) [currency].
    gap
        Proven relative gap of the routing [-].
    """

    cluster: int
    evse: int
    first: int
    end: int
    arrival_soc: float
    target_soc: float
    battery_kw: NDArray[np.float64]
    g2v_per_kwh: NDArray[np.float64]
    v2g_per_kwh: NDArray[np.float64]
    payment: float
    gap: float = 0.0
