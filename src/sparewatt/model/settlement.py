"""Settlement: where the energy of every house came from and went to, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Settlement:
    """Flows of one repetition, mean per minute; every array is >= 0.

    For each house and minute:
    production = own_direct + peer_out + battery_charge + feed_in, own_direct = own - battery_discharge
    load = own + peer_in + grid

    Parameters
    ----------
    production_kw, load_kw
        What a house makes and uses, battery left out, shape (houses, minutes) [kW].
    own_kw
        Load covered by the house's own production or battery, shape (houses, minutes) [kW].
    peer_in_kw, peer_out_kw
        Load covered by neighbours; production that neighbours use, shape (houses, minutes) [kW].
    grid_kw, feed_in_kw
        Bought from and given to the grid, shape (houses, minutes) [kW].
    battery_charge_kw, battery_discharge_kw
        At the house's side, shape (houses, minutes) [kW].
    battery_kwh
        Energy in each battery at the boundaries, shape (batteries, minutes + 1) [kWh].
    contract_own_kwh, contract_peer_kwh, contract_grid_kwh
        Parts of each contract's energy, 0 for cancelled ones, shape (contracts,) [kWh].
    producer_own_kwh, producer_peer_kwh, producer_stored_kwh, producer_feed_in_kwh
        Parts of each producer's production, shape (producers,) [kWh].
    """

    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    peer_in_kw: NDArray[np.float64]
    peer_out_kw: NDArray[np.float64]
    grid_kw: NDArray[np.float64]
    feed_in_kw: NDArray[np.float64]
    battery_charge_kw: NDArray[np.float64]
    battery_discharge_kw: NDArray[np.float64]
    battery_kwh: NDArray[np.float64]
    contract_own_kwh: NDArray[np.float64]
    contract_peer_kwh: NDArray[np.float64]
    contract_grid_kwh: NDArray[np.float64]
    producer_own_kwh: NDArray[np.float64]
    producer_peer_kwh: NDArray[np.float64]
    producer_stored_kwh: NDArray[np.float64]
    producer_feed_in_kwh: NDArray[np.float64]

    @property
    def covered_kwh(self) -> float:
        """Energy of contracts that production really covered [kWh]."""
        return float(self.contract_own_kwh.sum() + self.contract_peer_kwh.sum())


@dataclass(frozen=True)
class Bills:
    """What every house pays; receiving is negative.

    Parameters
    ----------
    tariff_cost
        With nothing shared: all that is not own bought at the tariff, all that is over fed in,
        shape (houses,) [currency].
    shared_cost
        With the sharing rule, shape (houses,) [currency].
    grid_account
        What the grid receives from the community as a whole, the sum of ``shared_cost`` [currency].
    """

    tariff_cost: NDArray[np.float64]
    shared_cost: NDArray[np.float64]
    grid_account: float


@dataclass(frozen=True)
class Costs:
    """What some devices cost; earning is negative, arrays of shape (devices,).

    Parameters
    ----------
    tariff
        With nothing shared [currency].
    shared
        With the sharing rule [currency].
    """

    tariff: NDArray[np.float64]
    shared: NDArray[np.float64]


@dataclass(frozen=True)
class DeviceBills:
    """The bill of every house, device by device: those of a house sum to its bill.

    Parameters
    ----------
    contracts
        For each contract what the device of its job pays for it, 0 for cancelled ones.
    producers
        For each producer what it earns with neighbours and the grid, below 0.
    batteries
        For each battery what it spares its house, below 0: it gives what the house would have been short of.
    base_loads
        For each base load what is not from the own roof.
    base_house
        Houses with base load, rising, shape (base loads,).
    base_own_kwh, base_grid_kwh
        What base load has from the own roof, and the rest of it, shape (base loads,) [kWh].
    """

    contracts: Costs
    producers: Costs
    batteries: Costs
    base_loads: Costs
    base_house: NDArray[np.int64]
    base_own_kwh: NDArray[np.float64]
    base_grid_kwh: NDArray[np.float64]
