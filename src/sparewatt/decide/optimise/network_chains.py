"""Chains: stays of cars as one linear programme per zone, laid out for the interior-point kernels.

Of each stay: c, d >= 0 (charging, discharging), E on boundaries, s >= 0 (what is missing at departure);
of each row (a zone's power in a period): g.

    min  Σ π·g + M·Σ s
    E[t+1] - E[t] - α·c[t] + β·d[t] = 0      α = η·Δ, β = Δ/η, E of the arrival given      : y
    c[t] + k·E[t] + σ[t] = a, σ >= 0         taper                                         : m >= 0
    E[end] + s - v = w, v >= 0               wanted                                        : 0 <= n <= M
    Σ (c - d) - g = 0                        per row                                       : λ
    c <= P, d <= D, E_low <= E <= E_high, g_low <= g <= g_high
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.model.ev_sessions import taper_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.ev_sessions import EvSessions

TINY_KW = 1e-9
"""Power below which a limit leaves nothing [kW]."""
LEAST_WIDTH_KW = 1e-6
"""Width of a row whose limits leave nothing, while it is solved; settling takes it off again [kW]."""


class Chains(NamedTuple):
    """The programme in arrays; entries are those of the sessions.

    Parameters
    ----------
    offset
        Entries of stay s are ``offset[s]:offset[s + 1]``, shape (sessions + 1,).
    row
        Row of each entry: zone x periods + period, shape (entries,).
    charge_kw, discharge_kw
        P and D; 0 where the car can't, or must not, shape (entries,) [kW].
    intercept_kw, slope_per_h
        a and k; 0 where the taper can't bind, shape (entries,) [kW], [1/h].
    lowest_kwh, highest_kwh
        Bounds of the energy after each entry; infinite where they can't bind, shape (entries,) [kWh].
    gain_h, loss_h
        α and β, shape (entries,) [h].
    least_kwh, most_kwh
        Energies between which the battery is in any case, finite, shape (entries,) [kWh].
    start_kwh, wanted_kwh
        Of each stay; never wanted is more than it could reach alone, shape (sessions,) [kWh].
    """

    offset: NDArray[np.int64]
    row: NDArray[np.int64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    intercept_kw: NDArray[np.float64]
    slope_per_h: NDArray[np.float64]
    lowest_kwh: NDArray[np.float64]
    highest_kwh: NDArray[np.float64]
    gain_h: NDArray[np.float64]
    loss_h: NDArray[np.float64]
    least_kwh: NDArray[np.float64]
    most_kwh: NDArray[np.float64]
    start_kwh: NDArray[np.float64]
    wanted_kwh: NDArray[np.float64]


class Rows(NamedTuple):
    """What the rows may carry and what it costs.

    Parameters
    ----------
    lower_kw, upper_kw
        g_low <= 0 <= g_high, with room between them, shape (rows,) [kW].
    price
        π: price times step, shape (rows,) [currency/kW].
    shared
        Whether the last rows, one per period, are sums over all zones.
    """

    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    price: NDArray[np.float64]
    shared: bool


def reachable_kwh(sessions: EvSessions) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy of each stay at full rate from plug-in on, whatever the limit.

    No schedule has more at any boundary: a battery that is fuller stays fuller, taper or not.

    Returns
    -------
    after_kwh, end_kwh
        After each entry, shape (entries,), and at departure, shape (sessions,) [kWh].
    """
    schedule = plan_plug_in(sessions)
    last = schedule.boundary_offset
    after = np.delete(schedule.energy_kwh, last[:-1])
    return after, schedule.end_kwh


