"""What devices cost in a repetition, and what base load came to: sums of a settlement and its bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import minute_kw
from sparewatt.results.community_par import peak_to_average

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import DeviceBills


@dataclass(frozen=True)
class DeviceCosts:
    """What every device pays, earning is negative; the devices of a house sum to its bill.

    Consumers, producers, batteries, base loads, in this order; arrays of shape (devices,).

    Parameters
    ----------
    tariff_cost, shared_cost
        With nothing shared, and with the sharing rule [currency].
    """

    tariff_cost: NDArray[np.float64]
    shared_cost: NDArray[np.float64]


@dataclass(frozen=True)
class BaseTotals:
    """What the base load of every house that has one came to, by house; arrays of shape (base loads,).

    Parameters
    ----------
    own_kwh, grid_kwh
        From the own roof, and the rest, the battery's part in it [kWh].
    par
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    """

    own_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    par: NDArray[np.float64]


def device_costs(bills: DeviceBills, consumer: NDArray[np.int64], consumers: int) -> DeviceCosts:
    """Costs of contracts summed up by consumer, those of the others as they are.

    Parameters
    ----------
    bills
        What everything costs.
    consumer
        Row of the consumer of each contract, shape (contracts,).
    consumers
        How many there are.
    """
    parts = [
        [
            np.bincount(consumer, weights=getattr(bills.contracts, way), minlength=consumers),
            *(getattr(costs, way) for costs in (bills.producers, bills.batteries, bills.base_loads)),
        ]
        for way in ("tariff", "shared")
    ]
    return DeviceCosts(*(np.concatenate(each).astype(np.float64) for each in parts))


def base_totals(
    neighbourhood: Neighbourhood, grid: MinuteGrid, bills: DeviceBills, interval: int
) -> BaseTotals:
    """Energy of base loads and their peak-to-average ratio.

    Parameters
    ----------
    neighbourhood, grid
        What was simulated, and its minutes.
    bills
        What base loads have from where.
    interval
        Of the ratio [minutes].
    """
    base, par = neighbourhood.base_load, np.zeros(len(bills.base_house))
    for row, house in enumerate(bills.base_house.tolist()):
        kw = np.zeros((1, grid.minutes))
        for curve in np.flatnonzero(base.house == house).tolist():
            kw[0] += minute_kw(*base.curves.points(curve), grid.edges_s)
        par[row] = peak_to_average(kw, interval)[0]
    return BaseTotals(bills.base_own_kwh, bills.base_grid_kwh, par)
