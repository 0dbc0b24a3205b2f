"""Lines of a simulated hub from what its files hold: power per period, charge at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.cluster_windows import PowerSpells

_NOISE_KW = 1e-6


def flows_kw(
    spells: PowerSpells, horizon: Horizon, lo: int, hi: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Charging and V2G of spells per period ``lo..hi``, both >= 0, shapes (hi - lo,) [kW]."""
    first = (spells.begin_s - horizon.start_s) // horizon.step_s - lo
    end = -((horizon.start_s - spells.end_s) // horizon.step_s) - lo
    flows = []
    for part in (np.maximum(spells.grid_kw, 0.0), np.maximum(-spells.grid_kw, 0.0)):
        change = np.bincount(first, part, hi - lo + 1) - np.bincount(end, part, hi - lo + 1)
        flow = np.cumsum(change)[: hi - lo]
        flows.append(np.where(flow > _NOISE_KW, flow, 0.0))
    return flows[0], flows[1]


def powers_kw(spells: PowerSpells, horizon: Horizon, lo: int, hi: int) -> NDArray[np.float64]:
    """Sum of the power of spells per period ``lo..hi``, shape (hi - lo,) [kW]."""
    charging, v2g = flows_kw(spells, horizon, lo, hi)
    return np.asarray(charging - v2g)


def sampled(
    row: NDArray[np.int64],
    time_s: NDArray[np.int64],
    values: NDArray[np.float64],
    at_s: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Straight lines between knots at given times, NaN before the first and after the last knot of a line.

    Parameters
    ----------
    row, time_s, values
        Knots, ordered by line, then by time, shapes (knots,).
    at_s
        Times, shape (times,).

    Returns
    -------
    Shape (lines, times), lines in their order.
    """
    lines, first, count = np.unique(row, return_index=True, return_counts=True)
    out = np.full((len(lines), len(at_s)), np.nan)
    for k, (a, n) in enumerate(zip(first.tolist(), count.tolist(), strict=True)):
        lo, hi = np.searchsorted(at_s, (time_s[a], time_s[a + n - 1] + 1))
        out[k, lo:hi] = np.interp(at_s[lo:hi], time_s[a : a + n], values[a : a + n])
    return out
