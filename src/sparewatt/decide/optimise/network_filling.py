"""Kernels: cars charged by least laxity under a limit, a quick way to show that nobody need be short."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENDER_H = 2.0
"""Laxity that a car which gives energy to others keeps [h]."""
BORROWER_H = 1.0
"""Laxity below which a car is given energy by others [h]."""
NEVER_H = 1e6
"""Laxity of a car that has what it wants [h]."""
DUST_KW = 1e-9
"""Power that is rounding [kW]."""


@kernel(error_model="numpy")
def laxity_h(
    left_h: float,
    energy_kwh: float,
    wanted_kwh: float,
    charge_kw: float,
    intercept_kw: float,
    slope_per_h: float,
    efficiency: float,
) -> float:
    """Time left beyond the time that charging from E to the wanted energy takes alone [h].

    The time alone is (E_1 - E)/(η·P) up to where the taper begins, E_1 = (a - P)/k, and
    ln((a/k - E)/(a/k - wanted))/(η·k) from there.
    """
    bend, top = (intercept_kw - charge_kw) / slope_per_h, intercept_kw / slope_per_h
    flat = max(0.0, min(bend, wanted_kwh) - energy_kwh) / (efficiency * charge_kw)
    if wanted_kwh <= bend:
        return left_h - flat
    share = (top - max(bend, energy_kwh)) / (top - min(wanted_kwh, top * (1.0 - 1e-6)))
    return float(left_h - flat - np.log(share) / (efficiency * slope_per_h))


class Fillable(NamedTuple):
    """Stays as the kernels of this module see them.

    Parameters
    ----------
    offset, arrival
        Of the stays, shapes (sessions + 1,), (sessions,).
    start_kwh, wanted_kwh
        Energy on arrival and at departure, shape (sessions,) [kWh].
    least_kwh, most_kwh
        Energies between which the battery stays, shape (sessions,) [kWh].
    charge_kw, intercept_kw, slope_per_h, efficiency
        P, a, k (see ``taper_line``) and η of each stay, shape (sessions,).
    discharge_kw
        D; where it is 0 for all, nobody lends, shape (sessions,) [kW].
    step_h
        Δ [h].
    """

    offset: NDArray[np.int64]
    arrival: NDArray[np.int64]
    start_kwh: NDArray[np.float64]
    wanted_kwh: NDArray[np.float64]
    least_kwh: NDArray[np.float64]
    most_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    intercept_kw: NDArray[np.float64]
    slope_per_h: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    step_h: float


@kernel(error_model="numpy")
def queue_stays(
    stays: Fillable,
    t: int,
    energy: NDArray[np.float64],
    keys: NDArray[np.float64],
    order: NDArray[np.int64],
) -> int:
    """Those plugged in, by laxity into ``keys`` and ``order``, those sated with V2G last; how many."""
    active = 0
    for s in range(len(stays.arrival)):
        left = stays.arrival[s] + stays.offset[s + 1] - stays.offset[s] - t
        if stays.arrival[s] > t or left <= 0:
            continue
        key = NEVER_H + left
        if energy[s] < stays.wanted_kwh[s]:
            law = stays.charge_kw[s], stays.intercept_kw[s], stays.slope_per_h[s], stays.efficiency[s]
            key = laxity_h(left * stays.step_h, energy[s], stays.wanted_kwh[s], *law)
        elif stays.discharge_kw[s] <= 0.0:
            continue
        place = active
        while place > 0 and keys[place - 1] > key:
            keys[place], order[place] = keys[place - 1], order[place - 1]
            place -= 1
        keys[place], order[place] = key, s
        active += 1
    return active


@kernel(error_model="numpy")
def most_to_give(stays: Fillable, s: int, energy_kwh: float, key: float) -> float:
    """Power that a stay may give: what it has beyond what it wants, or what leaves it LENDER_H [kW]."""
    kept = stays.wanted_kwh[s]
    if key < NEVER_H:
        kept = energy_kwh - max(0.0, key - LENDER_H) * stays.efficiency[s] * stays.charge_kw[s]
    spare = max(0.0, energy_kwh - max(kept, stays.least_kwh[s]))
    return float(min(stays.discharge_kw[s], spare * stays.efficiency[s] / stays.step_h))


@kernel(error_model="numpy")
def most_to_take(stays: Fillable, s: int, energy_kwh: float, goal_kwh: float) -> float:
    """Power that a stay may take on the way to an energy: max(0, min(P, a - k·E, (goal - E)/(η·Δ))) [kW]."""
    rate = min(stays.charge_kw[s], stays.intercept_kw[s] - stays.slope_per_h[s] * energy_kwh)
    return float(max(0.0, min(rate, (goal_kwh - energy_kwh) / (stays.efficiency[s] * stays.step_h))))


@kernel(error_model="numpy")
def fill_by_laxity(
    stays: Fillable, upper_kw: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Serve the stays that can wait least first, period by period; V2G lends where the limit is short.

    In plain Python, per period t::

        for each stay plugged in:  laxity = time left - time to charge from E to wanted alone
        for each that lacks energy, in ascending order of laxity:
            asked = max(0, min(P, a - k·E, (wanted - E)/(η·Δ)))
            c = min(asked, what is left of upper[t])
            for each other that may give, last in the order first, while asked > c:
                # what it has beyond what it wants; or, to a stay of less than BORROWER_H of laxity,
                # what leaves it LENDER_H
                d = min(asked - c, D, ...);  c += d
        what is then left of upper[t] is stored beyond what is wanted by those with V2G that stay longest
        E += (η·c - d/η)·Δ

    What all take together is never less than nothing, and never more than the limit.

    Parameters
    ----------
    stays
        The stays.
    upper_kw
        Limit, shape (periods,) [kW].

    Returns
    -------
    missing_kwh, charge_kw, discharge_kw
        Total shortfall [kWh], and powers of the entries, shape (entries,) [kW].
    """
    count, step_h = len(stays.arrival), stays.step_h
    charge, discharge = np.zeros(stays.offset[-1]), np.zeros(stays.offset[-1])
    energy = stays.start_kwh.copy()
    keys, order, may_give = np.empty(count), np.empty(count, dtype=np.int64), np.empty(count)
    for t in range(len(upper_kw)):
        active = queue_stays(stays, t, energy, keys, order)
        for n in range(active):
            may_give[n] = most_to_give(stays, order[n], energy[order[n]], keys[n])
        rest, giver, n = upper_kw[t], active - 1, 0
        while n < active and keys[n] < NEVER_H:
            s = order[n]
            asked = most_to_take(stays, s, energy[s], stays.wanted_kwh[s])
            taken = min(asked, rest)
            rest -= taken
            while giver > n and asked - taken > DUST_KW and (keys[giver] >= NEVER_H or keys[n] < BORROWER_H):
                given = min(asked - taken, may_give[giver])
                taken += given
                may_give[giver] -= given
                other = order[giver]
                discharge[stays.offset[other] + t - stays.arrival[other]] += given
                giver -= may_give[giver] <= DUST_KW
            charge[stays.offset[s] + t - stays.arrival[s]] = taken
            n += 1
        for k in range(active - 1, -1, -1):
            s = order[k]
            e, eta = stays.offset[s] + t - stays.arrival[s], stays.efficiency[s]
            if k >= n and discharge[e] <= 0.0:
                charge[e] = min(rest, most_to_take(stays, s, energy[s], stays.most_kwh[s]))
                rest -= charge[e]
            energy[s] += (eta * charge[e] - discharge[e] / eta) * step_h
    return np.maximum(stays.wanted_kwh - energy, 0.0).sum(), charge, discharge
