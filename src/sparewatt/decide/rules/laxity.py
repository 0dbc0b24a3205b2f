"""Kernel of relative laxity: how much of the time that is left a vehicle does not need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel(error_model="numpy")
def fill_relative_laxity(
    soc: NDArray[np.float64],
    goal_soc: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    max_charge_kw: NDArray[np.float64],
    lead_h: NDArray[np.float64],
    table_first: NDArray[np.int64],
    table_end: NDArray[np.int64],
    table_soc_to: NDArray[np.float64],
    table_max_kw: NDArray[np.float64],
    laxity: NDArray[np.float64],
) -> None:
    """Relative laxity of each vehicle; the smaller, the more urgent.

    In plain Python, per vehicle::

        if lead <= 0: laxity = -inf
        elif soc >= goal: laxity = 1
        else:
            need = 0
            for each range (from, to, kw) of its table, or (0, 1, inf) without one:
                share = min(to, goal) - max(from, soc)
                if share > 0: need += share * battery / min(kw, max_charge)
            laxity = 1 - need / lead

    Parameters
    ----------
    soc, goal_soc
        States of charge, now and wanted [0-1].
    battery_kwh
        Batteries [kWh].
    max_charge_kw
        The least of unit and vehicle, whatever the SoC [kW].
    lead_h
        Time to the declared departure, negative when overdue [h].
    table_first, table_end
        Rows of each vehicle's ranges, half-open; the last range also holds what is above it.
    table_soc_to, table_max_kw
        Ranges, see ``PowerTable`` [0-1, kW].
    laxity
        Written, -inf to 1 [-]; -inf also where a range on the way has no power.
    """
    for i in range(soc.shape[0]):
        if lead_h[i] <= 0.0:
            laxity[i] = -np.inf
            continue
        at, goal, most = soc[i], goal_soc[i], max_charge_kw[i]
        if at >= goal:
            laxity[i] = 1.0
            continue
        first, last = table_first[i], table_end[i] - 1
        if last < first:
            need = (goal - at) / most
        else:
            need = 0.0
            for r in range(first, last + 1):
                to = goal if r == last else min(table_soc_to[r], goal)
                if to > at:
                    need += (to - at) / min(table_max_kw[r], most)
                    at = to
                    if at >= goal:
                        break
        laxity[i] = 1.0 - need * battery_kwh[i] / lead_h[i]
