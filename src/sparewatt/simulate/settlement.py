"""Settlement: what the sun gave goes to contracts, then to the house, the rest to the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID
from sparewatt.model.curves import minute_kw
from sparewatt.model.settlement import Settlement
from sparewatt.simulate.home_battery import run_battery

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood

MINUTES_PER_HOUR = 60.0


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
    flows = _Flows(len(neighbourhood.house_ids), grid.minutes)
    own_kwh, peer_kwh, grid_kwh, left_kw, taken = _supply_contracts(neighbourhood, trace, flows)
    base_kw = base_load_kw(neighbourhood, grid)
    houses = neighbourhood.producers.house
    left_of_house = np.zeros_like(flows.load_kw)
    np.add.at(left_of_house, houses, left_kw)
    np.add.at(flows.production_kw, houses, trace.production_kw)
    to_base = np.minimum(left_of_house, base_kw)
    flows.load_kw += base_kw
    flows.own_kw += to_base
    flows.grid_kw += base_kw - to_base
    spare = left_of_house - to_base
    charge, discharge, stored = _run_batteries(neighbourhood, spare, flows.grid_kw)
    flows.grid_kw -= discharge
    flows.own_kw += discharge
    feed_in = spare - charge
    shares = _producer_shares(houses, left_kw, left_of_house, (to_base, charge, feed_in))
    return Settlement(
        production_kw=flows.production_kw,
        load_kw=flows.load_kw,
        own_kw=flows.own_kw,
        peer_in_kw=flows.peer_in_kw,
        peer_out_kw=flows.peer_out_kw,
        grid_kw=np.maximum(flows.grid_kw, 0.0),
        feed_in_kw=np.maximum(feed_in, 0.0),
        battery_charge_kw=charge,
        battery_discharge_kw=discharge,
        battery_kwh=stored,
        contract_own_kwh=own_kwh,
        contract_peer_kwh=peer_kwh,
        contract_grid_kwh=grid_kwh,
        producer_own_kwh=taken[0] + shares[0],
        producer_peer_kwh=taken[1],
        producer_stored_kwh=shares[1],
        producer_feed_in_kwh=shares[2],
    )


def base_load_kw(neighbourhood: Neighbourhood, grid: MinuteGrid) -> NDArray[np.float64]:
    """Base load of every house, shape (houses, minutes) [kW]."""
    base = neighbourhood.base_load
    kw = np.zeros((len(neighbourhood.house_ids), grid.minutes))
    for row, house in enumerate(base.house):
        kw[house] += minute_kw(*base.curves.points(row), grid.edges_s)
    return kw


@dataclass
class _Flows:
    """Flows of all houses while they are filled, shape (houses, minutes) [kW]."""

    houses: int
    minutes: int

    def __post_init__(self) -> None:
        shape = (self.houses, self.minutes)
        self.production_kw = np.zeros(shape)
        self.load_kw = np.zeros(shape)
        self.own_kw = np.zeros(shape)
        self.peer_in_kw = np.zeros(shape)
        self.peer_out_kw = np.zeros(shape)
        self.grid_kw = np.zeros(shape)


def _supply_contracts(
    neighbourhood: Neighbourhood, trace: MarketTrace, flows: _Flows
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]:
    """Give each contract what its producer has for it.

    Returns
    -------
    own_kwh, peer_kwh, grid_kwh
        Of each contract, shape (contracts,) [kWh].
    left_kw
        What each producer has left, shape (producers, minutes) [kW].
    taken_kwh
        What its own house and what others took from each producer, shape (2, producers) [kWh].
    """
    contracts = trace.contracts
    home = neighbourhood.jobs.house[contracts.job]
    maker = np.full(len(contracts), -1, np.int64)
    with_sun = contracts.producer != GRID
    maker[with_sun] = neighbourhood.producers.house[contracts.producer[with_sun]]
    left_kw = trace.production_kw.copy()
    own, peer, bought = (np.zeros(len(contracts)) for _ in range(3))
    taken = np.zeros((2, len(neighbourhood.producers)))
    valid = np.flatnonzero(contracts.is_valid)
    for n in (*valid[home[valid] == maker[valid]], *valid[home[valid] != maker[valid]]):
        kw = contracts.load(n)
        span = slice(int(contracts.minute[n]), int(contracts.minute[n]) + len(kw))
        house, producer = int(home[n]), int(contracts.producer[n])
        flows.load_kw[house, span] += kw
        if producer == GRID:
            flows.grid_kw[house, span] += kw
            bought[n] = kw.sum() / MINUTES_PER_HOUR
            continue
        given = np.minimum(left_kw[producer, span], kw)
        left_kw[producer, span] -= given
        flows.grid_kw[house, span] += kw - given
        energy = given.sum() / MINUTES_PER_HOUR
        bought[n] = kw.sum() / MINUTES_PER_HOUR - energy
        if house == maker[n]:
            flows.own_kw[house, span] += given
            own[n] = energy
            taken[0, producer] += energy
        else:
            flows.peer_in_kw[house, span] += given
            flows.peer_out_kw[maker[n], span] += given
            peer[n] = energy
            taken[1, producer] += energy
    return own, peer, np.maximum(bought, 0.0), left_kw, taken


def _run_batteries(
    neighbourhood: Neighbourhood, spare_kw: NDArray[np.float64], bought_kw: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Charge, discharge of every house [kW] and energy of every battery [kWh]."""
    batteries = neighbourhood.batteries
    charge, discharge = np.zeros_like(spare_kw), np.zeros_like(spare_kw)
    stored = np.zeros((len(batteries), spare_kw.shape[1] + 1))
    for row, house in enumerate(batteries.house):
        charge[house], discharge[house], stored[row] = run_battery(
            spare_kw[house],
            bought_kw[house],
            float(batteries.capacity_kwh[row]),
            float(batteries.charge_kw[row]),
            float(batteries.discharge_kw[row]),
            float(batteries.efficiency[row]),
            float(batteries.start_soc[row]),
        )
    return charge, discharge, stored


def _producer_shares(
    houses: NDArray[np.int64],
    left_kw: NDArray[np.float64],
    left_of_house: NDArray[np.float64],
    uses: tuple[NDArray[np.float64], ...],
) -> NDArray[np.float64]:
    """What of each use comes from each producer, in proportion to what it has left [kWh]."""
    whole = left_of_house[houses]
    share = np.divide(left_kw, whole, out=np.zeros_like(left_kw), where=whole > 0.0)
    return np.array([(share * use[houses]).sum(axis=1) / MINUTES_PER_HOUR for use in uses])
