"""Kernel: all stays as one battery, a quick way to show that somebody must be short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_filling import Fillable


@kernel(error_model="numpy")
def aggregate_shortfall(
    stays: Fillable, reach_kwh: NDArray[np.float64], upper_kw: NDArray[np.float64]
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
    stays
        The stays.
    reach_kwh
        Energy after each entry at full rate from plug-in on, shape (entries,) [kWh].
    upper_kw
        Limit, shape (periods,) [kW].
    """
    periods, arrival, offset = len(upper_kw), stays.arrival, stays.offset
    needed, can_hold, power = np.zeros(periods + 1), np.zeros(periods + 1), np.zeros(periods)
    for i in range(len(arrival)):
        charge, slope, gain = stays.charge_kw[i], stays.slope_per_h[i], stays.efficiency[i] * stays.step_h
        start, least, end = stays.start_kwh[i], stays.least_kwh[i], arrival[i] + offset[i + 1] - offset[i]
        bend, keep = np.inf, 1.0 - gain * slope
        if slope > 0.0:
            bend = (stays.intercept_kw[i] - charge) / slope
        low = max(stays.wanted_kwh[i], least)
        for b in range(end, periods + 1):
            needed[b] += low - start
            can_hold[b] += reach_kwh[offset[i + 1] - 1] - start
        for t in range(end - 1, arrival[i] - 1, -1):
            power[t] += charge
            if t > arrival[i]:
                before = low - gain * charge
                if before > bend:
                    before = (low - gain * stays.intercept_kw[i]) / keep if keep > 0.0 else bend
                low = max(least, before)
                needed[t] += low - start
                can_hold[t] += reach_kwh[offset[i] + t - 1 - arrival[i]] - start
    gained, worst, best_gain = 0.0, 0.0, stays.efficiency.max() * stays.step_h
    for t in range(periods):
        gained = min(gained + best_gain * min(upper_kw[t], power[t]), can_hold[t + 1])
        worst = max(worst, needed[t + 1] - gained)
    return worst
