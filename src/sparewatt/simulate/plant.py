"""Kernels of the plant: what vehicles can do now, and what a period of power does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.trace import NONE
from sparewatt.simulate.state import (
    BATTERY,
    CHARGE,
    CONNECTION,
    DEADLINE_S,
    DISCHARGE,
    EFFICIENCY,
    G2V,
    KW,
    LAST_KW,
    LEAD,
    LOGGED,
    MAX_CHARGE,
    MAX_SOC,
    MIN_SOC,
    SOC,
    TABLE_END,
    TABLE_FIRST,
    V2G,
    V2G_LEFT,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.simulate.state import Hub

NOISE_KW = 1e-6
"""A power may miss its bounds by this; it is then cut to them."""
NOTHING_KW = 1e-9
"""A smaller power is none."""


@kernel(error_model="numpy")
def refresh(hub: Hub, now: int) -> None:
    """Write the time that is left and the power that is possible at the present state of charge.

    In plain Python, per connected vehicle::

        lead = (declared departure - now) in hours
        charge = min(max_charge, PowerTable.max_kw_at(vehicle, soc))
    """
    now_s = hub.start_s + now * hub.step_s
    soc, lead, charge, most = (
        hub.plug_kw[SOC],
        hub.plug_kw[LEAD],
        hub.plug_kw[CHARGE],
        hub.plug_kw[MAX_CHARGE],
    )
    deadline_s = hub.plug_row[DEADLINE_S]
    first, end = hub.plug_row[TABLE_FIRST], hub.plug_row[TABLE_END]
    tables = hub.soc_to.shape[0] > 0
    for cluster in range(hub.clusters.shape[0]):
        begin = hub.clusters[cluster].first
        stop = begin + hub.clusters[cluster].connected
        for i in range(begin, stop):
            lead[i] = (deadline_s[i] - now_s) / 3600.0
        if tables:
            for i in range(begin, stop):
                if first[i] < end[i]:
                    r = first[i]
                    while r < end[i] - 1 and soc[i] >= hub.soc_to[r]:
                        r += 1
                    charge[i] = min(most[i], hub.max_kw[r])


@kernel(error_model="numpy")
def _permitted(p: float, charge: float, room: float, discharge: float, store: float) -> float:
    """A power cut to its bounds [kW]; NaN where it misses them by more than noise.

    In plain Python::

        bounds = -max(0, min(discharge, store)), max(0, min(charge, room))
    """
    highest, lowest = max(0.0, min(charge, room)), -max(0.0, min(discharge, store))
    if not lowest - NOISE_KW <= p <= highest + NOISE_KW:
        return np.nan
    p = min(max(p, lowest), highest)
    return p if abs(p) >= NOTHING_KW else 0.0


@kernel(error_model="numpy")
def apply_powers(hub: Hub, now: int) -> int:
    """Let the decided powers ``plug_kw[KW]`` act for a period, and record them where they changed.

    In plain Python, per connected vehicle (powers battery side)::

        highest = min(charge, (max_soc - soc) * battery / step), not below 0
        lowest = -min(discharge, (soc - min_soc) * battery / step, v2g_left / step), not above 0
        p = min(max(p, lowest), highest)
        soc += p * step / battery
        cluster power += p / η if p > 0 else p * η

    Returns
    -------
    `NONE`, or the place of a vehicle whose power is no number or misses its bounds by more than
    `NOISE_KW`; what follows it has not been done.
    """
    soc, most, least, battery = (
        hub.plug_kw[SOC],
        hub.plug_kw[MAX_SOC],
        hub.plug_kw[MIN_SOC],
        hub.plug_kw[BATTERY],
    )
    charge, discharge, efficiency = hub.plug_kw[CHARGE], hub.plug_kw[DISCHARGE], hub.plug_kw[EFFICIENCY]
    left, power, last = hub.plug_kw[V2G_LEFT], hub.plug_kw[KW], hub.plug_kw[LAST_KW]
    g2v, v2g, link = hub.plug_kw[G2V], hub.plug_kw[V2G], hub.plug_row[CONNECTION]
    step_h = hub.step_h
    per_h = 1.0 / step_h
    logged = hub.counts[LOGGED]
    for cluster in range(hub.clusters.shape[0]):
        begin = hub.clusters[cluster].first
        total = 0.0
        for i in range(begin, begin + hub.clusters[cluster].connected):
            p = power[i]
            if p != 0.0:
                room, store = (most[i] - soc[i]) * battery[i], (soc[i] - least[i]) * battery[i]
                p = _permitted(p, charge[i], room * per_h, discharge[i], min(store, left[i]) * per_h)
                if np.isnan(p):
                    return int(i)
            if p > 0.0:
                kwh = p * step_h
                soc[i] = min(soc[i] + kwh / battery[i], most[i])
                g2v[i] += kwh
                total += p / efficiency[i]
            elif p < 0.0:
                kwh = -p * step_h
                soc[i] = max(soc[i] - kwh / battery[i], least[i])
                v2g[i] += kwh
                left[i] = max(0.0, left[i] - kwh)
                total += p * efficiency[i]
            if p != last[i]:
                last[i] = p
                change = hub.log[logged]
                change.link, change.period, change.kw = link[i], now, p
                logged += 1
        hub.cluster_kw[cluster, now] = total
    hub.counts[LOGGED] = logged
    return NONE


@kernel(error_model="numpy")
def fastest_soc(
    soc: float,
    goal_soc: float,
    battery_kwh: float,
    max_charge_kw: float,
    soc_to: NDArray[np.float64],
    max_kw: NDArray[np.float64],
    step_h: float,
    boundaries: int,
) -> NDArray[np.float64]:
    """States of charge of a vehicle that charges to its goal as fast as it may.

    In plain Python::

        soc[t + 1] = min(goal, soc[t] + min(max_charge, max_kw_at(soc[t])) * step / battery)

    Parameters
    ----------
    soc, goal_soc
        At the beginning, and where it stops [0-1].
    battery_kwh, max_charge_kw
        Battery [kWh]; the least of unit and vehicle, battery side [kW].
    soc_to, max_kw
        Ranges of the vehicle's power table, none where the power does not depend on SoC.
    step_h, boundaries
        Length of a period [h]; most values wanted.

    Returns
    -------
    Up to where it stops, shape (1 .. boundaries,).
    """
    out = np.empty(boundaries)
    n = 0
    while n < boundaries:
        out[n] = soc
        n += 1
        power = max_charge_kw
        if soc_to.shape[0] > 0:
            r = 0
            while r < soc_to.shape[0] - 1 and soc >= soc_to[r]:
                r += 1
            power = min(power, max_kw[r])
        if soc >= goal_soc or power <= 0.0:
            break
        soc = min(goal_soc, soc + power * step_h / battery_kwh)
    return out[:n].copy()
