"""Kernel: cars charged by least laxity under a limit, a quick way to show that nobody need be short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel(error_model="numpy")
def fill_by_laxity(
    offset: NDArray[np.int64],
    arrival: NDArray[np.int64],
    start_kwh: NDArray[np.float64],
    wanted_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    intercept_kw: NDArray[np.float64],
    slope_per_h: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    step_h: float,
    upper_kw: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Serve the stays that can wait least first, period by period, each no more than it wants.

    In plain Python, per period t::

        for each stay plugged in:  laxity = time left - time to charge from E to wanted alone
        for each in ascending order of laxity:
            c = max(0, min(P, a - k·E, (wanted - E)/(η·Δ), what is left of upper[t]))
            E += η·Δ·c

    The time alone is (E_1 - E)/(η·P) up to where the taper begins, E_1 = (a - P)/k, and
    ln((a/k - E)/(a/k - wanted))/(η·k) from there.

    Parameters
    ----------
    offset, arrival
        Of the stays, shapes (sessions + 1,), (sessions,).
    start_kwh, wanted_kwh
        Energy on arrival and at departure, shape (sessions,) [kWh].
    charge_kw, intercept_kw, slope_per_h, efficiency
        P, a, k (see ``taper_line``) and η of each stay, shape (sessions,).
    step_h
        Δ [h].
    upper_kw
        Limit, shape (periods,) [kW].

    Returns
    -------
    missing_kwh, power_kw
        Total shortfall [kWh], and powers of the entries, shape (entries,) [kW].
    """
    stays = len(arrival)
    power = np.zeros(offset[-1])
    energy = start_kwh.copy()
    keys, order = np.empty(stays), np.empty(stays, dtype=np.int64)
    for t in range(len(upper_kw)):
        active = 0
        for s in range(stays):
            left = arrival[s] + offset[s + 1] - offset[s] - t
            if arrival[s] > t or left <= 0 or energy[s] >= wanted_kwh[s]:
                continue
            bend = (intercept_kw[s] - charge_kw[s]) / slope_per_h[s]
            top = intercept_kw[s] / slope_per_h[s]
            flat = max(0.0, min(bend, wanted_kwh[s]) - energy[s]) / (efficiency[s] * charge_kw[s])
            bent = 0.0
            if wanted_kwh[s] > bend:
                share = (top - max(bend, energy[s])) / (top - min(wanted_kwh[s], top * (1.0 - 1e-6)))
                bent = np.log(share) / (efficiency[s] * slope_per_h[s])
            key = left * step_h - flat - bent
            place = active
            while place > 0 and keys[place - 1] > key:
                keys[place], order[place] = keys[place - 1], order[place - 1]
                place -= 1
            keys[place], order[place] = key, s
            active += 1
        rest = upper_kw[t]
        for n in range(active):
            s = order[n]
            rate = min(charge_kw[s], intercept_kw[s] - slope_per_h[s] * energy[s], rest)
            rate = max(0.0, min(rate, (wanted_kwh[s] - energy[s]) / (efficiency[s] * step_h)))
            power[offset[s] + t - arrival[s]] = rate
            energy[s] += efficiency[s] * step_h * rate
            rest -= rate
    return np.maximum(wanted_kwh - energy, 0.0).sum(), power
