"""Kernels: how far a step may go, how large the products x·z are, and what the duals prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_newton import (
    CHARGE,
    CHARGE_HIGH,
    CHARGE_LOW,
    DISCHARGE,
    DISCHARGE_HIGH,
    DISCHARGE_LOW,
    ENERGY,
    ENERGY_HIGH,
    ENERGY_LOW,
    MISSING,
    MISSING_DUAL,
    SLACK,
    SURPLUS,
    SURPLUS_DUAL,
    TAPER,
    WORTH,
)
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains


@kernel(error_model="numpy")
def share_inside(below: float, above: float, move: float) -> float:
    """Greatest share of ``move`` between a bound ``below`` and one ``above`` (distances >= 0)."""
    if move < 0.0:
        return -below / move
    return above / move if move > 0.0 else np.inf


@kernel(error_model="numpy")
def longest_step(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    step: NDArray[np.float64],
    step_stays: NDArray[np.float64],
) -> tuple[float, float]:
    """Greatest shares of the step, of unknowns and of duals, that keep every slack and dual >= 0.

    Plainly: the least of x / -Δx over all Δx < 0, for the distances to each bound and for each dual.

    Parameters
    ----------
    chains, state, stays
        See ``reduce_stays``.
    step, step_stays
        The step, shapes (12, entries), (4, sessions).
    """
    point, dual = np.inf, np.inf
    for e in range(state.shape[1]):
        c, d, energy = state[CHARGE, e], state[DISCHARGE, e], state[ENERGY, e]
        low, high = energy - chains.lowest_kwh[e], chains.highest_kwh[e] - energy
        point = min(
            point,
            share_inside(c, chains.charge_kw[e] - c, step[CHARGE, e]),
            share_inside(d, chains.discharge_kw[e] - d, step[DISCHARGE, e]),
            share_inside(low, high, step[ENERGY, e]),
            share_inside(state[SLACK, e], np.inf, step[SLACK, e]),
        )
        for k in range(TAPER, ENERGY_HIGH + 1):
            dual = min(dual, share_inside(state[k, e], np.inf, step[k, e]))
    for i in range(stays.shape[1]):
        for k in (MISSING, SURPLUS):
            point = min(point, share_inside(stays[k, i], np.inf, step_stays[k, i]))
        for k in (SURPLUS_DUAL, MISSING_DUAL):
            dual = min(dual, share_inside(stays[k, i], np.inf, step_stays[k, i]))
    return point, dual


@kernel(error_model="numpy")
def complementarity(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    step: NDArray[np.float64],
    step_stays: NDArray[np.float64],
    point: float,
    dual: float,
) -> tuple[float, int, float]:
    """Sum and number of the products x·z after a share of a step, and the largest broken balance [kWh].

    Parameters
    ----------
    chains, state, stays, step, step_stays
        See `longest_step`.
    point, dual
        Shares of the step for unknowns and duals.
    """
    total, count, broken = 0.0, 0, 0.0
    for i in range(stays.shape[1]):
        before = chains.start_kwh[i]
        for e in range(chains.offset[i], chains.offset[i + 1]):
            c = state[CHARGE, e] + point * step[CHARGE, e]
            d = state[DISCHARGE, e] + point * step[DISCHARGE, e]
            energy = state[ENERGY, e] + point * step[ENERGY, e]
            if chains.charge_kw[e] > 0.0:
                total += c * (state[CHARGE_LOW, e] + dual * step[CHARGE_LOW, e])
                total += (chains.charge_kw[e] - c) * (state[CHARGE_HIGH, e] + dual * step[CHARGE_HIGH, e])
                count += 2
                if chains.slope_per_h[e] > 0.0:
                    rest = state[SLACK, e] + point * step[SLACK, e]
                    total += rest * (state[TAPER, e] + dual * step[TAPER, e])
                    count += 1
                    broken = max(
                        broken, abs(rest + c + chains.slope_per_h[e] * before - chains.intercept_kw[e])
                    )
            if chains.discharge_kw[e] > 0.0:
                total += d * (state[DISCHARGE_LOW, e] + dual * step[DISCHARGE_LOW, e])
                left = chains.discharge_kw[e] - d
                total += left * (state[DISCHARGE_HIGH, e] + dual * step[DISCHARGE_HIGH, e])
                count += 2
            if chains.lowest_kwh[e] > -np.inf:
                left = energy - chains.lowest_kwh[e]
                total += left * (state[ENERGY_LOW, e] + dual * step[ENERGY_LOW, e])
                count += 1
            if chains.highest_kwh[e] < np.inf:
                left = chains.highest_kwh[e] - energy
                total += left * (state[ENERGY_HIGH, e] + dual * step[ENERGY_HIGH, e])
                count += 1
            broken = max(broken, abs(energy - before - chains.gain_h[e] * c + chains.loss_h[e] * d))
            before = energy
        short = stays[MISSING, i] + point * step_stays[MISSING, i]
        surplus = stays[SURPLUS, i] + point * step_stays[SURPLUS, i]
        total += short * (stays[MISSING_DUAL, i] + dual * step_stays[MISSING_DUAL, i])
        total += surplus * (stays[SURPLUS_DUAL, i] + dual * step_stays[SURPLUS_DUAL, i])
        count += 2
        broken = max(broken, abs(before + short - surplus - chains.wanted_kwh[i]))
    return total, count, broken


@kernel(error_model="numpy")
def stays_bound(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    price: NDArray[np.float64],
    penalty: float,
) -> float:
    """Lower bound on what the stays cost at prices λ, whatever the point and however far from optimal.

    Plainly, with multipliers y, m >= 0 and n in [0, M] taken from the duals: the Lagrangian is a sum of
    terms, one per unknown, each least at one end of what that unknown can be at all,

        Σ (n·w - y·E_start + m·k·E_start) - Σ m·a + Σ min over c in [0, P], d in [0, D], E in [least, most].

    Parameters
    ----------
    chains, state, stays
        See ``reduce_stays``.
    price
        λ that the cars of each row feel, shape (zones x periods,).
    penalty
        M.
    """
    bound = 0.0
    for i in range(len(chains.offset) - 1):
        first, end = chains.offset[i], chains.offset[i + 1]
        n = min(stays[SURPLUS_DUAL, i], penalty)
        # y as it is, and y worked out backwards from n and the duals of E: the better one counts.
        given, rebuilt, worth_after, built, built_after = 0.0, 0.0, n, n, n
        for e in range(end - 1, first - 1, -1):
            felt, worth, taper = price[chains.row[e]], state[WORTH, e], state[TAPER, e]
            low, high = state[ENERGY_LOW, e], state[ENERGY_HIGH, e]
            built = built_after + low - high
            reduced = worth - worth_after
            given += reduced * (chains.least_kwh[e] if reduced > 0.0 else chains.most_kwh[e])
            given += min(felt - chains.gain_h[e] * worth + taper, 0.0) * chains.charge_kw[e]
            given += min(chains.loss_h[e] * worth - felt, 0.0) * chains.discharge_kw[e]
            given -= taper * chains.intercept_kw[e]
            reduced = low - high
            rebuilt += reduced * (chains.least_kwh[e] if reduced > 0.0 else chains.most_kwh[e])
            rebuilt += min(felt - chains.gain_h[e] * built + taper, 0.0) * chains.charge_kw[e]
            rebuilt += min(chains.loss_h[e] * built - felt, 0.0) * chains.discharge_kw[e]
            rebuilt -= taper * chains.intercept_kw[e]
            worth_after = worth - chains.slope_per_h[e] * taper
            built_after = built - chains.slope_per_h[e] * taper
        given -= worth_after * chains.start_kwh[i]
        rebuilt -= built_after * chains.start_kwh[i]
        bound += n * chains.wanted_kwh[i] + max(given, rebuilt)
    return bound
