"""Settlement: what the sun gave goes to contracts, then to the house, the rest to the grid."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID
from sparewatt.model.curves import minute_kw
from sparewatt.model.settlement import Settlement
from sparewatt.simulate.home_battery import run_battery
from sparewatt.simulate.settlement_kernels import supply_contracts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.contract import Contracts, MarketTrace
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood

MINUTES_PER_HOUR = 60.0
NOBODY = -1
"""House of the supplier of a contract with the grid."""


def settle_market(neighbourhood: Neighbourhood, grid: MinuteGrid, trace: MarketTrace) -> Settlement:
    """Settle one repetition against the production that came.

    In each minute each producer's power goes to the contracts with it, those of its own house first, the
    others in the order of agreement. What is left covers the base load of its house, then charges the
    house's battery, then is fed in. What contracts do not get, contracts with the grid and base load are
    bought; the battery gives back before a house buys.

    Parameters
    ----------
    neighbourhood, grid
        What was simulated, and its minutes.
    trace
        What happened.
    """
    flows = _Flows(len(neighbourhood.house_ids), grid.minutes, len(neighbourhood.batteries))
    contracts, producers = trace.contracts, neighbourhood.producers
    home = neighbourhood.jobs.house[contracts.job]
    maker = np.append(producers.house, NOBODY)[np.where(contracts.producer == GRID, -1, contracts.producer)]
    left_kw = trace.production_kw.copy()
    given_kwh = supply_contracts(
        find_turns(contracts, home, maker),
        home,
        maker,
        contracts.producer,
        contracts.minute,
        contracts.offset,
        contracts.kw,
        left_kw,
        flows.load_kw,
        flows.own_kw,
        flows.peer_in_kw,
        flows.peer_out_kw,
        flows.grid_kw,
    )
    wanted_kwh = np.where(contracts.is_valid, contracts.energy_kwh, 0.0)
    at_home = home == maker
    own_kwh, peer_kwh = np.where(at_home, given_kwh, 0.0), np.where(at_home, 0.0, given_kwh)
    taken = np.zeros((2, len(producers)))
    with_sun = contracts.producer != GRID
    np.add.at(taken[0], contracts.producer[with_sun], own_kwh[with_sun])
    np.add.at(taken[1], contracts.producer[with_sun], peer_kwh[with_sun])
    uses = _settle_houses(neighbourhood, grid, trace, left_kw, flows)
    return Settlement(
        production_kw=flows.production_kw,
        load_kw=flows.load_kw,
        own_kw=flows.own_kw,
        peer_in_kw=flows.peer_in_kw,
        peer_out_kw=flows.peer_out_kw,
        grid_kw=flows.grid_kw,
        feed_in_kw=flows.feed_in_kw,
        battery_charge_kw=flows.charge_kw,
        battery_discharge_kw=flows.discharge_kw,
        battery_kwh=flows.battery_kwh,
        contract_own_kwh=own_kwh,
        contract_peer_kwh=peer_kwh,
        contract_grid_kwh=np.maximum(wanted_kwh - given_kwh, 0.0),
        producer_own_kwh=taken[0] + uses[0],
        producer_peer_kwh=taken[1],
        producer_stored_kwh=uses[1],
        producer_feed_in_kwh=uses[2],
    )


def find_turns(contracts: Contracts, home: NDArray[np.int64], maker: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the valid contracts in the order in which producers serve them: own house first."""
    valid = np.flatnonzero(contracts.is_valid)
    is_away = (home[valid] != maker[valid]).astype(np.int64)
    return np.asarray(valid[np.argsort(is_away, kind="stable")], np.int64)


@dataclass
class _Flows:
    """Flows of all houses while they are filled, shape (houses, minutes) [kW]."""

    houses: int
    minutes: int
    batteries: int

    def __post_init__(self) -> None:
        shape = (self.houses, self.minutes)
        self.production_kw = _nothing(shape)
        self.load_kw = _nothing(shape)
        self.own_kw = _nothing(shape)
        self.peer_in_kw = _nothing(shape)
        self.peer_out_kw = _nothing(shape)
        self.grid_kw = _nothing(shape)
        self.feed_in_kw = _nothing(shape)
        self.charge_kw = _nothing(shape)
        self.discharge_kw = _nothing(shape)
        self.battery_kwh = np.zeros((self.batteries, self.minutes + 1))


def _nothing(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Zeros that take memory only where something is written: most houses have nothing most of the time.

    NumPy's own zeros come in pages of 2 MB, which one job of one house fills; these come in 4 kB.
    """
    size = shape[0] * shape[1]
    if size == 0 or not hasattr(mmap, "MAP_PRIVATE"):
        return np.zeros(shape)
    pages = mmap.mmap(-1, size * 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(pages, np.float64, size).reshape(shape)


def _settle_houses(
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
    trace: MarketTrace,
    left_kw: NDArray[np.float64],
    flows: _Flows,
) -> NDArray[np.float64]:
    """Base load, battery and feed-in of each house.

    Returns
    -------
    ndarray
        What each producer gave to base load, to the battery and to the grid, of its house's in proportion
        to what it had left, shape (3, producers) [kWh].
    """
    made_at = _rows_by_house(neighbourhood.producers.house)
    base_at = _rows_by_house(neighbourhood.base_load.house)
    battery_at = _rows_by_house(neighbourhood.batteries.house)
    uses_kwh = np.zeros((3, len(neighbourhood.producers)))
    for house in sorted({*made_at, *base_at, *battery_at}):
        rows = made_at.get(house, [])
        left = left_kw[rows].sum(axis=0)
        base = np.zeros(grid.minutes)
        for row in base_at.get(house, ()):
            base += minute_kw(*neighbourhood.base_load.curves.points(row), grid.edges_s)
        to_base = np.minimum(left, base)
        spare = left - to_base
        if house in base_at:
            flows.load_kw[house] += base
            flows.own_kw[house] += to_base
            flows.grid_kw[house] += base - to_base
        if house in battery_at:
            _run_battery(neighbourhood, battery_at[house][0], spare, flows)
        charge = flows.charge_kw[house]
        if not rows:
            continue
        flows.production_kw[house] = trace.production_kw[rows].sum(axis=0)
        flows.feed_in_kw[house] = feed_in = np.maximum(spare - charge, 0.0)
        for row in rows:
            share = np.divide(left_kw[row], left, out=np.zeros_like(left), where=left > 0.0)
            uses_kwh[:, row] = [(share * use).sum() / MINUTES_PER_HOUR for use in (to_base, charge, feed_in)]
    return uses_kwh


def _run_battery(
    neighbourhood: Neighbourhood, row: int, spare_kw: NDArray[np.float64], flows: _Flows
) -> None:
    """Let one battery store what its house has over and give back what it would buy."""
    b = neighbourhood.batteries
    house = int(b.house[row])
    charge, discharge, stored = run_battery(
        spare_kw,
        flows.grid_kw[house],
        float(b.capacity_kwh[row]),
        float(b.charge_kw[row]),
        float(b.discharge_kw[row]),
        float(b.efficiency[row]),
        float(b.start_soc[row]),
    )
    flows.charge_kw[house], flows.discharge_kw[house] = charge, discharge
    flows.battery_kwh[row] = stored
    flows.own_kw[house] += discharge
    flows.grid_kw[house] = np.maximum(flows.grid_kw[house] - discharge, 0.0)


def _rows_by_house(houses: NDArray[np.int64]) -> dict[int, list[int]]:
    """Rows of each house that has any."""
    rows: dict[int, list[int]] = {}
    for row, house in enumerate(houses.tolist()):
        rows.setdefault(house, []).append(row)
    return rows
