"""Kernel of plug-in charging with a taper: every stay at full rate until the battery is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def fill_plug_in(
    offset: NDArray[np.int64],
    start_kwh: NDArray[np.float64],
    full_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    intercept_kw: NDArray[np.float64],
    slope_per_h: NDArray[np.float64],
    gain_h: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Charge each stay as fast as it may until it is full.

    In plain Python, per stay s::

        energy = start[s]
        for e in range(offset[s], offset[s + 1]):          # its periods
            rate = min(P[s], a[s] - k[s]·energy)            # taper
            power[e] = max(0, min(rate, (full[s] - energy) / gain[s]))
            energy += gain[s]·power[e]

    Parameters
    ----------
    offset
        Entries of stay s are ``offset[s]:offset[s + 1]``, shape (sessions + 1,).
    start_kwh, full_kwh
        Energy on arrival and when full, shape (sessions,) [kWh].
    charge_kw, intercept_kw, slope_per_h
        P, a and k of each stay (see ``taper_line``), shape (sessions,) [kW], [kW], [1/h].
    gain_h
        η·Δ of each stay, shape (sessions,) [h].

    Returns
    -------
    power_kw
        Grid side, shape (entries,) [kW].
    """
    power = np.zeros(offset[-1])
    for s in range(len(start_kwh)):
        energy = start_kwh[s]
        for e in range(offset[s], offset[s + 1]):
            rate = min(charge_kw[s], intercept_kw[s] - slope_per_h[s] * energy)
            missing = (full_kwh[s] - energy) / gain_h[s]
            if missing <= 0.0:
                break
            power[e] = max(0.0, min(rate, missing))
            energy += gain_h[s] * power[e]
    return power
