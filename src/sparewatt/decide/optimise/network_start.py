"""Kernel: a point well inside all bounds of the stays, near a schedule that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_newton import CHARGE, DISCHARGE, ENERGY
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains

INWARD = 0.4
"""Share of the way from the known schedule to the middle of what the stay can do at all [0-1]."""
EDGE = 0.02
"""Least distance from doing nothing, and from the most, in shares of that way [0-1]."""
ROUND_TRIP = 0.1
"""Most power that is taken and given back at once, in shares of the greatest power [0-1]."""
ROOM_SHARE = 0.3
"""Most of the room above the charging that this may take [0-1]."""
LEAST_KW = 1e-4
"""Least power where any is possible [kW]."""
LEAST_KWH = 1e-2
"""Least distance of the energy from a bound that can bind [kWh]."""


@kernel(error_model="numpy")
def share_of_full(chains: Chains, i: int, full_kw: NDArray[np.float64]) -> float:
    """Charging at full rate from plug-in on into ``full_kw``; ρ, of which `place_inside` tells."""
    start = chains.start_kwh[i]
    energy = start
    for e in range(chains.offset[i], chains.offset[i + 1]):
        c = chains.charge_kw[e]
        if chains.slope_per_h[e] > 0.0:
            c = min(c, chains.intercept_kw[e] - chains.slope_per_h[e] * energy)
        full_kw[e] = max(0.0, min(c, (chains.most_kwh[e] - energy) / chains.gain_h[e]))
        energy += chains.gain_h[e] * full_kw[e]
    if energy <= start:
        return 0.5
    share = (0.5 * (max(chains.wanted_kwh[i], start) + energy) - start) / (energy - start)
    return float(min(1.0 - EDGE, max(EDGE, share)))


@kernel(error_model="numpy")
def add_round_trip(chains: Chains, e: int, energy_kwh: float, c: float, d: float) -> tuple[float, float]:
    """What `place_inside` adds: r to c and r·gain/loss to d where both are possible, else a trace to one."""
    if chains.charge_kw[e] <= 0.0:
        return c, max(d, LEAST_KW) if chains.discharge_kw[e] > 0.0 else d
    if chains.discharge_kw[e] <= 0.0:
        return max(c, LEAST_KW), d
    room = chains.charge_kw[e] - c
    if chains.slope_per_h[e] > 0.0:
        room = min(room, chains.intercept_kw[e] - chains.slope_per_h[e] * energy_kwh - c)
    both = max(LEAST_KW, min(ROOM_SHARE * room, ROUND_TRIP * chains.charge_kw[e]))
    return c + both, d + both * chains.gain_h[e] / chains.loss_h[e]


@kernel(error_model="numpy")
def place_inside(
    chains: Chains,
    charge_kw: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    state: NDArray[np.float64],
) -> None:
    """Fill c, d and E of every stay: balances hold, and every bound that can be kept strictly is.

    In plain Python, per stay::

        full = charging at full rate from plug-in on, reach = where that ends
        ρ = ((max(wanted, start) + reach)/2 - start)/(reach - start)      # not at an edge
        c = (1 - INWARD)·charge_kw + INWARD·ρ·full
        d = (1 - INWARD)·discharge_kw
        c += r;  d += r·gain/loss                                         # r a share of the room above c
        E follows from c and d

    What is possible for a battery is convex, so between two schedules lies a schedule.

    Parameters
    ----------
    chains
        The programme.
    charge_kw, discharge_kw
        A schedule of the stays, shape (entries,) [kW].
    state
        Rows CHARGE, DISCHARGE and ENERGY are filled, shape (12, entries).
    """
    for i in range(len(chains.offset) - 1):
        share, energy = INWARD * share_of_full(chains, i, state[CHARGE]), chains.start_kwh[i]
        for e in range(chains.offset[i], chains.offset[i + 1]):
            c, d = share * state[CHARGE, e] + (1.0 - INWARD) * charge_kw[e], (1.0 - INWARD) * discharge_kw[e]
            c, d = add_round_trip(chains, e, energy, c, d)
            energy += chains.gain_h[e] * c - chains.loss_h[e] * d
            if chains.lowest_kwh[e] > -np.inf:
                energy = max(energy, chains.lowest_kwh[e] + LEAST_KWH)
            if chains.highest_kwh[e] < np.inf:
                energy = min(energy, chains.highest_kwh[e] - LEAST_KWH)
            state[CHARGE, e], state[DISCHARGE, e], state[ENERGY, e] = c, d, energy
