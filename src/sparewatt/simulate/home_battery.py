"""A home battery that stores what is left over and gives it back before the house buys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_KW = 1e-9
"""Powers below are nothing: rounding must not keep a battery from giving back [kW]."""


@kernel()
def run_battery(
    spare_kw: NDArray[np.float64],
    bought_kw: NDArray[np.float64],
    capacity_kwh: float,
    charge_kw: float,
    discharge_kw: float,
    efficiency: float,
    start_soc: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Run a battery minute by minute.

    In plain Python::

        for t in range(minutes):
            c[t] = min(spare_kw[t], charge_kw, (capacity_kwh - e[t]) * 60 / efficiency)  # 0 if <= 1e-9
            d[t] = 0 if c[t] > 0 else min(bought_kw[t], discharge_kw, e[t] * 60 * efficiency)
            e[t + 1] = e[t] + (c[t] * efficiency - d[t] / efficiency) / 60

    Parameters
    ----------
    spare_kw, bought_kw
        Left over and bought without a battery, shape (minutes,) [kW].
    capacity_kwh
        Usable energy [kWh].
    charge_kw, discharge_kw
        Highest powers at the house's side [kW].
    efficiency
        Each way, above 0 [0-1].
    start_soc
        At the start [0-1].

    Returns
    -------
    charge_kw, discharge_kw
        At the house's side, shape (minutes,) [kW].
    energy_kwh
        At the boundaries, shape (minutes + 1,) [kWh].
    """
    minutes = len(spare_kw)
    charge = np.zeros(minutes)
    discharge = np.zeros(minutes)
    energy = np.empty(minutes + 1)
    energy[0] = start_soc * capacity_kwh
    for t in range(minutes):
        have = energy[t]
        room = max(capacity_kwh - have, 0.0) * 60.0 / efficiency
        charge[t] = min(spare_kw[t], charge_kw, room)
        if charge[t] <= NEAR_KW:
            charge[t] = 0.0
            discharge[t] = max(min(bought_kw[t], discharge_kw, have * 60.0 * efficiency), 0.0)
        after = have + (charge[t] * efficiency - discharge[t] / efficiency) / 60.0
        energy[t + 1] = min(max(after, 0.0), capacity_kwh)
    return charge, discharge, energy
