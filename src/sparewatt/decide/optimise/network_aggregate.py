"""Kernel: all stays as one battery, a quick way to show that somebody must be short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel(error_model="numpy")
def aggregate_shortfall(
    offset: NDArray[np.int64],
    arrival: NDArray[np.int64],
    start_kwh: NDArray[np.float64],
    least_kwh: NDArray[np.float64],
    wanted_kwh: NDArray[np.float64],
    reach_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    intercept_kw: NDArray[np.float64],
    slope_per_h: NDArray[np.float64],
    gain_h: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
) -> float:
    """By how much all stays together must miss what they need at the worst boundary, V2G or not [kWh].

    In plain Python::

        for each stay:                                     # the least it may hold on the way, backwards
            low[departure] = wanted;  low[t] = max(least, smallest E from which low[t+1] is reached)
        needed[b] = Σ (low[b] - start), can_hold[b] = Σ (reach[b] - start)  # of all that have begun
        for each period t:                                 # most that all together can have gained
            gained = min(gained + max(gain)·min(upper[t], Σ P of those plugged in), can_hold[t + 1])
            worst = max(worst, needed[t + 1] - gained)

    No schedule of the cars gains more in any period: what one gives another takes, with losses.

    Parameters
    ----------
    offset, arrival
        Of the stays, shapes (sessions + 1,), (sessions,).
    start_kwh, least_kwh, wanted_kwh
        Energy on arrival, never to be passed below, and at departure, shape (sessions,) [kWh].
    reach_kwh
        Energy after each entry at full rate from plug-in on, shape (entries,) [kWh].
    charge_kw, intercept_kw, slope_per_h, gain_h
        P, a, k (see ``taper_line``) and η·Δ of each stay, shape (sessions,).
    upper_kw
        Limit, shape (periods,) [kW].
    """
    periods = len(upper_kw)
    needed, can_hold, power = np.zeros(periods + 1), np.zeros(periods + 1), np.zeros(periods)
    for i in range(len(arrival)):
        length = offset[i + 1] - offset[i]
        end = arrival[i] + length
        bend = np.inf
        if slope_per_h[i] > 0.0:
            bend = (intercept_kw[i] - charge_kw[i]) / slope_per_h[i]
        keep = 1.0 - gain_h[i] * slope_per_h[i]
        low = max(wanted_kwh[i], least_kwh[i])
        for b in range(end, periods + 1):
            needed[b] += low - start_kwh[i]
            can_hold[b] += reach_kwh[offset[i + 1] - 1] - start_kwh[i]
        for t in range(end - 1, arrival[i] - 1, -1):
            power[t] += charge_kw[i]
            if t > arrival[i]:
                before = low - gain_h[i] * charge_kw[i]
                if before > bend:
                    before = (low - gain_h[i] * intercept_kw[i]) / keep if keep > 0.0 else bend
                low = max(least_kwh[i], before)
                needed[t] += low - start_kwh[i]
                can_hold[t] += reach_kwh[offset[i] + t - 1 - arrival[i]] - start_kwh[i]
    gained, worst, best_gain = 0.0, 0.0, gain_h.max()
    for t in range(periods):
        gained = min(gained + best_gain * min(upper_kw[t], power[t]), can_hold[t + 1])
        worst = max(worst, needed[t + 1] - gained)
    return worst
