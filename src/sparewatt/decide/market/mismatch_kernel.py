"""Kernels: how far the load of a producer's jobs is from its production, and how that changes."""

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
        Forecast and what cannot move, shape (minutes,) [kW]; loads do not reach beyond the last but one.
    offset, load_kw
        Load n is ``load_kw[offset[n]:offset[n + 1]]`` [kW].
    penalty
        Weight of over-consumption.

    Returns
    -------
    objective, over
        The objective and the over-consumption alone [kWh].
    """
    used = _used_kw(start_minute, firm_kw, offset, load_kw)
    total = 0.0
    over = 0.0
    for t in range(len(production_kw)):
        gap = production_kw[t] - used[t]
        total += abs(gap)
        if gap < 0.0:
            over -= gap
    return (total + penalty * over) / 60.0, over / 60.0


@kernel()
def mismatch_slope(
    start_minute: NDArray[np.float64],
    earliest: NDArray[np.float64],
    latest: NDArray[np.float64],
    eps: float,
    production_kw: NDArray[np.float64],
    firm_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    load_kw: NDArray[np.float64],
    penalty: float,
) -> tuple[float, NDArray[np.float64]]:
    """Objective and its slope over a step, backwards where the window leaves more room there.

    slope[n] = (f(x + h·e_n) - f(x)) / h, up = min(eps, latest[n] - x[n]),
    down = min(eps, x[n] - earliest[n]), h = up where up >= down, else -down; 0 where h is 0.
    Only minutes that a moved job touches are looked at again.

    Parameters
    ----------
    start_minute
        Start of each job, shape (jobs,) [minutes].
    earliest, latest
        First and last start of each job, shape (jobs,) [minutes].
    eps
        Step [minutes].
    production_kw, firm_kw, offset, load_kw, penalty
        As in `mismatch_kwh`.

    Returns
    -------
    objective, slope
        Objective [kWh] and its slope [kWh/min], shape (jobs,).
    """
    used = _used_kw(start_minute, firm_kw, offset, load_kw)
    value = 0.0
    for t in range(len(production_kw)):
        value += _cost(production_kw[t] - used[t], penalty)
    slope = np.zeros(len(start_minute))
    for n in range(len(start_minute)):
        x = start_minute[n]
        up, down = min(eps, latest[n] - x), min(eps, x - earliest[n])
        step = up if up >= down else -down
        if step == 0.0:
            continue
        length = offset[n + 1] - offset[n]
        first = int(np.floor(min(x, x + step)))
        end = int(np.floor(max(x, x + step))) + length + 1
        change = 0.0
        for t in range(first, min(end, len(production_kw))):
            gap = production_kw[t] - used[t]
            moved = gap + _load_at(load_kw, offset[n], length, x, t)
            moved -= _load_at(load_kw, offset[n], length, x + step, t)
            if moved != gap:
                change += _cost(moved, penalty) - _cost(gap, penalty)
        slope[n] = change / step / 60.0
    return value / 60.0, slope


@kernel()
def _used_kw(
    start_minute: NDArray[np.float64],
    firm_kw: NDArray[np.float64],
    offset: NDArray[np.int64],
    load_kw: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What all jobs and what cannot move draw together, shape (minutes,) [kW]."""
    used = firm_kw.copy()
    for n in range(len(start_minute)):
        whole = int(np.floor(start_minute[n]))
        part = start_minute[n] - whole
        for k in range(offset[n + 1] - offset[n]):
            kw = load_kw[offset[n] + k]
            used[whole + k] += (1.0 - part) * kw
            used[whole + k + 1] += part * kw
    return used


@kernel()
def _load_at(load_kw: NDArray[np.float64], begin: int, length: int, start: float, minute: int) -> float:
    """What one job draws in a minute when it starts between two [kW]."""
    whole = int(np.floor(start))
    part = start - whole
    k = minute - whole
    kw = 0.0
    if 0 <= k < length:
        kw += (1.0 - part) * load_kw[begin + k]
    if 0 < k <= length:
        kw += part * load_kw[begin + k - 1]
    return kw


@kernel()
def _cost(gap_kw: float, penalty: float) -> float:
    """|gap| + penalty · max(0, -gap), [kW]."""
    return gap_kw if gap_kw >= 0.0 else -gap_kw * (1.0 + penalty)
