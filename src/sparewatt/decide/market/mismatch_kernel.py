"""Kernel: how far the load of a producer's jobs is from its production."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def mismatch_kwh(
    start_minute: NDArray[np.float64],
    production_kw: NDArray[np.float64],
    firm_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    load_kw: NDArray[np.float64],
    penalty: float,
) -> tuple[float, float]:
    """Objective of the local searches over start times.

    Σ |produced - consumed|·Δt + penalty · Σ max(0, consumed - produced)·Δt

    A start between two minutes puts its load on both in proportion. In plain Python::

        used = firm_kw.copy()
        for n, x in enumerate(start_minute):
            whole, part = divmod(x, 1)
            used[whole:][:len(load(n))] += (1 - part) * load(n)
            used[whole + 1:][:len(load(n))] += part * load(n)
        gap = production_kw - used
        return (abs(gap).sum() + penalty * over) / 60, over / 60   # over = clip(-gap, 0, None).sum()

    Parameters
    ----------
    start_minute
        Start of each job, shape (jobs,) [minutes].
    production_kw, firm_kw
        Forecast and what cannot move, shape (minutes,) [kW].
    offset, load_kw
        Load n is ``load_kw[offset[n]:offset[n + 1]]`` [kW].
    penalty
        Weight of over-consumption.

    Returns
    -------
    objective, over
        The objective and the over-consumption alone [kWh].
    """
    minutes = len(production_kw)
    used = firm_kw.copy()
    for n in range(len(start_minute)):
        whole = int(np.floor(start_minute[n]))
        part = start_minute[n] - whole
        for k in range(offset[n + 1] - offset[n]):
            kw = load_kw[offset[n] + k]
            if whole + k < minutes:
                used[whole + k] += (1.0 - part) * kw
            if part > 0.0 and whole + k + 1 < minutes:
                used[whole + k + 1] += part * kw
    total = 0.0
    over = 0.0
    for t in range(minutes):
        gap = production_kw[t] - used[t]
        total += abs(gap)
        if gap < 0.0:
            over -= gap
    return (total + penalty * over) / 60.0, over / 60.0


@kernel()
def mismatch_slope(
    start_minute: NDArray[np.float64],
    latest: NDArray[np.float64],
    eps: float,
    production_kw: NDArray[np.float64],
    firm_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    load_kw: NDArray[np.float64],
    penalty: float,
) -> tuple[float, float, NDArray[np.float64]]:
    """Objective, over-consumption and the slope over a step, backwards where the window ends.

    slope[n] = (f(x + h·e_n) - f(x)) / h, h = eps where x[n] + eps <= latest[n], else -eps

    Parameters
    ----------
    start_minute
        Start of each job, shape (jobs,) [minutes].
    latest
        Latest start of each job, shape (jobs,) [minutes].
    eps
        Step [minutes].
    production_kw, firm_kw, offset, load_kw, penalty
        As in `mismatch_kwh`.

    Returns
    -------
    objective, over, slope
        Objective [kWh], over-consumption [kWh], slope of the objective [kWh/min], shape (jobs,).
    """
    value, over = mismatch_kwh(start_minute, production_kw, firm_kw, offset, load_kw, penalty)
    slope = np.empty(len(start_minute))
    moved = start_minute.copy()
    for n in range(len(start_minute)):
        step = eps if start_minute[n] + eps <= latest[n] else -min(eps, start_minute[n])
        if step == 0.0:
            slope[n] = 0.0
            continue
        moved[n] = start_minute[n] + step
        stepped, _ = mismatch_kwh(moved, production_kw, firm_kw, offset, load_kw, penalty)
        moved[n] = start_minute[n]
        slope[n] = (stepped - value) / step
    return value, over, slope