def lay_out(
    sessions: EvSessions,
    wanted_kwh: NDArray[np.float64],
    zone: NDArray[np.int64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    price: NDArray[np.float64],
    shared: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> tuple[Chains, Rows]:
    """Lay the stays out, without what can't bind and without powers that a limit rules out.

    Where a zone may take nothing and nobody in it can discharge, nobody charges; where it may give
    nothing and nobody can charge, nobody discharges. So every row keeps an interior.

    Parameters
    ----------
    sessions
        All zones' cars.
    wanted_kwh
        Energy w at departure, shape (sessions,) [kWh].
    zone
        Zone of each car, shape (cars,).
    lower_kw, upper_kw
        Limits of each zone, lower <= 0 <= upper, shape (zones, periods) [kW].
    price
        π, shape (zones, periods) [currency/kW].
    shared
        Limits of the sum of all zones, each of shape (periods,) [kW], or none.
    """
    s, session = sessions, sessions.entry_session
    entry_car = s.entry_car
    row = zone[entry_car] * s.periods + s.entry_period
    low, high = lower_kw.ravel(), upper_kw.ravel()
    charge, discharge = s.charge_kw[entry_car].copy(), s.discharge_kw[entry_car].copy()
    out_kw = _summed(row, discharge, len(low))
    charge[(high[row] <= TINY_KW) & (out_kw[row] <= 0.0)] = 0.0
    if shared is not None:
        nobody = out_kw.reshape(lower_kw.shape).sum(axis=0) <= 0.0
        charge[(nobody & (shared[1] <= TINY_KW))[s.entry_period]] = 0.0
    in_kw = _summed(row, charge, len(low))
    discharge[(low[row] >= -TINY_KW) & (in_kw[row] <= 0.0)] = 0.0
    out_kw = _summed(row, discharge, len(low))
    after, end = reachable_kwh(s)
    battery = s.battery_kwh[entry_car]
    start = np.minimum(s.start_kwh, s.battery_kwh[s.car])
    intercept, slope = (x[entry_car] for x in taper_line(s.battery_kwh, s.charge_kw))
    before = np.concatenate([[0.0], after[:-1]])
    before[s.offset[:-1]] = start
    loose = (charge <= 0.0) | (intercept - slope * before >= charge)
    v2g = s.discharge_kw[entry_car] > 0.0
    least = np.where(v2g, np.minimum(s.reserve_kwh[entry_car], start[session]), start[session])
    eta = s.efficiency[entry_car]
    chains = Chains(
        offset=s.offset,
        row=row,
        charge_kw=charge,
        discharge_kw=discharge,
        intercept_kw=np.where(loose, 0.0, intercept),
        slope_per_h=np.where(loose, 0.0, slope),
        lowest_kwh=np.where(v2g, least, -np.inf),
        highest_kwh=np.where(after >= battery * (1.0 - 1e-9), battery, np.inf),
        gain_h=eta * s.step_h,
        loss_h=s.step_h / eta,
        least_kwh=least,
        most_kwh=battery,
        start_kwh=start,
        wanted_kwh=np.minimum(wanted_kwh, end),
    )
    bounds = [_with_room(low, high, in_kw, out_kw)]
    if shared is not None:
        sums = (x.reshape(lower_kw.shape).sum(axis=0) for x in (in_kw, out_kw))
        bounds.append(_with_room(shared[0], shared[1], *sums))
    low, high = (np.concatenate(part) for part in zip(*bounds, strict=True))
    costs = np.zeros(len(low))
    costs[: price.size] = price.ravel()
    return chains, Rows(low, high, costs, shared is not None)


def _with_room(
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    in_kw: NDArray[np.float64],
    out_kw: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Finite bounds, a little beyond what the cars can draw (``in_kw``) or give (``out_kw``) [kW].

    Where nobody can give, or draw, the bound on that side is set off from 0, which changes nothing.
    """
    low = np.clip(lower_kw, -out_kw - 0.1 * in_kw - 1.0, 0.0)
    high = np.clip(upper_kw, 0.0, in_kw + 0.1 * out_kw + 1.0)
    low = np.where(out_kw > 0.0, low, -0.1 * high - 1.0)
    high = np.where(in_kw > 0.0, high, 1.0 - 0.1 * low)
    return low, np.maximum(high, low + LEAST_WIDTH_KW)


def _summed(row: NDArray[np.int64], power_kw: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(row, weights=power_kw, minlength=rows), dtype=np.float64)
