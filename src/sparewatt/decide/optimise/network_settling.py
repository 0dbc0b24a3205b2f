"""Kernel: a nearly feasible point of chains made a schedule that keeps every bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains

DUST_KW = 1e-9
"""Power below which a solver's answer is rounding [kW]."""
PASSES = 60
KEPT_KW = 1e-10
"""Excess over a limit that is rounding [kW]."""


@kernel(error_model="numpy")
def net_entries(chains: Chains, charge_kw: NDArray[np.float64], discharge_kw: NDArray[np.float64]) -> None:
    """Set charging and discharging of one entry against each other, same energy; rounding becomes 0."""
    for e in range(len(charge_kw)):
        ratio = chains.gain_h[e] / chains.loss_h[e]
        both = min(charge_kw[e], discharge_kw[e] / ratio)
        charge_kw[e] -= both
        discharge_kw[e] -= both * ratio
        if charge_kw[e] < DUST_KW:
            charge_kw[e] = 0.0
        if discharge_kw[e] < DUST_KW:
            discharge_kw[e] = 0.0


@kernel(error_model="numpy")
def cut_entries(
    chains: Chains,
    charge_kw: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    shares: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """Scale powers by ``shares`` of their rows, cut them at what the battery can, sum rows to ``totals``."""
    totals[:] = 0.0
    for i in range(len(chains.offset) - 1):
        energy = chains.start_kwh[i]
        for e in range(chains.offset[i], chains.offset[i + 1]):
            row = chains.row[e]
            c = min(charge_kw[e] * shares[0, row], chains.charge_kw[e])
            if chains.slope_per_h[e] > 0.0:
                c = min(c, chains.intercept_kw[e] - chains.slope_per_h[e] * energy)
            c = max(0.0, min(c, (chains.most_kwh[e] - energy) / chains.gain_h[e]))
            d = min(discharge_kw[e] * shares[1, row], chains.discharge_kw[e])
            d = max(0.0, min(d, (energy - chains.least_kwh[e]) / chains.loss_h[e]))
            charge_kw[e], discharge_kw[e] = c, d
            energy += chains.gain_h[e] * c - chains.loss_h[e] * d
            totals[0, row] += c
            totals[1, row] += d


@kernel(error_model="numpy")
def share_kept(excess: float, total: float) -> float:
    """Share of ``total`` that is left when ``excess`` is taken off; all of it within rounding."""
    if excess <= KEPT_KW or total <= 0.0:
        return 1.0
    return max(0.0, 1.0 - excess / total)


@kernel(error_model="numpy")
def settle(
    chains: Chains,
    charge_kw: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    shared_lower_kw: NDArray[np.float64],
    shared_upper_kw: NDArray[np.float64],
) -> bool:
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
    Whether every limit holds.
    """
    rows, periods = len(lower_kw), len(shared_lower_kw)
    totals, shares = np.zeros((2, rows)), np.ones((2, rows))
    net_entries(chains, charge_kw, discharge_kw)
    for _ in range(PASSES):
        cut_entries(chains, charge_kw, discharge_kw, shares, totals)
        done = True
        for t in range(periods):
            drawn, given = 0.0, 0.0
            for row in range(t, rows, periods):
                net = totals[0, row] - totals[1, row]
                shares[0, row] = share_kept(net - upper_kw[row], totals[0, row])
                shares[1, row] = share_kept(lower_kw[row] - net, totals[1, row])
                drawn += shares[0, row] * totals[0, row]
                given += shares[1, row] * totals[1, row]
            take = share_kept(drawn - given - shared_upper_kw[t], drawn)
            give = share_kept(shared_lower_kw[t] - drawn + given, given)
            for row in range(t, rows, periods):
                shares[0, row] *= take
                shares[1, row] *= give
                done = done and shares[0, row] >= 1.0 and shares[1, row] >= 1.0
        if done:
            return True
    return False
