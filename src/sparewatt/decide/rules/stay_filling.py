"""Kernel of unmanaged charging: fill every stay at full rate from plug-in on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def fill_stays(
    vehicle: NDArray[np.int64],
    use_kwh: NDArray[np.float64],
    offset: NDArray[np.int64],
    room_kwh: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    efficiency: float,
    reserve: float,
    initial_soc: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Charge each stay as fast as it may until the battery is full.

    In plain Python, per vehicle and along its stays s::

        level -= use[s]                                    # the routes before the stay
        unserved[s] = max(0, reserve·battery − level)      # only where there was a route
        level += unserved[s]
        for e in range(offset[s], offset[s + 1]):          # its periods
            energy[e] = min(room[e], (battery − level) / efficiency)
            level += efficiency·energy[e]

    Parameters
    ----------
    vehicle, use_kwh, offset
        As in ``Sessions``: row of the vehicle and route energy per stay, compressed rows.
    room_kwh
        Most meter-side energy per entry: rate × step × plugged-in share, shape (entries,) [kWh].
    battery_kwh
        Per vehicle, shape (vehicles,) [kWh].
    efficiency, reserve, initial_soc
        See ``Depot`` [0-1].

    Returns
    -------
    energy_kwh, unserved_kwh
        Meter side per entry; battery side per stay [kWh].
    """
    energy = np.zeros(room_kwh.shape[0])
    unserved = np.zeros(vehicle.shape[0])
    level = initial_soc * battery_kwh
    for s in range(vehicle.shape[0]):
        n = vehicle[s]
        if use_kwh[s] > 0.0:
            level[n] -= use_kwh[s]
            least = reserve * battery_kwh[n]
            if level[n] < least:
                unserved[s] = least - level[n]
                level[n] = least
        for e in range(offset[s], offset[s + 1]):
            missing = max(0.0, (battery_kwh[n] - level[n]) / efficiency)
            if missing <= room_kwh[e]:
                energy[e] = missing
                level[n] = battery_kwh[n]
                break
            energy[e] = room_kwh[e]
            level[n] += efficiency * room_kwh[e]
    return energy, unserved
