"""Kernel: a nearly feasible point of chains made a schedule that keeps every bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains

DUST_KW = 1e-7
"""Power below which a solver's answer is rounding [kW]."""
PASSES = 60
KEPT_KW = 1e-10
"""Excess over a limit that is rounding [kW]."""


@kernel(error_model="numpy")
def settle(
    chains: Chains,
    charge_kw: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    shared_lower_kw: NDArray[np.float64],
    shared_upper_kw: NDArray[np.float64],
) -> float:
    """Net, cut at the batteries' bounds, scale down where a limit is passed, until all holds.

    In plain Python, in place::

        for each entry:                                    # both ways at once: same energy, less power
            both = min(c, d/(gain/loss));  c -= both;  d -= both·gain/loss
        repeat:
            for each stay, forward along its energy E:
                c = max(0, min(c, P, a - k·E, (most - E)/gain));  d = max(0, min(d, D, (E - least)/loss))
            for each row: scale its c where Σ(c - d) > upper, its d where Σ(c - d) < lower
            the same for the sum of all zones
        until nothing was scaled

    Powers only shrink, so a feasible point stays nearly what it was.

    Parameters
    ----------
    chains
        The programme.
    charge_kw, discharge_kw
        The point; changed, shape (entries,) [kW].
    lower_kw, upper_kw
        Limits of the zones, shape (zones x periods,) [kW].
    shared_lower_kw, shared_upper_kw
        Limits of their sum, infinite where there is none, shape (periods,) [kW].

    Returns
    -------
    Greatest excess over a limit that is left [kW].
    """
    rows, periods = len(lower_kw), len(shared_lower_kw)
    drawn, given = np.zeros(rows), np.zeros(rows)
    take, give = np.ones(rows), np.ones(rows)
    for e in range(len(charge_kw)):
        ratio = chains.gain_h[e] / chains.loss_h[e]
        both = min(charge_kw[e], discharge_kw[e] / ratio)
        charge_kw[e] -= both
        discharge_kw[e] -= both * ratio
        if charge_kw[e] < DUST_KW:
            charge_kw[e] = 0.0
        if discharge_kw[e] < DUST_KW:
            discharge_kw[e] = 0.0
    excess = 0.0
    for _ in range(PASSES):
        drawn[:] = 0.0
        given[:] = 0.0
        for i in range(len(chains.offset) - 1):
            energy = chains.start_kwh[i]
            for e in range(chains.offset[i], chains.offset[i + 1]):
                row = chains.row[e]
                c = min(charge_kw[e] * take[row], chains.charge_kw[e])
                if chains.slope_per_h[e] > 0.0:
                    c = min(c, chains.intercept_kw[e] - chains.slope_per_h[e] * energy)
                c = max(0.0, min(c, (chains.most_kwh[e] - energy) / chains.gain_h[e]))
                d = min(discharge_kw[e] * give[row], chains.discharge_kw[e])
                d = max(0.0, min(d, (energy - chains.least_kwh[e]) / chains.loss_h[e]))
                charge_kw[e], discharge_kw[e] = c, d
                energy += chains.gain_h[e] * c - chains.loss_h[e] * d
                drawn[row] += c
                given[row] += d
        excess = 0.0
        take[:] = 1.0
        give[:] = 1.0
        for t in range(periods):
            total_in, total_out = 0.0, 0.0
            for row in range(t, rows, periods):
                over = drawn[row] - given[row] - upper_kw[row]
                if over > KEPT_KW and drawn[row] > 0.0:
                    take[row] = max(0.0, 1.0 - over / drawn[row])
                    excess = max(excess, over)
                under = lower_kw[row] - drawn[row] + given[row]
                if under > KEPT_KW and given[row] > 0.0:
                    give[row] = max(0.0, 1.0 - under / given[row])
                    excess = max(excess, under)
                total_in += take[row] * drawn[row]
                total_out += give[row] * given[row]
            over = total_in - total_out - shared_upper_kw[t]
            under = shared_lower_kw[t] - total_in + total_out
            if over > KEPT_KW and total_in > 0.0:
                excess = max(excess, over)
                for row in range(t, rows, periods):
                    take[row] *= max(0.0, 1.0 - over / total_in)
            if under > KEPT_KW and total_out > 0.0:
                excess = max(excess, under)
                for row in range(t, rows, periods):
                    give[row] *= max(0.0, 1.0 - under / total_out)
        if excess <= KEPT_KW:
            break
    return excess
