"""Flows of energy over time: all houses together by the minute, and every house by the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class MinuteFlows:
    """All houses together, mean per minute; arrays of shape (minutes,) [kW].

    production = own - discharge + peer + charge + feed_in; load = own + peer + grid

    Parameters
    ----------
    production_kw, load_kw, own_kw, peer_kw, grid_kw, feed_in_kw, charge_kw, discharge_kw
        Sums over the houses; ``peer_kw`` is what neighbours give and, the same, what they take.
    stored_kwh
        Energy in all batteries at the end of each minute [kWh].
    """

    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    peer_kw: NDArray[np.float64]
    grid_kw: NDArray[np.float64]
    feed_in_kw: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    stored_kwh: NDArray[np.float64]


@dataclass(frozen=True)
class HouseFlows:
    """Every house over time, mean per step; arrays of shape (houses, steps) [kW].

    Parameters
    ----------
    step_minutes
        Length of a step; the last one may be shorter [minutes].
    production_kw, load_kw, own_kw, peer_in_kw, peer_out_kw, grid_kw, feed_in_kw, charge_kw, discharge_kw
        As of `sparewatt.model.settlement.Settlement`.
    """

    step_minutes: int
    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    peer_in_kw: NDArray[np.float64]
    peer_out_kw: NDArray[np.float64]
    grid_kw: NDArray[np.float64]
    feed_in_kw: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
