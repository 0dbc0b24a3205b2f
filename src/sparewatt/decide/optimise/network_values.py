"""Kernel: what stays cost at best at given prices, exactly; with the limits' part a bound for every plan.

V(E) at a boundary, the least cost from there on, is convex and piecewise linear. Backwards over one
period at a price λ >= 0 it becomes

    V_t(E) = min over E' of  V_{t+1}(E') + λ/α·max(E' - E, 0) - λ/β·max(E - E', 0)
    with  E - β·D <= E' <= top(E) = min(E + α·P, (1 - α·k)·E + α·a)

which charges up to x_c, where V_{t+1} begins to fall by less than λ/α, discharges down to x_d, where it
begins to fall by less than λ/β, and idles between. So the corners of V_t are those of V_{t+1}: below x_c
seen through top, between x_c and x_d as they are, above x_d shifted by β·D.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains

FLAT = 1e-12
"""Distance of two corners below which they are one [kWh]."""


@kernel(error_model="numpy")
def value_at(corners: NDArray[np.float64], count: int, x: float) -> float:
    """A piecewise linear function at ``x``; corners (energies, values) in two rows."""
    if x <= corners[0, 0]:
        return float(corners[1, 0])
    low, high = 0, count - 1
    if x >= corners[0, high]:
        return float(corners[1, high])
    while high - low > 1:
        middle = (low + high) // 2
        if corners[0, middle] <= x:
            low = middle
        else:
            high = middle
    share = (x - corners[0, low]) / (corners[0, high] - corners[0, low])
    return float(corners[1, low] + share * (corners[1, high] - corners[1, low]))


@kernel(error_model="numpy")
def turning_point(corners: NDArray[np.float64], count: int, slope: float) -> float:
    """The first corner after which the function falls by less than ``slope`` per kWh."""
    for i in range(count - 1):
        fall = corners[1, i] - corners[1, i + 1]
        if fall < slope * (corners[0, i + 1] - corners[0, i]):
            return float(corners[0, i])
    return float(corners[0, count - 1])


@kernel(error_model="numpy")
def add_corner(corners: NDArray[np.float64], count: int, x: float, value: float) -> int:
    """Append a corner unless the last one is there already; the new number of corners."""
    if count > 0 and x <= corners[0, count - 1] + FLAT:
        return count
    corners[0, count], corners[1, count] = x, value
    return count + 1


@kernel(error_model="numpy")
def add_charging(
    chains: Chains,
    e: int,
    slope: float,
    after: NDArray[np.float64],
    count: int,
    to: float,
    before: NDArray[np.float64],
) -> int:
    """Corners of V before entry ``e`` below ``to``, from where one charges, as far as one gets, to ``to``.

    Those of V after it, seen through top, and the kink of top where the taper begins; the number of them.
    """
    least, gain = after[0, 0], chains.gain_h[e]
    rise, shift, keep, bend = gain * chains.charge_kw[e], gain * chains.intercept_kw[e], 1.0, np.inf
    if chains.slope_per_h[e] > 0.0:
        keep = 1.0 - gain * chains.slope_per_h[e]
        bend = (chains.intercept_kw[e] - chains.charge_kw[e]) / chains.slope_per_h[e]
    reached = min(to, least + rise if least <= bend else keep * least + shift)
    number = add_corner(before, 0, least, value_at(after, count, reached) + slope * (reached - least))
    bent = least >= bend
    for i in range(count):
        x = min(after[0, i], to)
        origin = x - rise if x - rise <= bend else (x - shift) / keep
        if origin > bend and not bent and bend < to:
            bent = True
            middle = min(bend + rise, to)
            number = add_corner(
                before, number, bend, value_at(after, count, middle) + slope * (middle - bend)
            )
        if least < origin < to:
            number = add_corner(before, number, origin, value_at(after, count, x) + slope * (x - origin))
        if after[0, i] >= to:
            break
    return number


@kernel(error_model="numpy")
def step_back(
    chains: Chains,
    e: int,
    price: float,
    after: NDArray[np.float64],
    count: int,
    before: NDArray[np.float64],
) -> int:
    """V before entry ``e`` from V after it, as the module says; the number of its corners.

    Parameters
    ----------
    chains
        The programme.
    e
        The entry.
    price
        λ >= 0.
    after, count
        Corners of V after the entry, the first at the least energy, the last at the most.
    before
        Filled.
    """
    least, most, drop = after[0, 0], after[0, count - 1], chains.loss_h[e] * chains.discharge_kw[e]
    number, charge_to, discharge_to = 0, least, most
    if chains.charge_kw[e] > 0.0:
        charge_to = turning_point(after, count, price / chains.gain_h[e])
    if drop > 0.0:
        discharge_to = max(charge_to, turning_point(after, count, price / chains.loss_h[e]))
    if charge_to > least:
        number = add_charging(chains, e, price / chains.gain_h[e], after, count, charge_to, before)
    number = add_corner(before, number, charge_to, value_at(after, count, charge_to))
    for i in range(count):
        if charge_to < after[0, i] < discharge_to:
            number = add_corner(before, number, after[0, i], after[1, i])
    number = add_corner(before, number, discharge_to, value_at(after, count, discharge_to))
    if drop > 0.0:
        slope = price / chains.loss_h[e]
        for i in range(count):
            if discharge_to <= after[0, i] < most - drop:
                number = add_corner(before, number, after[0, i] + drop, after[1, i] - slope * drop)
        x = max(discharge_to, most - drop)
        number = add_corner(before, number, most, value_at(after, count, x) - slope * (most - x))
    return number


@kernel(error_model="numpy")
def stays_value(chains: Chains, price: NDArray[np.float64], penalty: float) -> float:
    """Least cost of all stays at prices λ, each on its own.

    Plainly: per stay, the optimum of its linear programme with the objective Σ λ·(c - d) + M·s.

    Parameters
    ----------
    chains
        The programme.
    price
        λ >= 0 that the cars of each row feel, shape (zones x periods,).
    penalty
        M.
    """
    total = 0.0
    longest = 0
    for i in range(len(chains.offset) - 1):
        longest = max(longest, chains.offset[i + 1] - chains.offset[i])
    here, there = np.empty((2, 4 * longest + 8)), np.empty((2, 4 * longest + 8))
    for i in range(len(chains.offset) - 1):
        first, end = chains.offset[i], chains.offset[i + 1]
        least, most, wanted = chains.least_kwh[first], chains.most_kwh[first], chains.wanted_kwh[i]
        count = add_corner(here, 0, least, penalty * max(0.0, wanted - least))
        if least < wanted < most:
            count = add_corner(here, count, wanted, 0.0)
        count = add_corner(here, count, most, penalty * max(0.0, wanted - most))
        for e in range(end - 1, first - 1, -1):
            count = step_back(chains, e, price[chains.row[e]], here, count, there)
            here, there = there, here
        total += value_at(here, count, chains.start_kwh[i])
    return total
