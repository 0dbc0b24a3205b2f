"""The bill of a house, device by device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID
from sparewatt.model.curves import minute_kw
from sparewatt.model.settlement import Costs, DeviceBills
from sparewatt.simulate.device_kernels import price_contracts
from sparewatt.simulate.settlement import NOBODY, find_turns
from sparewatt.simulate.sharing import find_prices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.market_rules import Sharing, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import Settlement

MINUTES_PER_HOUR = 60.0


def find_device_bills(
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
    trace: MarketTrace,
    settlement: Settlement,
    tariff: Tariff,
    sharing: Sharing,
) -> DeviceBills:
    """What every device has in the bill of its house, on the tariff and with a sharing rule.

    With b the price of a minute for who is short and s for who has over, as the rule makes them
    (see `sparewatt.simulate.sharing.find_prices`),

    - contract: Σ_t (load - what its own house's producer gives)·b
    - base load: Σ_t (base - what the own house's producers give)·b
    - battery: -Σ_t discharge·b, for it spares the house so much
    - producer: -Σ_t (to neighbours + its part of feed-in)·s

    What a house uses itself costs nothing, also what charges its battery. Contracts, base load and battery
    together are short of what the house is short of, so that the devices of a house sum to its bill.

    Work is per contract and per house, memory that of the production.

    Parameters
    ----------
    neighbourhood, grid
        What was simulated, and its minutes.
    trace, settlement
        What happened, and how it was settled.
    tariff, sharing
        As of `find_bills`.
    """
    shared = find_prices(settlement, tariff, sharing)
    pay = np.stack([tariff.import_per_kwh, shared[0]])
    receive = np.stack([tariff.feed_in_per_kwh, shared[1]])
    contracts, producers = trace.contracts, neighbourhood.producers
    home = neighbourhood.jobs.house[contracts.job]
    maker = np.append(producers.house, NOBODY)[np.where(contracts.producer == GRID, -1, contracts.producer)]
    left_kw = trace.production_kw.copy()
    cost, income = price_contracts(
        find_turns(contracts, home, maker),
        home,
        maker,
        contracts.producer,
        contracts.minute,
        contracts.offset,
        contracts.kw,
        left_kw,
        pay,
        receive,
    )
    _add_feed_in(income, producers.house, left_kw, settlement, receive)
    base_house = np.unique(neighbourhood.base_load.house)
    base_cost, base_kwh = np.zeros((2, len(base_house))), np.zeros((2, len(base_house)))
    for row, house in enumerate(base_house.tolist()):
        base_kw = np.zeros(grid.minutes)
        for curve in np.flatnonzero(neighbourhood.base_load.house == house).tolist():
            base_kw += minute_kw(*neighbourhood.base_load.curves.points(curve), grid.edges_s)
        own_kw = np.minimum(left_kw[producers.house == house].sum(axis=0), base_kw)
        base_cost[:, row] = pay @ (base_kw - own_kw) / MINUTES_PER_HOUR
        base_kwh[:, row] = own_kw.sum() / MINUTES_PER_HOUR, (base_kw - own_kw).sum() / MINUTES_PER_HOUR
    batteries = neighbourhood.batteries.house
    spared = np.zeros((2, len(batteries)))
    for row, house in enumerate(batteries.tolist()):
        spared[:, row] = pay @ settlement.battery_discharge_kw[house] / MINUTES_PER_HOUR
    return DeviceBills(
        contracts=Costs(*cost),
        producers=Costs(*(0.0 - income)),
        batteries=Costs(*(0.0 - spared)),
        base_loads=Costs(*base_cost),
        base_house=base_house.astype(np.int64),
        base_own_kwh=base_kwh[0],
        base_grid_kwh=base_kwh[1],
    )


def _add_feed_in(
    income: NDArray[np.float64],
    house_of: NDArray[np.int64],
    left_kw: NDArray[np.float64],
    settlement: Settlement,
    receive: NDArray[np.float64],
) -> None:
    """What each producer earns with its part of its house's feed-in, in proportion to what it has left."""
    for house in np.unique(house_of).tolist():
        rows = np.flatnonzero(house_of == house)
        feed_in = settlement.feed_in_kw[house]
        left = left_kw[rows].sum(axis=0)
        part = np.divide(feed_in, left, out=np.zeros_like(left), where=left > 0.0)
        for row in rows.tolist():
            income[:, row] += receive @ (part * left_kw[row]) / MINUTES_PER_HOUR
