"""What houses, consumers and producers came to in a repetition, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class HouseTotals:
    """What every house came to over all minutes, battery included; arrays of shape (houses,).

    production = own - discharge + peer_out + charge + feed_in; load = own + peer_in + grid

    Parameters
    ----------
    production_kwh, load_kwh
        Made and used [kWh].
    own_kwh
        Load covered at home, from the sun or the battery [kWh].
    peer_in_kwh, peer_out_kwh
        From and for neighbours [kWh].
    grid_kwh, feed_in_kwh
        From and to the grid [kWh].
    charge_kwh, discharge_kwh
        Into and out of the battery, at the house's side [kWh].
    par_load, par_production
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    tariff_cost, shared_cost
        With nothing shared, and with the sharing rule; receiving is negative [currency].
    """

    production_kwh: NDArray[np.float64]
    load_kwh: NDArray[np.float64]
    own_kwh: NDArray[np.float64]
    peer_in_kwh: NDArray[np.float64]
    peer_out_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    feed_in_kwh: NDArray[np.float64]
    charge_kwh: NDArray[np.float64]
    discharge_kwh: NDArray[np.float64]
    par_load: NDArray[np.float64]
    par_production: NDArray[np.float64]
    tariff_cost: NDArray[np.float64]
    shared_cost: NDArray[np.float64]


@dataclass(frozen=True)
class ConsumerTotals:
    """What the jobs of every consumer device came to; arrays of shape (consumers,).

    Rows as of `CommunityRun.consumers`.

    Parameters
    ----------
    own_kwh, peer_kwh, grid_kwh
        Where the energy came from [kWh].
    par
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    """

    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    par: NDArray[np.float64]


@dataclass(frozen=True)
class ProducerTotals:
    """What every producer came to; arrays of shape (producers,).

    Parameters
    ----------
    own_kwh, peer_kwh, stored_kwh, feed_in_kwh
        Used at home, by neighbours, stored in the house's battery, given to the grid [kWh].
    par
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    """

    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    stored_kwh: NDArray[np.float64]
    feed_in_kwh: NDArray[np.float64]
    par: NDArray[np.float64]
