"""Kernels: the Newton system of chains, stay by stay in one pass forth and one back.

Notation of ``network_chains``. With slacks x and duals z, D = Σ z/x of a variable's bounds, τ = m/σ,
the step of a stay for given Δλ solves

    (D_c + τ)·Δc + τ·k·ΔE[t] - α·Δy + Δλ = h_c,     D_d·Δd + β·Δy - Δλ = h_d
    θ[t]·ΔE[t] + Δy[t-1] - φ[t]·Δy[t] - f[t]·Δλ[t] = h_E[t]
    ΔE[t+1] - φ[t]·ΔE[t] - w[t]·Δy[t] + b[t]·Δλ[t] = h_b[t]

after c and d are eliminated: 1/p = 1/(D_c + τ), 1/q = 1/D_d, f = τ·k/p, φ = 1 - α·f, θ = D_E + k·f·D_c,
w = α²/p + β²/q, b = α/p + β/q. Going forth, ΔE[t+1] = r[t]·Δy[t] + s[t] with

    r[t] = w + φ²·r[t-1]/(1 + θ·r[t-1]),   s[t] = h_b - b·Δλ + φ·(r[t-1]·(h_E + f·Δλ) + s[t-1])/(1 + θ·r[t-1])

(θ, φ, f, h_E of boundary t); nothing is subtracted that could cancel. What c - d answers to Δλ is then
semiseparable: -Δ(c - d)[j] = γ[j]·Φ[j-1]···Φ[i+1]·ς[i]·Δλ[i] for i < j, symmetric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains

# Rows of the state of entries: unknowns, then duals.
CHARGE, DISCHARGE, ENERGY, SLACK = 0, 1, 2, 3
WORTH, TAPER = 4, 5
CHARGE_LOW, CHARGE_HIGH, DISCHARGE_LOW, DISCHARGE_HIGH, ENERGY_LOW, ENERGY_HIGH = 6, 7, 8, 9, 10, 11
ENTRY_ROWS = 12
# Rows of the state of stays: missing s, surplus v, their duals M - n and n.
MISSING, SURPLUS, SURPLUS_DUAL, MISSING_DUAL = 0, 1, 2, 3
STAY_ROWS = 4
# Rows of what a step is worked out from: 1/p, 1/q, f, φ, θ (of the boundary after the entry), r,
# 1/(1 + θ·r) (of the boundary before it), right sides h_c, h_d, h_E (after), h_b, and s.
INV_P, INV_Q, BEND, KEEP, STIFF, RISE, DAMP, RIGHT_C, RIGHT_D, RIGHT_E, RIGHT_B, SHIFT = range(12)
WORK_ROWS = 12
FADED = 1e-25
"""Share of an entry in the answer of a later one that is nothing [kW]."""


@kernel(error_model="numpy")
def fill_coefficients(
    chains: Chains, state: NDArray[np.float64], stays: NDArray[np.float64], i: int, work: NDArray[np.float64]
) -> None:
    """1/p, 1/q, f, φ and θ of stay ``i`` into ``work``, as they stand above.

    θ of the departure holds κ·ω/(κ + ω) of the wanted energy, κ = n/v, ω = (M - n)/s.
    """
    first, end = chains.offset[i], chains.offset[i + 1]
    for e in range(first, end):
        inv_p, inv_q, bend, bound, taper = 0.0, 0.0, 0.0, 0.0, 0.0
        if chains.charge_kw[e] > 0.0:
            c = state[CHARGE, e]
            bound = state[CHARGE_LOW, e] / c + state[CHARGE_HIGH, e] / (chains.charge_kw[e] - c)
            if chains.slope_per_h[e] > 0.0:
                taper = state[TAPER, e] / state[SLACK, e]
            inv_p = 1.0 / (bound + taper)
            bend = chains.slope_per_h[e] * taper * inv_p
        if chains.discharge_kw[e] > 0.0:
            d = state[DISCHARGE, e]
            left = chains.discharge_kw[e] - d
            inv_q = 1.0 / (state[DISCHARGE_LOW, e] / d + state[DISCHARGE_HIGH, e] / left)
        stiff, energy = 0.0, state[ENERGY, e]
        if chains.lowest_kwh[e] > -np.inf:
            stiff += state[ENERGY_LOW, e] / (energy - chains.lowest_kwh[e])
        if chains.highest_kwh[e] < np.inf:
            stiff += state[ENERGY_HIGH, e] / (chains.highest_kwh[e] - energy)
        work[INV_P, e], work[INV_Q, e], work[BEND, e] = inv_p, inv_q, bend
        work[KEEP, e], work[STIFF, e] = 1.0 - chains.gain_h[e] * bend, stiff
        if e > first:
            work[STIFF, e - 1] += chains.slope_per_h[e] * bend * bound
    kappa = stays[SURPLUS_DUAL, i] / stays[SURPLUS, i]
    omega = stays[MISSING_DUAL, i] / stays[MISSING, i]
    work[STIFF, end - 1] += kappa * omega / (kappa + omega)


@kernel(fastmath={"contract"})
def add_row(
    row: NDArray[np.float64], values: NDArray[np.float64], share: float, begin: int, end: int
) -> None:
    """``row[begin:end] += share * values[begin:end]``."""
    for j in range(begin, end):
        row[j] += share * values[j]


@kernel(error_model="numpy")
def scale_row(values: NDArray[np.float64], share: float, begin: int, end: int) -> None:
    """``values[begin:end] *= share``."""
    for j in range(begin, end):
        values[j] *= share


@kernel(error_model="numpy")
def add_answer(
    chains: Chains,
    i: int,
    work: NDArray[np.float64],
    scratch: NDArray[np.float64],
    answer: NDArray[np.float64],
) -> None:
    """R and 1/(1 + θ·r) of stay ``i`` into ``work``, its answer to Δλ added to ``answer``.

    Forth ς[t] = Φ·r[t-1]·f - b with Φ = φ/(1 + θ·r[t-1]); back Ψ, by which Δy[t] = -Ψ[t]·s[t], and
    γ = f·(1 - r[t-1]·φ·Ψ·Φ)/(1 + θ·r[t-1]) + b·Ψ·Φ.
    """
    first, end, periods = chains.offset[i], chains.offset[i + 1], answer.shape[1]
    sigma, gamma, pass_on, rise = scratch[0], scratch[1], scratch[2], 0.0
    for e in range(first, end):
        j, gain, loss = e - first, chains.gain_h[e], chains.loss_h[e]
        damp, before = 1.0, rise
        if e > first:
            damp = 1.0 / (1.0 + work[STIFF, e - 1] * before)
        both = gain * work[INV_P, e] + loss * work[INV_Q, e]
        pass_on[j] = work[KEEP, e] * damp
        sigma[j] = pass_on[j] * before * work[BEND, e] - both
        rise = gain * gain * work[INV_P, e] + loss * loss * work[INV_Q, e]
        rise += work[KEEP, e] * pass_on[j] * before
        work[DAMP, e], work[RISE, e] = damp, rise
    ahead = work[STIFF, end - 1] / (1.0 + work[STIFF, end - 1] * rise)
    zone, origin = chains.row[first] // periods, chains.row[first] % periods
    for e in range(end - 1, first - 1, -1):
        j, bend, damp = e - first, work[BEND, e], work[DAMP, e]
        before = work[RISE, e - 1] if e > first else 0.0
        both = chains.gain_h[e] * work[INV_P, e] + chains.loss_h[e] * work[INV_Q, e]
        gamma[j] = bend * (1.0 - before * work[KEEP, e] * ahead * pass_on[j]) * damp
        gamma[j] += both * ahead * pass_on[j]
        worth = -ahead * sigma[j]
        energy = before * (work[KEEP, e] * worth + bend) * damp
        own = work[INV_P, e] + work[INV_Q, e] + bend * energy - both * worth
        answer[zone, origin + j, origin + j] += own
        if e > first:
            ahead = pass_on[j] * ahead * pass_on[j] + work[STIFF, e - 1] * damp
    # Row by row, for all earlier entries at once; those whose share has faded would only make subnormal
    # numbers, which are slow.
    block = answer[zone, origin : origin + end - first, origin : origin + end - first]
    live = 0
    for later in range(1, end - first):
        add_row(block[later], sigma, gamma[later], live, later)
        scale_row(sigma, pass_on[later], live, later)
        while live < later and abs(sigma[live]) < FADED:
            live += 1


@kernel(error_model="numpy")
def reduce_stays(
    chains: Chains,
    state: NDArray[np.float64],
    stays: NDArray[np.float64],
    work: NDArray[np.float64],
    answer: NDArray[np.float64],
) -> None:
    """Eliminate all stays: their coefficients into ``work``, their answers to Δλ into ``answer``.

    Plainly, per stay: build the equations above as one dense system K and take -C·K⁻¹·Cᵀ, where C
    picks c - d; add it to the rows and columns of its periods.

    Parameters
    ----------
    chains
        The programme.
    state, stays
        Point and duals, shapes (12, entries), (4, sessions).
    work
        Filled, shape (12, entries).
    answer
        Filled below the diagonal and on it: -∂(c - d)/∂λ, shape (zones, periods, periods).
    """
    answer[:] = 0.0
    scratch = np.empty((3, answer.shape[1]))
    for i in range(len(chains.offset) - 1):
        fill_coefficients(chains, state, stays, i, work)
        add_answer(chains, i, work, scratch, answer)


@kernel(error_model="numpy")
def sweep_stays(
    chains: Chains,
    work: NDArray[np.float64],
    delta_price: NDArray[np.float64],
    step: NDArray[np.float64],
    power: NDArray[np.float64],
) -> None:
    """Solve all stays for given Δλ: ΔE and Δy into ``step``, Σ Δ(c - d) of each row into ``power``.

    Plainly, per stay: solve the dense system K of `reduce_stays` with the right sides in ``work``.

    Parameters
    ----------
    chains, work
        See `reduce_stays`; right sides filled in.
    delta_price
        Δλ that the cars of each row feel, shape (zones x periods,).
    step
        Rows ENERGY and WORTH are filled, shape (12, entries).
    power
        Filled, shape (zones x periods,) [kW].
    """
    power[:] = 0.0
    for i in range(len(chains.offset) - 1):
        first, end = chains.offset[i], chains.offset[i + 1]
        shift = 0.0
        for e in range(first, end):
            both = chains.gain_h[e] * work[INV_P, e] + chains.loss_h[e] * work[INV_Q, e]
            price, before = delta_price[chains.row[e]], shift
            shift = work[RIGHT_B, e] - both * price
            if e > first:
                right = work[RIGHT_E, e - 1] + work[BEND, e] * price
                shift += work[KEEP, e] * work[DAMP, e] * (work[RISE, e - 1] * right + before)
            work[SHIFT, e] = shift
        last = end - 1
        worth = work[RIGHT_E, last] - work[STIFF, last] * shift
        worth /= 1.0 + work[STIFF, last] * work[RISE, last]
        step[ENERGY, last] = work[RISE, last] * worth + shift
        for e in range(last, first - 1, -1):
            both = chains.gain_h[e] * work[INV_P, e] + chains.loss_h[e] * work[INV_Q, e]
            price = delta_price[chains.row[e]]
            energy, earlier = 0.0, 0.0
            if e > first:
                right = work[RIGHT_E, e - 1] + work[KEEP, e] * worth + work[BEND, e] * price
                energy = (work[RISE, e - 1] * right + work[SHIFT, e - 1]) * work[DAMP, e]
                earlier = (right - work[STIFF, e - 1] * work[SHIFT, e - 1]) * work[DAMP, e]
                step[ENERGY, e - 1] = energy
            step[WORTH, e] = worth
            power[chains.row[e]] += (
                work[RIGHT_C, e] * work[INV_P, e]
                - work[RIGHT_D, e] * work[INV_Q, e]
                - work[BEND, e] * energy
                + both * worth
                - (work[INV_P, e] + work[INV_Q, e]) * price
            )
            worth = earlier
