"""Kernels: right sides and steps of the stays in a primal-dual method (notation of ``network_chains``).

Every product x·z of a slack and its dual is to become ``target`` - ``second``·Δx·Δz, where Δx·Δz comes
from the step ``guess`` (Mehrotra's correction).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_newton import (
    BEND,
    CHARGE,
    CHARGE_HIGH,
    CHARGE_LOW,
    DISCHARGE,
    DISCHARGE_HIGH,
    DISCHARGE_LOW,
    ENERGY,
    ENERGY_HIGH,
    ENERGY_LOW,
    INV_P,
    INV_Q,
    MISSING,
    MISSING_DUAL,
    RIGHT_B,
    RIGHT_C,
    RIGHT_D,
    RIGHT_E,
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


ROUNDING = 1e-10
"""Residual of a balance that counts as none [kWh, kW]."""


@kernel(error_model="numpy")
def beyond_rounding(residual: float) -> float:
    """The residual of a balance, or 0 where it is rounding: to correct that would move pinned unknowns."""
    return residual if abs(residual) > ROUNDING else 0.0


@kernel(error_model="numpy")
def low_residual(
    slack: float, dual: float, target: float, second: float, move: float, dual_move: float
) -> float:
    """What x·z at a lower bound is short of: target - x·z - second·Δx·Δz."""
    return target - slack * dual - second * move * dual_move


@kernel(error_model="numpy")
def fill_right(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    price: NDArray[np.float64],
    penalty: float,
    target: float,
    second: float,
    guess: NDArray[np.float64],
    guess_stays: NDArray[np.float64],
    work: NDArray[np.float64],
    missing_right: NDArray[np.float64],
) -> None:
    """Right sides h_c, h_d, h_E, h_b of every stay into ``work``, that of s into ``missing_right``.

    Plainly: minus each residual of the optimality conditions, plus what the eliminated duals bring.

    Parameters
    ----------
    chains, state, stays, work
        See ``reduce_stays``.
    price
        λ that the cars of each row feel, shape (zones x periods,).
    penalty
        M.
    target, second, guess, guess_stays
        See the module.
    missing_right
        Filled, shape (sessions,).
    """
    for i in range(len(chains.offset) - 1):
        first, end = chains.offset[i], chains.offset[i + 1]
        short, surplus = stays[MISSING, i], stays[SURPLUS, i]
        n, z = stays[SURPLUS_DUAL, i], stays[MISSING_DUAL, i]
        kappa, omega = n / surplus, z / short
        for_n = low_residual(
            surplus, n, target, second, guess_stays[SURPLUS, i], guess_stays[SURPLUS_DUAL, i]
        )
        for_z = low_residual(short, z, target, second, guess_stays[MISSING, i], guess_stays[MISSING_DUAL, i])
        gap = beyond_rounding(state[ENERGY, end - 1] + short - surplus - chains.wanted_kwh[i])
        missing_right[i] = for_n / surplus - kappa * gap + for_z / short - (penalty - n - z)
        before = chains.start_kwh[i]
        for e in range(first, end):
            c, d, energy, worth = state[CHARGE, e], state[DISCHARGE, e], state[ENERGY, e], state[WORTH, e]
            slope, felt = chains.slope_per_h[e], price[chains.row[e]]
            right_c, bent = 0.0, 0.0
            if chains.charge_kw[e] > 0.0:
                room, low, high = chains.charge_kw[e] - c, state[CHARGE_LOW, e], state[CHARGE_HIGH, e]
                if slope > 0.0:
                    rest, m = state[SLACK, e], state[TAPER, e]
                    for_m = low_residual(rest, m, target, second, guess[SLACK, e], guess[TAPER, e])
                    above = beyond_rounding(rest + c + slope * before - chains.intercept_kw[e])
                    bent = (for_m + m * above) / rest
                for_low = low_residual(c, low, target, second, guess[CHARGE, e], guess[CHARGE_LOW, e])
                for_high = low_residual(room, high, target, second, -guess[CHARGE, e], guess[CHARGE_HIGH, e])
                right_c = -(felt - chains.gain_h[e] * worth + state[TAPER, e] - low + high)
                right_c += for_low / c - for_high / room - bent
            right_d = 0.0
            if chains.discharge_kw[e] > 0.0:
                room, low, high = (
                    chains.discharge_kw[e] - d,
                    state[DISCHARGE_LOW, e],
                    state[DISCHARGE_HIGH, e],
                )
                for_low = low_residual(d, low, target, second, guess[DISCHARGE, e], guess[DISCHARGE_LOW, e])
                for_high = low_residual(
                    room, high, target, second, -guess[DISCHARGE, e], guess[DISCHARGE_HIGH, e]
                )
                right_d = felt - chains.loss_h[e] * worth + low - high + for_low / d - for_high / room
            right_e = -worth + state[ENERGY_LOW, e] - state[ENERGY_HIGH, e]
            if chains.lowest_kwh[e] > -np.inf:
                x, z_e = energy - chains.lowest_kwh[e], state[ENERGY_LOW, e]
                right_e += low_residual(x, z_e, target, second, guess[ENERGY, e], guess[ENERGY_LOW, e]) / x
            if chains.highest_kwh[e] < np.inf:
                x, z_e = chains.highest_kwh[e] - energy, state[ENERGY_HIGH, e]
                right_e -= low_residual(x, z_e, target, second, -guess[ENERGY, e], guess[ENERGY_HIGH, e]) / x
            if e == end - 1:
                right_e += n + for_n / surplus - kappa * gap - kappa * missing_right[i] / (kappa + omega)
            if e > first:
                work[RIGHT_E, e - 1] += worth - slope * (state[TAPER, e] + bent) - work[BEND, e] * right_c
            work[RIGHT_C, e], work[RIGHT_D, e], work[RIGHT_E, e] = right_c, right_d, right_e
            balance = beyond_rounding(energy - before - chains.gain_h[e] * c + chains.loss_h[e] * d)
            work[RIGHT_B, e] = -balance
            work[RIGHT_B, e] += chains.gain_h[e] * right_c * work[INV_P, e]
            work[RIGHT_B, e] -= chains.loss_h[e] * right_d * work[INV_Q, e]
            before = energy


@kernel(error_model="numpy")
def fill_step(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    delta_price: NDArray[np.float64],
    target: float,
    second: float,
    guess: NDArray[np.float64],
    guess_stays: NDArray[np.float64],
    work: NDArray[np.float64],
    missing_right: NDArray[np.float64],
    step: NDArray[np.float64],
    step_stays: NDArray[np.float64],
) -> None:
    """The rest of the step, once ``sweep_stays`` has filled in ΔE and Δy.

    Plainly: Δc, Δd, Δσ, Δs, Δv from their equations, then Δz = (target - x·z - second·.. - z·Δx)/x.

    Parameters
    ----------
    chains, state, stays, target, second, guess, guess_stays, work, missing_right
        See `fill_right`.
    delta_price
        Δλ that the cars of each row feel, shape (zones x periods,).
    step, step_stays
        Filled, shapes (12, entries), (4, sessions).
    """
    for i in range(len(chains.offset) - 1):
        first, end = chains.offset[i], chains.offset[i + 1]
        moved, before = 0.0, chains.start_kwh[i]
        for e in range(first, end):
            felt, worth, energy = delta_price[chains.row[e]], step[WORTH, e], state[ENERGY, e]
            if chains.charge_kw[e] > 0.0:
                c, move = state[CHARGE, e], work[RIGHT_C, e] + chains.gain_h[e] * worth - felt
                move = move * work[INV_P, e] - work[BEND, e] * moved
                low, high, room = state[CHARGE_LOW, e], state[CHARGE_HIGH, e], chains.charge_kw[e] - c
                residual = low_residual(c, low, target, second, guess[CHARGE, e], guess[CHARGE_LOW, e])
                step[CHARGE_LOW, e] = (residual - low * move) / c
                residual = low_residual(room, high, target, second, -guess[CHARGE, e], guess[CHARGE_HIGH, e])
                step[CHARGE_HIGH, e] = (residual + high * move) / room
                step[CHARGE, e] = move
                if chains.slope_per_h[e] > 0.0:
                    rest, m, slope = state[SLACK, e], state[TAPER, e], chains.slope_per_h[e]
                    above = beyond_rounding(rest + c + slope * before - chains.intercept_kw[e])
                    change = -above - move - slope * moved
                    residual = low_residual(rest, m, target, second, guess[SLACK, e], guess[TAPER, e])
                    step[SLACK, e], step[TAPER, e] = change, (residual - m * change) / rest
            if chains.discharge_kw[e] > 0.0:
                d, move = state[DISCHARGE, e], work[RIGHT_D, e] - chains.loss_h[e] * worth + felt
                move *= work[INV_Q, e]
                low, high, room = (
                    state[DISCHARGE_LOW, e],
                    state[DISCHARGE_HIGH, e],
                    chains.discharge_kw[e] - d,
                )
                residual = low_residual(d, low, target, second, guess[DISCHARGE, e], guess[DISCHARGE_LOW, e])
                step[DISCHARGE_LOW, e] = (residual - low * move) / d
                residual = low_residual(
                    room, high, target, second, -guess[DISCHARGE, e], guess[DISCHARGE_HIGH, e]
                )
                step[DISCHARGE_HIGH, e] = (residual + high * move) / room
                step[DISCHARGE, e] = move
            move = step[ENERGY, e]
            if chains.lowest_kwh[e] > -np.inf:
                x, z = energy - chains.lowest_kwh[e], state[ENERGY_LOW, e]
                residual = low_residual(x, z, target, second, guess[ENERGY, e], guess[ENERGY_LOW, e])
                step[ENERGY_LOW, e] = (residual - z * move) / x
            if chains.highest_kwh[e] < np.inf:
                x, z = chains.highest_kwh[e] - energy, state[ENERGY_HIGH, e]
                residual = low_residual(x, z, target, second, -guess[ENERGY, e], guess[ENERGY_HIGH, e])
                step[ENERGY_HIGH, e] = (residual + z * move) / x
            moved, before = move, energy
        short, surplus = stays[MISSING, i], stays[SURPLUS, i]
        n, z = stays[SURPLUS_DUAL, i], stays[MISSING_DUAL, i]
        change = (missing_right[i] - n / surplus * moved) / (n / surplus + z / short)
        growth = moved + change + beyond_rounding(before + short - surplus - chains.wanted_kwh[i])
        residual = low_residual(
            short, z, target, second, guess_stays[MISSING, i], guess_stays[MISSING_DUAL, i]
        )
        step_stays[MISSING, i], step_stays[MISSING_DUAL, i] = change, (residual - z * change) / short
        residual = low_residual(
            surplus, n, target, second, guess_stays[SURPLUS, i], guess_stays[SURPLUS_DUAL, i]
        )
        step_stays[SURPLUS, i], step_stays[SURPLUS_DUAL, i] = growth, (residual - n * growth) / surplus
